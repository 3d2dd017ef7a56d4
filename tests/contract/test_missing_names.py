"""The kernel remembers names that do not exist but were looked up. A slot keeps only the last few thousand of
them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import MIB, BoxFault, Command, Limits, Mount, RunReport, Sandbox
from sandbox.backends.launcher import LauncherBackend
from sandbox.proc_usage import children
from tests.contract.own_files import opened_slot, shared_folder

SLOT = 441
LIMITS = Limits(cpu_seconds=60, wall_seconds=120, memory_bytes=128 * MIB, processes=32, delay_seconds=60)
ASKS = """
import os, sys
folder, first, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for number in range(first, end):
    os.access(f"{folder}/{number:0200d}", os.F_OK)
"""
FOR_EVER = ASKS.replace("int(sys.argv[3])", "10**12")


@pytest.fixture(scope="module")
def share() -> Iterator[Path]:
    with shared_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def sandbox(share: Path) -> Iterator[Sandbox]:
    with opened_slot(SLOT, share) as opened:
        yield opened


def ask(sandbox: Sandbox, share: Path, *arguments: object, code: str = ASKS) -> RunReport:
    argv = ("/usr/bin/python3", "-c", code, *map(str, arguments))
    return sandbox.run(Command(argv, LIMITS, seccomp_profile="python", mounts=(Mount(share / "m", "/m"),)))


def servers(share: Path) -> list[int]:
    """The pids of the slot's file server and of its child, which drops names. Empty if the host has no
    FUSE."""
    for launcher in children(os.getpid()):
        if os.fsencode(share) in Path(f"/proc/{launcher}/cmdline").read_bytes():
            return [
                each
                for child in children(launcher)
                if (beside := dropping(child))
                for each in (child, beside)
            ]
    return []


def dropping(server: int) -> int | None:
    pids = Path(f"/proc/{server}/status").read_text().split("NSpid:")[1].split("\n")[0].split()
    return next(iter(children(server)), None) if len(pids) == 1 else None


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("folder", ["/usr/share", "/m"])
def test_looking_up_30_000_missing_names_charges_a_run_less_than_6_mb(
    sandbox: Sandbox, share: Path, folder: str
) -> None:
    """The next run waits until the kernel has freed the memory that was charged, so this memory must stay
    small."""
    few = ask(sandbox, share, folder, 0, 100)
    many = ask(sandbox, share, folder, 1_000, 31_000)
    assert (few.exit_code, many.exit_code) == (0, 0), (few.stderr, many.stderr)
    assert many.memory_kb - few.memory_kb < 6_000


def test_a_file_that_is_made_under_a_dropped_missing_name_is_found(sandbox: Sandbox, share: Path) -> None:
    assert ask(sandbox, share, "/m", 2_000, 12_000).exit_code == 0
    (share / "m" / f"{2_000:0200d}").write_text("new")
    found = Command(("/bin/cat", f"/m/{2_000:0200d}"), LIMITS, mounts=(Mount(share / "m", "/m"),))
    assert sandbox.run(found).stdout == b"new"


@pytest.mark.parametrize("killed", [0, 1])
def test_a_slot_works_after_its_file_server_died_during_a_run_with_missing_names(
    sandbox: Sandbox, share: Path, killed: int
) -> None:
    """The death is a fault of the sandbox and not an ending of the program. No process waits forever."""
    assert ask(sandbox, share, "/m", 0, 10).exit_code == 0
    both = servers(share)
    if not both:
        return
    failed: list[BaseException] = []

    def try_to_run() -> None:
        try:
            ask(sandbox, share, "/m", 10**9, 0, code=FOR_EVER)
        except BoxFault as error:
            failed.append(error)

    thread = threading.Thread(target=try_to_run)
    before = Path(f"/proc/{both[1]}/io").read_text()
    thread.start()
    await_true(lambda: Path(f"/proc/{both[1]}/io").read_text() != before)
    os.kill(both[killed], signal.SIGKILL)
    thread.join()
    await_true(lambda: not any(Path(f"/proc/{pid}").exists() for pid in both))
    assert len(failed) == 1
    assert ask(sandbox, share, "/m", 0, 10).exit_code == 0


def test_the_process_that_drops_missing_names_does_not_count_as_a_box(sandbox: Sandbox, share: Path) -> None:
    """The process that drops names belongs to no box, so it must not count when a box is checked for
    sleep."""
    assert isinstance(sandbox, LauncherBackend)
    assert ask(sandbox, share, "/m", 0, 10).exit_code == 0
    [slot] = sandbox._slots
    await_true(lambda: any(map(is_init, slot.zygote.init_pids())))
    assert all(map(is_init, slot.zygote.init_pids()))


def is_init(pid: int) -> bool:
    """Whether a process is the first process of a box, which has the number 1 in its own pid namespace."""
    status = Path(f"/proc/{pid}/status").read_text()
    return status.split("NSpid:")[1].split("\n")[0].split()[-1:] == ["1"]
