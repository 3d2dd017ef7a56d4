"""A problem under embargo is shown only to its authors, administrators and the members of its events."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from judge_api.store.problems import problem_row
from tests.web.app_fixture import PROBLEMS, AppFixture

PROGRAM = {"language": "python3", "source": "print(1)"}


def offer(app: AppFixture, tmp_path: Path, until: str) -> None:
    folder = tmp_path / "kept"
    shutil.copytree(PROBLEMS / "aplusb", folder)
    (folder / "attachments").mkdir(exist_ok=True)
    (folder / "attachments" / "tool.txt").write_text("x")
    with (folder / "problem.yaml").open("a") as yaml:
        yaml.write(f"embargo_until: {until}\n")
    stored = app.services.package_store.add_folder(folder)
    app.services.problems.put(problem_row(stored, None), app.accounts["author"].account)


def seen(app: AppFixture, who: str | None) -> list[int]:
    headers = app.headers(who) if who else {}
    listed = app.client.get("/problems", headers=headers).get_json()["problems"]
    paths = (
        "/problems/kept",
        "/problems/kept/runtimes?language=python3",
        "/problems/kept/files/attachments/tool.txt",
    )
    return [int(any(line["slug"] == "kept" for line in listed))] + [
        app.client.get(path, headers=headers).status_code for path in paths
    ]


@pytest.mark.parametrize(
    ("until", "public"),
    [("2999-01-31", False), ("2999-01-31T12:00:00Z", False), ("2001-01-31", True)],
)
def test_a_problem_under_embargo_is_hidden_from_other_accounts_until_its_day(
    app: AppFixture, tmp_path: Path, until: str, public: bool
) -> None:
    offer(app, tmp_path, until)
    for who in (None, "ada"):
        assert seen(app, who) == ([1, 200, 200, 200] if public else [0, 404, 404, 404])
    for who in ("author", "admin"):
        assert seen(app, who) == [1, 200, 200, 200]


def test_other_accounts_cannot_submit_to_an_embargoed_problem(app: AppFixture, tmp_path: Path) -> None:
    offer(app, tmp_path, "2999-01-31")
    answers = {
        who: app.client.post("/submissions", headers=app.headers(who), json={**PROGRAM, "problem": "kept"})
        for who in ("ada", "author")
    }
    assert {who: answer.status_code for who, answer in answers.items()} == {"ada": 422, "author": 202}
    assert "there is no problem 'kept'" in answers["ada"].get_data(as_text=True)


def test_caches_may_not_store_files_of_an_embargoed_problem(app: AppFixture, tmp_path: Path) -> None:
    offer(app, tmp_path, "2999-01-31")
    path = "/problems/kept/files/attachments/tool.txt"
    answer = app.client.get(path, headers=app.headers("author"))
    assert answer.headers["Cache-Control"] == "private, no-store"
