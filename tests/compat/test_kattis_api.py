"""Kattis' routes answer requests like those of its submit.py, with the texts that submit.py looks for."""

from __future__ import annotations

import configparser
import io
import re
from dataclasses import replace
from typing import Any

import pytest

from judge_api.compat.kattis.responses import NAMES, status_body
from judge_api.store.records import StoredSubmission
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Outcome, Stage, TestResult, Verdict
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture
from tests.web.event_fixture import make_event

HEADERS = {"User-Agent": "kattis-cli-submit"}


def _login(app: AppFixture, name: str = "ada", **changes: str) -> Any:
    form = {"user": name, "script": "true", "token": app.accounts[name].key, **changes}
    return app.client.post("/kattis/login", data=form, headers=HEADERS)


def _cookies(app: AppFixture, name: str = "ada") -> dict[str, str]:
    cookie = _login(app, name).headers["Set-Cookie"].partition(";")[0]
    return {**HEADERS, "Cookie": cookie}


def _submit(app: AppFixture, files: dict[str, bytes], **fields: str) -> Any:
    form: dict[str, Any] = {
        "submit": "true",
        "submit_ctr": "2",
        "language": "Python 3",
        "mainclass": "",
        "problem": "aplusb",
        "tag": "",
        "script": "true",
        **fields,
    }
    form["sub_file[]"] = [(io.BytesIO(content), name) for name, content in files.items()]
    return app.client.post("/kattis/submit", data=form, headers=_cookies(app))


def _stored(app: AppFixture, answer: Any) -> StoredSubmission:
    found = re.search(r"Submission ID: (\d+)", answer.get_data(as_text=True))
    assert (answer.status_code, bool(found)) == (200, True), answer.data
    assert found is not None
    status = app.services.submissions.by_serial(int(found[1]))
    assert status is not None
    stored = app.services.submissions.submission(status.id)
    assert stored is not None
    return stored


def _poll(app: AppFixture, serial: int, name: str = "ada") -> Any:
    return app.client.get(f"/kattis/submissions/{serial}?json", headers=_cookies(app, name))


def test_the_sign_in_sets_a_cookie_that_other_sites_cannot_send(app: AppFixture) -> None:
    answer = _login(app)
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/kattis"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    "change", [{"token": "wrong"}, {"token": ""}, {"user": "bob"}, {"token": "", "password": "x"}]
)
def test_a_wrong_name_or_token_gets_403(app: AppFixture, change: dict[str, str]) -> None:
    assert _login(app, **change).status_code == 403


def test_a_single_file_is_stored_as_the_source_of_a_submission(app: AppFixture) -> None:
    found = _stored(app, _submit(app, {"sum.py": SUM.encode()}))
    assert (found.source, found.files, found.status.language) == (SUM, None, "python3")
    assert (found.status.problem, found.status.owner) == ("aplusb", app.accounts["ada"].account.id)


def test_a_program_of_several_files_starts_with_the_given_file_or_class(app: AppFixture) -> None:
    python = _stored(app, _submit(app, {"a.py": b"import b", "b.py": b"x = 1"}, mainclass="a.py"))
    java = _submit(app, {"A.java": b"class A {}", "B.java": b"class B {}"}, language="Java", mainclass="B")
    for found, entry in ((python, "a.py"), (_stored(app, java), "B")):
        assert found.files is not None
        assert (found.files.entry_point, len(found.files.files)) == (entry, 2)


@pytest.mark.parametrize(
    ("language", "id"),
    [("C++", "cpp17"), ("C", "c17"), ("JavaScript (Node.js)", "javascript"), ("rust", "rust")],
)
def test_the_language_names_of_kattis_are_accepted(app: AppFixture, language: str, id: str) -> None:
    assert _stored(app, _submit(app, {"a": b"x"}, language=language)).status.language == id


@pytest.mark.parametrize(
    ("files", "fields", "words"),
    [
        ({"a.py": b"x"}, {"problem": "nowhere"}, "there is no problem 'nowhere'"),
        ({"a.py": b"x"}, {"language": "COBOL"}, "there is no language 'COBOL'"),
        ({"a.py": b"\xff\xfe"}, {}, "is not UTF-8 text"),
        ({}, {}, "send the files of your program"),
        ({"a.py": b"x", "b.py": b"y"}, {"mainclass": "c.py"}, "the files are a.py, b.py"),
        ({"a.py": b"#" * 300_000}, {}, "at most"),
    ],
)
def test_a_refusal_has_a_text_and_no_submission_id(
    app: AppFixture, files: dict[str, bytes], fields: dict[str, str], words: str
) -> None:
    answer = _submit(app, files, **fields)
    text = answer.get_data(as_text=True)
    assert (answer.status_code, "Submission ID" in text) == (200, False)
    assert words in text


def test_requests_without_the_cookie_get_403(app: AppFixture) -> None:
    assert app.client.post("/kattis/submit", data={}, headers=HEADERS).status_code == 403
    assert app.client.get("/kattis/submissions/1?json").status_code == 403


