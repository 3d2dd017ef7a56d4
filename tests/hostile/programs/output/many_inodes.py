# @ends exited|wall|cpu|memory  @limits wall=1 cpu=1 memory=128  @never ALL
n = 0
try:
    for n in range(200000):
        open(f"/tmp/{n}", "w").close()
    print("ALL")
except OSError:
    pass
