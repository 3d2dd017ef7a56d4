"""The bubblewrap backend. It is used only if an operator names it. Tests compare the launcher with it.

Each run starts one bwrap process, which moves into the run's cgroups if there are any, and makes all
namespaces. Python polls the limits. This backend is weaker than the launcher. bwrap reports a signal as exit
code 128 + signal, so ``exit(139)`` looks like a crash.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

from sandbox import box_files
from sandbox.api import KIB, Command, Limits
from sandbox.backends import command_check
from sandbox.backends.backend import Backend, isolation_of, open_another_slot
from sandbox.backends.bwrap_args import BwrapStart, find_bwrap, prepare_start
from sandbox.backends.bwrap_paths import find_reachable_paths
from sandbox.backends.result import KillReason, RunResult
from sandbox.cgroups import MemorySamples, MemoryUsage, RunCgroup, SlotCgroups
from sandbox.errors import BoxFault, Misuse
from sandbox.output_capture import OutputCapture
from sandbox.proc_usage import RunDelay, all_asleep, sample_tree
from sandbox.slot import Claim, SlotConfig

_START_SECONDS = 10.0
_LONGEST_POLL = 0.02
_SHORTEST_POLL = 0.001
_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


class OrphanReaper:
    """Makes this process the subreaper of bwrap's orphans.

    bwrap does not reap its init, and a dead process that is not reaped still counts against the slot's limit
    of processes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = 0

    def begin(self) -> None:
        """A run starts."""
        self._change(1)

    def reap(self, init_pid: int) -> int:
        """Reap an init that is dead or dying. Returns the size of its largest process, 0 if unknown."""
        with contextlib.suppress(ChildProcessError):
            if init_pid:
                return os.wait4(init_pid, 0)[2].ru_maxrss * KIB
        return 0

    def end(self, init_pid: int) -> None:
        """Reap the processes of a run that is over. After the last run this process is no subreaper any more.
        ``init_pid`` is 0 if the run had no init."""
        self.reap(init_pid)
        self._change(-1)

    def _change(self, by: int) -> None:
        with self._lock:
            self._runs += by
            _libc.prctl(_SET_CHILD_SUBREAPER, int(self._runs > 0), 0, 0, 0)


_reaper = OrphanReaper()


class BubblewrapSlot:
    """A claimed slot with its cgroups."""

    def __init__(self, config: SlotConfig, claim: Claim, cgroups: SlotCgroups | None) -> None:
        self.config = config
        self.claim = claim
        self.cgroups = cgroups
        wanted = (find_bwrap(), *config.shares, *config.extra_roots) if claim.uid else ()
        self.paths = find_reachable_paths(wanted)

    def kill_all(self) -> None:
        """Nothing to do: closing a run ends its bwrap."""

    def close(self) -> None:
        """Release the slot."""
        if self.cgroups is not None:
            self.cgroups.close()
        self.claim.release()


