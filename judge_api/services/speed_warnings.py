"""Warns operators about workers whose speed is outside their band, or far from the speed of the other
workers."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from judge_core.model.worker import WorkerRecord

_LEAST, _MOST = 0.5, 2.0
"""The lowest and the highest speed without a warning, as multiples of the median speed.

The settings of a worker do not change them.
"""


def speed_warnings(workers: Sequence[WorkerRecord]) -> Iterator[str]:
    """A text for each worker whose speed is outside its band, or outside the bounds around the median. Each
    text says what to do."""
    measured = [worker.speed for worker in workers if worker.speed]
    median = statistics.median(measured) if measured else 0.0
    for worker in workers:
        if worker.outside_band:
            yield f"the worker {worker.name} is outside its band of speeds: {worker.outside_band}"
        elif worker.speed and not _LEAST <= worker.speed / median <= _MOST:
            yield (
                f"the worker {worker.name} has the speed {worker.speed:.2f}, the median is {median:.2f}: "
                "the same program may get another verdict there. "
                "GAVEL_SPEED_OUTSIDE can keep such a worker apart"
            )
