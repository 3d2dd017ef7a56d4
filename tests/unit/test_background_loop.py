"""A background loop repeats its step. After errors it goes on, with longer and longer pauses."""

from __future__ import annotations

from collections.abc import Iterator

from judge_api.dispatch.background_loop import BackgroundLoop
from judge_core.clock import Jitter
from judge_core.model.errors import QueueUnavailable

LONGEST = Jitter(lambda _, most: most)


def test_the_pauses_of_a_loop_grow_while_its_step_fails_and_are_reset_after_a_success() -> None:
    outcomes: Iterator[Exception | float] = iter(
        [
            QueueUnavailable("away"),
            ValueError("a bug"),
            QueueUnavailable("away"),
            0.5,
            QueueUnavailable("away"),
        ]
    )

    def step() -> float:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    loop = BackgroundLoop("test", step, LONGEST)
    assert [loop.run_step() for _ in range(5)] == [0.1, 0.2, 0.4, 0.5, 0.1]


def test_the_longest_pause_of_a_failing_loop_is_two_seconds() -> None:
    def step() -> float:
        raise QueueUnavailable("away")

    loop = BackgroundLoop("test", step, LONGEST)
    assert [loop.run_step() for _ in range(8)][-1] == 2.0
