# Like names_missed.c, but it opens the names, in many folders of the host.
# @ends exited|cpu|memory|wall @limits cpu=1 wall=60 memory=256 @twice  @long
import os
import time

folders = [folder for folder, _, _ in os.walk("/usr/share")][:500]
number = 0
while time.process_time() < 0.8:
    number += 1
    try:
        os.open(f"{folders[number % len(folders)]}/{number:0200d}", os.O_RDONLY)
    except OSError:
        pass
print("held")
