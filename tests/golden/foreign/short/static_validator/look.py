import os, sys
language, entry, feedback, *args = sys.argv[1:]
assert language == "python3" and args[0] == "--most", sys.argv
assert os.listdir(".") == [entry], os.listdir(".")
size = os.path.getsize(entry)
open(feedback + "judgemessage.txt", "w").write(f"{size} bytes")
sys.exit(42 if size <= int(args[1]) else 43)