def _tests(*verdicts: Verdict) -> tuple[TestResult, ...]:
    return tuple(TestResult(str(number), verdict, 50, 60, 900) for number, verdict in enumerate(verdicts))


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_has_the_status_number_and_row_of_kattis(app: AppFixture, verdict: Verdict) -> None:
    stored = _stored(app, _submit(app, {"sum.py": SUM.encode()}))
    tests = () if verdict is Verdict.CE else _tests(Verdict.AC, verdict)
    outcome = Outcome(verdict, tests, 0 if verdict is Verdict.CE else 3, 50, 60, 900, compile_output="a < b")
    VerdictStore(app.services.engine).record(replace(finished(stored.status.id), outcome=outcome))
    body = _poll(app, stored.status.serial).get_json()
    names = {"AC": "Accepted", "WA": "Wrong Answer", "CE": "Compile Error", "RTE": "Run Time Error"}
    assert NAMES[body["status_id"]] == names.get(verdict.value, NAMES[body["status_id"]])
    assert body["status_id"] > 5
    assert body["row_html"].count("<i") - 1 == outcome.tests_total
    if verdict is Verdict.CE:
        assert "<pre>a &lt; b</pre>" in body["feedback_html"]
    else:
        assert body["testcase_index"] == 2
        assert '<td data-type="cpu">0.05 s</td>' in body["row_html"]


def test_the_status_of_a_running_submission_names_the_current_test(app: AppFixture) -> None:
    status = _stored(app, _submit(app, {"sum.py": SUM.encode()})).status
    assert status_body(status)["status_id"] == 1
    running = replace(status, stage=Stage.RUNNING, tests_done=2, tests_total=5)
    body = status_body(running)
    assert (body["status_id"], body["testcase_index"], body["row_html"].count("<i") - 1) == (5, 3, 5)
    assert body["row_html"].count(": checked") == 2
    assert status_body(replace(status, stage=Stage.FAILED, reason="broken <x>"))["status_id"] == 6


def test_the_status_names_the_first_failed_test_if_judging_went_on(app: AppFixture) -> None:
    stored = _stored(app, _submit(app, {"sum.py": SUM.encode()}))
    tests = _tests(Verdict.AC, Verdict.WA, Verdict.AC, Verdict.TLE)
    outcome = Outcome(Verdict.WA, tests, 4, 50, 60, 900)
    VerdictStore(app.services.engine).record(replace(finished(stored.status.id), outcome=outcome))
    body = _poll(app, stored.status.serial).get_json()
    assert (body["testcase_index"], body["row_html"].count("<i") - 1) == (2, 4)


def test_a_cancelled_submission_shows_its_tests_as_not_checked(app: AppFixture) -> None:
    status = _stored(app, _submit(app, {"sum.py": SUM.encode()})).status
    body = status_body(replace(status, stage=Stage.CANCELLED, tests_done=2, tests_total=5))
    assert body["row_html"].count(": not checked") == 5


def test_the_status_of_a_submission_of_another_account_gets_404(app: AppFixture) -> None:
    serial = _stored(app, _submit(app, {"sum.py": SUM.encode()})).status.serial
    assert _poll(app, serial, "bob").status_code == 404
    assert _poll(app, serial, "admin").status_code == 200
    for wrong in ("x", "9" * 30, "-1"):
        answer = app.client.get(f"/kattis/submissions/{wrong}?json", headers=_cookies(app))
        assert answer.status_code == 404


def test_the_configuration_file_has_the_account_and_key_of_the_request(app: AppFixture) -> None:
    answer = app.client.get("/kattis/kattisrc", headers=app.headers())
    found = configparser.ConfigParser()
    found.read_string(answer.get_data(as_text=True))
    assert dict(found["user"]) == {"username": "ada", "token": app.accounts["ada"].key}
    assert found["kattis"]["loginurl"].endswith("/kattis/login")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("field", ["contest", "assignment"])
def test_a_submission_names_its_event_as_contest_or_assignment(app: AppFixture, field: str) -> None:
    event = make_event(app, f"by-{field}")
    member = event.add("ada")
    stored = _stored(app, _submit(app, {"sum.py": SUM.encode()}, problem="A", **{field: event.slug}))
    assert stored.status.problem == "aplusb"
    found = app.services.event_results.since(app.services.event_access.view(None, event.slug).event.id, 0)
    assert [(each.id, each.member) for each in found] == [(stored.status.id, member)]
    unknown = _submit(app, {"sum.py": SUM.encode()}, **{field: "nowhere"})
    assert "Submission refused: " in unknown.get_data(as_text=True)
    odd = _submit(app, {"sum.py": SUM.encode()}, **{field: "a\0b"})
    assert f"{field}: " in odd.get_data(as_text=True)


def test_fields_without_effect_are_accepted(app: AppFixture) -> None:
    odd = {"tag": "third try", "submit_ctr": "9", "script": "false", "more": "x"}
    assert _stored(app, _submit(app, {"sum.py": SUM.encode()}, **odd)).source == SUM


@pytest.mark.parametrize("path", ["/problems/aplusb", "/problems/aplusb/file/statement/samples.zip"])
def test_the_problem_pages_of_kattis_do_not_exist(app: AppFixture, path: str) -> None:
    assert app.client.get(f"/kattis{path}", headers=_cookies(app)).status_code == 404
