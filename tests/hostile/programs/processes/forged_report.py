# Writes a report to every descriptor. The exit code in the result must still be the real one.
# @ends exited  @exit 7
import os, struct

for fd in range(3, 64):
    try:
        os.write(fd, struct.pack("=IIQ", 0x4C564147, 2, 1) + b"\0" * 80)
    except OSError:
        pass
os._exit(7)
