"""A worker runs programs even if the worker has a low priority and may not raise its priority."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SLOT = 448
SCRIPT = f"""
import os, sys, tempfile
from pathlib import Path
from sandbox import Command, Limits, MIB, SlotConfig
from sandbox.factory import open_backend
folder = tempfile.mkdtemp()
os.chmod(folder, 0o755)
sandbox = open_backend(SlotConfig({SLOT}, (), Path(folder)), sys.argv[1], sys.argv[2] == "full")
limits = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=64 * MIB)
command = Command(("/usr/bin/nice",), limits, seccomp_profile="script")
for _ in range(2):
    print(sandbox.run(command).stdout.decode().strip())
sandbox.close()
os.rmdir(folder)
"""


@pytest.mark.parametrize("nice", [0, 10, 19])
@pytest.mark.parametrize("mode", ["full", "no-cgroup"])
@pytest.mark.parametrize("backend", ["launcher", "bubblewrap"])
def test_programs_run_at_the_priority_of_the_worker(backend: str, mode: str, nice: int) -> None:
    without_right = ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"]
    command = without_right if os.geteuid() == 0 else []
    command += ["/usr/bin/nice", "-n", str(nice), sys.executable, "-c", SCRIPT, backend, mode]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    wanted = min(19, os.nice(0) + nice)
    assert (done.stdout, done.returncode) == (f"{wanted}\n" * 2, 0), done.stderr
