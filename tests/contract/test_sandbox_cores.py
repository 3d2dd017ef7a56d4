"""A slot that is given a core keeps every run on it, and no program leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import MIB, Command, Ending, IsolationMode, Limits, Sandbox, SlotConfig
from sandbox.cpu_pinning import usable_cores
from sandbox.factory import open_backend

SLOT = 440
LIMITS = Limits(cpu_seconds=5, wall_seconds=10, memory_bytes=128 * MIB, processes=8)
CORE = usable_cores()[-1]
LEAVE = """
import os, sys
kept = os.sched_getaffinity(0)
try:
    os.sched_setaffinity(0, range(os.cpu_count()))
except OSError:
    pass
print(sorted(kept), sorted(os.sched_getaffinity(0)), file=sys.stderr)
"""


@pytest.fixture(
    params=[("launcher", True), ("launcher", False), ("bubblewrap", True)],
    ids=["launcher-full", "launcher-no-cgroup", "bubblewrap-full"],
)
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    backend, with_cgroups = request.param
    opened = open_backend(
        SlotConfig(SLOT, (), tmp_path, backend=backend, cpus=(CORE,)), backend, with_cgroups
    )
    yield opened
    opened.close()


def leaving() -> Command:
    return Command(("/usr/bin/python3", "-c", LEAVE), LIMITS, seccomp_profile="python")


def keeper_of(sandbox: Sandbox) -> str:
    return {each.limit: each.enforced_by for each in sandbox.isolation.guarantees}["cores"]


def test_every_run_stays_on_the_core(sandbox: Sandbox) -> None:
    if keeper_of(sandbox) == "nothing":
        assert sandbox.isolation.backend == "bubblewrap"  # which has a cpuset or nothing
        return
    for _ in range(2):
        report = sandbox.run(leaving())
        assert (report.ending, report.stderr) == (Ending.EXITED, f"[{CORE}] [{CORE}]\n".encode())


def test_the_report_names_what_pins_it(sandbox: Sandbox) -> None:
    own = "affinity, seccomp" if sandbox.isolation.backend == "launcher" else "nothing"
    by_group = (
        set()
        if sandbox.isolation.mode is IsolationMode.NO_CGROUP
        else {"cgroup v1 cpuset", "cgroup v2 cpuset"}
    )
    assert keeper_of(sandbox) in {own, *by_group}


def test_both_of_a_conversation_stay_on_it(tmp_path: Path) -> None:
    sandbox = open_backend(SlotConfig(SLOT, (), tmp_path, cpus=(CORE,)), "launcher")
    try:
        told = sandbox.run_pair(leaving(), leaving())
    finally:
        sandbox.close()
    assert {told.first.stderr, told.second.stderr} == {f"[{CORE}] [{CORE}]\n".encode()}


def test_without_a_say_nothing_is_promised_of_a_slot_that_there_is_no_core_for(tmp_path: Path) -> None:
    sandbox = open_backend(SlotConfig(SLOT, (), tmp_path), "launcher")
    try:
        assert keeper_of(sandbox) == "nothing"
        assert f"{sorted(usable_cores())}".encode() in sandbox.run(leaving()).stderr
    finally:
        sandbox.close()
