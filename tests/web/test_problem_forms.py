"""The YAML files of a problem can be changed by forms, its tests renamed, and the problem exported in other
formats."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.web.app_fixture import AppFixture
from tests.web.test_problem_edits import change, read
from tests.web.test_problem_life import add, ask, pack


def form(app: AppFixture, slug: str, path: str, asker: str = "author", **body: Any) -> Any:
    newest = ask(app, "GET", slug).get_json()["newest"]
    url = f"/admin/problems/{slug}/versions/{newest}/form"
    return app.client.post(url, json={"path": path, **body}, headers=app.headers(asker))


def shown(answer: Any) -> dict[str, Any]:
    return {each["key"]: each["value"] for each in answer["fields"] if each["value"] is not None}


def test_an_author_changes_and_saves_a_limit_by_the_form(app: AppFixture, tmp_path: Path) -> None:
    add(app, "formed", pack(tmp_path, "formed"))
    before = form(app, "formed", "problem.yaml").get_json()
    fields = {each["key"]: each for each in before["fields"]}
    assert fields["limits.memory"]["bounds"] == "from 1 to 1048576 MiB"
    after = form(
        app, "formed", "problem.yaml", values={"limits.memory": "333", "keywords": ["sums"]}
    ).get_json()
    assert (after["faults"], shown(after)["limits.memory"]) == ([], "333")
    saved = change(app, "formed", {"path": "problem.yaml", "text": after["text"]})
    assert saved.status_code == 201, saved.get_json()
    limits = {
        each["name"]: each["after"] for each in ask(app, "GET", "formed").get_json()["versions"][0]["limits"]
    }
    assert limits["memory"] in (333, "333", "333 MiB")


def test_a_wrong_value_in_a_form_is_reported_with_its_key(app: AppFixture, tmp_path: Path) -> None:
    add(app, "wrong-form", pack(tmp_path, "wrong-form"))
    answer = form(app, "wrong-form", "problem.yaml", values={"limits.memory": "-1"}).get_json()
    assert [fault["key"] for fault in answer["faults"]] == ["limits.memory"]
    refused = form(app, "wrong-form", "problem.yaml", text="a: [")
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "problem.yaml")
    assert form(app, "wrong-form", "statement/problem.en.md").status_code == 422
    assert form(app, "wrong-form", "problem.yaml", values={"uuid": 7}).status_code == 422


@pytest.mark.parametrize("asker", ["bob", "ada"])
def test_the_form_of_a_problem_is_refused_to_other_accounts(
    app: AppFixture, tmp_path: Path, asker: str
) -> None:
    if app.services.problems.get("own-form") is None:
        add(app, "own-form", pack(tmp_path, "own-form"))
    assert form(app, "own-form", "problem.yaml", asker).status_code == 403


def test_two_tests_swap_their_names_without_a_new_upload(app: AppFixture, tmp_path: Path) -> None:
    add(app, "swapped", pack(tmp_path, "swapped"))
    newest = ask(app, "GET", "swapped").get_json()["newest"]
    files = ask(app, "GET", f"swapped/versions/{newest}/files").get_json()["files"]
    one, two = [
        each["path"][:-3]
        for each in files
        if each["path"].startswith("data/secret/") and each["path"].endswith(".in")
    ][:2]
    contents = {name: read(app, "swapped", f"{name}.in").data for name in (one, two)}
    moves = [
        {"path": f"{to}.{ending}", "source": f"{source}.{ending}"}
        for source, to in ((one, two), (two, one))
        for ending in ("in", "ans")
    ]
    saved = change(app, "swapped", *moves)
    assert saved.status_code == 201, saved.get_json()
    assert read(app, "swapped", f"{one}.in").data == contents[two]
    assert read(app, "swapped", f"{two}.in").data == contents[one]


@pytest.mark.parametrize("source", ["data/secret/none.in", "../outside", "/etc/passwd"])
def test_a_missing_file_cannot_be_renamed(app: AppFixture, tmp_path: Path, source: str) -> None:
    if app.services.problems.get("moved") is None:
        add(app, "moved", pack(tmp_path, "moved"))
    refused = change(app, "moved", {"path": "attachments/x", "source": source})
    assert (
        refused.status_code,
        "cannot be renamed: there is no such file" in refused.get_data(as_text=True),
    ) == (422, True)


@pytest.mark.parametrize("format", ["kattis-legacy", "2023-07", "domjudge", "polygon"])
def test_a_problem_is_downloaded_in_each_format(app: AppFixture, tmp_path: Path, format: str) -> None:
    if app.services.problems.get("exported") is None:
        add(app, "exported", pack(tmp_path, "exported"))
    newest = ask(app, "GET", "exported").get_json()["newest"]
    answer = ask(app, "GET", f"exported/versions/{newest}/package?format={format}")
    assert answer.status_code == 200, answer.get_json()
    assert answer.headers["Content-Disposition"] == f"attachment; filename=exported-{format}.zip"
    assert isinstance(json.loads(answer.headers["Export-Notes"]), list)
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    marks = {"polygon": "problem.xml", "domjudge": "domjudge-problem.ini"}
    assert any(name.endswith(marks.get(format, "problem.yaml")) for name in names)


def test_an_unknown_format_or_version_is_refused(app: AppFixture, tmp_path: Path) -> None:
    if app.services.problems.get("exported") is None:
        add(app, "exported", pack(tmp_path, "exported"))
    newest = ask(app, "GET", "exported").get_json()["newest"]
    assert ask(app, "GET", f"exported/versions/{newest}/package?format=tar").status_code == 422
    assert ask(app, "GET", f"exported/versions/{'0' * 64}/package?format=polygon").status_code == 404
