"""Without cgroups, a program whose variables are too large to start it ends at its memory limit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sandbox import MIB, Command, Ending, IsolationMode, Limits, Mount, RunReport, Sandbox
from sandbox.backends.static_memory import writable_bytes

pytest_plugins = ("tests.contract.backends",)

LIMITS = Limits(cpu_seconds=10, wall_seconds=20, memory_bytes=64 * MIB)
HUGE = "volatile char big[1 << 30]; int main(int n, char **a) { (void)a; return big[n]; }\n"
SMALL = "volatile char big[1 << 20]; int main(int n, char **a) { (void)a; return big[n]; }\n"
CRASH = "int main(void) { *(volatile int *)0 = 1; return 0; }\n"


@pytest.fixture(scope="module")
def programs(share: Path) -> Path:
    folder = share / "static"
    folder.mkdir()
    for name, source in (("huge", HUGE), ("small", SMALL), ("crash", CRASH)):
        command = ["gcc", "-O1", "-w", "-x", "c", "-", "-o", str(folder / name)]
        subprocess.run(command, input=source.encode(), check=True)
    return folder


def run(sandbox: Sandbox, programs: Path, name: str) -> RunReport:
    return sandbox.run(Command((f"/p/{name}",), LIMITS, mounts=(Mount(programs, "/p"),)))


def test_too_large_variables_count_as_too_much_memory(sandbox: Sandbox, programs: Path) -> None:
    """With cgroups only the memory that the program uses counts."""
    report = run(sandbox, programs, "huge")
    has_cgroups = sandbox.isolation.mode is IsolationMode.FULL
    assert report.ending is (Ending.EXITED if has_cgroups else Ending.MEMORY)
    assert run(sandbox, programs, "small").exit_code == 0


def test_a_crash_of_a_program_with_small_variables_stays_a_crash(sandbox: Sandbox, programs: Path) -> None:
    report = run(sandbox, programs, "crash")
    assert (report.ending, report.signal) == (Ending.SIGNALLED, 11)


def test_the_memory_of_variables_is_read_from_the_program(programs: Path, tmp_path: Path) -> None:
    assert 1 << 30 <= writable_bytes(programs / "huge") < (1 << 30) + MIB
    assert writable_bytes(programs / "crash") < MIB
    odd = tmp_path / "odd"
    whole = (programs / "huge").read_bytes()
    for content in (b"", b"#!/bin/sh\n", whole[:40], whole[:64], whole[:32] + b"\xff" * 32):
        odd.write_bytes(content)
        assert writable_bytes(odd) == 0
    assert writable_bytes(tmp_path / "missing") == 0
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(programs / "huge")
    assert (writable_bytes(tmp_path / "pipe"), writable_bytes(tmp_path / "link")) == (0, 0)
