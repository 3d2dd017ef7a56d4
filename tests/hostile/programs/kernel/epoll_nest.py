# Nests event loops deep and wide. The kernel would go through all of them at each change.
# @profiles python script compiler  @ends exited|cpu|wall  @limits cpu=0.5 wall=2
import select

loops = [select.epoll() for _ in range(200)]
try:
    for above, below in zip(loops, loops[1:]):
        above.register(below, select.EPOLLIN)
    print("deep")
except OSError:
    print("held")
for above in loops[:100]:
    for below in loops[100:]:
        try:
            above.register(below, select.EPOLLIN)
        except OSError:
            pass
