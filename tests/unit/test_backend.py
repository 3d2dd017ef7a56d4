"""The base class of backends handles dirty cgroups, and can be cancelled at every moment. No program runs in
its slots."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox import MIB, BoxFault, Cancelled, Command, Limits, SlotConfig
from sandbox.backends.backend import Backend, BackendRun
from sandbox.backends.result import KillReason, RunResult
from sandbox.cgroups import DirtyCgroups, MemoryUsage
from sandbox.output_capture import OutputCapture
from sandbox.slot import Claim

COMMAND = Command(("/bin/true",), Limits(cpu_seconds=1, wall_seconds=1, memory_bytes=16 * MIB))


@dataclass
class FakeCgroups:
    """Cgroups that only count how often they are recreated."""

    recreated: int = 0

    def recreate(self) -> None:
        self.recreated += 1


@dataclass
class IdleSlot:
    """A slot in which no program runs."""

    cgroups: Any = field(default_factory=FakeCgroups)
    config: SlotConfig = field(default_factory=lambda: SlotConfig(0, (), Path()))
    claim: Claim = field(default_factory=lambda: Claim(0, -1))
    kills: int = 0

    def kill_all(self) -> None:
        self.kills += 1

    def close(self) -> None:
        """Do nothing, because nothing is open."""


class IdleRun:
    """A run that lasts until it is killed, or that ends at once."""

    def __init__(
        self, command: Command, stdout: int | None, lasts: bool, at_kill: list[Callable[[], None]]
    ) -> None:
        self.command = command
        self._at_kill = at_kill
        self.outputs = OutputCapture(command, stdout)
        self.outputs.close_writers()
        self.end_fd = os.eventfd(0 if lasts else 1)
        self.done = False
        self._deadline = time.monotonic() + 60

    def read_end(self) -> None:
        self.done = True

    def check_limits(self) -> float:
        if time.monotonic() > self._deadline:
            raise BoxFault("it was not killed")
        return 1.0

    def kill(self) -> None:
        if self._at_kill:
            self._at_kill.pop()()
        os.eventfd_write(self.end_fd, 1)

    def is_asleep(self) -> bool:
        return False

    def result(self) -> RunResult:
        return RunResult(KillReason.NONE, 0, None, 0, 0, MemoryUsage(0, 0))

    def close(self) -> None:
        self.outputs.close()
        os.close(self.end_fd)


class IdleSandbox(Backend[IdleSlot]):
    """A backend in which no program runs. ``before`` is called with the number of each start, and may
    raise."""

    def __init__(self, before: Callable[[int], None] = lambda _: None, lasts: bool = False) -> None:
        self.slot = IdleSlot()
        super().__init__(self.slot)
        self.before = before
        self.lasts = lasts
        self.at_kill: list[Callable[[], None]] = []
        self.started = 0

    def open_second_slot(self) -> IdleSlot:
        return IdleSlot()

    def start(self, slot: IdleSlot, command: Command, stdin: int | None, stdout: int | None) -> BackendRun:
        self.started += 1
        self.before(self.started)
        return IdleRun(command, stdout, self.lasts, self.at_kill)


class StuckSlot(IdleSlot):
    """A slot whose processes do not end."""

    def close(self) -> None:
        raise BoxFault("it still has processes")


def test_a_sandbox_closes_its_second_slot_even_if_closing_the_first_fails() -> None:
    closed: list[str] = []

    class SecondSlot(IdleSlot):
        def close(self) -> None:
            closed.append("second")

    sandbox = IdleSandbox()
    sandbox._slots = [StuckSlot(), SecondSlot()]
    with pytest.raises(BoxFault, match="still has processes"):
        sandbox.close()
    assert closed == ["second"]


class TestDirtyCgroups:
    def test_a_run_starts_again_after_its_dirty_cgroups_were_made_again(self) -> None:
        def dirty_once(number: int) -> None:
            if number == 1:
                raise DirtyCgroups("of an earlier run")

        sandbox = IdleSandbox(dirty_once)
        assert sandbox.run(COMMAND).exit_code == 0
        assert (sandbox.slot.kills, sandbox.slot.cgroups.recreated) == (1, 1)

    def test_a_run_raises_a_box_fault_if_its_cgroups_are_dirty_twice(self) -> None:
        def dirty(_: int) -> None:
            raise DirtyCgroups("of an earlier run")

        sandbox = IdleSandbox(dirty)
        with pytest.raises(BoxFault):
            sandbox.run(COMMAND)
        assert (sandbox.started, sandbox.slot.cgroups.recreated) == (2, 1)


class TestCancel:
    def test_a_cancel_while_a_run_starts_ends_the_run(self) -> None:
        sandbox = IdleSandbox(lambda _: sandbox.cancel(), lasts=True)
        with pytest.raises(Cancelled):
            sandbox.run(COMMAND)

    def test_a_cancel_between_the_two_starts_of_a_pair_ends_both_programs(self) -> None:
        """The cancel comes during the start of the second program, when only the first is registered."""

        def cancel_second(number: int) -> None:
            if number == 2:
                sandbox.cancel()

        sandbox = IdleSandbox(cancel_second, lasts=True)
        with pytest.raises(Cancelled):
            sandbox.run_pair(COMMAND, COMMAND)

    def test_after_a_cancel_the_second_program_of_a_pair_is_not_started(self) -> None:
        sandbox = IdleSandbox(lambda _: sandbox.cancel(), lasts=True)
        with pytest.raises(Cancelled):
            sandbox.run_pair(COMMAND, COMMAND)
        assert sandbox.started == 1

    def test_a_cancel_between_two_runs_has_no_effect(self) -> None:
        sandbox = IdleSandbox()
        for _ in range(2):
            sandbox.cancel()
            assert sandbox.run(COMMAND).exit_code == 0

    def test_a_cancelled_run_does_not_cancel_the_next_run(self) -> None:
        sandbox = IdleSandbox(lambda number: sandbox.cancel() if number == 1 else None)
        with pytest.raises(Cancelled):
            sandbox.run(COMMAND)
        assert sandbox.run(COMMAND).exit_code == 0

    def test_a_signal_handler_may_cancel_during_a_cancel(self) -> None:
        """A signal handler runs in the thread that it interrupts, and this thread still holds its locks."""
        sandbox = IdleSandbox(lambda _: sandbox.cancel(), lasts=True)
        sandbox.at_kill = [lambda: signal.raise_signal(signal.SIGUSR1)]
        before = signal.signal(signal.SIGUSR1, lambda *_: sandbox.cancel())
        try:
            with pytest.raises(Cancelled):
                sandbox.run(COMMAND)
        finally:
            signal.signal(signal.SIGUSR1, before)
        assert not sandbox.at_kill
