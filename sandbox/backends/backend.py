"""Base class of all backends. A backend does one run or pair at a time, can cancel this run or pair, and
leaves no process behind."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Generic, Protocol, TypeVar

from sandbox.api import Command, Guarantee, Isolation, IsolationMode, PairReport, RunReport
from sandbox.backends import command_check
from sandbox.backends.ordered_pair import OrderedPair, PipeEnds
from sandbox.backends.recorded_pair import RecordedPair
from sandbox.backends.result import KillReason, RunResult, make_report
from sandbox.backends.static_memory import could_not_start
from sandbox.cgroups import DirtyCgroups, SlotCgroups, open_cgroups
from sandbox.errors import BoxFault, Cancelled, Misuse
from sandbox.launcher.seccomp_compiler import profile_names
from sandbox.output_capture import OutputCapture, Sink, open_pipe_between
from sandbox.slot import Claim, SlotConfig, claim_slot

_LONGEST_PAUSE = 3600.0
"""The longest wait between two checks of the limits, in seconds. poll() takes 24 days at most."""
_DISCARDED_BYTES = 1 << 20
"""How many bytes the second program of a pair may still write after the first has ended."""


class BackendSlot(Protocol):
    """The resources that a backend holds for one slot."""

    @property
    def config(self) -> SlotConfig: ...

    @property
    def claim(self) -> Claim: ...

    @property
    def cgroups(self) -> SlotCgroups | None: ...

    def kill_all(self) -> None:
        """End everything that runs in the slot, after a fault."""
        ...

    def close(self) -> None: ...


class BackendRun(Protocol):
    """A run that a backend has started. It has a result once it is done."""

    @property
    def command(self) -> Command: ...

    @property
    def outputs(self) -> OutputCapture: ...

    @property
    def end_fd(self) -> int:
        """Becomes readable when the box has ended."""
        ...

    @property
    def done(self) -> bool: ...

    def read_end(self) -> None:
        """Record that the box has ended. Raises BoxFault."""
        ...

    def check_limits(self) -> float:
        """Check the limits that nothing else checks. Returns how many seconds to wait until the next check.

        Raises BoxFault if the run goes on after every limit has passed.
        """
        ...

    def is_asleep(self) -> bool:
        """Whether all threads of its box sleep: none runs, waits for a CPU or for a disk."""
        ...

    def kill(self) -> None: ...

    def result(self) -> RunResult:
        """The result, once it is done. Raises BoxFault, Misuse."""
        ...

    def close(self) -> None: ...


SlotT = TypeVar("SlotT", bound=BackendSlot)


def open_another_slot(
    first: SlotT, open_slot: Callable[[SlotConfig, Claim, SlotCgroups | None], SlotT]
) -> SlotT:
    """Open another slot with the config of ``first``. If that fails, nothing of the new slot is left."""
    with contextlib.ExitStack() as undo:
        claim = claim_slot(first.config.index + 1)
        undo.callback(claim.release)
        cores = first.config.cpus or ()
        cgroups = open_cgroups(claim.name, claim.uid, cores)[0] if first.cgroups else None
        if cgroups is not None:
            undo.callback(cgroups.close)
        slot = open_slot(first.config, claim, cgroups)
        undo.pop_all()
        return slot


class Backend(Generic[SlotT]):
    """The Sandbox protocol over a subclass that opens slots and starts runs."""

    def __init__(self, slot: SlotT) -> None:
        self._slots = [slot]
        # The lock is reentrant, because a signal handler may cancel while its own thread holds the lock.
        self._lock = threading.RLock()
        self._current: list[tuple[SlotT, BackendRun]] = []
        self._running = False
        self._cancelled = False
        self._closed = False
        self._discarding = -1
        self._ordered_pair: OrderedPair | None = None
        self._recorded_pair: RecordedPair | None = None

    def open_second_slot(self) -> SlotT:
        """The slot of a pair's second program, opened when it is first needed."""
        raise NotImplementedError

    def start(self, slot: SlotT, command: Command, stdin: int | None, stdout: int | None) -> BackendRun:
        """Start one run. The caller closes the descriptors that it gives. Raises BoxFault, Misuse."""
        raise NotImplementedError

    def run(self, command: Command) -> RunReport:
        """See ``sandbox.api.Sandbox.run``."""
        began = time.perf_counter()
        try:
            self._accept(command)
            run = self._start_live(command) if command.live else self._start(self._slots[0], command)
            result = self._wait_for([run])[0]
            return make_report(command, result, run.outputs, (time.perf_counter() - began) * 1e3)
        finally:
            self._clean_up()

    def run_pair(
        self, first: Command, second: Command, *, ordered: bool = False, record_bytes: int = 0
    ) -> PairReport:
        """See ``sandbox.api.Sandbox.run_pair``."""
        began = time.perf_counter()
        if ordered and record_bytes:
            raise Misuse("a pair is either ordered or recorded")
        try:
            self._accept(first, second)
            if record_bytes:
                runs = self._start_recorded_pair(first, second, record_bytes)
            else:
                runs = self._start_pair(first, second, ordered)
            results = self._wait_for(runs)
            elapsed = (time.perf_counter() - began) * 1e3
            pairs = zip(runs, results, strict=True)
            reports = [make_report(run.command, result, run.outputs, elapsed) for run, result in pairs]
            lead_ns = results[0].ended_ns - results[1].ended_ns
            later_ns = max(result.ended_ns for result in results)
            was_seen = self._ordered_pair is None or self._ordered_pair.was_seen(later_ns)
            ended_first, lead_ms = int(lead_ns > 0), abs(lead_ns) / 1e6
            pair = PairReport(reports[0], reports[1], ended_first, lead_ms, ordered, was_seen)
            return self._with_record(pair) if record_bytes else pair
        finally:
            self._clean_up()

    def cancel(self) -> None:
        """See ``sandbox.api.Sandbox.cancel``."""
        with self._lock:
            self._cancelled = self._running
            for _, run in self._current:
                run.kill()

    def close(self) -> None:
        """See ``sandbox.api.Sandbox.close``."""
        if not self._closed:
            self._closed = True
            with contextlib.ExitStack() as each:  # If a slot cannot be closed, the other still is.
                for slot in self._slots:
                    each.callback(slot.close)

    def _accept(self, *commands: Command) -> None:
        """Check the commands. From here until the clean-up, a cancel takes effect, even before a box has
        started."""
        with self._lock:
            self._running = True
        if len(commands) > 1 and any(command.live for command in commands):
            raise Misuse("no command of a pair can be live: each one's input is the other's output")
        for command in commands:
            self._check(command)

    def _check(self, command: Command) -> None:
        if self._closed:
            raise Misuse("the sandbox is closed")
        command_check.check_command(command, self._slots[0].config.shares)
        profile = command.seccomp_profile
        if profile not in profile_names():
            raise Misuse(f"no seccomp profile {profile!r}; choose from {', '.join(profile_names())}")

    def _start_live(self, command: Command) -> BackendRun:
        """Start a live command. Its input is a pipe, whose writing end goes to the command's live streams."""
        assert command.live is not None
        reader, writer = open_pipe_between(self._slots[0].claim.uid)
        try:
            run = self._start(self._slots[0], command, reader)
            os.set_blocking(writer, False)
            stdin = os.dup(writer)
        finally:
            os.close(reader)
            os.close(writer)
        command.live.started(stdin, partial(self._kill, run))
        return run

    def _kill(self, run: BackendRun) -> None:
        """Kill a run if it is still one of the current ones. Safe from any thread."""
        with self._lock:
            if any(each is run for _, each in self._current):
                run.kill()

    def _start(
        self, slot: SlotT, command: Command, stdin: int | None = None, stdout: int | None = None
    ) -> BackendRun:
        if self._cancelled:
            raise Cancelled("the run was cancelled before it started")
        try:
            run = self._start_clean(slot, command, stdin, stdout)
        except BoxFault:
            slot.kill_all()
            raise
        self._register(slot, run)
        return run

    def _register(self, slot: SlotT, run: BackendRun) -> None:
        """Make the run known to :meth:`cancel`. A cancel that came while it started takes effect now."""
        with self._lock:
            self._current.append((slot, run))
            if self._cancelled:
                run.kill()

    def _start_clean(
        self, slot: SlotT, command: Command, stdin: int | None, stdout: int | None
    ) -> BackendRun:
        """Start the run in cgroups without memory of earlier runs, so that it is not charged with theirs."""
        try:
            return self.start(slot, command, stdin, stdout)
        except DirtyCgroups:
            if slot.cgroups is None:
                raise
            slot.kill_all()
            slot.cgroups.recreate()
            return self.start(slot, command, stdin, stdout)

    def _start_pair(self, first: Command, second: Command, ordered: bool) -> list[BackendRun]:
        """Start both programs and connect them. This process closes its copies of the pipes, so that each box
        sees when the other ends.

        It keeps only one reading end, that of the first program. So the second program can still write after
        the first has ended, and no SIGPIPE kills it. Its further output is discarded. For ``ordered`` see
        OrderedPair.
        """
        self._need_second_slot()
        to_second, to_first = (open_pipe_between(slot.claim.uid) for slot in reversed(self._slots))
        self._discarding = os.dup(to_first[0])
        if ordered:
            first_ends = PipeEnds(os.dup(to_first[0]), os.dup(to_second[1]))
            self._ordered_pair = OrderedPair(
                (first_ends, PipeEnds(os.dup(to_second[0]), os.dup(to_first[1])))
            )
        # If the host does not allow this, the pipe keeps the usual 64 KiB.
        with contextlib.suppress(OSError):
            fcntl.fcntl(to_first[0], fcntl.F_SETPIPE_SZ, _DISCARDED_BYTES)
        try:
            return [
                self._start(self._slots[0], first, to_first[0], to_second[1]),
                self._start(self._slots[1], second, to_second[0], to_first[1]),
            ]
        finally:
            for fd in (*to_second, *to_first):
                os.close(fd)

    def _start_recorded_pair(self, first: Command, second: Command, limit: int) -> list[BackendRun]:
        """Start both programs and connect them through the recorder, which passes on their outputs."""
        self._need_second_slot()
        one, other = self._slots
        recorded = self._recorded_pair = RecordedPair(limit, (one.claim.uid, other.claim.uid))
        try:
            runs = [
                self._start(one, first, *recorded.box_ends[0]),
                self._start(other, second, *recorded.box_ends[1]),
            ]
        finally:
            for fd in (*recorded.box_ends[0], *recorded.box_ends[1]):
                os.close(fd)
        recorded.start()
        return runs

    def _with_record(self, pair: PairReport) -> PairReport:
        """Add the conversation to the report. Both boxes must have ended."""
        recorded = self._recorded_pair
        assert recorded is not None
        recorded.finish()
        return replace(pair, said=tuple(recorded.said), said_more=recorded.is_cut)

    def _need_second_slot(self) -> None:
        if len(self._slots) == 1:
            self._slots.append(self.open_second_slot())

    def _on_end(self, index: int) -> None:
        if self._ordered_pair is not None:
            self._ordered_pair.on_end(index)

    def _check_ordered_pair(self) -> float:
        if self._ordered_pair is None:
            return math.inf
        return self._ordered_pair.check(lambda side: self._current[side][1].is_asleep())

    def _wait_for(self, runs: Sequence[BackendRun]) -> list[RunResult]:
        _run_event_loop(runs, self._on_end, self._check_ordered_pair)
        if self._cancelled:
            raise Cancelled("the run was cancelled")
        return [self._with_reason(run.command, run.result()) for run in runs]

    def _with_reason(self, command: Command, result: RunResult) -> RunResult:
        """The result. A program that did not start for lack of memory has ended at the memory limit."""
        if self._slots[0].cgroups is None and could_not_start(command, result):
            return replace(result, kill_reason=KillReason.MEMORY)
        return result

    def _clean_up(self) -> None:
        with self._lock:
            ended, self._current = self._current, []
            self._cancelled = self._running = False
        if self._ordered_pair is not None:
            self._ordered_pair.close()
            self._ordered_pair = None
        if self._recorded_pair is not None:
            self._recorded_pair.close()
            self._recorded_pair = None
        if self._discarding >= 0:
            os.close(self._discarding)
            self._discarding = -1
        for slot, run in ended:
            if not run.done:
                slot.kill_all()  # End all its processes, since the run has not ended by itself.
            run.close()


