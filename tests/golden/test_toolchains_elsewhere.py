"""`gavel problems verify` and the corpus find toolchains outside of /usr, and languages that the user has
defined."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TOOL = """
id = "tool"
name = "Tool"
aliases = []
extensions = [".tool"]
source_name = "solution.tool"
version_command = ["tool", "--version"]
compile = []
run = ["tool", "{program}/{main}"]
needs = "script"

[self_test]
stdin = "6"
stdout = "36"
source = "read n; echo $((n * n))"
"""
PACKAGE = {"submissions/accepted/a.tool": "read n; echo $((n * n))\n"}


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables that name a language which the user has defined, and its toolchain."""
    folder = Path(f"/opt/gavel-test-elsewhere-{os.getpid()}")
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    program = folder / "bin" / "tool"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo tool 1.0 || exec /bin/sh "$1"\n')
    program.chmod(0o755)
    languages = tmp_path / "languages"
    languages.mkdir()
    (languages / "tool.toml").write_text(TOOL)
    yield {"GAVEL_LANGUAGES_DIR": str(languages), "GAVEL_TOOLCHAIN_PATHS": str(folder)}
    shutil.rmtree(folder)


def run(module: str, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_verify_runs_a_toolchain_outside_usr(
    package: Callable[[dict[str, str]], Path], environment: dict[str, str]
) -> None:
    folder = str(package(PACKAGE))
    assert run("workers.verify", folder, environment=environment).returncode == 0
    del environment["GAVEL_TOOLCHAIN_PATHS"]
    without = run("workers.verify", folder, environment=environment)
    assert without.returncode == 1
    assert "tool is not installed" in without.stdout


def test_verify_refuses_a_wrong_folder_by_the_name_of_its_setting(environment: dict[str, str]) -> None:
    environment["GAVEL_TOOLCHAIN_PATHS"] = "/opt"
    refused = run("workers.verify", "x", environment=environment)
    assert refused.returncode == 2
    assert "GAVEL_TOOLCHAIN_PATHS='/opt' is wrong" in refused.stderr


def test_the_corpus_runs_a_toolchain_outside_usr(environment: dict[str, str]) -> None:
    done = run("tests.corpus", "--language", "tool", environment=environment)
    assert "1 programs" in done.stdout, done.stderr
    assert done.returncode == 0