class BubblewrapRun:
    """One bwrap process. See ``backend.BackendRun``. The program starts only when its box is ready."""

    def __init__(
        self,
        slot: BubblewrapSlot,
        command: Command,
        stdin: int | None,
        stdout: int | None,
        limits: Limits | None = None,
    ) -> None:
        """``limits`` are the limits of the cgroup, if they must be wider than those of the command."""
        self.slot = slot
        self.command = command
        self.cgroup: RunCgroup | None = None
        self.outputs = OutputCapture(command, stdout)
        self.kill_reason = KillReason.NONE
        self.done = False
        self._closed = False
        self.end_fd = -1
        self.work: int | None = None
        self._sampled_peak_kb = 0
        self._samples = MemorySamples()
        self._delay: RunDelay | None = None
        self._cpu_ns = 0
        self._ended_ns = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._begin()
        try:
            if slot.cgroups:
                self.cgroup = slot.cgroups.start_run(limits or command.limits)
            self._start(stdin)
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        _reaper.begin()

    def _end(self) -> None:
        _reaper.end(self._pid)

    def _start(self, stdin: int | None) -> None:
        stdin_fd = os.dup(stdin) if stdin is not None else open_stdin(self.command)
        try:
            start = prepare_start(
                self.command, self.slot.config, self.slot.claim, self.cgroup, self.slot.paths
            )
        except BaseException:
            os.close(stdin_fd)
            raise
        try:
            self._process = self._spawn(start, stdin_fd)
            self.outputs.close_writers()
            start.close_inherited()
            self._wait_for_box(start)
            self._cpu_ns_before = self.cgroup.cpu_ns() if self.cgroup else 0
            self._started_ns = time.monotonic_ns()
            if self.command.limits.delay_seconds:
                self._delay = RunDelay(self._pid, self._started_ns)
            os.write(start.go, b"1")
        finally:
            start.close()

    def _spawn(self, start: BwrapStart, stdin_fd: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                start.argv,
                stdin=stdin_fd,
                stdout=self.outputs.writers[0],
                stderr=self.outputs.writers[1],
                pass_fds=start.fds,
                env={},
                cwd="/",
            )
        finally:
            os.close(stdin_fd)

    def _wait_for_box(self, start: BwrapStart) -> None:
        """Wait until the box is ready. Open its init's pidfd and its work folder."""
        info = b""
        while b"}" not in info:  # The text comes in pieces.
            ready = select.select([start.info], [], [], _START_SECONDS)[0]
            piece = os.read(start.info, 4096) if ready else b""
            if not piece:
                raise BoxFault(f"bubblewrap made no box: {self._error_text()}")
            info += piece
        self._pid = int(json.loads(info)["child-pid"])
        self.end_fd = os.pidfd_open(self._pid)
        self.work = self._open_work(self._pid)

    def _open_work(self, pid: int) -> int:
        """The box's /w, after bwrap has changed the root. Before that, /proc/PID/root is still the host's."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                fd = os.open(f"/proc/{pid}/root/w", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
                if os.fstat(fd).st_dev == _device_of(pid, "/w"):
                    return fd
                os.close(fd)
            if select.select([self.end_fd], [], [], 0.001)[0]:
                break
        raise BoxFault(f"bubblewrap made no box: {self._error_text()}")

    def _error_text(self) -> str:
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
        for sink in self.outputs.sinks:
            sink.drain()
        return self.outputs.stderr.content.decode(errors="replace").strip() if self.outputs.stderr else ""

    def read_end(self) -> None:
        """See BackendRun."""
        self._ended_ns = time.monotonic_ns()
        self.done = True

    def check_limits(self) -> float:
        """See BackendRun."""
        limits = self.command.limits
        if self.cgroup is not None:
            self._cpu_ns = self.cgroup.cpu_ns() - self._cpu_ns_before
            self._samples = self.cgroup.sample_memory(self._samples)
        else:
            usage = sample_tree(self._pid, limits.memory_bytes // 1024)
            self._cpu_ns = max(self._cpu_ns, usage.cpu_ns)
            self._sampled_peak_kb = max(self._sampled_peak_kb, usage.memory_kb)
        wall_left = self._wall_left()
        cpu_left = limits.cpu_seconds - self._cpu_ns / 1e9
        self._enforce(cpu_left, wall_left)
        pause = min(cpu_left / (os.cpu_count() or 1), wall_left, _LONGEST_POLL)
        return max(pause, _SHORTEST_POLL)

    def _wall_left(self) -> float:
        """The wall time that is left. Up to ``delay_seconds`` of waiting for a CPU do not count."""
        now, limits = time.monotonic_ns(), self.command.limits
        left = limits.wall_seconds - (now - self._started_ns) / 1e9
        if self._delay is None:
            return left
        if left + self._delay.total_ns / 1e9 <= 0 or self._delay.is_due(now):
            self._delay.read(now)
        return left + min(self._delay.total_ns / 1e9, limits.delay_seconds)

    def _enforce(self, cpu_left: float, wall_left: float) -> None:
        if cpu_left <= 0:
            self._kill(KillReason.CPU)
        elif wall_left <= 0:
            self._kill(KillReason.WALL)
        elif self.cgroup is None and self._sampled_peak_kb * 1024 > self.command.limits.memory_bytes:
            self._kill(KillReason.MEMORY)
        if wall_left < -_START_SECONDS:
            raise BoxFault("bubblewrap did not end a run in time")

    def _kill(self, reason: KillReason) -> None:
        self.kill_reason = self.kill_reason or reason
        if not self.done and self.end_fd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.end_fd, signal.SIGKILL)

    def is_asleep(self) -> bool:
        """See BackendRun."""
        return all_asleep([self._pid])

    def kill(self) -> None:
        """See BackendRun."""
        self._kill(KillReason.CALLER)

    def result(self) -> RunResult:
        """See BackendRun."""
        code = self._process.wait() if self._process else 1
        memory = self._memory_usage()
        if self.cgroup is not None:
            self._cpu_ns = max(0, self.cgroup.cpu_ns() - self._cpu_ns_before)
        signalled = 128 < code < 160
        if code == 127 and not command_check.is_authors_program(self.command.argv[0], self.command):
            raise Misuse(f"{self.command.argv[0]} cannot be executed in the box")
        return RunResult(
            kill_reason=self.kill_reason,
            exit_code=None if signalled else code,
            signal=code - 128 if signalled else None,
            cpu_ns=self._cpu_ns,
            wall_ns=self._ended_ns - self._started_ns,
            memory=memory,
            collected=box_files.collect(self.work, self.command) if self.work else box_files.CollectedFiles(),
            ended_ns=self._ended_ns,
            delay_ns=self._delay.total_ns if self._delay else 0,
        )

    def _memory_usage(self) -> MemoryUsage:
        largest = _reaper.reap(self._pid)
        self._pid = 0
        if self.cgroup is None:
            return MemoryUsage(max(self._sampled_peak_kb, largest // KIB), 0)
        return self.cgroup.memory_usage(replace(self._samples, largest_process=largest))

    def close(self) -> None:
        """End the run, and release what belongs to it."""
        if self._process is not None and self._process.poll() is None:
            self._kill(KillReason.CALLER)
            self._process.kill()
            self._process.wait()
        if self.end_fd >= 0:
            select.select([self.end_fd], [], [], _START_SECONDS)
            os.close(self.end_fd)
            self.end_fd = -1
        if not self._closed:
            self._closed = True
            self._end()
        if self.work is not None:
            os.close(self.work)
            self.work = None
        self.outputs.close()
        if self.cgroup is not None:
            self.cgroup.close()
            self.cgroup = None


def _device_of(pid: int, target: str) -> int | None:
    for line in Path(f"/proc/{pid}/mountinfo").read_text(errors="replace").split("\n")[:-1]:
        fields = line.split()
        if fields[4] == target:
            major, _, minor = fields[2].partition(":")
            return os.makedev(int(major), int(minor))
    return None


def open_stdin(command: Command) -> int:
    """The descriptor of stdin. A file is always copied into a sealed one, since bwrap, unlike the launcher,
    has no read-only mount through which the file could be opened."""
    if command.stdin is None:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return box_files.sealed_file(
            command.stdin if isinstance(command.stdin, bytes) else command.stdin.read_bytes()
        )
    except OSError as error:
        raise Misuse(f"stdin cannot be opened: {error}") from error


class BubblewrapBackend(Backend[BubblewrapSlot]):
    """See ``sandbox.api.Sandbox``."""

    def __init__(self, config: SlotConfig, claim: Claim, cgroups: SlotCgroups | None, note: str) -> None:
        find_bwrap()
        super().__init__(BubblewrapSlot(config, claim, cgroups))
        self.isolation = isolation_of("bubblewrap", cgroups, note, wall_time="polling")

    def open_second_slot(self) -> BubblewrapSlot:
        """See Backend."""
        return open_another_slot(self._slots[0], BubblewrapSlot)

    def start(
        self, slot: BubblewrapSlot, command: Command, stdin: int | None, stdout: int | None
    ) -> BubblewrapRun:
        """See Backend."""
        return BubblewrapRun(slot, command, stdin, stdout)
