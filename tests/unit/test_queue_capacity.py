"""How long a tier's queue may be."""

from __future__ import annotations

import pytest

from judge_api.dispatch.queue_capacity import LEAST_ROOM, narrowed, widened


def test_an_empty_queue_with_work_waiting_gets_twice_the_room_up_to_eight_a_worker() -> None:
    rooms = [LEAST_ROOM]
    while len(rooms) < 4:
        rooms.append(widened(rooms[-1], workers=2))
    assert rooms == [4, 8, 16, 16]


@pytest.mark.parametrize(
    ("room", "workers", "fewest", "wanted"),
    [
        (16, 2, 0, 16),  # it ran empty: all of it was needed
        (16, 1, 14, 8),  # more than the workers can need: their number bounds it
        (16, 2, 14, 9),
        (8, 2, 7, 5),
        (5, 1, 4, 4),  # never less than a few, or each job would wait for a glance of the relay
        (0, 3, 0, 6),  # opened again after a pause
    ],
)
def test_room_that_was_not_needed_is_taken_back_step_by_step(
    room: int, workers: int, fewest: int, wanted: int
) -> None:
    assert narrowed(room, workers, fewest) == wanted
