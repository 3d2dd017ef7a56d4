"""URLs of the database file and of Redis' socket in a data folder.

SQLAlchemy and redis-py decode a URL's path, and take ``?`` for the beginning of a query. So ``%``, ``?`` and
``#`` are encoded. All other characters stay as they are.
"""

from __future__ import annotations

from pathlib import Path


def sqlite_url(file: Path) -> str:
    return f"sqlite:///{_encoded(file)}"


def redis_socket_url(socket: Path) -> str:
    return f"unix://{_encoded(socket)}"


def _encoded(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3F").replace("#", "%23")
