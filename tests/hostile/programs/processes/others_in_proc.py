import os

pids = [int(n) for n in os.listdir("/proc") if n.isdigit()]
print("ESCAPED" if len(pids) > 2 or max(pids) > 50 else "held", pids)
