"""With Judge0's second token, an admin lists all runs page by page, and deletes runs that have ended."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from judge_api.store.submissions import SubmissionStore
from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.compat.workers import judged_as
from tests.web.app_fixture import SUM, AppFixture, build_app

TEST = TestResult("run/1", Verdict.AC, 12, 20, 900, sample=True, output="3\n", stderr="", exit_code=0)
OUTCOME = Outcome(Verdict.AC, (TEST,), 1)
RUNS = 5


@pytest.fixture(scope="module")
def deleting(app: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An installation that allows deletion. It has runs of two accounts, and a submission."""
    built = build_app(tmp_path_factory.mktemp("judge0"), app.redis, GAVEL_JUDGE0_DELETE="yes")
    built.submit()
    for number in range(RUNS):
        _post(built, number)
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


def _post(app: AppFixture, number: int = 0) -> str:
    body = {"source_code": SUM, "language_id": 71, "stdin": str(number)}
    name = ("ada", "author")[number % 2]
    answer = app.client.post("/judge0/submissions", json=body, headers=app.headers(name))
    return str(answer.get_json()["token"])


def _keys(app: AppFixture, second: str | None = "admin") -> dict[str, str]:
    keys = {"X-Auth-Token": app.accounts["ada"].key}
    return {**keys, "X-Auth-User": app.accounts[second].key} if second else keys


def _list(app: AppFixture, query: str = "", second: str | None = "admin") -> Any:
    return app.client.get(f"/judge0/submissions{query}", headers=_keys(app, second))


def _delete(app: AppFixture, token: str, second: str | None = "admin") -> Any:
    return app.client.delete(f"/judge0/submissions/{token}?fields=*", headers=_keys(app, second))


@pytest.mark.parametrize("second", [None, "ada", "author"])
def test_administration_without_the_key_of_an_administrator_gets_403(
    deleting: AppFixture, second: str | None
) -> None:
    keys = _keys(deleting, second)
    for answer in (
        _list(deleting, "", second),
        _delete(deleting, "any", second),
        deleting.client.post("/judge0/authorize", headers=keys),
    ):
        assert (answer.status_code, answer.data) == (403, b"")


def test_the_second_key_without_the_first_gets_401(deleting: AppFixture) -> None:
    only = {"X-Auth-User": deleting.accounts["admin"].key}
    assert deleting.client.get("/judge0/submissions", headers=only).status_code == 401


def test_an_administrator_reads_all_runs_page_by_page_newest_first(deleting: AppFixture) -> None:
    assert deleting.client.post("/judge0/authorize", headers=_keys(deleting)).status_code == 200
    first = _list(deleting, "?page=1&per_page=3&fields=token,stdin").get_json()
    second = _list(deleting, "?page=2&per_page=3&fields=token,stdin").get_json()
    assert [one["stdin"] for one in first["submissions"]] == ["4", "3", "2"]
    assert [one["stdin"] for one in second["submissions"]] == ["1", "0"]
    assert first["meta"] == {
        "current_page": 1,
        "next_page": 2,
        "prev_page": None,
        "total_pages": 2,
        "total_count": RUNS,
    }
    assert (second["meta"]["next_page"], second["meta"]["prev_page"]) == (None, 1)
    assert _list(deleting, "?page=3&per_page=3").get_json()["submissions"] == []
    assert len(_list(deleting).get_json()["submissions"]) == RUNS


def test_runs_that_are_deleted_while_a_page_is_read_are_left_out(
    deleting: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = SubmissionStore.submission
    newest = _list(deleting, "?per_page=1&fields=token").get_json()["submissions"][0]["token"]
    monkeypatch.setattr(
        SubmissionStore, "submission", lambda self, id: None if id == newest else read(self, id)
    )
    answer = _list(deleting, "?per_page=3&fields=token,stdin")
    assert answer.status_code == 200, answer.get_json()
    assert len(answer.get_json()["submissions"]) == 2
    monkeypatch.setattr(SubmissionStore, "count", lambda *_: 100)
    assert _list(deleting, "?page=10&per_page=10").get_json()["submissions"] == []


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("page=0", "invalid page: 0"),
        ("page=-2", "invalid page: -2"),
        ("page=x", "invalid page: 0"),
        ("per_page=-1", "invalid per_page: -1"),
        ("fields=colour", "invalid fields: [colour]"),
    ],
)
def test_a_wrong_page_is_refused_with_the_text_of_judge0(
    deleting: AppFixture, query: str, error: str
) -> None:
    answer = _list(deleting, f"?{query}")
    assert (answer.status_code, answer.get_json()) == (400, {"error": error})


def test_a_waiting_run_cannot_be_deleted(deleting: AppFixture) -> None:
    answer = _delete(deleting, _post(deleting))
    why = "submission cannot be deleted because its status is 1 (In Queue)"
    assert (answer.status_code, answer.get_json()) == (400, {"error": why})


def test_deleting_an_ended_run_returns_its_columns(deleting: AppFixture) -> None:
    with judged_as(deleting, OUTCOME):
        body = {"source_code": SUM, "language_id": 71, "stdin": "1 2"}
        url = "/judge0/submissions?wait=true"
        token = deleting.client.post(url, json=body, headers=deleting.headers()).get_json()["token"]
    answer = _delete(deleting, token)
    assert answer.status_code == 200, answer.get_json()
    shown = answer.get_json()
    assert shown["source_code"] == "".join(_lines(SUM))
    assert (shown["stdout"], shown["status"]["id"]) == ("Mwo=\n", 3)
    gone = deleting.client.get(f"/judge0/submissions/{token}", headers=_keys(deleting))
    assert gone.status_code == 404
    assert deleting.client.get(f"/status/{token}", headers=deleting.headers()).status_code == 404
    assert _delete(deleting, token).status_code == 404
    entry = deleting.services.audit.latest("run.delete")
    assert entry is not None
    assert (entry.account, entry.act, entry.subject) == ("admin", "run.delete", token)


def _lines(text: str) -> list[str]:
    encoded = base64.b64encode(text.encode()).decode()
    return [f"{encoded[at : at + 60]}\n" for at in range(0, len(encoded), 60)]


def test_a_submission_to_a_problem_cannot_be_deleted(deleting: AppFixture) -> None:
    id = deleting.submit().get_json()["id"]
    assert _delete(deleting, id).status_code == 404
    assert deleting.client.get(f"/status/{id}", headers=deleting.headers()).status_code == 200


def test_deletion_is_off_by_default(app: AppFixture, deleting: AppFixture) -> None:
    answer = _delete(app, _post(app))
    assert (answer.status_code, answer.get_json()) == (400, {"error": "delete not allowed"})
    for each, allowed in ((app, False), (deleting, True)):
        assert each.client.get("/judge0/config_info").get_json()["enable_submission_delete"] is allowed
