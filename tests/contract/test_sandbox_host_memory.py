"""If a host or a container has less memory than a run's limit, that is a fault of the sandbox and not of the
program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import MIB
from sandbox.cgroups.cgroupfs import cgroup_mounts, own_cgroup_folder, own_cgroup_paths

ROOT = Path(__file__).parents[2]
RUN = """
import sys
from pathlib import Path
from sandbox import MIB, BoxFault, Command, Limits, SlotConfig
from sandbox.factory import open_backend
Path(sys.argv[1], "cgroup.procs").write_text("0")
sandbox = open_backend(SlotConfig(448, (), Path(sys.argv[2]), backend=sys.argv[3]), sys.argv[3])
try:
    for limit in (400, 32):
        limits = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=limit * MIB)
        code = "held = bytearray(150 << 20)\\nfor at in range(0, len(held), 4096): held[at] = 1"
        try:
            command = Command(("/usr/bin/python3", "-c", code), limits, seccomp_profile="python")
            print(sandbox.run(command).ending)
        except BoxFault as fault:
            print(fault)
finally:
    sandbox.close()
"""


@pytest.fixture
def container() -> Iterator[Path]:
    """A cgroup with 120 MiB, in which a slot makes its cgroups."""
    own = own_cgroup_paths().get("memory")
    tops = [where for kind, where, options in cgroup_mounts() if kind == "cgroup" and "memory" in options]
    if own is None or not tops or not os.access(own_cgroup_folder(tops[0], own), os.W_OK):
        pytest.skip("this host has no memory cgroup of version 1 that may be divided")
    folder = own_cgroup_folder(tops[0], own) / f"gavel-test-{os.getpid()}"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(120 * MIB))
    yield folder
    folder.rmdir()


@pytest.mark.parametrize("backend", ["launcher", "bubblewrap"])
def test_a_run_that_is_ended_for_lack_of_host_memory_is_a_box_fault(
    container: Path, tmp_path: Path, backend: str
) -> None:
    command = [sys.executable, "-c", RUN, str(container), str(tmp_path), backend]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    below, beyond = done.stdout.splitlines() or ["", done.stderr]
    assert below.startswith("the host ran out of memory: a run was ended that had 1"), done.stdout
    assert beyond == "memory", "a run that reaches its own limit must not count as a fault of the host"
