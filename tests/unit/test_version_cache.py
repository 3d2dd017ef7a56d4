"""A worker asks a toolchain for its version once for each state of the host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from judge_core.languages import load_languages
from sandbox import Ending, RunReport, Sandbox
from tests.support.scripted_sandbox import ScriptedSandbox
from workers.judging import toolchains as toolchains_module
from workers.judging.toolchains import Toolchains, forget_toolchains
from workers.judging.version_cache import open_versions

KIND = ("launcher", "full")


class Host:
    """A folder with one tool, whose version a scripted sandbox answers."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.cache.mkdir()
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.install("1")
        self.language = replace(
            load_languages()["lua"], version_command=("tool", "-v"), compile=(), run=("tool",)
        )

    def install(self, text: str) -> None:
        forget_toolchains()
        (self.bin / "tool").write_text(text)
        (self.bin / "tool").chmod(0o755)

    def ask(self, *reports: RunReport, kind: tuple[str, ...] = KIND) -> tuple[str | None, int]:
        """The version that is offered, and the number of commands that were run for it."""
        sandbox = ScriptedSandbox(reports=reports)
        with open_versions(self.cache, kind) as versions:
            offers = Toolchains((str(self.bin),)).offer(cast(Sandbox, sandbox), [self.language], versions)
        return offers["lua"].version, len(sandbox.commands)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(toolchains_module, "_INSTALLATIONS", (str(tmp_path / "packages"),))
    return Host(tmp_path)


def report(text: str, exit_code: int = 0) -> RunReport:
    return RunReport(
        ending=Ending.EXITED,
        exit_code=exit_code,
        signal=None,
        cpu_ms=1,
        wall_ms=1,
        memory_kb=1,
        stdout=text.encode(),
        stdout_bytes=len(text),
        stderr=b"",
    )


def test_a_second_start_of_a_worker_runs_no_toolchain(host: Host) -> None:
    assert host.ask(report("tool 1.2.3")) == ("1.2.3", 1)
    assert host.ask() == ("1.2.3", 0)


def test_a_toolchain_whose_program_changed_is_run_again_for_its_version(host: Host) -> None:
    host.ask(report("tool 1.2.3"))
    host.install("22")
    assert host.ask(report("tool 2.0.0")) == ("2.0.0", 1)


def test_a_newly_installed_package_makes_a_worker_run_its_toolchains_again(
    host: Host, tmp_path: Path
) -> None:
    host.ask(report("tool 1.2.3"))
    (tmp_path / "packages").write_text("a library")
    assert host.ask(report("tool 1.2.4")) == ("1.2.4", 1)


def test_a_toolchain_is_run_again_for_its_version_in_another_kind_of_sandbox(host: Host) -> None:
    host.ask(report("tool 1.2.3"))
    assert host.ask(report("tool 1.2.4"), kind=("bubblewrap", "full")) == ("1.2.4", 1)


def test_a_toolchain_that_failed_is_run_again_at_the_next_start(host: Host) -> None:
    assert host.ask(report("no library", exit_code=1)) == (None, 1)
    assert host.ask(report("tool 1.2.3")) == ("1.2.3", 1)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 64, b"[]", b'{"a": 1}', b"[" * 100_000, b'{"x": "y"', b"\xff"]
)
def test_after_the_file_of_versions_was_damaged_toolchains_are_run_again(host: Host, content: bytes) -> None:
    host.ask(report("tool 1.2.3"))
    (host.cache / "versions.json").write_bytes(content)
    assert host.ask(report("tool 1.2.3")) == ("1.2.3", 1)
    assert host.ask() == ("1.2.3", 0)


def test_a_version_is_found_although_the_folder_of_versions_cannot_be_written(host: Host) -> None:
    host.cache = host.cache / "missing"
    assert host.ask(report("tool 1.2.3")) == ("1.2.3", 1)
    assert host.ask(report("tool 1.2.3")) == ("1.2.3", 1)
