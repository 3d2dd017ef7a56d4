"""Tries whether limits hold here, by running what would break them: no flag or file is taken at its word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.api import Command, Ending, RunReport, Sandbox
from sandbox.limits import MIB, Limits

_MOST_PROCESSES = 6
_BURNER = ("/bin/sh", "-c", "while :; do :; done")
_HOG = ("/usr/bin/tail", "/dev/zero")
_BOMB = ("/bin/sh", "-c", "i=0; while [ $i -lt 40 ]; do sleep 1 & i=$((i+1)); done; echo lived")
_SLEEPER = ("/bin/sleep", "5")
_PEEK = ("/bin/sh", "-c", "cat /etc/shadow; ls /home /root /var/lib/dpkg /var/log /var/spool")


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt: what it is, what is run, and when the limit has held."""

    name: str
    argv: tuple[str, ...]
    limits: Limits
    holds: Callable[[RunReport], bool]


def _limits(cpu: float = 1.0, wall: float = 1.0, memory: int = 64 * MIB) -> Limits:
    return Limits(cpu_seconds=cpu, wall_seconds=wall, memory_bytes=memory, processes=_MOST_PROCESSES)


TRIALS = (
    Trial("cpu time", _BURNER, _limits(cpu=0.03), lambda r: r.ending is Ending.CPU and r.cpu_ms < 250),
    Trial("wall time", _SLEEPER, _limits(wall=0.02), lambda r: r.ending is Ending.WALL and r.wall_ms < 500),
    Trial("memory", _HOG, _limits(memory=16 * MIB), lambda r: r.ending is Ending.MEMORY or r.exit_code == 1),
    Trial("processes", _BOMB, _limits(wall=0.5), lambda r: b"lived" not in r.stdout),
    Trial("host's files", _PEEK, _limits(), lambda r: not r.stdout),
)


def failed_trials(sandbox: Sandbox) -> tuple[str, ...]:
    """The names of the limits that did not hold; empty is what one wants to see."""
    return tuple(
        trial.name for trial in TRIALS if not trial.holds(sandbox.run(Command(trial.argv, trial.limits)))
    )
