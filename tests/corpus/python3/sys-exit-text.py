import sys
print("Hello, World!")
sys.exit("done")
