"""A status shows no more than the event's feedback allows."""

from __future__ import annotations

import pytest

from judge_api.events.feedback import with_feedback
from judge_api.events.rules import Feedback
from judge_core.model.submission import Stage
from tests.support.records import a_status


@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.CANCELLED, Stage.FAILED])
@pytest.mark.parametrize("feedback", [each for each in Feedback if each is not Feedback.ALL])
def test_the_number_of_tests_that_have_run_is_hidden_also_without_a_verdict(
    stage: Stage, feedback: Feedback
) -> None:
    """It reveals how far a program came."""
    status = a_status(stage=stage, tests_done=3, tests_total=9)
    assert with_feedback(status, feedback).tests_done == 0
    assert with_feedback(status, Feedback.ALL).tests_done == 3
