"""The part of a judged submission that its member sees while an event runs. The module has no side
effects."""

from __future__ import annotations

from dataclasses import replace

from judge_api.events.rules import Feedback
from judge_core.model.submission import Status

SHOWN_LATER = "judged: the event shows results after its end"


def with_feedback(status: Status, feedback: Feedback) -> Status:
    """The status with what this feedback allows.

    Only ``ALL`` keeps the number of tests that have run, because it reveals which test failed. Only ``ALL``
    keeps time and memory, because secret tests are among those measured.
    """
    if feedback is Feedback.ALL:
        return status
    done = status.outcome
    if not status.stage.is_final or done is None:
        return replace(status, tests_done=0)
    if feedback is Feedback.AFTER_END:
        return replace(status, tests_done=0, outcome=None, reason=SHOWN_LATER)
    samples = tuple(test for test in done.tests if test.sample) if feedback is Feedback.SAMPLES else ()
    shown = replace(done, tests=samples, cpu_ms=None, wall_ms=None, memory_kb=None, groups=None)
    return replace(status, tests_done=0, outcome=shown.without_group_scores())
