# Opens the interpreter and its library for writing. All boxes share these files.
import os

for path in ("/proc/self/exe", os.path.realpath("/proc/self/exe"), os.__file__):
    try:
        os.open(path, os.O_WRONLY)
        print("ESCAPED", path)
    except OSError:
        print("held")
