"""A worker notices while it runs that a toolchain is installed, changed or removed, also outside of /usr."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from judge_core.clock import Clock
from judge_core.languages.reader import read_language
from judge_core.model.language import Language
from judge_core.model.worker import LanguageOnWorker
from sandbox import open_sandbox
from sandbox.slot import SlotConfig
from workers.judging.toolchain_cache import BuildTask
from workers.judging.toolchains import SEARCH_PATH, Toolchains, forget_toolchains
from workers.language_watch import CHECK_SECONDS, LanguageWatch

TOOL = """
id = "tool"
name = "Tool"
aliases = []
extensions = [".tool"]
source_name = "solution.tool"
version_command = ["tool", "--version"]
compile = []
run = ["tool", "{program}/{main}"]

[self_test]
stdin = ""
stdout = ""
source = ""
"""


@dataclass
class ManualTime:
    """A clock that moves only by `advance`."""

    seconds: float = 0.0

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.seconds)


@dataclass
class SlotForEach:
    """Opens a slot for each task, as the worker's background builder does."""

    config: SlotConfig

    def build(self, task: BuildTask) -> None:
        sandbox = open_sandbox(self.config)
        try:
            task(sandbox)
        finally:
            sandbox.close()


@dataclass
class Host:
    """A host with the folder of a toolchain outside of /usr, which a worker watches."""

    folder: Path
    language: Language
    time: ManualTime = field(default_factory=ManualTime)
    reported: list[Mapping[str, LanguageOnWorker]] = field(default_factory=list)

    def install(self, version: str) -> None:
        (self.folder / "bin").mkdir(exist_ok=True)
        program = self.folder / "bin" / "tool"
        program.unlink(missing_ok=True)
        program.write_text(f"#!/bin/sh\necho tool {version}\n")
        program.chmod(0o755)

    def watch(self, scratch: Path) -> LanguageWatch:
        toolchains = Toolchains((str(self.folder / "bin"), *SEARCH_PATH))
        slot = SlotConfig(index=92, shares=(), scratch=scratch, extra_roots=(self.folder,))
        languages = {"tool": self.language}
        found = {"tool": LanguageOnWorker(reason="tool is not installed")}
        return LanguageWatch(
            toolchains,
            languages,
            found,
            SlotForEach(slot),
            on_change=self.reported.append,
            clock=self.time.clock,
        )


@pytest.fixture
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = Path(f"/opt/gavel-test-toolchain-{os.getpid()}")
    folder.mkdir(exist_ok=True)
    path = tmp_path_factory.mktemp("languages") / "tool.toml"
    path.write_text(TOOL)
    yield Host(folder, read_language(path))
    for each in (folder / "bin" / "tool", folder / "bin", folder):
        if each.is_dir():
            each.rmdir()
        else:
            each.unlink(missing_ok=True)
    forget_toolchains()


def test_a_new_toolchain_is_found_within_a_minute_and_without_a_restart(host: Host, tmp_path: Path) -> None:
    watch = host.watch(tmp_path)
    host.time.advance(CHECK_SECONDS + 1)
    watch.check()
    assert host.reported == []
    host.install("1.2.3")
    host.time.advance(CHECK_SECONDS + 1)
    watch.check()
    assert host.reported[-1]["tool"] == LanguageOnWorker(version="1.2.3")
    assert CHECK_SECONDS < 60


def test_a_worker_notices_a_new_version_and_the_removal_of_a_toolchain(host: Host, tmp_path: Path) -> None:
    host.install("1.2.3")
    watch = host.watch(tmp_path)
    host.install("1.3.0")
    host.time.advance(CHECK_SECONDS + 1)
    watch.check()
    assert host.reported[-1]["tool"].version == "1.3.0"
    (host.folder / "bin" / "tool").unlink()
    host.time.advance(CHECK_SECONDS + 1)
    watch.check()
    assert host.reported[-1]["tool"].version is None
    assert "tool is not installed" in (host.reported[-1]["tool"].reason or "")


def test_a_worker_checks_an_incomplete_installation_again(host: Host, tmp_path: Path) -> None:
    watch = host.watch(tmp_path)
    host.install("1.2.3; exit 3")
    host.time.advance(CHECK_SECONDS + 1)
    watch.check()
    assert "its version command ended" in (host.reported[-1]["tool"].reason or "")
    (host.folder / "bin" / "tool").write_text("#!/bin/sh\necho tool 1.2.3\n")
    host.time.advance(CHECK_SECONDS + 1)
    watch.check()
    assert host.reported[-1]["tool"].version == "1.2.3"


def test_a_worker_reports_no_change_while_its_toolchains_stay_the_same(host: Host, tmp_path: Path) -> None:
    host.install("1.2.3")
    watch = host.watch(tmp_path)
    for _ in range(5):
        host.time.advance(CHECK_SECONDS + 1)
        watch.check()
    assert host.reported == []


def test_the_reason_for_a_missing_language_names_a_program_outside_usr_and_the_setting(
    host: Host, tmp_path: Path
) -> None:
    host.install("1.2.3")
    toolchains = Toolchains(SEARCH_PATH, host_path=(str(host.folder / "bin"),))
    sandbox = open_sandbox(SlotConfig(index=92, shares=(), scratch=tmp_path))
    try:
        reason = toolchains.offer(sandbox, [host.language])["tool"].reason or ""
    finally:
        sandbox.close()
    assert f"{host.folder}/bin/tool is outside /usr" in reason
    assert "GAVEL_TOOLCHAIN_PATHS" in reason
