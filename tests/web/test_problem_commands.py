"""`gavel problems` adds drafts, publishes, hides and deletes problems, and manages versions and
co-authors."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from judge_api.__main__ import main
from judge_api.cli import problems
from judge_core.model.account import Role, Tier
from judge_core.packages.formats.export import ExportFormat
from tests.web.app_fixture import PROBLEMS, AppFixture
from tests.web.served import Served


def gavel(app: AppFixture, served: Served, *words: str) -> Result:
    options = ["--url", served.url, "--key", app.accounts["author"].key]
    return CliRunner().invoke(main, ["problems", *words, *options])


def package(tmp_path: Path, slug: str, extra: str = "") -> str:
    folder = tmp_path / slug
    shutil.copytree(PROBLEMS / "aplusb", folder, dirs_exist_ok=True)
    (folder / "problem.yaml").write_text((PROBLEMS / "aplusb" / "problem.yaml").read_text() + extra)
    return str(folder)


def is_on_offer(app: AppFixture, slug: str) -> bool:
    return bool(app.client.get(f"/problems/{slug}").status_code == 200)


def test_gavel_problems_add_makes_a_draft_and_shows_the_command_to_publish(
    app: AppFixture, served: Served, tmp_path: Path
) -> None:
    added = gavel(app, served, "add", package(tmp_path, "drafted"))
    assert "a draft: gavel problems publish drafted" in added.output
    assert not is_on_offer(app, "drafted")
    published = gavel(app, served, "publish", "drafted", "--unverified")
    assert "drafted is published in version" in published.output
    assert is_on_offer(app, "drafted")
    hidden = gavel(app, served, "hide", "drafted")
    assert "outside of events, only its authors and administrators see it" in hidden.output
    assert not is_on_offer(app, "drafted")


def test_a_package_that_fails_its_verification_is_not_published(
    app: AppFixture, served: Served, tmp_path: Path
) -> None:
    folder = package(tmp_path, "bare")
    shutil.rmtree(tmp_path / "bare" / "submissions")
    refused = gavel(app, served, "add", "--publish", folder)
    assert refused.exit_code == 1
    assert "add an accepted submission" in refused.output
    assert "is not published: its verification failed." in refused.output
    assert not is_on_offer(app, "bare")


def test_the_commands_list_restore_and_download_versions(
    app: AppFixture, served: Served, tmp_path: Path
) -> None:
    for extra in ("", "source: another\n"):
        gavel(app, served, "add", package(tmp_path, "twice", extra))
        assert gavel(app, served, "publish", "twice", "--unverified").exit_code == 0
    listed = gavel(app, served, "versions", "twice").output.splitlines()
    assert "published" in listed[-2]
    assert listed[-2].rstrip().endswith("settings")
    first = listed[-1].split()[0]
    assert f"back at version {first}" in gavel(app, served, "restore", "twice", first).output
    assert "no version begins with 'xyz'" in gavel(app, served, "restore", "twice", "xyz").output
    target = tmp_path / "twice.zip"
    assert gavel(app, served, "download", "twice", "-o", str(target)).exit_code == 0
    row = app.services.problems.get("twice")
    assert row is not None
    stored = app.services.package_store.path(row.version)
    assert stored is not None
    assert target.read_bytes() == stored.read_bytes()


@pytest.mark.parametrize("format", list(ExportFormat))
def test_gavel_problems_download_exports_a_problem_in_each_format(
    app: AppFixture, served: Served, tmp_path: Path, format: ExportFormat
) -> None:
    if app.services.problems.get("converted") is None:
        gavel(app, served, "add", package(tmp_path, "converted"))
    target = tmp_path / "converted.zip"
    done = gavel(app, served, "download", "converted", "--format", format.value, "-o", str(target))
    assert done.exit_code == 0, done.output
    assert zipfile.is_zipfile(target)
    both = gavel(app, served, "download", "converted", "--format", format.value, "--uploaded")
    assert "choose --uploaded or --format, not both" in both.output


def test_the_commands_add_a_co_author_and_delete_a_problem(
    app: AppFixture, served: Served, tmp_path: Path
) -> None:
    app.services.accounts.add("helper", Tier.NORMAL, Role.AUTHOR)
    gavel(app, served, "add", package(tmp_path, "shared"))
    shown = gavel(app, served, "authors", "shared", "--add", "helper").output
    assert shown.splitlines()[-2:] == ["owner: author", "co-authors: helper"]
    refused = gavel(app, served, "authors", "shared", "--add", "ada")
    assert refused.exit_code != 0
    assert "needs the role author or admin first" in refused.output
    assert "shared is deleted" in gavel(app, served, "delete", "shared", "--yes").output
    assert gavel(app, served, "versions", "shared").exit_code != 0


def test_gavel_problems_open_writes_tasks_for_visual_studio_code(
    app: AppFixture, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = gavel(app, served, "open", "aplusb")
    assert done.exit_code == 0, done.output
    tasks = json.loads((tmp_path / ".vscode" / "tasks.json").read_text())["tasks"]
    assert "aplusb" in tasks[0]["args"]
    unknown = gavel(app, served, "open", "nowhere")
    assert (unknown.exit_code, "nowhere" in unknown.output) == (1, True)


def test_gavel_problems_verify_all_verifies_published_problems_and_records_verdicts(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(problems, "exec_module", lambda module, words: started.append((module, words)))
    data = app.services.settings.data
    monkeypatch.setenv("GAVEL_DATA", str(data))
    assert CliRunner().invoke(main, ["problems", "verify", "--all", "--all-tests"]).exit_code == 0
    row = app.services.problems.get("aplusb")
    assert row is not None
    ((module, words),) = started
    assert (module, words[:3]) == (
        "workers.verify.__main__", ("--all-tests", "--record", str(data / "verdicts.json")),
    )  # fmt: skip
    assert str(data / "packages" / f"{row.version}.zip") in words


def test_gavel_problems_verify_all_names_a_published_problem_without_a_package(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(problems, "exec_module", lambda _, words: started.append(words))
    monkeypatch.setenv("GAVEL_DATA", str(app.services.settings.data))
    row = app.services.problems.get("aplusb")
    assert row is not None
    package = app.services.settings.packages / f"{row.version}.zip"
    aside = package.rename(package.with_suffix(".aside"))
    try:
        done = CliRunner().invoke(main, ["problems", "verify", "--all"])
    finally:
        aside.rename(package)
    assert "The package of aplusb is not in" in done.output
    assert str(package) in started[0], "verify must get the missing package, to fail and to name it"
