"""The capacity of a tier's queue grows and shrinks within its bounds."""

from __future__ import annotations

import pytest

from judge_api.dispatch.queue_capacity import MIN_CAPACITY, grown, shrunk


def test_the_capacity_of_a_queue_doubles_up_to_eight_jobs_for_each_worker() -> None:
    capacities = [MIN_CAPACITY]
    while len(capacities) < 4:
        capacities.append(grown(capacities[-1], workers=2))
    assert capacities == [4, 8, 16, 16]


@pytest.mark.parametrize(
    ("capacity", "workers", "fewest_waiting", "expected"),
    [
        (16, 2, 0, 16),  # the queue ran empty, so all of its capacity was needed
        (16, 1, 14, 8),  # 14 places were never needed: the capacity falls to the most for one worker
        (16, 2, 14, 9),
        (8, 2, 7, 5),
        (5, 1, 4, 4),  # a few places are always kept: otherwise each job would wait for the relay's next poll
        (0, 3, 0, 6),  # the queue was opened again after a pause
    ],
)
def test_the_capacity_of_a_queue_shrinks_by_half_of_its_unused_part(
    capacity: int, workers: int, fewest_waiting: int, expected: int
) -> None:
    assert shrunk(capacity, workers, fewest_waiting) == expected
