# Attaches a filter to a socket. The kernel would translate and run its code.
import ctypes
import socket

ours, theirs = socket.socketpair()
code = (ctypes.c_uint64 * 1)(0x0000000000000006)
for option in (26, 50, 51, 52, 44):
    try:
        ours.setsockopt(socket.SOL_SOCKET, option, (1).to_bytes(8, "little") + ctypes.addressof(code).to_bytes(8, "little"))
        print("ESCAPED", option)
    except OSError:
        print("held")
