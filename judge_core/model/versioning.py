"""Reads records of another release: what is not known is left out, what is missing gets its default.

Old and new processes work side by side during an upgrade. A field may therefore be added at any time, with a
default that means what was so before; a change that older readers would misread raises ``protocol.VERSION``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any


def known_fields(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``data`` this release's record ``kind`` has a field for."""
    names = _names(kind)
    return {name: value for name, value in data.items() if name in names}


def shallow(record: Any) -> dict[str, Any]:
    """A record's fields by name, as they are: ``asdict`` copies all that lies below them as well, which for
    the messages of every submission costs more than writing them."""
    return {name: getattr(record, name) for name in _in_order(record.__class__)}


@cache
def _names(kind: type) -> frozenset[str]:
    return frozenset(_in_order(kind))


@cache
def _in_order(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
