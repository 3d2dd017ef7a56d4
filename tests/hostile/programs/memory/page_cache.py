# @ends exited  @limits memory=32 wall=20 cpu=3  @says done
import os

total = 0
for top, _, names in os.walk("/usr/lib/x86_64-linux-gnu"):
    for name in names:
        try:
            with open(os.path.join(top, name), "rb") as file:
                total += len(file.read(1 << 20))
        except OSError:
            pass
        if total > 120 << 20:
            break
    if total > 120 << 20:
        break
print("done")
