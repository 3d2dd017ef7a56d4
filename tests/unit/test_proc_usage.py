"""A process tree can be read from /proc while its processes start and end."""

from __future__ import annotations

import subprocess
import sys
import time

from sandbox.proc_usage import RunDelay, all_asleep, children, sample_tree

SHORT_LIVES = """
import os
for _ in range(800):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
"""


def test_processes_that_end_while_they_are_read_are_no_error() -> None:
    with subprocess.Popen([sys.executable, "-c", SHORT_LIVES]) as parent:
        delay = RunDelay(parent.pid, time.monotonic_ns())
        while parent.poll() is None:
            all_asleep([parent.pid])
            delay.read(time.monotonic_ns())
            sample_tree(parent.pid, 0)
    assert parent.returncode == 0


def test_a_tree_that_is_dead_does_not_sleep_and_uses_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert not list(children(ended.pid))
    assert sample_tree(ended.pid, 0).memory_kb == 0
