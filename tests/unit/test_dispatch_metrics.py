"""A recorded verdict adds the right counts to the shared counters."""

from __future__ import annotations

from dataclasses import replace

from judge_api.dispatch.metrics import BOUNDS, bucket_of, ending_count, verdict_counts
from judge_core.model.account import Tier
from judge_core.model.submission import Kind, Stage, Status, from_rfc3339
from tests.support.records import finished


def test_a_time_equal_to_a_bound_counts_in_the_bucket_of_that_bound() -> None:
    assert [bucket_of(bound) for bound in BOUNDS] == [str(bound) for bound in BOUNDS]
    assert bucket_of(0.0) == "0.001"
    assert bucket_of(0.0051) == "0.01"
    assert bucket_of(300.1) == "+Inf"


def test_a_first_verdict_counts_the_wait_the_judging_time_and_the_overhead() -> None:
    report = replace(finished("s"), timings={"judged_ms": 4.0, "sandbox_overhead_ms": 0.4, "other": 1.0})
    status = _status(report.outcome)
    assert dict(verdict_counts(report, status)) == {
        "attempts|finished": 1,
        "verdicts|normal|AC": 1,
        "wait|normal|0.01": 1,
        "wait|normal|sum": 7,
        "judging|normal|0.005": 1,
        "judging|normal|sum": 4,
        "overhead|normal|0.001": 1,
        "overhead|normal|sum": 0,
    }


def test_the_verdict_of_a_second_attempt_counts_no_wait() -> None:
    report = replace(finished("s", 2), timings={})
    status = replace(_status(report.outcome), attempt=2)
    assert [name for name, _ in verdict_counts(report, status)] == [
        "attempts|finished",
        "verdicts|normal|AC",
    ]
    assert ending_count("taken-back") == ("attempts|taken-back", 1)


def _status(outcome: object) -> Status:
    at = "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.007Z"
    submitted, started = map(from_rfc3339, at)
    assert submitted is not None
    status = Status("s", 1, "a", Kind.SUBMISSION, Stage.DONE, Tier.NORMAL, "p", "c", 1, submitted, started)
    return replace(status, outcome=outcome)  # type: ignore[arg-type]
