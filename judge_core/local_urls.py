"""URLs of servers on this machine, of the database file and of Redis' socket in a data folder.

SQLAlchemy and redis-py decode a URL's path, and take ``?`` for the beginning of a query. So ``%``, ``?`` and
``#`` are encoded. All other characters stay as they are.
"""

from __future__ import annotations

from pathlib import Path


def sqlite_url(file: Path) -> str:
    return f"sqlite:///{_encoded(file)}"


def redis_socket_url(socket: Path) -> str:
    return f"unix://{_encoded(socket)}"


def url_of_listener(host: str, port: int, scheme: str = "http") -> str:
    """The URL by which a client on this machine reaches a server that listens at this address."""
    reached = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return f"{scheme}://[{reached}]:{port}" if ":" in reached else f"{scheme}://{reached}:{port}"


def _encoded(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3F").replace("#", "%23")
