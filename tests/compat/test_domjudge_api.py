"""DOMjudge's routes answer requests like those of its submit client, by paths with and without ``v4``."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from typing import Any

import pytest

from judge_api.store.events import ChangedProblems
from judge_api.store.records import StoredSubmission
from judge_core.model.account import Role, Tier
from judge_core.model.submission import Verdict
from tests.compat.workers import offer_languages
from tests.web.app_fixture import SUM, AppFixture
from tests.web.event_fixture import EventClient, make_event

PREFIXES = ["/api", "/api/v4"]
FILES = {"main.py": b"import helper\n", "helper.py": b"x = 1\n"}


@pytest.fixture(scope="module")
def event(app: AppFixture) -> EventClient:
    found = make_event(app, "regionals")
    found.add("ada", name="Team Ada")
    return found


def _headers(app: AppFixture, name: str | None = "ada") -> dict[str, str]:
    agent = {"User-Agent": "domjudge-submit-client (python-requests/2.32)"}
    if name is None:
        return agent
    pair = base64.b64encode(f"{name}:{app.accounts[name].key}".encode()).decode()
    return {**agent, "Authorization": f"Basic {pair}"}


def _get(app: AppFixture, path: str, name: str | None = "ada") -> Any:
    return app.client.get(path, headers=_headers(app, name))


def _submit(app: AppFixture, files: dict[str, bytes], name: str | None = "ada", **form: str) -> Any:
    fields: dict[str, Any] = {"problem": "aplusb", "language": "python3", **form}
    fields["code[]"] = [(io.BytesIO(content), each) for each, content in files.items()]
    path = f"{fields.pop('prefix', '/api')}/contests/regionals/submissions"
    return app.client.post(path, data=fields, headers=_headers(app, name))


def _stored(app: AppFixture, answer: Any) -> StoredSubmission:
    assert answer.status_code == 200, answer.get_json()
    found = app.services.submissions.submission(answer.get_json()["id"])
    assert found is not None
    return found


@pytest.mark.parametrize("prefix", PREFIXES)
def test_contests_have_the_fields_that_the_submit_client_reads(
    app: AppFixture, event: EventClient, prefix: str
) -> None:
    (contest,) = [one for one in _get(app, f"{prefix}/contests").get_json() if one["id"] == event.slug]
    assert (contest["shortname"], contest["allow_submit"]) == (event.slug, True)
    (problem,) = _get(app, f"{prefix}/contests/{event.slug}/problems").get_json()
    assert (problem["id"], problem["label"]) == ("aplusb", "A")
    languages = _get(app, f"{prefix}/contests/{event.slug}/languages").get_json()
    assert all({"id", "name", "entry_point_required", "extensions"} <= set(one) for one in languages)
    over = make_event(app, f"over-{len(prefix)}", -60, -1)
    assert _get(app, f"{prefix}/contests/{over.slug}").get_json()["allow_submit"] is False


def test_the_most_common_language_of_an_extension_is_listed_first(
    app: AppFixture, event: EventClient
) -> None:
    first: dict[str, str] = {}
    for language in _get(app, f"/api/contests/{event.slug}/languages").get_json():
        for extension in language["extensions"]:
            first.setdefault(extension, language["id"])
    assert {name: first[name] for name in ("py", "c", "java")} == {
        "py": "python3",
        "c": "c17",
        "java": "java",
    }
    assert first["cpp"].startswith("cpp")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("problem", ["aplusb", "A"])
def test_a_posted_form_is_stored_as_a_submission_to_the_event(
    app: AppFixture, event: EventClient, prefix: str, problem: str
) -> None:
    answer = _submit(app, {"sum.py": SUM.encode()}, prefix=prefix, problem=problem)
    body, found = answer.get_json(), _stored(app, answer)
    assert isinstance(body["id"], str)
    assert datetime.fromisoformat(body["time"]).tzinfo is not None
    assert (body["problem_id"], body["language_id"], bool(body["team_id"])) == ("aplusb", "python3", True)
    assert (found.source, found.status.owner) == (SUM, app.accounts["ada"].account.id)
    tries = event.call("ada", "GET", "/tries", expect=200)
    assert found.status.id in str(tries)


def test_json_with_a_zip_is_stored_as_a_submission(app: AppFixture, event: EventClient) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    files = [{"data": base64.b64encode(buffer.getvalue()).decode(), "mime": "application/zip"}]
    body = {"problem_id": "A", "language_id": "python3", "entry_point": "main.py", "files": files}
    path = f"/api/v4/contests/{event.slug}/submissions"
    odd = {**body, "team_id": "another", "time": "2020-01-01T00:00:00Z"}
    found = _stored(app, app.client.post(path, json=odd, headers=_headers(app)))
    assert found.files is not None
    assert {file.name: file.content for file in found.files.files} == FILES
    assert found.status.owner == app.accounts["ada"].account.id
    wrong = app.client.post(path, json={**body, "files": [{"data": "no zip"}]}, headers=_headers(app))
    assert (wrong.status_code, wrong.get_json()["errors"][0]["field"]) == (422, "files.0.data")


@pytest.mark.parametrize(
    ("name", "id"), [("cpp", "cpp20"), ("py3", "python3"), ("C", "c17"), ("java", "java")]
)
def test_a_submission_names_its_language_by_id_or_alias(
    app: AppFixture, event: EventClient, name: str, id: str
) -> None:
    assert _stored(app, _submit(app, {"a": b"x"}, language=name)).status.language == id


def test_a_program_of_several_files_has_the_given_entry_point(app: AppFixture, event: EventClient) -> None:
    found = _stored(app, _submit(app, FILES, entry_point="main.py"))
    assert found.files is not None
    assert (found.files.entry_point, len(found.files.files)) == ("main.py", 2)
    one = _stored(app, _submit(app, {"main.py": b"x"}, entry_point="main.py"))
    assert (one.files, one.source) == (None, "x")


def test_a_client_cannot_choose_the_id_of_a_submission(app: AppFixture, event: EventClient) -> None:
    path = f"/api/v4/contests/{event.slug}/submissions/77"
    assert app.client.put(path, data={}, headers=_headers(app)).status_code == 405


def test_the_owner_and_the_jury_read_the_files_of_a_submission(app: AppFixture, event: EventClient) -> None:
    id = _submit(app, FILES, entry_point="main.py").get_json()["id"]
    path = f"/api/v4/contests/{event.slug}/submissions/{id}"
    for reader in ("ada", "author", "admin"):
        shown = _get(app, f"{path}/source-code", reader).get_json()
        assert {one["filename"]: base64.b64decode(one["source"]) for one in shown} == FILES
        with zipfile.ZipFile(io.BytesIO(_get(app, f"{path}/files", reader).data)) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == FILES
    for stranger in ("bob", None):
        assert _get(app, f"{path}/files", stranger).status_code == 404
    elsewhere = app.submit("ada").get_json()["id"]
    assert _get(app, path.replace(id, elsewhere) + "/files").status_code == 404


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_api_version_the_account_and_the_languages_are_shown(app: AppFixture, prefix: str) -> None:
    for path in ("", "/info", "/version"):
        assert _get(app, f"{prefix}{path}", None).get_json()["api_version"] == 4
    user = _get(app, f"{prefix}/user", "author").get_json()
    assert (user["username"], user["roles"]) == ("author", ["team", "jury"])
    offer_languages(app, python3="3.11.2")
    (language,) = _get(app, f"{prefix}/languages", None).get_json()
    assert (language["id"], language["extensions"][0]) == ("python3", "py")


def test_the_address_that_the_client_prints_redirects_to_the_submission(
    app: AppFixture, event: EventClient
) -> None:
    id = event.submit("ada", Verdict.AC)
    answer = app.client.get(f"/team/submission/{id}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/submissions/{id}")


def test_v4_objects_have_members_that_domjudge_clients_read(app: AppFixture) -> None:
    event = make_event(app, "members")
    event.add("ada", name="Team Ada")
    event.submit("ada", Verdict.AC)
    app.services.scoreboards.forget()
    path = f"contests/{event.slug}"
    board = _get(app, f"/api/v4/{path}/scoreboard").get_json()
    assert board["event_id"]
    assert [cell["label"] for cell in board["rows"][0]["problems"]] == ["A"]
    (judgement,) = _get(app, f"/api/v4/{path}/judgements").get_json()
    assert judgement["valid"] is True
    assert _get(app, f"/api/v4/{path}/judgements/{judgement['id']}").get_json() == judgement
    assert "event_id" not in _get(app, f"/api/{path}/scoreboard").get_json()
    (plain,) = _get(app, f"/api/{path}/judgements").get_json()
    assert "valid" not in plain


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_configuration_of_domjudge_is_public(app: AppFixture, prefix: str) -> None:
    every = _get(app, f"{prefix}/config", None).get_json()
    assert every["verification_required"] is False
    assert every["sourcesize_limit"] == 256
    assert _get(app, f"{prefix}/config?name=show_pending", None).get_json() == {"show_pending": True}
    wrong = _get(app, f"{prefix}/config?name=colour", None)
    assert (wrong.status_code, wrong.get_json()["code"]) == (400, 400)
    assert "Parameter with name: colour not found" in wrong.get_json()["message"]


def test_the_jury_reads_how_many_submissions_wait(app: AppFixture) -> None:
    event = make_event(app, "waiting")
    event.add("ada", name="Team Ada")
    event.submit("ada", Verdict.WA)
    event.submit("ada", None)
    path = f"/api/v4/contests/{event.slug}/status"
    counts = {"num_submissions": 2, "num_queued": 1, "num_judging": 0}
    for reader in ("author", "admin"):
        assert _get(app, path, reader).get_json() == counts
        assert {**counts, "cid": event.slug} in _get(app, "/api/v4/status", reader).get_json()
    assert [_get(app, path, name).status_code for name in ("ada", None)] == [403, 401]
    assert [_get(app, "/api/v4/status", name).status_code for name in ("ada", None)] == [403, 401]


def test_the_status_is_an_error_if_no_event_is_running(app: AppFixture) -> None:
    key = app.services.accounts.issue_key(_added(app, Role.AUTHOR), "test")[1]
    answer = app.client.get("/api/v4/status", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.get_json()["message"]) == (400, "No active contest")


def _added(app: AppFixture, role: Role) -> str:
    return app.services.accounts.add(f"made-{token_hex(4)}", Tier.NORMAL, role).id


@pytest.mark.parametrize("prefix", PREFIXES)
def test_administrators_read_the_users(app: AppFixture, prefix: str) -> None:
    users = _get(app, f"{prefix}/users", "admin").get_json()
    ada = next(one for one in users if one["username"] == "ada")
    assert (ada["roles"], ada["enabled"], ada["team_id"], ada["last_ip"]) == (["team"], True, None, None)
    assert _get(app, f"{prefix}/users/{ada['id']}", "admin").get_json() == ada
    assert _get(app, f"{prefix}/users?ids[]={ada['id']}", "admin").get_json() == [ada]
    assert _get(app, f"{prefix}/users?team_id=1", "admin").get_json() == []
    assert _get(app, f"{prefix}/users/nothing", "admin").status_code == 404
    for path in ("users", f"users/{ada['id']}"):
        refused = [_get(app, f"{prefix}/{path}", name).status_code for name in ("author", "ada", None)]
        assert refused == [403, 403, 401]


def test_the_jury_lists_balloons_and_marks_them_as_delivered(app: AppFixture) -> None:
    problems = [{"slug": "aplusb", "colour": "#ff0000"}]
    event = make_event(app, "balloons", problems=problems)
    ada, bob = event.add("ada", name="Team Ada", affiliation="Oslo"), event.add("bob", name="Team Bob")
    event.submit("ada", Verdict.WA)
    first = event.submit("ada", Verdict.AC)
    event.submit("ada", Verdict.AC)
    event.submit("bob", Verdict.AC)
    app.services.scoreboards.forget()
    path = f"/api/v4/contests/{event.slug}/balloons"
    later, earlier = _get(app, path, "author").get_json()
    assert (later["teamid"], earlier["teamid"]) == (bob, ada)
    status = app.services.submissions.status(first)
    assert status is not None
    assert earlier["balloonid"] == status.serial
    assert (earlier["problem"], earlier["contestproblem"]["rgb"]) == ("A", "#ff0000")
    assert (earlier["affiliation"], earlier["awards"], earlier["done"]) == ("Oslo", "first in contest", False)
    assert earlier["affiliationid"] in str(_get(app, f"/api/v4/contests/{event.slug}/organizations").data)
    assert list(earlier["total"]) == ["A"]
    assert float(earlier["time"]) == pytest.approx(status.submitted_at.timestamp(), abs=0.01)
    done = f"{path}/{earlier['balloonid']}/done"
    assert app.client.post(done, headers=_headers(app)).status_code == 403
    assert app.client.post(done, headers=_headers(app, "author")).status_code == 204
    assert [one["done"] for one in _get(app, path, "author").get_json()] == [False, True]
    assert [one["teamid"] for one in _get(app, f"{path}?todo=true", "author").get_json()] == [bob]
    delivered = event.call("author", "GET", "/balloons", expect=200)["balloons"]
    assert [each["delivered_at"] is not None for each in delivered] == [False, True]
    missing = app.client.post(f"{path}/999999/done", headers=_headers(app, "author"))
    assert (missing.status_code, missing.get_json()["message"]) == (404, "balloon not found")
    assert [_get(app, path, name).status_code for name in ("ada", None)] == [403, 401]


def test_balloons_are_listed_while_another_process_withdraws_a_problem(app: AppFixture) -> None:
    """The process that answers then has standings that are older than its list of problems."""
    event = make_event(app, "withdrawn", problems=[{"slug": "aplusb"}])
    event.add("ada")
    event.submit("ada", Verdict.AC)
    services, path = app.services, f"/api/v4/contests/{event.slug}/balloons"
    services.scoreboards.forget()
    assert len(_get(app, path, "author").get_json()) == 1
    stored = services.events.get(event.slug)
    assert stored is not None
    services.scoreboards._kept[stored.id].fresh_until = float("inf")
    before = services.events.problems(stored.id)
    after = [replace(each, withdrawn=True) for each in before]
    services.events.change(stored, stored, ChangedProblems(before, after))
    assert _get(app, path, "author").get_json() == []
    event.call("author", "GET", "/balloons", expect=200)
    services.scoreboards.forget()


@pytest.mark.parametrize("path", ["judgehosts", "executables", "printing/team"])
def test_routes_for_judgehosts_and_printing_do_not_exist(
    app: AppFixture, event: EventClient, path: str
) -> None:
    assert _get(app, f"/api/v4/{path}").status_code == 404
    assert _get(app, "/api/v4/contests/regionals/runs").get_json() == []
    for call in ("config", "users"):
        changed = app.client.put(f"/api/v4/{call}", json={}, headers=_headers(app, "admin"))
        assert changed.status_code == 405


@pytest.mark.parametrize(
    ("form", "name", "code", "words"),
    [
        ({"problem": "Z"}, "ada", 422, "problem"),
        ({"language": "cobol"}, "ada", 422, "there is no language 'cobol'"),
        ({"problem": ""}, "ada", 422, "problem: is missing"),
        ({}, "bob", 403, "not a member of the event"),
        ({}, None, 401, ""),
    ],
)
def test_errors_have_a_code_and_a_message(
    app: AppFixture, event: EventClient, form: dict[str, str], name: str | None, code: int, words: str
) -> None:
    answer = _submit(app, {"sum.py": SUM.encode()}, name, **form)
    body = answer.get_json()
    assert (answer.status_code, body["code"], bool(body["message"])) == (code, code, True)
    assert words in body["message"]
    assert app.client.get("/api/v4/nothing").status_code == 404
