"""A package's solution is shown to those who solved the problem, but not while an event has the problem."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judge_api.services import problem_solutions
from judge_api.services.problem_solutions import ProblemSolutions
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Verdict
from judge_core.packages import PackageStore, read_package
from judge_core.packages.judging_hash import judging_hash
from judge_core.packages.solutions import Solution, read_solution
from tests.support.records import finished
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import make_event, moment
from tests.web.test_problem_life import append, pack


def read(app: AppFixture, who: str, expect: int = 200) -> Any:
    app.services.running_events.clear()
    answer = app.client.get("/problems/aplusb/solution", headers=app.headers(who) if who else {})
    assert answer.status_code == expect, answer.get_json()
    return answer.get_json()


@pytest.fixture(scope="module")
def solved(app: AppFixture) -> Iterator[AppFixture]:
    """The application, in which ada has solved the problem and bob has tried it."""
    for who, verdict in (("ada", Verdict.AC), ("bob", Verdict.WA)):
        id = app.submit(who).get_json()["id"]
        assert VerdictStore(app.services.engine).record(finished(id, verdict=verdict)) is not None
    yield app


def test_a_solution_is_shown_after_solving_the_problem_and_to_administrators(solved: AppFixture) -> None:
    for who in ("ada", "admin"):
        (text,) = read(solved, who)["explanations"]
        assert text["language"] == "en"
        assert "32-bit" in text["html"] and "<math" in text["html"]
    for who in ("bob", "grace"):
        assert "solve this problem first" in read(solved, who, 403)["detail"]
    read(solved, "", 401)


def test_a_solution_is_not_shown_while_an_event_has_the_problem(solved: AppFixture) -> None:
    nothing: dict[str, list[object]] = {"explanations": [], "programs": []}
    event = make_event(solved, "with-solution", -1, 60)
    # The answers are equal, so they do not show who solved the problem.
    assert read(solved, "ada") == read(solved, "bob") == nothing
    assert read(solved, "admin") != nothing
    event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    assert read(solved, "ada") != nothing


def _stored(tmp_path: Path, **files: str) -> tuple[PackageStore, str]:
    store = PackageStore(tmp_path)
    changes = [append(name, content) for name, content in files.items()]
    (tmp_path / "a.zip").write_bytes(pack(tmp_path, "aplusb", *changes))
    return store, store.add_zip(tmp_path / "a.zip").hash


def test_a_solution_has_its_texts_in_each_language_and_its_programs(tmp_path: Path) -> None:
    files = {
        "solution/solution.de.tex": "Die Summe von \\textbf{beiden}: \\input{../data/secret/1.ans}",
        "solution/sum.py": "print(1)",
        "solution/notes.txt": "for the jury",
        "solution/deep/other.py": "print(2)",
        "solution/solution.fr.md": "<script>alert(1)</script>[x](javascript:alert(1))",
    }
    found = read_solution(*_stored(tmp_path, **files))
    assert [each.language for each in found.explanations] == ["en", "de", "fr"]
    assert "<strong>beiden</strong>" in found.explanations[1].html
    assert "script" not in found.explanations[2].html
    assert [(each.name, each.language, each.source) for each in found.programs] == [
        ("sum.py", "python3", "print(1)")
    ]


def test_a_missing_package_has_no_solution(tmp_path: Path) -> None:
    store = PackageStore(tmp_path)
    assert read_solution(store, "0" * 64).explanations == ()


def test_a_changed_solution_keeps_the_judging_hash(tmp_path: Path) -> None:
    pack(tmp_path, "aplusb")
    folder = tmp_path / "packages" / "aplusb"
    before = judging_hash(read_package(folder))
    append("solution/solution.en.md", "more")(folder)
    assert judging_hash(read_package(folder)) == before


def test_simultaneous_requests_render_a_solution_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    solutions, again = ProblemSolutions(PackageStore(tmp_path)), threading.Event()

    def read(_packages: PackageStore, hash: str) -> Solution:
        calls.append(hash)
        if len(calls) == 1:
            second.start()
            again.wait(0.3)  # if the solution were read twice, the second call would come in this time
        again.set()
        return Solution()

    monkeypatch.setattr(problem_solutions, "read_solution", read)
    second = threading.Thread(target=solutions.of, args=("a",))
    solutions.of("a")
    second.join(60)
    assert calls == ["a"]
