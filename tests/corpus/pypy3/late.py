import sys, time
print(37)
sys.stdout.flush()
time.sleep(0.3)
print("more\n" * 1000)
sys.stdout.flush()
