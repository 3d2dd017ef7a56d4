"""Tests that need cgroup v2. Only the pytest inside the emulated machine collects them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import (
    MIB,
    BoxFault,
    Command,
    Ending,
    Limits,
    Misuse,
    Mount,
    RunReport,
    Sandbox,
    SlotConfig,
)
from sandbox.cgroups import open_cgroups
from sandbox.factory import open_backend, open_sandbox
from sandbox.slot import OwnFiles

UNIFIED = Path("/sys/fs/cgroup")
WORKER = UNIFIED / "worker"
# The time limits are long because the machine is emulated.
LIMITS = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=128 * MIB, processes=8)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with tempfile.TemporaryDirectory(prefix="gavel-v2-") as scratch:
        opened = open_sandbox(SlotConfig(470, (), Path(scratch)))
        yield opened
        opened.close()


def python(sandbox: Sandbox, code: str, limits: Limits = LIMITS) -> RunReport:
    return sandbox.run(Command(("/usr/bin/python3", "-c", code), limits, seccomp_profile="python"))


def test_memory_cpu_time_and_processes_are_limited_by_cgroup_v2(sandbox: Sandbox) -> None:
    held = {each.limit: each.enforced_by for each in sandbox.isolation.guarantees}
    assert {held["memory"], held["cpu time"], held["processes"]} == {"cgroup v2"}


def test_a_cpuset_keeps_a_slot_on_its_core() -> None:
    with tempfile.TemporaryDirectory(prefix="gavel-v2-") as scratch:
        opened = open_backend(SlotConfig(472, (), Path(scratch), cpus=(0,)), "launcher")
        try:
            held = {each.limit: each.enforced_by for each in opened.isolation.guarantees}
            assert held["cores"] == "cgroup v2 cpuset"
            assert (WORKER / "gavel-472" / "cpuset.cpus").read_text() == "0\n"
            report = python(opened, "import os; print(os.sched_getaffinity(0))")
            assert report.stdout == b"{0}\n"
        finally:
            opened.close()


def test_this_process_is_moved_to_a_leaf_cgroup_and_child_cgroups_have_the_controllers(
    sandbox: Sandbox,
) -> None:
    assert Path("/proc/self/cgroup").read_text().strip().endswith("/worker/gavel-host")
    assert {"cpu", "memory", "pids"} <= set((WORKER / "cgroup.subtree_control").read_text().split())


def test_each_box_has_its_own_cgroup_which_is_removed_afterwards(sandbox: Sandbox) -> None:
    before = {path.name for path in (WORKER / "gavel-470").glob("run-*")}
    assert before
    for _ in range(3):
        sandbox.run(Command(("/bin/true",), LIMITS))
    after = {path.name for path in (WORKER / "gavel-470").glob("run-*")}
    assert after and not before & after
    left = [path.name for path in (WORKER / "gavel-470").iterdir() if path.is_dir()]
    # The cgroups of the spawner, of the last run, and of the box that waits for the next run may be left.
    assert len(left) <= 3


def test_a_box_does_not_see_the_name_of_its_cgroup(sandbox: Sandbox) -> None:
    assert sandbox.run(Command(("/bin/cat", "/proc/self/cgroup"), LIMITS)).stdout == b"0::/\n"


def test_a_program_cannot_hide_its_memory_by_reading_files(sandbox: Sandbox) -> None:
    Path("/proc/sys/vm/drop_caches").write_text("3")
    code = (
        "import glob\nx = b'1' * (50 << 20)\ndel x\nblock = bytearray(1 << 20)\n"
        "for name in glob.glob('/usr/lib/x86_64-linux-gnu/*.so*'):\n"
        " with open(name, 'rb', buffering=0) as f:\n  while f.readinto(block): pass"
    )
    assert 50 * 1024 <= python(sandbox, code).memory_kb < 80 * 1024


def test_after_a_run_that_did_not_begin_the_next_run_gets_its_own_memory_limit(sandbox: Sandbox) -> None:
    """The cgroup of that run was announced, and a box waits in it. The next run must get a box in its own
    cgroup."""
    with pytest.raises(Misuse):
        sandbox.run(Command(("/bin/true",), LIMITS, stdin=Path("/nonexistent")))
    assert python(sandbox, "open('/tmp/x', 'wb').write(b'1' * (160 << 20))").ending is Ending.MEMORY


def test_a_program_sees_no_cgroup_files(sandbox: Sandbox) -> None:
    report = sandbox.run(Command(("/bin/ls", "/sys/fs/cgroup", "/sys"), LIMITS))
    assert report.stdout == b""
    assert report.exit_code == 2


@pytest.mark.parametrize(
    "code",
    [
        "import os, time\n"
        "for _ in range(3):\n if os.fork() == 0: x = b'1' * (20 << 20); time.sleep(.3); os._exit(0)\n"
        "for _ in range(3): os.wait()",
        "open('/tmp/x', 'wb').write(b'1' * (60 << 20))",
        "import os; os.write(os.memfd_create('x'), b'1' * (60 << 20))",
    ],
    ids=["children", "tmpfs", "memfd"],
)
def test_the_reported_memory_counts_child_processes_and_files_in_memory(sandbox: Sandbox, code: str) -> None:
    report = python(sandbox, code)
    assert report.ending is Ending.EXITED
    assert 55 * 1024 <= report.memory_kb <= 135 * 1024


def test_the_file_cache_is_not_counted_as_memory_of_a_program(sandbox: Sandbox) -> None:
    Path("/proc/sys/vm/drop_caches").write_text("3")
    code = "import glob\nfor name in glob.glob('/usr/lib/x86_64-linux-gnu/*.so*'): open(name, 'rb').read()"
    assert python(sandbox, code).memory_kb < 60 * 1024


def _file_cache(cgroup: Path) -> int:
    statistics = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    return int(statistics["file"])


def test_pages_of_files_are_charged_to_the_worker_and_not_to_the_box() -> None:
    """The slot's file server stores the pages. Otherwise a program at its memory limit would lose pages of
    its own code."""
    with tempfile.TemporaryDirectory(prefix="gavel-v2-") as scratch:
        share = Path(scratch)
        share.chmod(0o755)
        (share / "m").mkdir()
        (share / "m" / "input").write_bytes(bytes(40 * MIB))
        opened = open_backend(SlotConfig(473, (share,), share, own_files=OwnFiles.REQUIRE), "launcher")
        try:
            before = _file_cache(WORKER / "gavel-host")
            command = Command(("/bin/cat", "/m/input"), LIMITS, mounts=(Mount(share / "m", "/m"),))
            opened.run(command)
            assert max(map(_file_cache, (WORKER / "gavel-473").glob("run-*"))) < 4 * MIB
            assert _file_cache(WORKER / "gavel-host") - before > 36 * MIB
        finally:
            opened.close()


def test_a_program_over_its_memory_limit_is_distinguished_from_a_program_that_kills_itself(
    sandbox: Sandbox,
) -> None:
    small = Limits(cpu_seconds=5, wall_seconds=10, memory_bytes=32 * MIB)
    assert python(sandbox, "x = b'1' * (60 << 20)", small).ending is Ending.MEMORY
    killed = python(sandbox, "import os; os.kill(os.getpid(), 9)", small)
    assert (killed.ending, killed.signal) == (Ending.SIGNALLED, 9)


def test_a_run_that_is_ended_for_lack_of_container_memory_is_a_box_fault(sandbox: Sandbox) -> None:
    """The slot's cgroup stands for a container that has less memory than a run may use."""
    container = WORKER / "gavel-470" / "memory.max"
    container.write_text(str(60 * MIB))
    try:
        with pytest.raises(BoxFault, match="the host ran out of memory"):
            python(sandbox, "x = b'1' * (100 << 20)")
        small = Limits(cpu_seconds=5, wall_seconds=10, memory_bytes=32 * MIB)
        assert python(sandbox, "x = b'1' * (60 << 20)", small).ending is Ending.MEMORY
    finally:
        container.write_text("max")


def test_the_cpu_time_of_a_daemon_process_is_counted(sandbox: Sandbox) -> None:
    burn = "os.setsid()\n if os.fork() == 0:\n  while time.process_time() < .3: pass\n os._exit(0)"
    code = f"import os, time\nif os.fork() == 0:\n {burn}\ntime.sleep(.8)"
    assert python(sandbox, code).cpu_ms >= 290


def test_the_cgroups_of_a_dead_worker_are_removed(sandbox: Sandbox) -> None:
    left = WORKER / "gavel-471" / "run-7"
    left.mkdir(parents=True)
    cgroups, reason = open_cgroups("gavel-471")
    assert cgroups is not None, reason
    assert not left.exists()
    cgroups.close()
    assert not left.parent.exists()
