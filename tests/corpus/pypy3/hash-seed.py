import subprocess
import sys

other = subprocess.run([sys.executable, "-c", "print(hash('a'))"], stdout=subprocess.PIPE).stdout
print("Hello, World!" if int(other) == hash("a") else "another hash")
