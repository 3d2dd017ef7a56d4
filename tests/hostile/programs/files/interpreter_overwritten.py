# Opens the interpreter for writing, which all boxes share.
import os

for path in ("/proc/self/exe", os.path.realpath("/proc/self/exe"), os.__file__):
    try:
        os.open(path, os.O_WRONLY)
        print("ESCAPED", path)
    except OSError:
        print("held")
