"""The sample problems are found as folders in a checkout and as zips in an installed wheel."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from judge_api.cli.up import SAMPLES
from judge_api.store.problem_lives import ProblemLifeStore
from judge_api.store.problems import ProblemStore
from judge_api.supervisor.console import format_summary
from judge_api.supervisor.data_folder import AccountKey, Credentials, DataFolder
from judge_api.supervisor.seed import seed_problems
from judge_core.languages import load_languages
from judge_core.packages import PackageStore
from judge_core.packages.reader import read_package
from judge_core.packages.spec import problem_spec
from tests.support.databases import open_empty_database

SAMPLE_FOLDER = Path(__file__).parents[2] / "problems"
PACKAGE = SAMPLE_FOLDER / "change"


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    with zipfile.ZipFile(folder / "change.zip", "w") as archive:
        for path in sorted(path for path in PACKAGE.rglob("*") if path.is_file()):
            archive.write(path, f"change/{path.relative_to(PACKAGE)}")
    return folder


def test_a_sample_zip_has_the_same_version_as_its_folder_and_is_added_once(
    samples: Path, tmp_path: Path
) -> None:
    engine = open_empty_database(tmp_path / "gavel.db")
    data = DataFolder(tmp_path / "data")
    data.prepare()
    assert seed_problems(engine, data, samples) == (["change"], [])
    by_zip = ProblemStore(engine).get("change")
    os.utime(samples / "change.zip", (0, 0))  # another installation of the same wheel changes the time
    assert seed_problems(engine, data, samples) == ([], [])
    (samples / "change.zip").unlink()
    (samples / "change").symlink_to(PACKAGE)
    assert seed_problems(engine, data, samples) == (["change"], [])
    by_folder = ProblemStore(engine).get("change")
    engine.dispose()
    assert by_zip is not None
    assert by_folder is not None
    assert by_zip.version == by_folder.version


@pytest.mark.slow_on("empty", "zeros")
@pytest.mark.parametrize("content", [None, b"", bytes(500)], ids=["gone", "empty", "zeros"])
def test_a_stored_sample_that_the_disk_has_lost_is_stored_again(
    samples: Path, tmp_path: Path, content: bytes | None
) -> None:
    engine = open_empty_database(tmp_path / "gavel.db")
    data = DataFolder(tmp_path / "data")
    data.prepare()
    seed_problems(engine, data, samples)
    before = ProblemStore(engine).get("change")
    assert before is not None
    stored = data.root / "packages" / f"{before.version}.zip"
    stored.unlink() if content is None else stored.write_bytes(content)
    assert seed_problems(engine, data, samples) == ([], [])
    assert PackageStore(data.root / "packages").is_intact(before.version)
    assert ProblemStore(engine).get("change") == before
    engine.dispose()


def test_a_hidden_sample_problem_stays_hidden_when_a_new_version_is_added(
    samples: Path, tmp_path: Path
) -> None:
    engine = open_empty_database(tmp_path / "gavel.db")
    data, lives, store = DataFolder(tmp_path / "data"), ProblemLifeStore(engine), ProblemStore(engine)
    data.prepare()
    seed_problems(engine, data, samples)
    lives.hide("change")
    with zipfile.ZipFile(samples / "change.zip", "a") as archive:
        archive.writestr("change/attachments/note.txt", "new")
    assert seed_problems(engine, data, samples) == (["change"], [])
    problem = store.get("change")
    engine.dispose()
    assert problem is not None
    assert not problem.is_published


def test_a_checkout_has_the_sample_problems() -> None:
    assert SAMPLES is not None
    assert (SAMPLES / "aplusb" / "problem.yaml").is_file()


@pytest.mark.parametrize(("problem", "expected"), [("aplusb", "/submissions "), (None, "/runs ")])
def test_the_printed_commands_name_a_sample_problem_only_if_it_exists(
    tmp_path: Path, problem: str | None, expected: str
) -> None:
    accounts = {use: AccountKey(use, "key") for use in ("normal", "premium", "admin")}
    printed = format_summary(Credentials("http://h", accounts), DataFolder(tmp_path), problem, None)
    assert f"curl -s http://h{expected}" in printed
    assert ("aplusb" in printed) == (problem is not None)


@pytest.mark.parametrize("folder", ["default", "other"])
def test_the_start_prints_an_export_line_for_a_data_folder_that_is_not_the_default_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    data = tmp_path / ("gavel" if folder == "default" else "my data")
    accounts = {use: AccountKey(use, "key") for use in ("normal", "premium", "admin")}
    printed = format_summary(Credentials("http://h", accounts), DataFolder(data), None, None)
    assert (f"  export GAVEL_DATA='{data}'\n" in printed) == (folder == "other")
    assert ("GAVEL_DATA" in printed) == (folder == "other")


def test_the_first_problem_has_a_starter_in_every_language() -> None:
    package = read_package(SAMPLE_FOLDER / "aplusb")
    spec = problem_spec(package, "0" * 64, ())
    assert sorted(spec.starters) == sorted(load_languages())
    assert spec.attachments == (), "the starter must be in the editor, and not an attachment"
