"""The listening socket: opened by the supervisor, handed to the API.

The API may be replaced (crash, kill) while the socket stays open: callers wait in its backlog for the
next one instead of being refused.
"""

from __future__ import annotations

import errno
import socket

from judge_api.supervisor.errors import CannotStart

BACKLOG = 2048


def open_door(host: str, port: int) -> socket.socket:
    """Bind and listen, or say who might be in the way."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise CannotStart(f"--host {host}: no such address ({error.strerror}).") from error
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(address)
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        raise CannotStart(_why_not(host, port, error)) from error
    return door


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken by another program. "
            f"End that one, or choose another port: --port {port + 1} (make run PORT={port + 1})."
        )
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than this user has; choose one above 1023 with --port."
    return f"cannot listen on {host} port {port}: {error.strerror}."


def address_of(door: socket.socket) -> str:
    """The base URL that reaches the door from this machine."""
    host, port = door.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
