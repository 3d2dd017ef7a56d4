# @twice
import os, socket, time

probe = socket.socket(socket.AF_UNIX)
try:
    probe.connect("\0gavel")
    print("ESCAPED")
except OSError:
    print("held")
if os.fork() == 0:
    os.setsid()
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0gavel")
    server.listen()
    time.sleep(30)
time.sleep(0.05)
