import sys

judge_input, _, feedback = sys.argv[1:4]
n = int(open(judge_input).read())


def refuse(message):
    with open(feedback + "judgemessage.txt", "w") as out:
        out.write(message)
    sys.exit(43)


words = sys.stdin.read(10000).split()
if len(words) != 4 or not all(word.isdecimal() and word.isascii() and len(word) < 5 for word in words):
    refuse("four integers are expected")
numbers = [int(word) for word in words]
if max(numbers) > 1000 or sum(number * number for number in numbers) != n:
    refuse(f"the squares of {words} do not sum up to {n}")
sys.exit(42)
