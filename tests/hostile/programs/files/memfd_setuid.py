# Executes a file without a name that has the setuid and setgid bits.
# @never uid=0
import os

fd = os.memfd_create("x", 0)
with open("/usr/bin/id", "rb") as source:
    os.write(fd, source.read())
os.fchmod(fd, 0o6755)
if os.fork() == 0:
    os.execve(fd, ["id", "-u"], {})
os.wait()
print("ESCAPED" if os.geteuid() == 0 else "held")
