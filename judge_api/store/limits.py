"""How much of a PostgreSQL server one process takes, and how long it waits for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """``connections`` is the most that one process holds; whoever wants one more waits ``wait_seconds``.

    All processes together must stay below the server's ``max_connections``.
    """

    connections: int = 20
    wait_seconds: float = 5.0
    statement_seconds: float = 15.0
    lock_seconds: float = 5.0
