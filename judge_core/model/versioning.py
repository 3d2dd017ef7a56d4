"""Reads records of another release: unknown fields are ignored, missing ones get their default.

Old and new processes work side by side during an upgrade. A field may therefore be added at any time, with
a default that means the earlier behaviour. A change that older readers would misread raises
``messages.VERSION``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any


def known_fields(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """The items of ``data`` for which this release's record ``kind`` has a field."""
    names = _names(kind)
    return {name: value for name, value in data.items() if name in names}


def shallow_dict(record: Any) -> dict[str, Any]:
    """A record's fields by name, without copies of nested values. ``asdict`` copies those too, which for
    the messages of every submission costs more than writing them."""
    return {name: getattr(record, name) for name in _in_order(record.__class__)}


@cache
def _names(kind: type) -> frozenset[str]:
    return frozenset(_in_order(kind))


@cache
def _in_order(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
