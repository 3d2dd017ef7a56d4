"""A slot that is pinned to a core keeps every run on it, and no program can leave it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import MIB, Command, Ending, IsolationMode, Limits, Sandbox, SlotConfig
from sandbox.cpu_pinning import usable_cores
from sandbox.factory import open_backend

SLOT = 440
LIMITS = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=128 * MIB, processes=8)
CORE = usable_cores()[-1]
CHANGE_AFFINITY = """
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


def change_affinity() -> Command:
    return Command(("/usr/bin/python3", "-c", CHANGE_AFFINITY), LIMITS, seccomp_profile="python")


def enforcer_of(sandbox: Sandbox) -> str:
    return {each.limit: each.enforced_by for each in sandbox.isolation.guarantees}["cores"]


def test_every_run_of_a_pinned_slot_stays_on_its_core(sandbox: Sandbox) -> None:
    if enforcer_of(sandbox) == "nothing":
        assert sandbox.isolation.backend == "bubblewrap"  # bubblewrap cannot pin without a cpuset
        return
    for _ in range(2):
        report = sandbox.run(change_affinity())
        assert (report.ending, report.stderr) == (Ending.EXITED, f"[{CORE}] [{CORE}]\n".encode())


def test_the_isolation_report_names_what_pins_a_run_to_its_core(sandbox: Sandbox) -> None:
    own = "affinity, seccomp" if sandbox.isolation.backend == "launcher" else "nothing"
    by_group = (
        set()
        if sandbox.isolation.mode is IsolationMode.NO_CGROUP
        else {"cgroup v1 cpuset", "cgroup v2 cpuset"}
    )
    assert enforcer_of(sandbox) in {own, *by_group}


def test_both_programs_of_a_pair_stay_on_the_core_of_their_slot(tmp_path: Path) -> None:
    sandbox = open_backend(SlotConfig(SLOT, (), tmp_path, cpus=(CORE,)), "launcher")
    try:
        pair = sandbox.run_pair(change_affinity(), change_affinity())
    finally:
        sandbox.close()
    assert {pair.first.stderr, pair.second.stderr} == {f"[{CORE}] [{CORE}]\n".encode()}


def test_a_slot_without_a_core_guarantees_no_pinning(tmp_path: Path) -> None:
    sandbox = open_backend(SlotConfig(SLOT, (), tmp_path), "launcher")
    try:
        assert enforcer_of(sandbox) == "nothing"
        assert f"{sorted(usable_cores())}".encode() in sandbox.run(change_affinity()).stderr
    finally:
        sandbox.close()
