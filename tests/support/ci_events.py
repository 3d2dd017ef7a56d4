"""Hooks of pytest that write down what `.ci/stage` needs for running failed tests again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write the name of a failed test for `.ci/stage`, and that of a test which was skipped."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _write_event(f"skipped {report.nodeid}")
    if report.failed:
        name, group = report.nodeid, f"@{report.nodeid.rpartition('@')[2]}"
        # xdist appends @GROUP to the name. An @ inside a test's parameter is followed by a bracket, so it is
        # no group.
        if "]" not in group:
            name = name.removesuffix(group)
        _write_event(f"failed {name}")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Write the name of a file that cannot be read. A parallel run goes on without its tests."""
    if report.failed:
        _write_event(f"unread {report.nodeid}")


def pytest_sessionfinish(exitstatus: int) -> None:
    """Write that the run has ended. If its process was killed, this line is missing."""
    _write_event(f"ended {int(exitstatus)}")


def _write_event(line: str) -> None:
    """Append a line to the file that `.ci/stage` names. In a parallel run only the first process does."""
    place = os.environ.get("GAVEL_TEST_EVENTS")
    if place and "PYTEST_XDIST_WORKER" not in os.environ:
        with Path(place).open("a") as file:
            file.write(f"{line}\n")
