# Judge0 CVE-2024-29021: with the network on, a submission reached the database of Judge0 itself.
import socket

try:
    socket.socket()
    print("ESCAPED")
except OSError:
    print("held")
