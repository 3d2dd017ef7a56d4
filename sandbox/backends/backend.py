"""The Sandbox protocol over any backend: one run or conversation at a time, cancellable, clean at the end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from sandbox.api import Command, PairReport, RunReport
from sandbox.backends import command_check
from sandbox.backends.event_loop import LiveRun, drive
from sandbox.backends.result import RunResult, write_report
from sandbox.cgroups import DirtyCgroups, SlotCgroups, open_cgroups
from sandbox.errors import BoxFault, Cancelled, Misuse
from sandbox.launcher.seccomp_compiler import profile_names
from sandbox.output_capture import open_pipe_between
from sandbox.slot import Claim, SlotConfig, claim_slot

_UNHEARD_BYTES = 1 << 20
"""How much the second of two may still say when the first has left."""

_UNTIL_BOTH = -1
"""Whose end lets go of a pipe's end: a run's place, or this."""


class OpenSlot(Protocol):
    """What a backend keeps for one slot."""

    @property
    def config(self) -> SlotConfig: ...

    @property
    def claim(self) -> Claim: ...

    @property
    def groups(self) -> SlotCgroups | None: ...

    def abandon(self) -> None:
        """End whatever runs in the slot, after a fault."""
        ...

    def close(self) -> None: ...


class ReckonedRun(LiveRun, Protocol):
    """A live run that can say in the end what became of it."""

    @property
    def command(self) -> Command: ...

    def evidence(self) -> RunResult: ...

    def close(self) -> None: ...


AnySlot = TypeVar("AnySlot", bound=OpenSlot)


def open_beside(
    first: AnySlot, open_slot: Callable[[SlotConfig, Claim, SlotCgroups | None], AnySlot]
) -> AnySlot:
    """A further slot like ``first``; nothing is kept of one that cannot be opened."""
    with contextlib.ExitStack() as undo:
        claim = claim_slot(first.config.index + 1)
        undo.callback(claim.release)
        cores = first.config.cpus or ()
        groups = open_cgroups(claim.name, claim.uid, cores)[0] if first.groups else None
        if groups is not None:
            undo.callback(groups.close)
        slot = open_slot(first.config, claim, groups)
        undo.pop_all()
        return slot


class Backend(Generic[AnySlot]):
    """What both backends share; a backend says how a slot is opened and a run is started."""

    def __init__(self, slot: AnySlot) -> None:
        self._slots = [slot]
        self._lock = threading.RLock()  # a signal handler may cancel where its own thread holds it
        self._current: list[tuple[AnySlot, ReckonedRun]] = []
        self._under_way = False
        self._cancelled = False
        self._closed = False
        self._held: dict[int, list[int]] = {}

    def open_second(self) -> AnySlot:
        """The slot of a conversation's other side, opened when first needed."""
        raise NotImplementedError

    def start(self, slot: AnySlot, command: Command, stdin: int | None, stdout: int | None) -> ReckonedRun:
        """Start one run. Descriptors given are the caller's to close. Raises BoxFault, Misuse."""
        raise NotImplementedError

    def run(self, command: Command) -> RunReport:
        """See the protocol."""
        began = time.perf_counter()
        try:
            self._enter(command)
            run = self._begin(self._slots[0], command, None, None)
            evidence = self._finish([run])[0]
            return write_report(command, evidence, run.outputs, (time.perf_counter() - began) * 1e3)
        finally:
            self._end()

    def run_pair(self, first: Command, second: Command, *, ordered: bool = False) -> PairReport:
        """See the protocol."""
        began = time.perf_counter()
        try:
            self._enter(first, second)
            runs = self._begin_both(first, second, ordered)
            evidence = self._finish(runs)
            elapsed = (time.perf_counter() - began) * 1e3
            pairs = zip(runs, evidence, strict=True)
            reports = [write_report(run.command, found, run.outputs, elapsed) for run, found in pairs]
            lead_ns = evidence[0].ended_ns - evidence[1].ended_ns
            return PairReport(reports[0], reports[1], int(lead_ns > 0), abs(lead_ns) / 1e6)
        finally:
            self._end()

    def cancel(self) -> None:
        """See the protocol."""
        with self._lock:
            self._cancelled = self._under_way
            for _, run in self._current:
                run.kill()

    def close(self) -> None:
        """See the protocol."""
        if not self._closed:
            self._closed = True
            for slot in self._slots:
                slot.close()

    def _enter(self, *commands: Command) -> None:
        """From here until its end what is begun can be cancelled, whether or not it has started."""
        with self._lock:
            self._under_way = True
        for command in commands:
            self._check(command)

    def _check(self, command: Command) -> None:
        if self._closed:
            raise Misuse("the sandbox is closed")
        command_check.check_command(command, self._slots[0].config.shares)
        if command.seccomp_profile not in profile_names():
            raise Misuse(
                f"no system-call list {command.seccomp_profile!r}; there are {', '.join(profile_names())}"
            )

    def _begin(self, slot: AnySlot, command: Command, stdin: int | None, stdout: int | None) -> ReckonedRun:
        if self._cancelled:
            raise Cancelled("the run was cancelled before it started")
        try:
            run = self._start_clean(slot, command, stdin, stdout)
        except BoxFault:
            slot.abandon()
            raise
        self._note(slot, run)
        return run

    def _note(self, slot: AnySlot, run: ReckonedRun) -> None:
        """From here on a cancel finds the run; one that came while it started is made up for."""
        with self._lock:
            self._current.append((slot, run))
            if self._cancelled:
                run.kill()

    def _start_clean(
        self, slot: AnySlot, command: Command, stdin: int | None, stdout: int | None
    ) -> ReckonedRun:
        """Start it in groups that no earlier run has spoilt: what that left is not charged to this one."""
        try:
            return self.start(slot, command, stdin, stdout)
        except DirtyCgroups:
            if slot.groups is None:
                raise
            slot.abandon()
            slot.groups.renew()
            return self.start(slot, command, stdin, stdout)

    def _begin_both(self, first: Command, second: Command, ordered: bool) -> list[ReckonedRun]:
        """Wire the two. Only the boxes keep the pipes, so that each sees when the other is gone.

        But for one end: what the second says when the first has left goes nowhere and does not kill it.
        It sees by its input's end that nobody is there. When the order matters, each one's ends are held
        here too, until its own end is known.
        """
        if len(self._slots) == 1:
            self._slots.append(self.open_second())
        there, back = (open_pipe_between(slot.claim.uid) for slot in reversed(self._slots))
        self._held = {_UNTIL_BOTH: [os.dup(back[0])]}
        if ordered:
            self._held |= {0: [os.dup(there[1])], 1: [os.dup(there[0]), os.dup(back[1])]}
        with contextlib.suppress(OSError):  # as much as this host allows; the usual 64 KiB will do
            fcntl.fcntl(back[0], fcntl.F_SETPIPE_SZ, _UNHEARD_BYTES)
        try:
            return [
                self._begin(self._slots[0], first, back[0], there[1]),
                self._begin(self._slots[1], second, there[0], back[1]),
            ]
        finally:
            for fd in (*there, *back):
                os.close(fd)

    def _let_go(self, of: int) -> None:
        for fd in self._held.pop(of, ()):
            os.close(fd)

    def _finish(self, runs: Sequence[ReckonedRun]) -> list[RunResult]:
        drive(runs, self._let_go)
        if self._cancelled:
            raise Cancelled("the run was cancelled")
        return [run.evidence() for run in runs]

    def _end(self) -> None:
        with self._lock:
            ended, self._current = self._current, []
            self._cancelled = self._under_way = False
        for whose in tuple(self._held):
            self._let_go(whose)
        for slot, run in ended:
            if not run.done:
                slot.abandon()  # it never ended: nothing of it may live on
            run.close()
