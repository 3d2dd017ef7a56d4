"""The files of a contest as DOMjudge has them: samples, statements as PDF, contest.yaml, and the answer for
missing files."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from judge_api.compat.domjudge.package_files import LEFT_OUT, OfferedProblem, write_samples
from judge_api.services.contest_files import read_contest_folder
from judge_api.services.problem_visibility import spec_of
from judge_api.store.problems import problem_row
from tests.unit.test_statements import Files, write_package
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event

PREFIXES = ["/api", "/api/v4"]
PROBLEMS = [{"slug": "aplusb"}, {"slug": "filed", "label": "F"}]
ENGLISH, GERMAN = b"%PDF-1.4 english", b"%PDF-1.4 german"
LONG = "7" * (65 << 10) + "\n"  # a statement shows less than this
PACKAGE: Files = {
    "problem_statement/problem.en.tex": "\\problemname{Filed}\nSay it.",
    "problem_statement/problem.de.pdf": GERMAN,
    "problem_statement/problem.en.pdf": ENGLISH,
    "problem_statement/figure.pdf": b"%PDF-1.4 figure",
    "data/sample/1.in": LONG,
    "data/sample/1.ans": "one\n",
    "data/sample/2.in": "the jury's\n",
    "data/sample/2.in.statement": "shown\n",
    "data/sample/2.in.download": "for download\n",
    "data/sample/2.ans": "two\n",
    "data/sample/3.in": "of the interaction\n",
    "data/sample/3.ans": "three\n",
    "data/sample/3.interaction": ">1\n<2\n",
    "data/secret/9.in": "secret\n",
    "data/secret/9.ans": "secret\n",
    "attachments/tools/check.py": "print(1)\n",
    "solutions.txt": "notes of the jury\n",
}
FILES = {
    "F/1.in": LONG.encode(),
    "F/1.ans": b"one\n",
    "F/2.in": b"for download\n",
    "F/2.ans": b"two\n",
    "F/statement.pdf": ENGLISH,
    "F/attachments/tools/check.py": b"print(1)\n",
}
FORBIDDEN = "the problems of this contest are not open to you now"


@pytest.fixture(scope="module")
def event(app: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> EventClient:
    stored = app.services.package_store.add_folder(
        write_package(tmp_path_factory.mktemp("package") / "filed", PACKAGE)
    )
    app.services.problems.put(problem_row(stored, None))
    found = make_event(app, "regionals", -60.5, 60, {"freeze_minutes": 20}, problems=PROBLEMS)
    found.add("ada", name="Team Ada")
    return found


def _get(app: AppFixture, path: str, name: str | None = None) -> Any:
    headers = {}
    if name is not None:
        pair = base64.b64encode(f"{name}:{app.accounts[name].key}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return app.client.get(path, headers=headers)


def _unzipped(content: bytes) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", [None, "ada", "author"])
def test_the_samples_of_a_contest_are_sent_as_a_zip(
    app: AppFixture, event: EventClient, prefix: str, name: str | None
) -> None:
    answer = _get(app, f"{prefix}/contests/{event.slug}/samples.zip", name)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert "filename=samples.zip" in answer.headers["Content-Disposition"].replace('"', "")
    found = _unzipped(answer.data)
    assert {name: content for name, content in found.items() if name.startswith("F/")} == FILES
    assert {"A/1.in", "A/1.ans"} <= set(found)
    assert {name[:2] for name in found} == {"A/", "F/"}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_statement_of_a_problem_is_the_pdf_of_its_package(
    app: AppFixture, event: EventClient, prefix: str
) -> None:
    answer = _get(app, f"{prefix}/contests/{event.slug}/problems/filed/statement")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "application/pdf", ENGLISH)
    assert answer.headers["Content-Disposition"].replace('"', "") == "inline; filename=F.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_problem_lists_its_statement_if_its_package_has_a_pdf(app: AppFixture, event: EventClient) -> None:
    path = f"contests/{event.slug}/problems/filed"
    assert _get(app, f"/api/v4/{path}").get_json()["statement"] == [
        {"href": f"{path}/statement", "filename": "F.pdf", "mime": "application/pdf"}
    ]
    assert "statement" not in _get(app, f"/api/v4/contests/{event.slug}/problems/aplusb").get_json()


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("aplusb", "the problem 'aplusb' has no PDF statement: read it at /events/regionals/problems/A"),
        ("F", "there is no problem 'F' in this contest"),
    ],
)
def test_a_missing_pdf_statement_is_404_with_the_reason(
    app: AppFixture, event: EventClient, problem: str, words: str
) -> None:
    answer = _get(app, f"/api/v4/contests/{event.slug}/problems/{problem}/statement")
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["message"]) == (404, 404, words)


def test_files_are_hidden_before_the_start_and_withdrawn_problems_are_left_out(
    app: AppFixture, event: EventClient
) -> None:
    later = make_event(app, "later", 10, 60, problems=[*PROBLEMS[:1], {**PROBLEMS[1], "withdrawn": True}])
    later.add("ada", name="Team Ada")
    path = f"/api/v4/contests/{later.slug}"
    for name in (None, "ada", "bob"):
        for file in ("samples.zip", "problems/filed/statement"):
            answer = _get(app, f"{path}/{file}", name)
            assert (answer.status_code, answer.get_json()["message"]) == (403, FORBIDDEN)
    shown = _unzipped(_get(app, f"{path}/samples.zip", "author").data)
    assert {name[:2] for name in shown} == {"A/"}
    assert _get(app, f"{path}/problems/filed/statement", "author").status_code == 404


def test_other_accounts_do_not_find_the_files_of_an_exam(app: AppFixture, event: EventClient) -> None:
    exam = make_event(app, "exam", 10, 60, {"exam": True}, problems=PROBLEMS, visibility="members")
    exam.add("grace", name="Grace")
    path = f"/api/v4/contests/{exam.slug}/samples.zip"
    assert [_get(app, path, name).status_code for name in (None, "bob", "grace")] == [404, 404, 403]


def test_files_of_an_embargoed_problem_are_readable_during_an_event(
    app: AppFixture, event: EventClient
) -> None:
    row = app.services.problems.get("filed")
    assert row is not None
    app.services.problems.put(replace(row, spec={**row.spec, "embargo_until": "2999-01-01T00:00:00Z"}))
    try:
        assert _get(app, "/problems/filed").status_code == 404
        assert _get(app, "/problems/filed/files/problem_statement/problem.en.pdf").status_code == 404
        path = f"/api/v4/contests/{event.slug}/problems/filed/statement"
        assert _get(app, path).status_code == 200
    finally:
        app.services.problems.put(row)


def test_a_zip_of_samples_lists_the_files_that_do_not_fit(app: AppFixture, event: EventClient) -> None:
    row = app.services.problems.get("filed")
    assert row is not None
    spec, archive = spec_of(row), app.services.package_store.path(row.version)
    out = io.BytesIO()
    gone = OfferedProblem("G", spec, None)
    write_samples([OfferedProblem("F", spec, archive), gone], out, 24)
    found = _unzipped(out.getvalue())
    assert set(found) == {"F/1.ans", "F/2.in", "F/2.ans", LEFT_OUT}
    left_out = found[LEFT_OUT].decode().splitlines()[1:]
    assert left_out == ["G/", "F/1.in", "F/statement.pdf", "F/attachments/tools/check.py"]


def test_the_jury_reads_the_contest_as_yaml(app: AppFixture, event: EventClient, tmp_path: Path) -> None:
    path = f"/api/v4/contests/{event.slug}/contest-yaml"
    for name in ("author", "admin"):
        answer = _get(app, path, name)
        assert (answer.status_code, answer.mimetype) == (200, "application/x-yaml")
    (tmp_path / "contest.yaml").write_bytes(answer.data)
    (tmp_path / "problemset.yaml").write_text("problems: [{id: aplusb}]")
    read = read_contest_folder(tmp_path).event
    state = event.state("author")
    assert (read["slug"], read["title"]) == (event.slug, state["title"])
    assert read["rules"] == {"scoring": "icpc", "freeze_minutes": 20, "icpc": {"penalty_minutes": 20}}
    assert read["starts_at"][:19] == state["starts_at"][:19]
    assert "aplusb" not in answer.text
    assert [_get(app, path, name).status_code for name in ("ada", "bob", None)] == [403, 403, 401]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("banner", "this contest has no banner"),
        ("problemset", "this contest has no document of all problems: samples.zip has their PDF statements"),
    ],
)
def test_a_contest_has_no_banner_and_no_document_of_all_problems(
    app: AppFixture, event: EventClient, file: str, words: str
) -> None:
    answer = _get(app, f"/api/v4/contests/{event.slug}/{file}", "admin")
    assert (answer.status_code, answer.get_json()["message"]) == (404, words)
