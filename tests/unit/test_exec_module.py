"""Commands that need workers or a sandbox say so where only the main server is installed, as in its image."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from judge_api.cli.exec_module import is_installed

ROOT = Path(__file__).parents[2]
IN_THE_IMAGE = ("sandbox/__init__.py", "sandbox/api.py", "sandbox/errors.py")
"""The files of the sandbox that deploy/Dockerfile.api copies."""


@pytest.fixture
def server_only(tmp_path: Path) -> Path:
    """A folder with the packages that the image of the main server has."""
    for package in ("judge_api", "judge_core", "gavel_client"):
        (tmp_path / package).symlink_to(ROOT / package)
    (tmp_path / "sandbox").mkdir()
    for name in IN_THE_IMAGE:
        shutil.copy2(ROOT / name, tmp_path / name)
    return tmp_path


def gavel(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "GAVEL_DATA": str(folder / "data")}
    argv = [sys.executable, "-P", "-m", "judge_api", *words]
    return subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_doctor_of_a_main_server_checks_it_without_a_sandbox(server_only: Path) -> None:
    done = gavel(server_only, "doctor")
    assert done.stdout.rstrip().endswith("sandbox: not installed here, because only workers' hosts need it")
    assert "installation" in done.stdout
    assert "Traceback" not in done.stderr
    assert list(json.loads(gavel(server_only, "doctor", "--json").stdout)) == ["installation"]


def test_a_command_that_needs_the_sandbox_says_where_to_use_it(server_only: Path) -> None:
    done = gavel(server_only, "doctor", "--seccomp", "native")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: this command runs programs, but here are no workers")


def test_modules_are_found_without_importing_them() -> None:
    found = ("sandbox", "workers", "workers.verify.__main__", "judge_api.dispatcher")
    assert [is_installed(module) for module in (*found, "no_such_package", "workers.no_such_module")] == [
        *[True] * 4, False, False,
    ]  # fmt: skip
