# Names that are no text, that are two lines, that are as long as may be; a path longer than may be.
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
