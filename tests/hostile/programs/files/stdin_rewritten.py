# @stdin hello
import os

try:
    os.write(os.open("/proc/self/fd/0", os.O_RDWR), b"X")
    print("ESCAPED")
except OSError:
    print("held")
