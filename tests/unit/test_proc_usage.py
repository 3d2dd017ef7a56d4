"""A process tree can be read from /proc while its processes start and end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from judge_api.supervisor.orphans import start_time
from judge_api.supervisor.process_manager import _is_stopped
from sandbox.proc_usage import RunDelay, all_asleep, children, sample_tree

SHORT_LIVES = """
import os
for _ in range(800):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
"""


def test_a_process_tree_can_be_read_while_its_processes_end() -> None:
    with subprocess.Popen([sys.executable, "-c", SHORT_LIVES]) as parent:
        delay = RunDelay(parent.pid, time.monotonic_ns())
        while parent.poll() is None:
            all_asleep([parent.pid])
            delay.read(time.monotonic_ns())
            sample_tree(parent.pid, 0)
    assert parent.returncode == 0


def test_an_ended_process_has_no_children_and_uses_no_memory() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert not list(children(ended.pid))
    assert sample_tree(ended.pid, 0).memory_kb == 0


NAMED = """
import ctypes, sys, threading
rename = ctypes.CDLL(None).prctl
def wait():
    rename(15, bytes.fromhex("d09ffffe2041290a"), 0, 0, 0)
    named.set()
    sys.stdin.read()
named = threading.Event()
rename(15, bytes.fromhex("ff292052"), 0, 0, 0)
threading.Thread(target=wait).start()
named.wait()
print("named", flush=True)
"""
"""A program whose threads have names that are not UTF-8. The kernel cuts a name at 15 bytes, so the Cyrillic
name of a Java thread may end within a letter. A program may also choose any bytes."""


def test_the_usage_of_threads_whose_names_are_not_utf8_can_be_read() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", NAMED], stdin=pipe, stdout=pipe) as named:
        assert named.stdin is not None
        assert named.stdout is not None
        assert named.stdout.readline() == b"named\n"
        name = Path(f"/proc/{named.pid}/stat").read_bytes().partition(b"(")[2]
        assert name.startswith(b"\xff) R")
        end = time.monotonic() + 60
        while not all_asleep([named.pid]):
            assert time.monotonic() < end
        assert sample_tree(named.pid, 0).memory_kb > 0
        RunDelay(named.pid, time.monotonic_ns()).read(time.monotonic_ns())
        named.stdin.close()
    assert named.returncode == 0


def test_gavel_up_can_read_the_state_of_processes_whose_names_are_not_utf8() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", NAMED], stdin=pipe, stdout=pipe) as named:
        assert named.stdin is not None
        assert named.stdout is not None
        assert named.stdout.readline() == b"named\n"
        assert start_time(named.pid) is not None
        assert not _is_stopped(named.pid)
        named.stdin.close()
