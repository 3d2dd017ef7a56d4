# Names that are not UTF-8, that have two lines or the greatest length, and a path of more than the greatest length.
# @collect out
import os

os.mkdir("out")
for name in (b"\xff\xfe", b"two\nlines", b"x" * 255, b" ", b"-rf", b"\x1b[2J", "ü".encode(), b".. ", b"..."):
    with open(b"out/" + name, "wb") as file:
        file.write(b"x")
os.chdir("out")
for _ in range(60):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
open("file", "w").close()
