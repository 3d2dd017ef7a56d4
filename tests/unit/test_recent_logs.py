"""The log lines of a data folder's processes can be chosen by process, time and submission."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import gevent
import pytest

from judge_api.services import recent_logs
from judge_api.services.recent_logs import RecentLogs

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "logs" / f"{name}.log").write_text("\n".join(lines) + "\n")


def test_the_log_lines_of_the_last_hour_are_in_the_order_of_their_times(tmp_path: Path) -> None:
    write(tmp_path, "dispatcher", "2026-11-29T10:00:00Z INFO old", "2026-11-29T11:30:00.5Z WARNING second")
    write(tmp_path, "worker-normal-1", '{"time": "2026-11-29T11:20:00Z", "level": "error", "text": "first"}')
    write(tmp_path, "redis", "2026-11-29T11:20:00Z another program's")
    logs = RecentLogs(tmp_path)
    assert logs.processes() == ["dispatcher", "worker-normal-1"]
    found = logs.lines(NOW - timedelta(hours=1))
    assert [(line.process, line.level) for line in found] == [
        ("worker-normal-1", "ERROR"),
        ("dispatcher", "WARNING"),
    ]


def test_log_lines_are_found_by_submission_and_process_and_a_limit_keeps_the_latest(tmp_path: Path) -> None:
    lines = [f"2026-11-29T11:{minute:02}:00Z INFO judged submission=id-{minute}" for minute in range(60)]
    write(tmp_path, "dispatcher", *lines)
    write(tmp_path, "worker-normal-1", *lines)
    logs, since = RecentLogs(tmp_path), NOW - timedelta(hours=1)
    assert {line.process for line in logs.lines(since, wanted="id-7")} == {"dispatcher", "worker-normal-1"}
    of_one = logs.lines(since, ("dispatcher",), limit=2)
    assert [line.text[-5:] for line in of_one] == ["id-58", "id-59"]
    assert logs.lines(since, ("../../etc/passwd", "none")) == []


def test_a_traceback_has_the_level_of_the_line_before_and_odd_bytes_are_shown(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    content = b"2026-11-29T11:59:00Z ERROR failed\nTraceback:\n  \xff\x00\n" + b"x" * 10_000 + b"\n"
    (tmp_path / "logs" / "api.log").write_bytes(b"a line without a time\n" + content)
    found = RecentLogs(tmp_path).lines(NOW - timedelta(hours=1))
    assert [line.level for line in found] == ["ERROR"] * 4
    assert max(len(line.text) for line in found) <= 4_000


def test_a_line_with_an_impossible_time_has_the_level_and_the_time_of_the_line_before(tmp_path: Path) -> None:
    write(tmp_path, "api", "2026-11-29T11:59:00Z ERROR failed", "ValueError: no time: 2026-13-45T99:99:99Z")
    found = RecentLogs(tmp_path).lines(NOW - timedelta(hours=1))
    assert [(line.level, line.at.minute) for line in found] == [("ERROR", 59)] * 2


def test_other_requests_are_answered_while_a_long_log_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "api", "2026-11-29T11:59:00Z INFO one")
    others_ran = threading.Event()
    seen: list[bool] = []

    def read(*_of: object) -> Iterator[recent_logs.LogLine]:
        seen.append(others_ran.wait(20))
        return iter(())

    monkeypatch.setattr(recent_logs, "_read", read)
    other = gevent.spawn(others_ran.set)
    RecentLogs(tmp_path).lines(NOW)
    other.join()
    assert seen == [True]


def test_a_data_folder_without_logs_has_no_log_lines(tmp_path: Path) -> None:
    assert RecentLogs(tmp_path).processes() == []
    assert RecentLogs(tmp_path).lines(NOW) == []
