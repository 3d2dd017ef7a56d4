"""A wrong setting of the main server, or a folder that cannot be written, ends a command with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from judge_api import dispatcher
from judge_api.__main__ import main as gavel

NONSENSE = {"GAVEL_DATABASE_URL": "nonsense"}
COMMANDS = (
    ("setup",),
    ("schema",),
    ("purge", "--older-than", "9w"),
    ("login-link", "ann"),
    ("accounts", "list"),
    ("backup", "there.zip"),
    ("restore", "there.zip"),
    ("doctor",),
    ("problems", "verify", "--all"),
)


def run(*words: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(gavel, list(words))


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_database_url_that_cannot_be_read_is_named(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, GAVEL_DATA=str(tmp_path), **NONSENSE)
    assert done.exit_code == 1
    assert "GAVEL_DATABASE_URL cannot be read: write sqlite:////PATH" in done.output


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_command_names_the_wrong_setting_of_the_main_server(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, GAVEL_DATA=str(tmp_path), GAVEL_PORT="abc")
    assert (done.exit_code, "GAVEL_PORT='abc' is wrong" in done.output) == (1, True)


def test_setup_names_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("setup", GAVEL_DATA=str(tmp_path / "file" / "data"))
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert str(tmp_path / "file") in done.output


def test_setup_reports_that_the_folder_of_problems_does_not_exist(tmp_path: Path) -> None:
    done = run("setup", "--problems", str(tmp_path / "none"), GAVEL_DATA=str(tmp_path))
    assert (done.exit_code, "does not exist" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GAVEL_DATABASE_URL", "nonsense"),
        ("GAVEL_REDIS_URL", "nonsense"),
        ("GAVEL_REDIS_URL", "redis://host:port"),
    ],
)
def test_a_dispatcher_names_a_database_or_redis_url_that_cannot_be_read(
    name: str,
    value: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GAVEL_DATA", str(tmp_path))
    monkeypatch.setenv(name, value)
    assert dispatcher.main() == 1
    assert capsys.readouterr().err.startswith(f"{name} cannot be read: ")


def test_a_dispatcher_reports_without_a_traceback_that_the_database_does_not_answer(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "GAVEL_DATA": str(tmp_path),
        "GAVEL_DATABASE_URL": f"postgresql://gavel@/gavel?host={tmp_path}",
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "judge_api.dispatcher"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "The dispatcher cannot start" in said
    assert "Traceback" not in said
