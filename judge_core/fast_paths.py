"""The fast paths: code that bypasses a library for speed, and the setting that switches each one off.

``GAVEL_FAST_PATHS`` names the fast paths that are on. Every request gets the same answer without them. Switch
a fast path off if an upgrade of its library breaks it. What each one saves is in decision 0034, measured by
``python -m benchmarks fast_paths``.
"""

from __future__ import annotations

from enum import StrEnum

VARIABLE = "GAVEL_FAST_PATHS"
_ALL, _NONE = "all", "none"


class FastPath(StrEnum):
    """One fast path, by its name in the setting."""

    STATUS = "status"
    """A poll is answered before Flask (``judge_api/middleware/fastpath/status.py``)."""
    RAW_RESPONSE = "raw-response"
    """The answer to a poll is written to gunicorn's socket
    (``judge_api/middleware/fastpath/raw_response.py``)."""
    SUBMIT = "submit"
    """A submission is accepted before Flask (``judge_api/middleware/fastpath/submit.py``)."""
    STATEMENTS = "statements"
    """Statements run without SQLAlchemy Core's execution (``judge_api/store/compiled_statements.py``)."""
    CONNECTIONS = "connections"
    """Redis connections are kept between commands (``judge_core/redis/client.py``)."""
    READ_BATCHES = "read-batches"
    """Reads of statuses that come together share one command (``judge_core/redis/client.py``)."""


ALL_FAST_PATHS = frozenset(FastPath)


def parse_fast_paths(text: str) -> frozenset[FastPath]:
    """The fast paths in a setting: ``all``, ``none``, or names separated by commas. Raises ``ValueError``
    with the known names."""
    names = [name for name in text.replace(",", " ").split() if name]
    if names == [_ALL]:
        return ALL_FAST_PATHS
    if names == [_NONE]:
        return frozenset()
    known = [path.value for path in FastPath]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(f"must be {_ALL}, {_NONE}, or some of {', '.join(known)}")
    return frozenset(map(FastPath, names))


def show_fast_paths(paths: frozenset[FastPath]) -> str:
    """The inverse of :func:`parse_fast_paths`."""
    if paths == ALL_FAST_PATHS:
        return _ALL
    return ",".join(path.value for path in FastPath if path in paths) or _NONE
