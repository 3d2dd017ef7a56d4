"""Shortens a list of faults with which a run fails, by delta debugging (Zeller, 2002)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shortest_failing(faults: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """A part of the faults with which the run still fails, and of which no single fault can be left out.
    ``fails`` says whether a run with given faults breaks a promise. It must be true for all faults
    together."""
    if fails([]):
        return []
    kept, parts = list(faults), 2
    while len(kept) > 1:
        size = -(-len(kept) // parts)
        chunks = [kept[at : at + size] for at in range(0, len(kept), size)]
        smaller = _first_smaller(kept, chunks, fails)
        if smaller is not None:
            kept, parts = smaller, max(2, parts - 1)
        elif parts >= len(kept):
            break
        else:
            parts = min(len(kept), 2 * parts)
    return kept


def _first_smaller(
    kept: list[T], chunks: list[list[T]], fails: Callable[[Sequence[T]], bool]
) -> list[T] | None:
    for chunk in chunks:
        if len(chunk) < len(kept) and fails(chunk):
            return chunk
    for chunk in chunks:
        rest = [each for each in kept if each not in chunk]
        if rest and len(rest) < len(kept) and fails(rest):
            return rest
    return None
