# All boxes have the same devices. If a box could set the time of a device, other boxes could read the time.
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
