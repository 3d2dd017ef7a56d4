"""LeetCode's routes submit, run and report as its clients expect."""

from __future__ import annotations

from typing import Any

import pytest

from judge_api.store.verdicts import VerdictStore
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture

BODY = {"lang": "python3", "question_id": "1", "typed_code": SUM, "test_mode": "false"}


def _post(app: AppFixture, path: str, **changes: Any) -> Any:
    return app.client.post(path, json={**BODY, **changes}, headers=app.headers())


def _finish(app: AppFixture, serial: int) -> None:
    status = app.services.submissions.by_serial(serial)
    assert status is not None
    assert VerdictStore(app.services.engine).record(finished(status.id)) is not None
    app.services.status_service.publish_change(status.id)


def test_a_client_submits_and_checks_until_the_verdict(app: AppFixture) -> None:
    serial = _post(app, "/problems/aplusb/submit/").get_json()["submission_id"]
    assert isinstance(serial, int)
    path = f"/submissions/detail/{serial}/check/"
    assert app.client.get(path, headers=app.headers()).get_json() == {"state": "PENDING"}
    _finish(app, serial)
    body = app.client.get(path, headers=app.headers()).get_json()
    assert (body["state"], body["status_code"], body["submission_id"]) == ("SUCCESS", 10, str(serial))
    assert isinstance(body["runtime_percentile"], float)
    newer = app.client.get(f"/submissions/detail/{serial}/v2/check/", headers=app.headers()).get_json()
    assert (newer["ai_state"], newer["judger_status_code"]) == ("SUCCESS", 10)
    assert app.client.get(path, headers=app.headers("bob")).status_code == 404


def test_a_test_run_is_stored_as_a_run_with_the_given_input(app: AppFixture) -> None:
    ids = _post(app, "/problems/aplusb/interpret_solution/", data_input="7 8").get_json()
    assert ids["interpret_id"].startswith("runcode_")
    for name in ("interpret_id", "interpret_expected_id"):
        path = f"/submissions/detail/{ids[name]}/check/"
        assert app.client.get(path, headers=app.headers()).get_json() == {"state": "PENDING"}
    newest = app.client.get("/submissions?limit=1", headers=app.headers()).get_json()["submissions"][0]
    found = app.services.submissions.submission(newest["id"])
    assert found is not None
    assert found.run is not None
    assert found.run.cases == (("7 8\n", None),)


def test_the_history_of_submissions_is_read_page_by_page(app: AppFixture) -> None:
    serials = [
        app.client.post("/problems/aplusb/submit/", json=BODY, headers=app.headers("grace")).get_json()[
            "submission_id"
        ]
        for _ in range(3)
    ]
    first = app.client.get("/api/submissions/?offset=0&limit=2", headers=app.headers("grace")).get_json()
    more = f"/api/submissions/?limit=2&lastkey={first['last_key']}"
    second = app.client.get(more, headers=app.headers("grace")).get_json()
    dump = [*first["submissions_dump"], *second["submissions_dump"]]
    assert [each["id"] for each in dump] == serials[::-1]
    assert (dump[0]["title_slug"], dump[0]["code"], dump[0]["is_pending"]) == ("aplusb", SUM, "Pending")
    skipped = app.client.get("/api/submissions/?offset=2&limit=2", headers=app.headers("grace")).get_json()
    assert [each["id"] for each in skipped["submissions_dump"]] == serials[:1]


def test_a_session_cookie_is_an_api_key_and_changes_need_the_csrf_token(app: AppFixture) -> None:
    cookie = f"LEETCODE_SESSION={app.accounts['ada'].key}; csrftoken=abc"
    client = app.flask.test_client(use_cookies=False)
    for token, status in (("abc", 200), ("other", 403), ("", 403)):
        headers = {"Cookie": cookie, "X-CSRFToken": token}
        assert client.post("/problems/aplusb/submit/", json=BODY, headers=headers).status_code == status
    refused = client.get("/api/submissions/", headers={"Cookie": "LEETCODE_SESSION=wrong"})
    assert refused.status_code == 403
    assert client.get("/api/submissions/").status_code == 403


def test_wrong_fields_get_422_and_unknown_submissions_404(app: AppFixture) -> None:
    assert _post(app, "/problems/nothing/submit/").status_code == 422
    assert "lang" in _post(app, "/problems/aplusb/submit/", lang="klingon").get_json()["error"]
    for id in ("0", "x", "runcode_", "99999999", "undefined"):
        path = f"/submissions/detail/{id}/check/"
        assert app.client.get(path, headers=app.headers()).status_code == 404
    for name in ("typed_code", "data_input"):
        answer = _post(app, "/problems/aplusb/interpret_solution/", **{name: "\ud800"})
        assert (answer.status_code, answer.get_json()["error"].partition(":")[0]) == (422, name)


@pytest.mark.parametrize(("given", "kept"), [(" ", " \n"), ("\n", "\n"), ("\t\n", "\t\n"), ("", None)])
def test_a_run_keeps_blank_input_and_empty_input_means_the_samples(
    app: AppFixture, given: str, kept: str | None
) -> None:
    _post(app, "/problems/aplusb/interpret_solution/", data_input=given)
    newest = app.client.get("/submissions?limit=1", headers=app.headers()).get_json()["submissions"][0]
    found = app.services.submissions.submission(newest["id"])
    assert found is not None
    assert (found.run.cases if found.run else None) == (((kept, None),) if kept else None)
