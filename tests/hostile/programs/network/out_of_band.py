# CVE-2025-38236: one byte out of band on a Unix socket gave control of the kernel.
import socket

ours, theirs = socket.socketpair()
try:
    ours.send(b"x", socket.MSG_OOB)
    print("ESCAPED")
except OSError:
    print("held")
try:
    ours.sendmsg([b"x"], [], socket.MSG_OOB)
    print("ESCAPED")
except OSError:
    print("held")
