"""The rates around a fault are computed from the times in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tests.chaos.checks import FinalState
from tests.chaos.throughput import Measured, Struck, measure, table

START = datetime(2026, 11, 30, tzinfo=UTC)


def _judged(*times: tuple[float, float]) -> list[FinalState]:
    """Submissions with these times of POST and verdict, in seconds."""

    def at(seconds: float) -> datetime:
        return START + timedelta(seconds=seconds)

    return [FinalState(at(posted), at(ended), "DONE/AC", 1, 1) for posted, ended in times]


def _measured(began: float, ended: float, states: Iterable[FinalState]) -> Measured:
    zero = START.timestamp()
    return measure(Struck("kill redis", zero + began, zero + ended, 1.5), "sqlite", 1, states)


def test_the_rates_before_during_and_after_a_fault_are_computed_from_the_times() -> None:
    quiet = [(second + 0.1, second + 0.2) for second in range(10)]
    delayed = [(11.0, 24.0), (12.0, 25.5)]
    later = [(26.0, 26.2), (27.0, 27.2), (28.0, 28.2)]
    found = _measured(10.0, 20.0, _judged(*quiet, (10.5, 15.0), *delayed, *later))
    assert (found.undisturbed, found.during, found.after) == (1.0, 0.1, 0.5)
    assert found.recovery == 5.5
    assert found.load == 1.5


def test_a_short_fault_has_no_rate_and_no_recovery_time_if_no_submission_was_open() -> None:
    found = _measured(10.0, 10.1, _judged((1.0, 2.0), (10.2, 10.4)))
    assert (found.during, found.recovery) == (None, 0.0)


def test_the_stack_has_recovered_when_verdicts_come_at_nearly_the_rate_before_the_fault() -> None:
    quiet = [(second + 0.1, second + 0.2) for second in range(10)]
    found = _measured(10.0, 10.1, _judged(*quiet, *((18.0 + each, 18.2 + each) for each in range(9))))
    assert found.recovery == 6.5


def test_the_table_shows_rates_as_shares_of_the_undisturbed_rate() -> None:
    slow = Measured("kill redis", "sqlite", 1, 4.0, 1.0, 6.0, 3.0, 9.6)
    rows = table([slow, Measured("kill redis", "sqlite", 2, 4.0, 3.0, 4.0, 5.0, 2.0)])
    assert rows[2] == "| kill redis | sqlite | 2 | 4.0/s | 50 % | 125 % | 4.0 s | 5.0 s | 2 to 10 |"


def test_the_table_shows_no_share_if_the_undisturbed_rate_is_zero() -> None:
    (row,) = table([Measured("kill redis", "sqlite", 1, 0.0, None, 1.0, 3.0, 2.0)])[2:]
    assert row == "| kill redis | sqlite | 1 | 0.0/s | - | ? | 3.0 s | 3.0 s | 2 to 2 |"
