import os
import sys

given, _, feedback = sys.argv[1:4]
number = int(open(given).read())
print(number, flush=True)
said = int(sys.stdin.readline() or -1)
if said != 2 * number:
    sys.exit(43)
with open(feedback + "judgemessage.txt", "a") as log:
    log.write(f"{number} -> {said}\n")
if not os.path.exists(feedback + "second"):
    open(feedback + "second", "w").close()
    open(feedback + "nextpass.in", "w").write(str(said + 1))
sys.exit(42)
