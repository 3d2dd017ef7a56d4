"""A problem takes no submissions if it was suspended by hand, or if its own accepted submission cannot be
judged."""

from __future__ import annotations

import pytest

from judge_api.dispatch.report_consumer import _return_reason
from judge_core.clock import utc_now
from judge_core.messages import Report, ReportKind
from judge_core.model.submission import Stage, rfc3339
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import make_event


def fail(app: AppFixture, package_unusable: bool) -> None:
    id = app.submit().get_json()["id"]
    report = Report(
        ReportKind.FAULT,
        id,
        1,
        "worker",
        rfc3339(utc_now()) or "",
        reason="the checker crashed",
        package_at_fault=True,
        package_unusable=package_unusable,
    )
    status = app.services.attempts.requeue_or_fail(id, 1, _return_reason(Report.load(report.dump())))
    assert status is not None
    assert (status.stage, status.attempt) == (Stage.FAILED, 1)
    app.services.visible_problems.clear()


def suspend(app: AppFixture, suspended: bool, asker: str = "author") -> int:
    answer = app.client.put(
        "/admin/problems/aplusb/suspension", json={"suspended": suspended}, headers=app.headers(asker)
    )
    return answer.status_code


def test_a_fault_of_the_package_ends_a_submission_without_a_second_attempt(own_app: AppFixture) -> None:
    fail(own_app, package_unusable=False)


@pytest.mark.parametrize("crashes", [1, 5])
def test_a_problem_is_not_suspended_if_submissions_crash_its_checker(
    own_app: AppFixture, crashes: int
) -> None:
    for _ in range(crashes):
        fail(own_app, package_unusable=False)
    assert own_app.submit().status_code == 202


def test_a_problem_is_suspended_if_its_own_submission_cannot_be_judged(own_app: AppFixture) -> None:
    fail(own_app, package_unusable=True)
    refused = own_app.submit()
    assert refused.status_code == 409
    assert "takes no submissions for now: its own accepted submission cannot be judged" in refused.get_data(
        as_text=True
    )
    shown = own_app.client.get("/problems/aplusb").get_json()
    assert shown["suspended"] == "its own accepted submission cannot be judged"
    assert suspend(own_app, False) == 200
    assert own_app.submit().status_code == 202


@pytest.mark.parametrize(("ends", "refused"), [(60, False), (-30, True)])
def test_a_problem_of_a_running_event_is_not_suspended_automatically(
    own_app: AppFixture, ends: float, refused: bool
) -> None:
    make_event(own_app, f"final{abs(int(ends))}", ends=ends)
    fail(own_app, package_unusable=True)
    assert (own_app.submit().status_code == 409) is refused
    assert suspend(own_app, True) == 200
    assert own_app.submit().status_code == 409


def test_an_author_suspends_and_resumes_a_problem(own_app: AppFixture) -> None:
    assert suspend(own_app, True) == 200
    assert own_app.submit().status_code == 409
    assert suspend(own_app, False) == 200
    assert own_app.submit().status_code == 202


@pytest.mark.parametrize("asker", ["bob", "ada"])
def test_a_contestant_cannot_suspend_a_problem(own_app: AppFixture, asker: str) -> None:
    assert suspend(own_app, True, asker) == 403
    assert own_app.submit().status_code == 202
