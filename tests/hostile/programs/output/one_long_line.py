# @ends output  @limits output=100000
import sys

while True:
    sys.stdout.write("x" * 65536)
