"""A problem is a draft, verified, published or archived. Solvers see only a published problem."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import PACKAGE_CHECK
from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.support.records import finished
from tests.web.app_fixture import PROBLEMS, AppFixture
from tests.web.event_fixture import make_event
from tests.web.packing import zip_folder

Change = Callable[[Path], object]


def append(name: str, content: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text() if path.is_file() else "") + content)

    return change


def pack(tmp_path: Path, slug: str, *changes: Change) -> bytes:
    folder = tmp_path / "packages" / slug
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PROBLEMS / "aplusb", folder)
    for change in changes:
        change(folder)
    return zip_folder(folder)


def add(app: AppFixture, slug: str, content: bytes, state: str | None = "draft", who: str = "author") -> Any:
    form = {"package": (io.BytesIO(content), f"{slug}.zip"), **({"state": state} if state else {})}
    answer = app.client.post("/admin/problems", data=form, headers=app.headers(who))
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def ask(app: AppFixture, method: str, path: str, body: Any = None, who: str = "author") -> Any:
    return app.client.open(f"/admin/problems/{path}", method=method, json=body, headers=app.headers(who))


def set_state(app: AppFixture, slug: str, state: str, **more: Any) -> Any:
    return ask(app, "PUT", f"{slug}/state", {"state": state, **more})


def is_on_offer(app: AppFixture, slug: str, who: str = "ada") -> bool:
    listed = app.client.get("/problems", headers=app.headers(who)).get_json()["problems"]
    shown = app.client.get(f"/problems/{slug}", headers=app.headers(who)).status_code == 200
    assert any(line["slug"] == slug for line in listed) is shown
    return shown


def verify(app: AppFixture, slug: str, wrong: str = "") -> Any:
    """Verify the newest version. Each of its submissions gets its expected verdict, except the submission
    that ``wrong`` names."""
    begun = ask(app, "POST", f"{slug}/verify")
    assert begun.status_code == 202, begun.get_json()
    while True:
        found = ask(app, "GET", f"{slug}/verification").get_json()
        running = [line for line in found["submissions"] if line["outcome"] == "running"]
        if not running:
            return found
        for line in running:
            verdict = Verdict.RTE if line["name"] == wrong else Verdict(line["expected"][0])
            attempt = app.services.submissions.status(line["id"])
            assert attempt is not None
            VerdictStore(app.services.engine).record(finished(line["id"], attempt.attempt, verdict=verdict))


def judged(app: AppFixture, slug: str, who: str = "ada") -> str:
    id = str(app.submit(who, problem=slug).get_json()["id"])
    assert VerdictStore(app.services.engine).record(finished(id)) is not None
    return id


def test_a_draft_is_hidden_from_accounts_other_than_author_and_administrators(
    app: AppFixture, tmp_path: Path
) -> None:
    assert add(app, "one", pack(tmp_path, "one"))["state"] == "draft"
    seen = {who: is_on_offer(app, "one", who) for who in ("ada", "author", "admin")}
    assert seen == {"ada": False, "author": True, "admin": True}
    assert app.submit("ada", problem="one").status_code == 422
    shown = app.client.get("/problems/one", headers=app.headers("author")).get_json()
    assert (shown["published"], shown["embargo_until"]) == (False, None)


def test_an_upload_without_a_state_publishes_a_problem_at_once(app: AppFixture, tmp_path: Path) -> None:
    assert add(app, "before", pack(tmp_path, "before"), state=None)["state"] == "published"
    assert is_on_offer(app, "before")
    answer = app.client.post(
        "/admin/problems",
        data={"package": (io.BytesIO(pack(tmp_path, "odd")), "odd.zip"), "state": "archived"},
        headers=app.headers("author"),
    )
    assert answer.status_code == 422


def test_a_draft_can_be_published_after_a_passed_verification(app: AppFixture, tmp_path: Path) -> None:
    version = add(app, "good", pack(tmp_path, "good"))["version"]
    refused = set_state(app, "good", "published")
    assert refused.status_code == 409
    assert "is not verified: verify it first" in refused.get_json()["detail"]
    found = verify(app, "good")
    assert (found["passed"], found["faults"]) == (True, [])
    assert ask(app, "GET", "good").get_json()["state"] == "verified"
    published = set_state(app, "good", "published")
    assert published.status_code == 200, published.get_json()
    assert published.get_json()["version"] == version
    assert is_on_offer(app, "good")


def test_publishing_after_a_failed_verification_is_refused_with_the_reasons(
    app: AppFixture, tmp_path: Path
) -> None:
    add(app, "bad", pack(tmp_path, "bad"))
    found = verify(app, "bad", wrong="wrong_answer/int32.cpp")
    reason = "wrong_answer/int32.cpp: got RTE, expected WA"
    assert (found["passed"], found["faults"]) == (False, [reason])
    refused = set_state(app, "bad", "published")
    assert refused.status_code == 409
    assert reason in refused.get_json()["detail"]
    assert not is_on_offer(app, "bad")
    assert set_state(app, "bad", "published", unverified=True).status_code == 200
    assert is_on_offer(app, "bad")


def test_a_package_fails_verification_if_its_validators_refuse_a_test(
    app: AppFixture, tmp_path: Path
) -> None:
    add(app, "refused", pack(tmp_path, "refused"))
    lines = {line["name"]: line for line in ask(app, "POST", "refused/verify").get_json()["submissions"]}
    reasons = [f"secret/{number}.in: refused" for number in range(5)]
    tests = tuple(TestResult(PACKAGE_CHECK, Verdict.WA, 0, 0, 0, message=line) for line in reasons)
    checked = finished(lines[PACKAGE_CHECK]["id"], outcome=Outcome(Verdict.WA, tests, len(tests)))
    assert VerdictStore(app.services.engine).record(checked) is not None
    found = verify(app, "refused")
    shown = "secret/0.in: refused; secret/1.in: refused; secret/2.in: refused; and 2 more"
    assert found["faults"] == [f"validators: got WA, expected AC ({shown})"]
    assert not found["passed"]


def test_validators_that_a_worker_of_an_earlier_release_did_not_run_are_skipped(
    app: AppFixture, tmp_path: Path
) -> None:
    add(app, "unchecked", pack(tmp_path, "unchecked"))
    line = verify(app, "unchecked")["submissions"][-1]
    assert (line["name"], line["outcome"]) == (PACKAGE_CHECK, "skipped")
    assert "gavel problems verify runs them" in line["note"]


def test_a_package_without_submissions_fails_verification(app: AppFixture, tmp_path: Path) -> None:
    add(app, "bare", pack(tmp_path, "bare", lambda folder: shutil.rmtree(folder / "submissions")))
    found = verify(app, "bare")
    assert found["passed"] is False
    assert "add an accepted submission" in found["faults"][0]


def test_a_package_whose_judged_submissions_are_all_wrong_fails_verification(
    app: AppFixture, tmp_path: Path
) -> None:
    """An accepted submission in a language that the server lacks does not count."""

    def keep_no_accepted(folder: Path) -> None:
        shutil.rmtree(folder / "submissions" / "accepted")
        append("submissions/accepted/sum.unknown", "?")(folder)

    add(app, "allwrong", pack(tmp_path, "allwrong", keep_no_accepted))
    found = verify(app, "allwrong")
    outcomes = {line["outcome"] for line in found["submissions"] if line["name"] != PACKAGE_CHECK}
    assert "not_as_promised" not in outcomes and "as_promised" in outcomes
    assert found["passed"] is False
    assert "add an accepted submission" in found["faults"][0]


def test_the_submissions_of_a_package_beyond_the_quota_wait_and_are_judged_later(
    own_app: AppFixture, tmp_path: Path
) -> None:
    source = (PROBLEMS / "aplusb" / "submissions" / "accepted" / "sum.cpp").read_text()
    many = [append(f"submissions/accepted/sum{number}.cpp", source) for number in range(30)]
    add(own_app, "many", pack(tmp_path, "many", *many))
    begun = ask(own_app, "POST", "many/verify").get_json()["submissions"]
    assert {line["outcome"] for line in begun} == {"running", "waiting"}
    found = verify(own_app, "many")
    assert found["passed"], found["faults"]
    assert len([line for line in found["submissions"] if line["verdict"] == "AC"]) >= 30


def test_a_new_draft_does_not_replace_the_published_version(app: AppFixture, tmp_path: Path) -> None:
    first = add(app, "two", pack(tmp_path, "two"), "published")["version"]
    id = judged(app, "two")
    second = add(app, "two", pack(tmp_path, "two", append("data/secret/99.in", "1 2\n"), _answer))
    assert (second["state"], second["created"], second["to_rejudge"]) == ("published", True, 1)
    assert app.client.get("/problems/two").get_json()["version"] == first
    problem = ask(app, "GET", "two").get_json()
    assert (problem["version"], problem["newest"]) == (first, second["version"])
    change = problem["versions"][0]["changes"]
    assert [(each["part"], each["added"]) for each in change] == [("tests", 2)]
    touched = ask(app, "GET", "two/rejudge").get_json()
    assert (touched["total"], [one["id"] for one in touched["submissions"]]) == (1, [id])
    assert touched["submissions"][0]["account"] == "ada"
    verify(app, "two")
    assert set_state(app, "two", "published").get_json()["to_rejudge"] == 1
    rejudged = ask(app, "POST", "two/rejudge", {}).get_json()["rejudged"]
    assert [one["id"] for one in rejudged] == [id]
    shown = ask(app, "GET", f"two/verdicts?ids={id}").get_json()["submissions"]
    assert shown == [{"id": id, "open": True, "verdict": "AC"}]


def _answer(folder: Path) -> None:
    (folder / "data" / "secret" / "99.ans").write_text("3\n")


def test_a_hidden_or_archived_problem_is_not_offered(app: AppFixture, tmp_path: Path) -> None:
    add(app, "three", pack(tmp_path, "three"), "published")
    id = judged(app, "three")
    assert set_state(app, "three", "draft").status_code == 200
    assert not is_on_offer(app, "three")
    assert app.client.get(f"/submissions/{id}", headers=app.headers("ada")).status_code == 200
    assert app.submit("author", problem="three").status_code == 202
    assert set_state(app, "three", "archived").status_code == 200
    refused = app.submit("author", problem="three")
    assert refused.status_code == 409
    assert "it is archived" in refused.get_json()["detail"]
    assert set_state(app, "three", "published", unverified=True).status_code == 200
    assert is_on_offer(app, "three")
    assert app.submit("ada", problem="three").status_code == 202


def test_a_problem_with_submissions_is_archived_and_not_deleted(app: AppFixture, tmp_path: Path) -> None:
    add(app, "four", pack(tmp_path, "four"), "published")
    id = judged(app, "four")
    refused = ask(app, "DELETE", "four")
    assert refused.status_code == 409
    assert refused.get_json()["detail"].startswith("1 submission refers to 'four': archive it instead")
    kept = ask(app, "DELETE", "four?keep_records=true")
    assert kept.status_code == 200
    assert "archived, not deleted" in kept.get_json()["done"]
    assert not is_on_offer(app, "four")
    assert app.client.get(f"/submissions/{id}", headers=app.headers("ada")).get_json()["verdict"] == "AC"


def test_a_problem_without_submissions_is_deleted_with_its_packages(app: AppFixture, tmp_path: Path) -> None:
    version = add(app, "five", pack(tmp_path, "five"))["version"]
    verify(app, "five")
    assert app.services.package_store.path(version)
    assert ask(app, "DELETE", "five").status_code == 200
    assert ask(app, "GET", "five").status_code == 404
    assert app.services.package_store.path(version) is None
    assert add(app, "five", pack(tmp_path, "five"))["created"]


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (append("statement/problem.en.md", "\nA clearer sentence.\n"), 0),
        (append("attachments/tool.py", "print(1)\n"), 0),
        (append("problem.yaml", "source: another\n"), 0),
        (append("submissions/accepted/other.py", "print(sum(map(int, input().split())))\n"), 0),
        (append("data/secret/01.ans", "\n"), 1),
        (append("problem.yaml", "allow_file_writing: true\n"), 1),
        (append("output_validators/check.py", "import sys; sys.exit(42)\n"), 1),
        (append("include/python3/helper.py", "x = 1\n"), 1),
    ],
)
def test_a_change_asks_for_rejudging_only_if_verdicts_can_change(
    own_app: AppFixture, tmp_path: Path, change: Change, touched: int
) -> None:
    assert add(own_app, "alike", pack(tmp_path, "alike"), "published")["to_rejudge"] == 0
    judged(own_app, "alike")
    answer = add(own_app, "alike", pack(tmp_path, "alike", change), "published")
    assert (answer["created"], answer["to_rejudge"]) == (True, touched)


def test_a_version_that_an_earlier_release_stored_is_compared(own_app: AppFixture, tmp_path: Path) -> None:
    add(own_app, "old", pack(tmp_path, "old"), "published")
    judged(own_app, "old")
    with write_transaction(own_app.services.engine) as connection:
        connection.execute(text("UPDATE problem_versions SET spec = NULL, judging_hash = NULL, uuid = NULL"))
    change = append("attachments/note.txt", "x")
    assert add(own_app, "old", pack(tmp_path, "old", change), "published")["to_rejudge"] == 0
    oldest = ask(own_app, "GET", "old").get_json()["versions"][-1]
    assert ask(own_app, "GET", f"old/versions/{oldest['version']}").get_json()["name"]


def test_a_problem_can_be_restored_to_an_earlier_version(app: AppFixture, tmp_path: Path) -> None:
    first = add(app, "six", pack(tmp_path, "six"), "published")["version"]
    add(app, "six", pack(tmp_path, "six", append("data/secret/01.ans", "\n")), "published")
    judged(app, "six")
    back = ask(app, "POST", f"six/versions/{first}/restore").get_json()
    assert (back["version"], back["state"], back["to_rejudge"]) == (first, "published", 1)
    assert app.client.get("/problems/six").get_json()["version"] == first
    problem = ask(app, "GET", "six").get_json()
    assert (problem["newest"], problem["versions"][0]["on_offer"]) == (first, True)
    assert ask(app, "POST", f"six/versions/{'0' * 64}/restore").status_code == 404


def test_an_author_downloads_a_package_as_served_or_as_uploaded(app: AppFixture, tmp_path: Path) -> None:
    content = pack(tmp_path, "seven", append(".DS_Store", "x"))
    version = add(app, "seven", content)["version"]
    uploaded = ask(app, "GET", f"seven/versions/{version}/package?form=uploaded")
    assert uploaded.data == content
    served = ask(app, "GET", f"seven/versions/{version}/package")
    assert served.mimetype == "application/zip"
    assert served.data == Path(str(app.services.package_store.path(version))).read_bytes()
    assert "no-store" in served.headers["Cache-Control"]
    other = ask(app, "GET", f"aplusb/versions/{version}/package")
    assert other.status_code == 404


def test_a_uuid_of_another_problem_gets_a_warning(app: AppFixture, tmp_path: Path) -> None:
    own = append("problem.yaml", "uuid: 6f1f6a4e-0000-4000-8000-000000000001\n")
    strip = _without_uuid
    add(app, "eight", pack(tmp_path, "eight", strip, own))
    warnings = add(app, "nine", pack(tmp_path, "nine", strip, own))["warnings"]
    named = [each for each in warnings if each["key"] == "uuid"]
    assert "is that of another problem: eight" in named[0]["message"]


def _without_uuid(folder: Path) -> None:
    path = folder / "problem.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("uuid")]
    path.write_text("\n".join(lines) + "\n")


def test_an_earlier_release_without_states_hides_an_archived_problem(app: AppFixture, tmp_path: Path) -> None:
    """The earlier release shows every problem without an embargo, and accepts submissions unless the problem
    is suspended."""
    add(app, "ten", pack(tmp_path, "ten"))
    set_state(app, "ten", "archived")
    row = app.services.problems.get("ten")
    assert row is not None
    assert row.spec["embargo_until"] > "9999"
    assert row.spec["suspended"]


def test_runs_of_a_verification_are_not_counted_as_submissions(app: AppFixture, tmp_path: Path) -> None:
    add(app, "eleven", pack(tmp_path, "eleven"))
    verify(app, "eleven")
    query = select(submissions.c.kind).where(submissions.c.problem == "eleven").distinct()
    with read_connection(app.services.engine) as connection:
        assert connection.execute(query).scalars().all() == ["run"]
    line = next(
        each
        for each in app.client.get("/admin/problems", headers=app.headers("author")).get_json()["problems"]
        if each["slug"] == "eleven"
    )
    assert (line["state"], line["submitted"], line["verification"]["passed"]) == ("verified", 0, True)


def test_a_submission_of_several_files_is_verified(app: AppFixture, tmp_path: Path) -> None:
    folder = "submissions/accepted/two"
    main = append(f"{folder}/main.py", "from helper import add\nprint(add(input()))\n")
    helper = append(f"{folder}/helper.py", "def add(line):\n    return sum(map(int, line.split()))\n")
    mixed = append("submissions/accepted/mixed/main.py", "print(1)\n")
    other = append("submissions/accepted/mixed/other.cpp", "int main() {}\n")
    add(app, "folders", pack(tmp_path, "folders", main, helper, mixed, other))
    found = {line["name"]: line for line in verify(app, "folders")["submissions"]}
    assert found["accepted/two"]["outcome"] == "as_promised"
    run = app.services.submissions.submission(found["accepted/two"]["id"])
    assert run is not None
    assert run.files is not None
    assert sorted(file.name for file in run.files.files) == ["helper.py", "main.py"]
    assert (found["accepted/mixed"]["outcome"], found["accepted/mixed"]["id"]) == ("skipped", None)


def test_a_problem_of_an_event_cannot_be_deleted(own_app: AppFixture, tmp_path: Path) -> None:
    add(own_app, "used", pack(tmp_path, "used"))
    make_event(own_app, "finals", problems=[{"slug": "used"}])
    refused = ask(own_app, "DELETE", "used")
    assert refused.status_code == 409
    assert "the event 'finals' uses 'used': take it out of the event first" in refused.get_json()["detail"]
