"""`gavel logs` and `gavel stop` work on a data folder."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from judge_api.__main__ import main
from judge_api.cli.logs import new_lines
from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.process_manager import _move_content


def gavel(*words: str, data: Path) -> Result:
    return CliRunner().invoke(main, [*words, "--data", str(data)])


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder


@pytest.fixture
def logs(folder: DataFolder) -> Path:
    (folder.logs / "api.log").write_text("".join(f"api {n} of 42-a\n" for n in range(30)))
    (folder.logs / "worker-normal-1.log").write_text("began 42-a\nbegan 42-b\n")
    return folder.root


def test_gavel_logs_prints_the_last_lines_of_every_process(logs: Path) -> None:
    printed = gavel("logs", "-n", "2", data=logs).stdout.splitlines()
    assert printed == [
        "api: api 28 of 42-a",
        "api: api 29 of 42-a",
        "worker-normal-1: began 42-a",
        "worker-normal-1: began 42-b",
    ]


def test_gavel_logs_prints_the_lines_of_a_chosen_process_without_its_name(logs: Path) -> None:
    assert gavel("logs", "worker-normal-1", data=logs).stdout == "began 42-a\nbegan 42-b\n"


def test_gavel_logs_finds_the_lines_of_a_submission_in_all_logs(logs: Path) -> None:
    printed = gavel("logs", "-s", "42-b", data=logs).stdout
    assert printed == "worker-normal-1: began 42-b\n"


def test_for_an_unknown_process_gavel_logs_lists_the_known_processes(logs: Path) -> None:
    result = gavel("logs", "workers", data=logs)
    assert result.exit_code == 2
    assert "api, worker-normal-1" in result.output


def test_gavel_logs_names_a_folder_without_logs(tmp_path: Path) -> None:
    result = gavel("logs", data=tmp_path)
    assert result.exit_code == 1
    assert str(tmp_path) in result.output


def test_gavel_logs_follows_lines_that_are_written_after_the_call(logs: Path) -> None:
    file = logs / "logs" / "worker-normal-1.log"
    lines = new_lines([file])
    with file.open("a") as log:
        log.write("judged\nhalf a")
    assert next(lines) == (file, "judged")


def test_gavel_logs_follows_a_new_log_file_from_its_beginning(logs: Path) -> None:
    file = logs / "logs" / "worker-normal-1.log"
    lines = new_lines([file])
    with file.open("a") as log:
        log.write("judged\n")
    assert next(lines) == (file, "judged")
    file.write_text("new\n")
    assert next(lines) == (file, "new")


def test_gavel_logs_follows_lines_that_are_written_just_before_a_rotation(logs: Path) -> None:
    file = logs / "logs" / "worker-normal-1.log"
    lines = new_lines([file])
    with file.open("a") as log:
        log.write("judged\n")
    assert next(lines) == (file, "judged")
    with file.open("a") as log:
        log.write("the last line\n")
    _move_content(file, file.with_name("worker-normal-1.old.log"))
    with file.open("a") as log:
        log.write("\nthe first line\n")
    assert [next(lines)[1] for _ in range(3)] == ["the last line", "", "the first line"]


def test_gavel_logs_prints_a_rotated_log_only_if_its_name_is_given(logs: Path) -> None:
    _move_content(logs / "logs" / "api.log", logs / "logs" / "api.old.log")
    assert "api" not in gavel("logs", data=logs).stdout
    assert gavel("logs", "api.old", "-n", "1", data=logs).stdout == "api 29 of 42-a\n"


def hold(root: Path, ready: object) -> None:
    """Hold the folder as `gavel up` does, until a SIGTERM. The signal is blocked at first, so an early signal
    is not lost."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with DataFolder(root).lock():
        ready.set()  # type: ignore[attr-defined]
        signal.sigwait({signal.SIGTERM})


def test_gavel_stop_ends_the_process_that_holds_the_folder_and_waits(folder: DataFolder) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=hold, args=(folder.root, ready), daemon=True)
    holder.start()
    assert ready.wait(60)
    assert folder.holder() == holder.pid
    result = gavel("stop", data=folder.root)
    holder.join(60)
    assert result.exit_code == 0, result.output
    assert "It has ended." in result.output
    assert folder.holder() is None


def test_gavel_stop_says_that_no_gavel_is_running(folder: DataFolder, tmp_path: Path) -> None:
    assert "No Gavel is running" in gavel("stop", data=folder.root).output
    result = gavel("stop", data=tmp_path / "never")
    assert result.exit_code == 0
    assert not (tmp_path / "never").exists()


def hold_and_vanish(root: Path, ready: object) -> None:
    hold(root, _Vanishing(ready))


class _Vanishing:
    """Ends the process immediately when the signal comes."""

    def __init__(self, ready: object) -> None:
        self._ready = ready

    def set(self) -> None:
        self._ready.set()  # type: ignore[attr-defined]
        signal.sigwait({signal.SIGTERM})
        os._exit(0)


@pytest.mark.parametrize("words", [("stop",), ("stop", "--now")])
def test_gavel_stop_succeeds_if_the_process_ends_at_the_first_signal(
    folder: DataFolder, words: tuple[str, ...]
) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=hold_and_vanish, args=(folder.root, ready), daemon=True)
    holder.start()
    assert ready.wait(60)
    reaper = threading.Thread(target=holder.join)
    reaper.start()  # reap the process as its parent does, so that its id does not exist afterwards
    result = gavel(*words, data=folder.root)
    reaper.join(60)
    assert (result.exit_code, result.exception) == (0, None), result.output
    assert "It has ended." in result.output


def test_a_maintenance_message_or_end_without_a_mode_is_refused(folder: DataFolder) -> None:
    for option in (("--message", "Down at five"), ("--until", "2026-11-29T14:00Z")):
        result = gavel("maintenance", *option, data=folder.root)
        assert result.exit_code == 2, result.output
        assert "open, hold or refuse" in result.output
