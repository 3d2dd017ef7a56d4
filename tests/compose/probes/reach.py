"""Runs inside a worker container, and tries to reach hosts that it must not reach."""

import socket

for place in (("postgres", 5432), ("deb.debian.org", 80), ("1.1.1.1", 53)):
    try:
        socket.create_connection(place, 3)
        print("REACHED", place)
    except OSError as error:
        print("no", place, error)
