# Judge0 CVE-2024-29021: with the network on, a submission reached the judge's own database.
import socket

try:
    socket.socket()
    print("ESCAPED")
except OSError:
    print("held")
