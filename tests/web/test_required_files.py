"""A problem may require files by name. A refusal lists the names, and a single source gets its name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from judge_api.store.problems import problem_row
from judge_api.store.records import SubmissionFilter
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.metadata import read_metadata
from tests.support.sample_problem import store_sum
from tests.web.app_fixture import SUM, AppFixture


def offer(app: AppFixture, slug: str, *names: str) -> None:
    """Offer a problem that requires these names."""
    stored = store_sum(app.services.settings.data / "packages")
    spec = replace(stored.spec, slug=slug, required_files=names)
    row = problem_row(replace(stored, slug=slug, spec=spec), None)
    app.services.problems.put(row, None)


def post(app: AppFixture, problem: str, **program: Any) -> Any:
    body = {"problem": problem, "language": "python3", **program}
    return app.client.post("/submissions", json=body, headers=app.headers())


def newest(app: AppFixture) -> Any:
    page = app.services.submissions.page(SubmissionFilter(account_id=app.accounts["ada"].account.id), None, 1)
    return app.services.submissions.submission(page.items[0].id)


def files(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "content": SUM} for name in names]


def test_a_single_source_gets_the_required_file_name(app: AppFixture) -> None:
    offer(app, "one-name", "adder.py")
    assert post(app, "one-name", source=SUM).status_code == 202
    sent = newest(app)
    assert ([file.name for file in sent.files.files], sent.files.entry_point) == (["adder.py"], "adder.py")
    assert sent.source == SUM
    body = {"lang": "python3", "question_id": "1", "typed_code": SUM}
    assert app.client.post("/problems/one-name/submit/", json=body, headers=app.headers()).status_code == 200


@pytest.mark.parametrize(
    ("program", "missing"),
    [
        ({"source": SUM}, "adder.py and lib/helper.py"),
        ({"files": files("adder.py")}, "lib/helper.py"),
        ({"files": files("other.py", "lib/helper.py"), "entry_point": "other.py"}, "adder.py"),
    ],
)
def test_a_submission_without_a_required_file_is_refused_with_the_missing_names(
    app: AppFixture, program: dict[str, Any], missing: str
) -> None:
    offer(app, "two-names", "adder.py", "lib/helper.py")
    answer = post(app, "two-names", **program)
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert error["field"] == "files"
    assert f"needs a file named {missing}:" in error["message"]


def test_files_with_the_required_names_and_additional_files_are_accepted(app: AppFixture) -> None:
    offer(app, "two-names", "adder.py", "lib/helper.py")
    names = ("adder.py", "lib/helper.py", "more.py")
    assert post(app, "two-names", files=files(*names), entry_point="adder.py").status_code == 202


def test_a_source_in_another_language_does_not_get_the_required_name(app: AppFixture) -> None:
    offer(app, "java-name", "Adder.java")
    answer = post(app, "java-name", source=SUM)
    assert "Adder.java" in answer.get_json()["errors"][0]["message"]


@pytest.mark.parametrize("program", [{"source": SUM}, {"files": files("adder.py", "more.py")}])
def test_a_repeated_batch_with_required_files_returns_the_stored_submission(
    app: AppFixture, program: dict[str, Any]
) -> None:
    offer(app, "one-name", "adder.py")
    headers = {**app.headers(), "Idempotency-Key": f"again with {next(iter(program))}"}
    body = {"submissions": [{"problem": "one-name", "language": "python3", **program}]}
    first, second = (app.client.post("/submissions/batch", json=body, headers=headers) for _ in range(2))
    (stored,), (found,) = first.get_json()["results"], second.get_json()["results"]
    assert stored["status"] == 202, stored
    assert found["accepted"] and found["accepted"]["id"] == stored["accepted"]["id"]


def test_clients_see_the_required_file_names(app: AppFixture) -> None:
    offer(app, "one-name", "adder.py")
    assert app.client.get("/problems/one-name").get_json()["required_files"] == ["adder.py"]
    assert app.client.get("/problems/aplusb").get_json()["required_files"] == []


@pytest.mark.parametrize(
    ("yaml", "names", "fault"),
    [
        ("required_files: [a.py, lib/b.py, a.py]", ("a.py", "lib/b.py"), None),
        ("required_files: Main.java", ("Main.java",), None),
        ("name: X", (), None),
        ("required_files: [../a.py]", ("../a.py",), "must be a relative path"),
        ("required_files: {a: b}", (), "must be a text or a sequence"),
        (f"required_files: [{', '.join(f'f{n}.py' for n in range(65))}]", (), "at most 64"),
    ],
)
def test_problem_yaml_names_the_required_files(
    tmp_path: Path, yaml: str, names: tuple[str, ...], fault: str | None
) -> None:
    (tmp_path / "problem.yaml").write_text(f"{yaml}\n")
    found = Diagnostics()
    assert read_metadata(tmp_path, found).required_files == names
    errors = [each.message for each in found.found if each.key == "required_files"]
    assert len(errors) == (fault is not None)
    assert fault is None or fault in errors[0]
