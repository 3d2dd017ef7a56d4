# Every box has the same devices: what one writes on them, if only a time, the others read.
# @weak bubblewrap
import os

for place in ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", 0):
    for times in (None, (1, 1)):
        try:
            os.utime(place, times)
            print("ESCAPED", place)
        except OSError:
            print("held")
open("/dev/null", "w").write("and still they can be written to")
