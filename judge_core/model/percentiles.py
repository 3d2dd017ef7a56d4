"""Percentiles: the share of submissions that a submission beats, and quantiles of sorted values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

NOISE_SHARE = 0.05
NOISE_MS = 2.0
_USUAL_PERCENT = 90
_FAR = 2
"""A runtime is far beyond the usual ones if it exceeds them by more than this many times their span."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """The share of accepted submissions that are slower, in percent. ``low`` and ``high`` are its bounds,
    given the timing noise."""

    beats: float
    low: float
    high: float
    among: int


def percentile(own_ms: float, accepted_ms: Sequence[float]) -> Percentile | None:
    """The share of accepted submissions that are slower than this runtime (the worst test's CPU time).

    ``accepted_ms`` is sorted and holds the submission itself. A submission with an equal time counts half, so
    that the median beats half. ``low`` and ``high`` are the shares for a runtime that is longer or shorter by
    a twentieth or by two milliseconds, whichever is more. ``None`` if there is no other submission.
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
    not_faster = len(accepted_ms) - bisect_left(accepted_ms, own_ms)
    slower = len(accepted_ms) - bisect_right(accepted_ms, own_ms)
    return share((slower + not_faster) / 2, len(accepted_ms))


def share(beaten: float, among: int) -> float:
    """The percentile of a submission that beats ``beaten`` of ``among`` submissions. The caller decides how
    submissions with equal values count."""
    return 100 * beaten / among


def quantile(ordered: Sequence[int], percent: int) -> int | None:
    """The value that at least ``percent`` per cent of the sorted values do not exceed; ``None`` without
    values."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else None


def noise_of(own_ms: float) -> float:
    """The timing noise of a measured runtime, in milliseconds."""
    return max(NOISE_MS, own_ms * NOISE_SHARE)


@dataclass(frozen=True, slots=True)
class Bin:
    """How many runtimes are in [from_ms, to_ms)."""

    from_ms: int
    to_ms: int
    count: int


def histogram(sorted_ms: Sequence[int], bins_at_most: int = 20) -> tuple[Bin, ...]:
    """Bins of equal width from the fastest to the slowest runtime, not narrower than the timing noise of the
    fastest one.

    If a few runtimes are far beyond the others, they are counted in one last bin that reaches to the slowest.
    Otherwise all other runtimes would be in the first bin.
    """
    if not sorted_ms:
        return ()
    usual = quantile(sorted_ms, _USUAL_PERCENT) or 0
    span = max(usual - sorted_ms[0], round(noise_of(usual)))
    inside = bisect_right(sorted_ms, usual + _FAR * span)
    bins = _even_bins(sorted_ms[:inside], bins_at_most)
    beyond = sorted_ms[inside:]
    if not beyond:
        return bins
    last = replace(bins[-1], to_ms=min(bins[-1].to_ms, beyond[0]))  # The bins must not overlap.
    return (*bins[:-1], last, Bin(last.to_ms, beyond[-1] + 1, len(beyond)))


def _even_bins(sorted_ms: Sequence[int], bins_at_most: int) -> tuple[Bin, ...]:
    low, high = sorted_ms[0], sorted_ms[-1] + 1
    width = max(-(-(high - low) // bins_at_most), round(noise_of(low)))
    edges = range(low, high, width)
    return tuple(
        Bin(edge, edge + width, bisect_left(sorted_ms, edge + width) - bisect_left(sorted_ms, edge))
        for edge in edges
    )