def _run_event_loop(
    runs: Sequence[BackendRun], on_end: Callable[[int], None], check: Callable[[], float]
) -> None:
    """Serve all runs until each has ended, then read what is left in their pipes. Raises BoxFault.

    ``on_end`` is called with the index of each run as soon as its end is known. ``check`` is called
    repeatedly. It returns the greatest number of seconds until its next call.
    """
    poller = select.poll()
    owners: dict[int, tuple[BackendRun, Sink | None]] = {}
    for run in runs:
        owners[run.end_fd] = (run, None)
        owners.update({sink.reader: (run, sink) for sink in run.outputs.sinks})
    for fd in owners:
        poller.register(fd, select.POLLIN)
    while live := [run for run in runs if not run.done]:
        pause = min([_LONGEST_PAUSE, check(), *[run.check_limits() for run in live]])
        for fd, _ in poller.poll(max(1.0, pause * 1000)):
            run, sink = owners[fd]
            if not _serve(run, sink):
                poller.unregister(fd)
            if sink is None:
                on_end(runs.index(run))
    for run in runs:
        for sink in run.outputs.sinks:
            sink.drain()


def _serve(run: BackendRun, sink: Sink | None) -> bool:
    """Serve a ready descriptor. Returns False if it need not be watched any more."""
    if sink is None:
        run.read_end()
        return False
    sink.read_once()
    if sink.over_limit:
        run.kill()
        return False
    return not sink.ended


def isolation_of(
    backend: str, cgroups: SlotCgroups | None, note: str, *, wall_time: str, processes: str = ""
) -> Isolation:
    """The guarantees of a backend, with or without cgroups. ``note`` says why there are no cgroups.

    ``wall_time`` names the part that ends a run by its wall time. ``processes`` is a note on the limit of
    processes.
    """
    cgroup = cgroups.version if cgroups else None
    why_not = "" if cgroup else note
    guarantees = (
        Guarantee("memory", cgroup or "sampling, RLIMIT_DATA", why_not),
        Guarantee("cpu time", cgroup or "sampling, RLIMIT_CPU", why_not or "polled at least every 20 ms"),
        Guarantee("processes", cgroup or "RLIMIT_NPROC", processes),
        Guarantee("wall time", wall_time),
        Guarantee("output", "pipe reader, RLIMIT_FSIZE"),
        Guarantee("files", "tmpfs size, RLIMIT_FSIZE"),
        Guarantee("network", "empty network namespace, seccomp"),
        Guarantee("system calls", "seccomp allow list"),
    )
    mode = IsolationMode.FULL if cgroups else IsolationMode.NO_CGROUP
    return Isolation(backend, mode, guarantees)
