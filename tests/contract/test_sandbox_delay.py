"""The wall limit counts a program's sleep, and not the time that it waits for a CPU of a busy host."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sandbox import MIB, Command, Ending, IsolationMode, Limits, RunReport, Sandbox, SlotConfig
from sandbox.factory import open_backend
from tests.contract.backends import SANDBOXES, first_that

pytestmark = pytest.mark.xdist_group("one busy core")
"""In a parallel run, a single process runs these tests, because two of them at once would share the core."""
SLOT = 452
COMPUTES = "import time\nwhile time.process_time() < 0.3: pass"
COMPUTES_IN_A_THREAD = (
    f"import threading\nt = threading.Thread(target=exec, args=({COMPUTES!r},)); t.start(); t.join()"
)
COMPUTES_IN_A_CHILD = f"import os\nif os.fork(): os.wait()\nelse: exec({COMPUTES!r})"
SLEEPS = "import time\ntime.sleep(30)"
SIPS = """
import time
while True:
    began = time.process_time()
    while time.process_time() < began + 0.01: pass
    time.sleep(0.075)
"""
SIPS_IN_TWO = f"import os\nos.fork()\n{SIPS}"
COMPETITOR = (
    "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\nprint(flush=True)\nwhile True: pass"
)
CORE = min(os.sched_getaffinity(0))


@pytest.fixture(scope="module", params=SANDBOXES, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    backend, mode = request.param
    config = SlotConfig(SLOT, (), tmp_path_factory.mktemp("delay"), backend=backend, cpus=(CORE,))
    opened = open_backend(config, backend, with_cgroups=mode is IsolationMode.FULL)
    if opened.isolation.mode is not mode:
        opened.close()
        pytest.skip(f"this host has no {mode}")
    yield opened
    opened.close()


@contextmanager
def busy_core() -> Iterator[None]:
    """Runs two programs outside of boxes on the core during the block. Each has the priority of a program in
    a box."""
    command = [sys.executable, "-c", COMPETITOR, str(CORE)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) for _ in range(2)]
    try:
        for each in running:
            assert each.stdout is not None and each.stdout.readline()
        yield
    finally:
        for each in running:
            each.kill()
            each.communicate()


@contextmanager
def this_process_on_the_core() -> Iterator[None]:
    """Pins this process to the core during the block. Without cgroups bubblewrap does not pin programs, so
    they inherit this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def run(sandbox: Sandbox, source: str, wall: float, delay: float) -> RunReport:
    limits = Limits(cpu_seconds=30, wall_seconds=wall, memory_bytes=64 * MIB, delay_seconds=delay)
    return sandbox.run(Command(("/usr/bin/python3", "-c", source), limits, seccomp_profile="python"))


@pytest.mark.parametrize(
    "source",
    [COMPUTES, COMPUTES_IN_A_THREAD, COMPUTES_IN_A_CHILD],
    ids=["by itself", "in a thread", "in a child"],
)
@pytest.mark.slow_on("no")  # "no" is the mode without cgroups
def test_a_program_that_waits_for_a_cpu_of_a_busy_host_is_not_stopped(sandbox: Sandbox, source: str) -> None:
    with busy_core(), this_process_on_the_core():
        report = run(sandbox, source, wall=0.55, delay=60)
    assert (report.ending, report.exit_code) == (Ending.EXITED, 0), report.stderr
    assert report.delay_ms > 100


def test_the_waiting_time_that_does_not_count_is_limited(sandbox: Sandbox) -> None:
    with busy_core(), this_process_on_the_core():
        report = run(sandbox, "while True: pass", wall=0.3, delay=0.3)
    assert report.ending is Ending.WALL
    assert report.wall_ms >= 600


@pytest.mark.parametrize(
    "source", [SLEEPS, SIPS, SIPS_IN_TWO], ids=["sleeps", "sips", "sips in two processes"]
)
def test_sleep_counts_for_the_wall_limit_even_between_short_computations(
    sandbox: Sandbox, source: str
) -> None:
    report = first_that(
        lambda report: report.wall_ms - report.delay_ms < 1000,
        lambda: run(sandbox, source, wall=0.5, delay=60),
    )
    assert report.ending is Ending.WALL
    assert 490 <= report.wall_ms - report.delay_ms < 1000


def test_without_an_allowance_for_waiting_all_wall_time_counts(sandbox: Sandbox) -> None:
    report = run(sandbox, SIPS, wall=0.3, delay=0)
    assert (report.ending, report.delay_ms) == (Ending.WALL, 0)
