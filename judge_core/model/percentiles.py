"""How a runtime compares with those of others, with the doubt that timing noise leaves."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

NOISE_SHARE = 0.05
NOISE_MS = 2.0


@dataclass(frozen=True, slots=True)
class Percentile:
    """The share of accepted submissions that are slower, in percent; ``low`` and ``high`` bound it."""

    beats: float
    low: float
    high: float
    among: int


def percentile(own_ms: float, accepted_ms: Sequence[float]) -> Percentile | None:
    """Where a runtime (the worst test's CPU time) stands among those of a problem and language, its own
    included.

    ``accepted_ms`` is sorted. Equal times count half, so that the median beats half. The band is what the
    share
    would be were the runtime wrong by a twentieth or two milliseconds, whichever is more. ``None``: nobody to
    compare with.
    """
    if len(accepted_ms) < 2:
        return None
    noise = noise_of(own_ms)
    return Percentile(
        beats=_slower_share(own_ms, accepted_ms),
        low=_slower_share(own_ms + noise, accepted_ms),
        high=_slower_share(own_ms - noise, accepted_ms),
        among=len(accepted_ms),
    )


def _slower_share(own_ms: float, accepted_ms: Sequence[float]) -> float:
    slower = len(accepted_ms) - bisect_right(accepted_ms, own_ms)
    equal = bisect_right(accepted_ms, own_ms) - bisect_left(accepted_ms, own_ms)
    return 100 * (slower + equal / 2) / len(accepted_ms)


def noise_of(own_ms: float) -> float:
    """By how many milliseconds a measured runtime may be wrong."""
    return max(NOISE_MS, own_ms * NOISE_SHARE)


@dataclass(frozen=True, slots=True)
class Bin:
    """How many runtimes lie in [from_ms, to_ms)."""

    from_ms: int
    to_ms: int
    count: int


def histogram(sorted_ms: Sequence[int], bins_at_most: int = 20) -> tuple[Bin, ...]:
    """Bins of one width from the fastest to the slowest; none is narrower than the timing noise."""
    if not sorted_ms:
        return ()
    low, high = sorted_ms[0], sorted_ms[-1] + 1
    width = max(-(-(high - low) // bins_at_most), round(noise_of(low)))
    edges = range(low, high, width)
    return tuple(
        Bin(edge, edge + width, bisect_left(sorted_ms, edge + width) - bisect_left(sorted_ms, edge))
        for edge in edges
    )
