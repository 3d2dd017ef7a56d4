"""The conductor over a backend that does nothing: what it owes its callers whatever happens in between."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox import MIB, BoxFault, Command, Limits, SlotConfig
from sandbox.backends.conductor import Conductor
from sandbox.backends.reckoning import Evidence, Reason
from sandbox.cgroups import SpoiltGroups, Tally
from sandbox.slot import Claim
from sandbox.streams import Outputs

COMMAND = Command(("/bin/true",), Limits(cpu_seconds=1, wall_seconds=1, memory_bytes=16 * MIB))


@dataclass
class Renewable:
    """Groups that only count how often they are renewed."""

    renewed: int = 0

    def renew(self) -> None:
        self.renewed += 1


@dataclass
class IdleSlot:
    """A slot in which nothing runs."""

    groups: Any = field(default_factory=Renewable)
    config: SlotConfig = field(default_factory=lambda: SlotConfig(0, (), Path()))
    claim: Claim = field(default_factory=lambda: Claim(0, -1))
    abandoned: int = 0

    def abandon(self) -> None:
        self.abandoned += 1

    def close(self) -> None:
        """Nothing is held."""


class IdleRun:
    """A run that lasts until it is killed, or has ended as soon as it has begun."""

    def __init__(self, command: Command, stdout: int | None, lasts: bool) -> None:
        self.command = command
        self.outputs = Outputs(command, stdout)
        self.outputs.hand_over()
        self.end_fd = os.eventfd(0 if lasts else 1)
        self.done = False

    def hear(self) -> None:
        self.done = True

    def look(self) -> float:
        return 1.0

    def kill(self) -> None:
        os.eventfd_write(self.end_fd, 1)

    def evidence(self) -> Evidence:
        return Evidence(Reason.NONE, 0, None, 0, 0, Tally(0, 0))

    def close(self) -> None:
        self.outputs.close()
        os.close(self.end_fd)


class IdleSandbox(Conductor[IdleSlot]):
    """``before`` is called at each start with its number, and may raise."""

    def __init__(self, before: Callable[[int], None] = lambda _: None, lasts: bool = False) -> None:
        self.slot = IdleSlot()
        super().__init__(self.slot)
        self.before = before
        self.lasts = lasts
        self.started = 0

    def open_second(self) -> IdleSlot:
        return IdleSlot()

    def start(self, slot: IdleSlot, command: Command, stdin: int | None, stdout: int | None) -> IdleRun:
        self.started += 1
        self.before(self.started)
        return IdleRun(command, stdout, self.lasts)


class TestSpoiltGroups:
    def test_they_are_renewed_and_the_run_starts_again(self) -> None:
        def spoil_once(number: int) -> None:
            if number == 1:
                raise SpoiltGroups("of an earlier run")

        sandbox = IdleSandbox(spoil_once)
        assert sandbox.run(COMMAND).exit_code == 0
        assert (sandbox.slot.abandoned, sandbox.slot.groups.renewed) == (1, 1)

    def test_groups_that_cannot_be_mended_are_a_fault(self) -> None:
        def spoil(_: int) -> None:
            raise SpoiltGroups("of an earlier run")

        sandbox = IdleSandbox(spoil)
        with pytest.raises(BoxFault):
            sandbox.run(COMMAND)
        assert (sandbox.started, sandbox.slot.groups.renewed) == (2, 1)
