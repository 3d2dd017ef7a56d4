import time
print(37, flush=True)
time.sleep(0.3)
for _ in range(1000):
    print("more", flush=True)
