"""Files, sources and paths of the jury do not reach contestants when a submission cannot be judged."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from judge_api.dispatch.report_consumer import _return_reason
from judge_api.store.engine import read_connection
from judge_api.store.row_mapping import request_from
from judge_api.store.tables import submissions
from judge_core.clock import utc_now
from judge_core.messages import Report, ReportKind
from judge_core.model.submission import rfc3339
from tests.web.app_fixture import AppFixture

SECRET = "validate.cpp:3: error: if (answer == 42); /var/cache/gavel/ab/data/secret/07-antihash.in"
PUBLIC = {
    True: "the problem is at fault; its author sees the fault on the problem's page",
    False: "the judge is at fault",
}


def _fail(app: AppFixture, package_at_fault: bool) -> dict[str, Any]:
    """Make a submission that fails with a fault which quotes a jury file. If the package is at fault, one
    attempt is enough."""
    id = app.submit().get_json()["id"]
    for attempt in (1,) if package_at_fault else (1, 2, 3):
        report = Report(
            ReportKind.FAULT,
            id,
            attempt,
            "worker",
            rfc3339(utc_now()) or "",
            reason=SECRET,
            package_at_fault=package_at_fault,
        )
        assert app.services.attempts.requeue_or_fail(id, attempt, _return_reason(report)) is not None
    app.services.status_service.publish_change(id)
    found: dict[str, Any] = app.client.get(f"/submissions/{id}", headers=app.headers()).get_json()
    return found


@pytest.mark.parametrize("package_at_fault", [True, False])
def test_a_contestant_reads_the_kind_of_the_fault_and_no_text_of_the_jury(
    app: AppFixture, package_at_fault: bool
) -> None:
    shown = _fail(app, package_at_fault)
    assert shown["stage"] == "FAILED"
    assert PUBLIC[package_at_fault] in shown["reason"]
    id, serial = shown["id"], shown["serial"]
    for path in (
        *(f"/submissions/{id}", f"/status/{id}", "/submissions", f"/submissions/{id}/place"),
        *(f"/submissions/detail/{serial}/check/", f"/submissions/detail/{serial}/v2/check/"),
        *(f"/events/{id}", f"/judge0/submissions/{id}", "/api/submissions/"),
    ):
        text = app.client.get(path, headers=app.headers()).get_data(as_text=True)
        assert "answer == 42" not in text and "antihash" not in text, path


def test_an_operator_finds_the_reason_by_the_submissions_id(app: AppFixture) -> None:
    id = _fail(app, package_at_fault=False)["id"]
    admin = app.headers("admin")
    attempts = app.client.get(f"/submissions/{id}", headers=admin).get_json()["attempts"]
    assert [attempt["reason"] for attempt in attempts] == [SECRET] * 3
    listed = app.client.get("/admin/submissions", headers=admin).get_json()["submissions"]
    assert SECRET in next(each["reason"] for each in listed if each["id"] == id)


def test_the_author_of_a_problem_reads_its_faults(app: AppFixture) -> None:
    before = _faults(app)
    id = _fail(app, package_at_fault=True)["id"]
    _fail(app, package_at_fault=False)
    (newest, *rest) = _faults(app)
    assert (newest["submission_id"], newest["reason"]) == (id, SECRET)
    assert rest == before
    listed = app.client.get("/admin/problems", headers=app.headers("author")).get_json()["problems"]
    assert next(each["faults"] for each in listed if each["slug"] == "aplusb") == len(rest) + 1


def _faults(app: AppFixture) -> list[Any]:
    answer = app.client.get("/admin/problems/aplusb/faults", headers=app.headers("author"))
    found: list[Any] = answer.get_json()["faults"]
    return found


def test_the_oldest_faults_of_a_problem_are_deleted_beyond_the_limit(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("judge_api.store.problem_faults.MOST_KEPT", 2)
    ids = [_fail(own_app, package_at_fault=True)["id"] for _ in range(4)]
    assert [fault["submission_id"] for fault in _faults(own_app)] == [ids[3], ids[2]]


def test_only_a_verification_shows_the_names_of_secret_tests(app: AppFixture) -> None:
    author = app.headers("author")
    verified = app.client.post("/admin/problems/aplusb/verify", headers=author).get_json()["submissions"]
    run = {"problem": "aplusb", "language": "python3", "source": "print(1)"}
    ids = {
        "verification": next(each["id"] for each in verified if each["id"]),
        "submission": app.submit().get_json()["id"],
        "samples": app.client.post("/runs", json=run, headers=author).get_json()["id"],
    }
    with read_connection(app.services.engine) as connection:
        rows = connection.execute(select(submissions)).mappings().all()
    shows = {row["id"]: request_from(row).show_test_names for row in rows}
    assert {name: shows[id] for name, id in ids.items()} == {
        "verification": True,
        "submission": False,
        "samples": False,
    }
