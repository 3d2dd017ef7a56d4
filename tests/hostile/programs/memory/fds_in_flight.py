# Descriptors that were sent and never received stay open, although no process holds them.
# @ends exited|memory  @limits memory=64 wall=3 cpu=2  @never HOARDED
import array
import socket

sent = 0
held = open("/dev/null")
rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [held.fileno()] * 200))]
pairs = []
try:
    for _ in range(200):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        pairs.append((ours, theirs))
        for _ in range(100):
            ours.sendmsg([b"x"], rights)
            sent += 200
except OSError:
    pass
print("HOARDED" if sent > 4096 else "few", sent)
