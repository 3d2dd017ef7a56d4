import os

left = sorted(int(n) for n in os.listdir("/proc/self/fd"))
links = [os.readlink(f"/proc/self/fd/{n}") for n in left if n > 2 and os.path.exists(f"/proc/self/fd/{n}")]
print("ESCAPED" if links else "held", links)
