"""Authors change single files of a problem; saving makes a draft version."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.web.app_fixture import AppFixture
from tests.web.test_problem_life import add, ask, pack

BINARY = bytes(range(256))


def change(app: AppFixture, slug: str, *changes: dict[str, Any], act: str = "changes", base: str = "") -> Any:
    base = base or str(ask(app, "GET", slug).get_json()["newest"])
    return ask(app, "POST", f"{slug}/versions/{base}/{act}", {"changes": list(changes)})


def read(app: AppFixture, slug: str, path: str) -> Any:
    newest = ask(app, "GET", slug).get_json()["newest"]
    return ask(app, "GET", f"{slug}/versions/{newest}/files/{path}")


def test_an_author_changes_adds_and_deletes_files_in_a_new_draft(app: AppFixture, tmp_path: Path) -> None:
    first = add(app, "edited", pack(tmp_path, "edited"), "published")["version"]
    saved = change(
        app,
        "edited",
        {"path": "statement/problem.en.md", "text": "A new statement with $x^2$.\n"},
        {"path": "data/secret/99.in", "text": "5 6\n"},
        {"path": "data/secret/99.ans", "text": "11\n"},
        {"path": "data/secret/09.in"},
        {"path": "data/secret/09.ans"},
        {"path": "attachments/blob.bin", "base64": base64.b64encode(BINARY).decode()},
    )
    assert saved.status_code == 201, saved.get_json()
    version = saved.get_json()["version"]
    listed = ask(app, "GET", f"edited/versions/{version}/files").get_json()["files"]
    paths = {each["path"]: each["size"] for each in listed}
    assert paths["data/secret/99.in"] == 4
    assert "data/secret/09.in" not in paths
    assert read(app, "edited", "attachments/blob.bin").data == BINARY
    assert b"A new statement" in read(app, "edited", "statement/problem.en.md").data
    problem = ask(app, "GET", "edited").get_json()
    assert (problem["version"], problem["newest"], problem["state"]) == (first, version, "published")
    counts = {each["part"]: each["added"] + each["removed"] for each in problem["versions"][0]["changes"]}
    assert counts == {"statement": 0, "tests": 4, "attachments": 1}


def test_a_preview_shows_the_changed_statement_and_stores_nothing(app: AppFixture, tmp_path: Path) -> None:
    version = add(app, "previewed", pack(tmp_path, "previewed"))["version"]
    text = {"path": "statement/problem.en.md", "text": "Only in the <b>preview</b>. <script>x</script>\n"}
    shown = change(app, "previewed", text, act="preview").get_json()
    assert "Only in the" in shown["statements"][0]["html"]
    assert "script" not in shown["statements"][0]["html"]
    assert [each["hash"] for each in _versions(app, "previewed")] == [version]


def _versions(app: AppFixture, slug: str) -> list[dict[str, Any]]:
    return [{"hash": each.hash} for each in app.services.problem_versions.of(slug)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"path": "problem.yaml", "text": "name: [unclosed\n"}, "problem.yaml"),
        ({"path": "../outside", "text": "x"}, "is not a plain path inside the package"),
        ({"path": "/etc/passwd", "text": "x"}, "is not a plain path inside the package"),
        ({"path": "data/.hidden", "text": "x"}, "is not a plain path inside the package"),
        ({"path": "data/secret/nothing.in"}, "cannot be deleted: there is no such file"),
        ({"path": "problem.yaml/below", "text": "x"}, "cannot be written"),
    ],
)
@pytest.mark.parametrize("act", ["changes", "preview"])
def test_a_change_that_breaks_the_package_is_refused_with_the_file(
    app: AppFixture, tmp_path: Path, act: str, changed: dict[str, Any], message: str
) -> None:
    if app.services.problems.get("whole") is None:
        add(app, "whole", pack(tmp_path, "whole"))
    refused = change(app, "whole", changed, act=act)
    assert refused.status_code == 422, refused.get_json()
    assert message in refused.get_data(as_text=True)
    assert len(_versions(app, "whole")) == 1


def test_changes_that_are_based_on_an_older_version_are_refused(app: AppFixture, tmp_path: Path) -> None:
    first = add(app, "raced", pack(tmp_path, "raced"))["version"]
    text = {"path": "attachments/a.txt", "text": "x"}
    assert change(app, "raced", text).status_code == 201
    refused = change(app, "raced", text, base=first)
    assert refused.status_code == 409
    assert "has a newer version" in refused.get_json()["detail"]


def test_simultaneous_changes_of_two_authors_are_a_conflict_and_no_change_is_lost(
    app: AppFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = add(app, "at-once", pack(tmp_path, "at-once"))["version"]
    mine = {"path": "attachments/mine.txt", "text": "mine"}
    theirs = {"path": "attachments/theirs.txt", "text": "theirs"}
    make = app.services.package_store.add_changed

    def save_theirs_first(hash: str, changes: Any) -> Any:
        monkeypatch.undo()
        assert change(app, "at-once", theirs, base=base).status_code == 201
        return make(hash, changes)

    monkeypatch.setattr(app.services.package_store, "add_changed", save_theirs_first)
    refused = change(app, "at-once", mine, base=base)
    assert refused.status_code == 409
    assert "has a newer version" in refused.get_json()["detail"]
    assert read(app, "at-once", "attachments/theirs.txt").data == b"theirs"
    assert change(app, "at-once", mine).status_code == 201
    assert read(app, "at-once", "attachments/theirs.txt").data == b"theirs"
    assert read(app, "at-once", "attachments/mine.txt").data == b"mine"
