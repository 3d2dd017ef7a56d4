# @ends exited  @limits wall=3
import os

for _ in range(400):
    os.mkdir("d")
    os.chdir("d")
