"""Kernel memory that stays charged after a run is not charged to the next run."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from subprocess import PIPE, Popen

import pytest

from sandbox import MIB, Command, Ending, IsolationMode, Limits, RunReport, Sandbox, SlotConfig
from sandbox.cgroups import DirtyCgroups, SlotCgroups, open_cgroups, version1
from sandbox.cgroups.version1 import V1Cgroups
from sandbox.factory import open_backend

SLOT = 446
LIMITS = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=256 * MIB, file_bytes=128 * MIB)
SMALL = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=16 * MIB)
SMALL_KB = 8 * 1024
LEFTOVERS = {
    "a memfd that only its own socket holds": """
import array, os, socket
def send(by, fd): by.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))])
held = os.memfd_create('x')
for _ in range(50): os.write(held, b'y' * (1 << 20))
one, other = socket.socketpair()
send(one, held); send(one, other.fileno()); send(other, one.fileno())
os._exit(0)
""",
    "names that do not exist": """
import os, time
for i in range(60000):
    try: os.stat(f'/usr/lib/{time.time_ns()}{i:050d}')
    except OSError: pass
""",
    "empty files": """
import os
for i in range(30000):
    if i % 1000 == 0: os.mkdir(f'/w/{i}'); os.chdir(f'/w/{i}')
    os.close(os.open(str(i), os.O_CREAT | os.O_WRONLY))
""",
}


@pytest.fixture(scope="module", params=["launcher", "bubblewrap"])
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    scratch = tmp_path_factory.mktemp("left")
    opened = open_backend(SlotConfig(SLOT, (), scratch, backend=request.param), request.param)
    if opened.isolation.mode is not IsolationMode.FULL:
        opened.close()
        pytest.skip("without cgroups no memory is charged to a run")
    yield opened
    opened.close()


def run_leaving(sandbox: Sandbox, what: str) -> None:
    report = sandbox.run(
        Command(("/usr/bin/python3", "-c", LEFTOVERS[what]), LIMITS, seccomp_profile="python")
    )
    assert (report.ending, report.exit_code) == (Ending.EXITED, 0), report.stderr
    # Missing names use little memory, because the launcher's slot keeps only the last few thousand of them.
    if what != "names that do not exist":
        assert report.memory_kb > 2 * SMALL_KB, (
            "the first run must leave charged memory, so that the next run can be checked"
        )


def run_true(sandbox: Sandbox, limits: Limits) -> RunReport:
    return sandbox.run(Command(("/bin/true",), limits))


@pytest.mark.parametrize("what", LEFTOVERS)
def test_the_next_run_is_charged_only_for_its_own_memory(sandbox: Sandbox, what: str) -> None:
    run_leaving(sandbox, what)
    report = run_true(sandbox, LIMITS)
    assert (report.ending, report.exit_code) == (Ending.EXITED, 0)
    assert report.memory_kb < SMALL_KB


@pytest.mark.parametrize("what", LEFTOVERS)
def test_the_next_run_may_have_a_lower_memory_limit(sandbox: Sandbox, what: str) -> None:
    run_leaving(sandbox, what)
    report = run_true(sandbox, SMALL)
    assert (report.ending, report.exit_code) == (Ending.EXITED, 0)
    assert report.memory_kb < SMALL_KB


@pytest.fixture
def cgroups() -> Iterator[SlotCgroups]:
    opened, reason = open_cgroups(f"gavel-test-dirty-{os.getpid()}")
    if opened is None or opened.version != "cgroup v1":
        if opened is not None:
            opened.close()
        pytest.skip(f"only cgroup v1 keeps a group from run to run: {reason}")
    yield opened


@pytest.mark.parametrize("mib", [30, 60], ids=["reclaimed-at-once", "reclaimed-beside-the-next-run"])
def test_cgroups_with_memory_of_an_earlier_run_are_reported_as_dirty(cgroups: SlotCgroups, mib: int) -> None:
    """In this test a process holds the memory, so that nothing can free it."""
    cgroups.start_run(LIMITS)
    hold = f"import sys; held = b'x' * ({mib} << 20); print(flush=True); sys.stdin.read()"
    with Popen([sys.executable, "-c", f"input()\n{hold}"], stdin=PIPE, stdout=PIPE) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        for path in cgroups.procs_files():
            path.write_text(str(holder.pid))
        holder.stdin.write(b"\n")
        holder.stdin.flush()
        holder.stdout.readline()
        with pytest.raises(DirtyCgroups, match="MiB of earlier runs"):
            cgroups.start_run(LIMITS)
        with pytest.raises(DirtyCgroups):
            cgroups.start_run(SMALL)
        holder.kill()
    cgroups.recreate()
    assert cgroups.start_run(SMALL).memory_usage().memory_kb < SMALL_KB
    folder = cgroups.procs_files()[0].parent
    cgroups.close()
    assert [path.name for path in folder.parent.glob(f"{folder.name}*")] == []


def test_cgroups_that_could_not_be_recreated_are_made_before_the_next_run(
    cgroups: SlotCgroups, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(cgroups, V1Cgroups)
    cgroups.start_run(LIMITS)
    with monkeypatch.context() as patch:
        patch.setattr(version1, "has_swap", fail_to_read)
        with pytest.raises(OSError, match="too many open files"):
            cgroups.recreate()
    cgroups.lift_memory_limit()
    cgroups.start_run(SMALL)
    folders = {path.parent for path in cgroups.procs_files()}
    limit = (cgroups.folders["memory"] / "memory.limit_in_bytes").read_text()
    processes = (cgroups.folders["pids"] / "pids.max").read_text()
    assert (int(limit), int(processes)) == (SMALL.memory_bytes, SMALL.processes + 2)
    cgroups.recreate()
    cgroups.close()
    assert [folder for folder in folders if folder.exists()] == []


def fail_to_read() -> bool:
    raise OSError(errno.EMFILE, "too many open files")
