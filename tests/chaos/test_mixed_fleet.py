"""The run with a mixed fleet prints each submission that is not accepted."""

from __future__ import annotations

from gavel_client import Status
from tests.chaos.mixed_fleet import describe_failures


def test_each_submission_without_ac_is_printed_with_its_reason_and_attempt() -> None:
    accepted = Status("a", "SUCCESS", "DONE", language="c17", verdict="AC")
    failed = Status("b", "FAILURE", "FAILED", language="python3", attempt=3, reason="attempts exhausted")
    wrong = Status("c", "SUCCESS", "DONE", language="javascript", verdict="WA")
    assert describe_failures([accepted, failed, wrong]) == [
        "b python3: FAILED, attempt 3, reason attempts exhausted",
        "c javascript: WA, attempt 1, reason None",
    ]
