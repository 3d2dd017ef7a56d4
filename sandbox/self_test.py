"""Tests whether the limits hold on this host. It runs programs that try to break them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.api import MIB, Command, Ending, Limits, RunReport, Sandbox

_MAX_PROCESSES = 6
_DELAY_SECONDS = 10.0
_BUSY_LOOP = ("/bin/sh", "-c", "while :; do :; done")
_MEMORY_HOG = ("/usr/bin/tail", "/dev/zero")
_FORK_BOMB = ("/bin/sh", "-c", "i=0; while [ $i -lt 40 ]; do sleep 1 & i=$((i+1)); done; echo lived")
_SLEEP = ("/bin/sleep", "5")
_READ_HOST_FILES = ("/bin/sh", "-c", "cat /etc/shadow; ls /home /root /var/lib/dpkg /var/log /var/spool")


@dataclass(frozen=True, slots=True)
class LimitTest:
    """One program that would break a limit, and the check that the limit held."""

    name: str
    argv: tuple[str, ...]
    limits: Limits
    holds: Callable[[RunReport], bool]


def _limits(cpu: float = 1.0, wall: float = 1.0, memory: int = 64 * MIB) -> Limits:
    """The limits of a test. Waiting for a CPU does not count, so that the test also passes on a busy host."""
    return Limits(cpu, wall, memory, delay_seconds=_DELAY_SECONDS, processes=_MAX_PROCESSES)


LIMIT_TESTS = (
    LimitTest("cpu time", _BUSY_LOOP, _limits(cpu=0.03), lambda r: r.ending is Ending.CPU and r.cpu_ms < 250),
    LimitTest("wall time", _SLEEP, _limits(wall=0.02), lambda r: r.ending is Ending.WALL and r.wall_ms < 500),
    LimitTest(
        "memory",
        _MEMORY_HOG,
        _limits(cpu=5.0, wall=5.0, memory=16 * MIB),
        lambda r: r.ending is Ending.MEMORY or r.exit_code == 1,
    ),
    LimitTest("processes", _FORK_BOMB, _limits(wall=0.5), lambda r: b"lived" not in r.stdout),
    LimitTest("host's files", _READ_HOST_FILES, _limits(), lambda r: not r.stdout),
)


def failed_limit_tests(sandbox: Sandbox) -> tuple[str, ...]:
    """The names of the limits that did not hold."""
    return tuple(
        test.name for test in LIMIT_TESTS if not test.holds(sandbox.run(Command(test.argv, test.limits)))
    )
