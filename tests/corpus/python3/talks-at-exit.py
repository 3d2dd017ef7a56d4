import time
print(37, flush=True)
time.sleep(0.3)
print("more")
