# Leaves more files than are collected.
# @collect out  @limits cpu=5 wall=8 memory=256
import os

os.mkdir("out")
for n in range(20000):
    open(f"out/{n}", "w").close()
