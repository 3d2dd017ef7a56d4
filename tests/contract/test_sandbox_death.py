"""No program continues to run after the launcher, its zygote or the worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import MIB, BoxFault, Command, Ending, IsolationMode, Limits, Sandbox, SlotConfig
from sandbox.factory import open_backend

SLOT = 450
PATIENCE = 60.0
LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory_bytes=64 * MIB)
WORKER = """
import sys
from pathlib import Path
from sandbox import MIB, Command, Limits, SlotConfig
from sandbox.factory import open_backend
sandbox = open_backend(SlotConfig(450, (), Path(sys.argv[1])), "launcher")
print(flush=True)
sandbox.run(Command(("/bin/sleep", sys.argv[2]), Limits(20, 60, 64 * MIB)))
"""


@pytest.fixture
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gavel-death-") as name:
        yield Path(name)


@pytest.fixture
def sandbox(scratch: Path) -> Iterator[Sandbox]:
    opened = open_backend(SlotConfig(SLOT, (), scratch), "launcher")
    yield opened
    opened.close()


def wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def sleepers(mark: str) -> list[int]:
    """The processes on this host that sleep for exactly this many seconds."""
    wanted = f"/bin/sleep\0{mark}\0".encode()
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if _line(path) == wanted]


def _line(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize(("generations", "who"), [(1, "init"), (2, "zygote"), (3, "parent")])
def test_a_killed_process_of_the_launcher_is_a_box_fault_and_leaves_no_process(
    sandbox: Sandbox, generations: int, who: str
) -> None:
    mark = f"5{os.getpid()}.{generations}"
    faults: list[BaseException] = []

    def run() -> None:
        try:
            sandbox.run(Command(("/bin/sleep", mark), LIMITS))
        except BoxFault as fault:
            faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    assert wait_for(lambda: bool(sleepers(mark)))
    victim = sleepers(mark)[0]
    for _ in range(generations):
        victim = parent(victim)
    os.kill(victim, signal.SIGKILL)
    thread.join(PATIENCE)
    assert len(faults) == 1, who
    assert wait_for(lambda: not sleepers(mark))
    assert sandbox.run(Command(("/bin/true",), LIMITS)).exit_code == 0


@pytest.mark.parametrize("kib", [512, 1024, 2048, 3072])
def test_a_run_whose_memory_kills_the_launcher_is_reported_as_over_its_memory_limit(
    sandbox: Sandbox, kib: int
) -> None:
    """Memory of a tmpfs belongs to no process. With so low a limit, the launcher may be the only process that
    the kernel can kill."""
    if sandbox.isolation.mode is not IsolationMode.FULL:
        pytest.skip("without a cgroup no process is killed for lack of memory")
    limits = Limits(cpu_seconds=20, wall_seconds=60, memory_bytes=kib * 1024)
    fill = Command(
        ("/bin/sh", "-c", "exec head -c 16000000 /dev/zero > /tmp/full"), limits, seccomp_profile="script"
    )
    for _ in range(2):
        assert sandbox.run(fill).ending is Ending.MEMORY
    assert sandbox.run(Command(("/bin/true",), LIMITS)).exit_code == 0


def test_a_killed_worker_leaves_no_process(scratch: Path) -> None:
    mark = f"6{os.getpid()}"
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(scratch), mark], stdout=subprocess.PIPE)
    try:
        assert wait_for(lambda: bool(sleepers(mark)))
    finally:
        worker.kill()
        worker.communicate()
    assert wait_for(lambda: not sleepers(mark))
    # A new sandbox on the slot removes the cgroups of the dead worker.
    open_backend(SlotConfig(SLOT, (), scratch), "launcher").close()
