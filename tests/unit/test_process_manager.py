"""A full disk does not end the supervisor: what cannot be written now is written later."""

from __future__ import annotations

import errno
import io
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from judge_api.supervisor.console import Narrator
from judge_api.supervisor.process import ChildSpec
from judge_api.supervisor.process_manager import Tending


class FullDisk:
    """Takes no note until there is room."""

    def __init__(self) -> None:
        self.is_full = True
        self.noted: list[Mapping[str, int]] = []

    def __call__(self, processes: Mapping[str, int]) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.noted.append(dict(processes))


class FullLog(io.StringIO):
    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """A tending blocks signals for its whole process, which is the tests' own here."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_running_processes_are_written_once_the_disk_has_space(tmp_path: Path) -> None:
    disk, said = FullDisk(), io.StringIO()
    tending = Tending(Narrator(said), disk)
    try:
        tending.start(ChildSpec("sleeper", ("/bin/sleep", "60"), {}, tmp_path / "log"))
        tending.tend()
        assert said.getvalue().count("No space left on device") == 1
        disk.is_full = False
        tending.tend()
        tending.tend()
        assert [list(processes) for processes in disk.noted] == [["sleeper"]]
    finally:
        tending.end()


def test_a_child_that_cannot_be_started_is_put_off(tmp_path: Path) -> None:
    disk, said = FullDisk(), io.StringIO()
    disk.is_full = False
    tending = Tending(Narrator(said), disk)
    log = tmp_path / "log"
    try:
        tending.start(ChildSpec("brief", ("/bin/true",), {}, log))
        log.unlink()
        log.mkdir()
        while "cannot be started now" not in said.getvalue():
            tending.tend()
    finally:
        tending.end()


def test_a_full_disk_under_the_log_does_not_end_the_console() -> None:
    log = FullLog()
    Narrator(log).tell("gavel", "is up")
    assert "is up" in log.getvalue()
