"""A WebSocket sends each of its messages as a whole, also to a client that reads slowly."""

from __future__ import annotations

import itertools
import socket
import threading

import gevent
from gevent import socket as gevent_socket

from judge_api.http.whole_sends import WholeSends

LONG = 5_000_000


def _received(far: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (data := far.recv(65536)):
        found += data
    return bytes(found)


def test_a_long_message_is_sent_completely_over_a_socket_of_gevent() -> None:
    near, far = gevent_socket.socketpair()
    reader = gevent.spawn(_received, far, LONG)
    assert WholeSends(near).send(bytes(LONG)) == LONG
    near.close()
    assert len(reader.get(timeout=60)) == LONG
    far.close()


def test_messages_of_two_threads_are_not_mixed() -> None:
    near, far = socket.socketpair()
    sends = WholeSends(near)
    threads = [threading.Thread(target=sends.send, args=(letter * LONG,)) for letter in (b"a", b"b")]
    for thread in threads:
        thread.start()
    found = _received(far, 2 * LONG)
    for thread in threads:
        thread.join(60)
    assert sorted((bytes([letter]), len(list(run))) for letter, run in itertools.groupby(found)) == [
        (b"a", LONG),
        (b"b", LONG),
    ]
    near.close()
    far.close()


def test_the_other_methods_of_the_socket_work_unchanged() -> None:
    near, far = socket.socketpair()
    sends = WholeSends(near)
    far.sendall(b"ping")
    assert sends.recv(4) == b"ping"
    sends.sendall(b"pong")
    assert far.recv(4) == b"pong"
    assert sends.fileno() == near.fileno()
    near.close()
    far.close()
