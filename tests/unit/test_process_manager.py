"""The supervisor works with a full disk, replaces stopped processes, and rotates the logs of running
processes."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from judge_api.supervisor import process_manager
from judge_api.supervisor.console import Console
from judge_api.supervisor.process_manager import Process, ProcessManager, ProcessSpec, _describe

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


class FullDisk:
    """Stands for a full disk. It refuses to write until there is space."""

    def __init__(self) -> None:
        self.is_full = True
        self.written: list[Mapping[str, int]] = []

    def __call__(self, processes: Mapping[str, int]) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.written.append(dict(processes))


class FullLog(io.StringIO):
    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_the_list_of_running_processes_is_written_as_soon_as_the_disk_has_space(tmp_path: Path) -> None:
    disk, printed = FullDisk(), io.StringIO()
    manager = ProcessManager(Console(printed), disk)
    try:
        manager.start(ProcessSpec("sleeper", ("/bin/sleep", "60"), {}, tmp_path / "log"))
        manager.restart_dead()
        assert printed.getvalue().count("No space left on device") == 1
        disk.is_full = False
        manager.restart_dead()
        manager.restart_dead()
        assert [list(processes) for processes in disk.written] == [["sleeper"]]
    finally:
        manager.stop()


def test_a_failed_restart_of_a_process_is_reported_and_does_not_end_the_supervisor(tmp_path: Path) -> None:
    disk, printed = FullDisk(), io.StringIO()
    disk.is_full = False
    manager = ProcessManager(Console(printed), disk)
    log = tmp_path / "log"
    try:
        manager.start(ProcessSpec("brief", ("/bin/true",), {}, log))
        log.unlink()
        log.mkdir()
        while "cannot be started now" not in printed.getvalue():
            manager.restart_dead()
    finally:
        manager.stop()


def test_a_full_disk_under_the_log_does_not_end_the_console() -> None:
    log = FullLog()
    Console(log).progress("gavel", "is up")
    assert "is up" in log.getvalue()


def test_a_process_that_stays_stopped_by_a_signal_is_killed_and_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_manager, "STOPPED_SECONDS", 0.3)
    running = Process(ProcessSpec("p", SLEEPER, {}, tmp_path / "p.log"))
    running.start()
    pid = running.pid
    assert pid is not None
    try:
        assert not running.kill_if_stopped(time.monotonic())
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        while not running.kill_if_stopped(time.monotonic()):
            assert time.monotonic() - began < 60
            time.sleep(0.01)
        assert time.monotonic() - began >= 0.3
        while running.reap() is None:
            assert time.monotonic() - began < 60
            time.sleep(0.01)
        assert running.is_restart_due(time.monotonic())
    finally:
        running.send_signal(signal.SIGKILL)


def test_a_process_that_was_stopped_for_a_moment_is_not_killed(tmp_path: Path) -> None:
    running = Process(ProcessSpec("p", SLEEPER, {}, tmp_path / "p.log"))
    running.start()
    assert running.pid is not None
    os.kill(running.pid, signal.SIGSTOP)
    assert not running.kill_if_stopped(100.0)
    os.kill(running.pid, signal.SIGCONT)
    while "(stopped)" in Path(f"/proc/{running.pid}/status").read_text():
        time.sleep(0.01)
    assert not running.kill_if_stopped(200.0)
    assert running.reap() is None
    running.send_signal(signal.SIGKILL)
    running.wait(time.monotonic() + 60)


def test_a_second_sigterm_also_kills_the_processes_that_would_be_ended_later(tmp_path: Path) -> None:
    ready = [tmp_path / "first", tmp_path / "second"]
    code = "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    code += "pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
    printed = io.StringIO()
    manager = ProcessManager(Console(printed), lambda processes: None)
    for order, file in enumerate(ready):
        argv = (sys.executable, "-c", code, str(file))
        log = tmp_path / f"{order}.log"
        manager.start(ProcessSpec(file.name, argv, {}, log, grace_seconds=3600.0, stop_order=order))
    deadline = time.monotonic() + 60
    while not all(file.exists() for file in ready):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    # Send the signal to this thread, which blocks it. In another thread it would end the process.
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    manager.stop()
    assert printed.getvalue().count("killed") == 2


def test_the_end_of_a_process_by_a_signal_without_a_name_is_reported_by_its_number() -> None:
    number = signal.SIGRTMIN + 5
    assert (_describe(-signal.SIGKILL), _describe(-number)) == ("signal SIGKILL", f"signal {number}")


def test_the_log_of_a_running_process_is_rotated_and_stays_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_manager, "MAX_LOG_BYTES", 1_000)
    log, old = tmp_path / "p.log", tmp_path / "p.old.log"
    code = "import itertools, time\nfor n in itertools.count(): print(n, flush=True); time.sleep(0.001)"
    manager = ProcessManager(Console(io.StringIO()), lambda processes: None)
    manager.start(ProcessSpec("p", (sys.executable, "-c", code), {}, log))
    deadline = time.monotonic() + 60
    try:
        while not (old.exists() and log.stat().st_size):
            assert time.monotonic() < deadline
            manager.restart_dead()
            time.sleep(0.01)
    finally:
        manager.stop()
    assert old.read_text().startswith("0\n1\n2\n")
    assert int(log.read_text().split()[0]) >= int(old.read_text().split()[-1])
    assert old.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.draft"))
