#!/usr/bin/env python3
import argparse
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--judgemessage")
parser.add_argument("--teammessage", required=True)
parser.add_argument("--secret", action="store_true")
flags = parser.parse_args(sys.argv[4:])
used, shown = open(sys.argv[1]).read().split("\n")[:2]
word = open(sys.argv[2]).read().strip("\n")
said = sys.stdin.read().split()
if len(said) != 1 or len(said[0]) != 1 or said[0] in used:
    open(sys.argv[3] + "judgemessage.txt", "a").write("not a new letter")
    sys.exit(43)
shown = "".join(c if c == said[0] else old for c, old in zip(word, shown))
if " " in word and flags.judgemessage != "This group checks for sentences":
    sys.exit(1)
if shown == word:
    sys.exit(42)
open(sys.argv[3] + "nextpass.in", "w").write(used + said[0] + "\n" + shown + "\n")
sys.exit(42)
