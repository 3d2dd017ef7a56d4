# Data in sockets that no process reads must count as memory.
# @ends memory|exited  @without exited|memory  @limits memory=32 wall=3 cpu=2  @never HOARDED  @only full
import socket

sent, pairs = 0, []
try:
    for _ in range(240):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        pairs.append((ours, theirs))
        try:
            while True:
                sent += ours.send(b"x" * 65536)
        except BlockingIOError:
            pass
except OSError:
    pass
print("HOARDED" if sent > 40 << 20 else "few", sent)
