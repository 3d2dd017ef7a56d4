"""bubblewrap behind the Sandbox protocol: the fallback, and the cross-check of the launcher.

One bwrap process per run, so each run pays for all namespaces and, on cgroup v1, for a move. Limits are
polled from Python. Known to be weaker than the launcher: bwrap folds a signal into the exit code
(128 + signal), so that ``exit(139)`` looks like a crash.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import stat
import subprocess
import threading
import time
from pathlib import Path

from sandbox import box_files
from sandbox.api import Command, Guarantee, Isolation, IsolationMode
from sandbox.backends import command_check
from sandbox.backends.backend import Backend, open_beside
from sandbox.backends.bwrap_args import Wrapping, find_bwrap, prepare
from sandbox.backends.result import KillReason, RunResult
from sandbox.cgroups import MemoryUsage, RunCgroup, SlotCgroups
from sandbox.errors import BoxFault, CannotIsolate, Misuse
from sandbox.output_capture import Outputs
from sandbox.proc_usage import sample_tree
from sandbox.slot import Claim, SlotConfig

_START_SECONDS = 10.0
_LONGEST_PAUSE = 0.02
_SHORTEST_PAUSE = 0.001
_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


class Reaper:
    """While a bwrap runs, its orphans come to us: bwrap leaves its init behind unreaped, and a dead process
    that nobody reaps still counts against the slot's processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watching = 0

    def begin(self) -> None:
        self._change(1)

    def end(self, pid: int) -> None:
        with contextlib.suppress(ChildProcessError):
            if pid:
                os.waitpid(pid, 0)
        self._change(-1)

    def _change(self, by: int) -> None:
        with self._lock:
            self._watching += by
            _libc.prctl(_SET_CHILD_SUBREAPER, int(self._watching > 0), 0, 0, 0)


_reaper = Reaper()


class Slot:
    """A claimed slot with its groups."""

    def __init__(self, config: SlotConfig, claim: Claim, groups: SlotCgroups | None) -> None:
        self.config = config
        self.claim = claim
        self.groups = groups

    def abandon(self) -> None:
        """Nothing outlives a run here: closing the run ends its bwrap."""

    def close(self) -> None:
        if self.groups is not None:
            self.groups.close()
        self.claim.release()


class Run:
    """One bwrap under way; see ``driving.LiveRun``. Its box is made first, and only then let go."""

    def __init__(self, slot: Slot, command: Command, stdin: int | None, stdout: int | None) -> None:
        self.slot = slot
        self.command = command
        self.group: RunCgroup | None = None
        self.outputs = Outputs(command, stdout)
        self.reason = KillReason.NONE
        self.done = False
        self._closed = False
        self.end_fd = -1
        self.work: int | None = None
        self._peak_kb = 0
        self._cpu_ns = 0
        self._ended_ns = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        _reaper.begin()
        try:
            if slot.groups:
                self.group = slot.groups.begin(command.limits)
            self._start(stdin)
        except BaseException:
            self.close()
            raise

    def _start(self, stdin: int | None) -> None:
        own_stdin = os.dup(stdin) if stdin is not None else _open_stdin(self.command)
        try:
            wrapping = prepare(self.command, self.slot.config, self.slot.claim, self.group)
        except BaseException:
            os.close(own_stdin)
            raise
        try:
            self._process = self._spawn(wrapping, own_stdin)
            self.outputs.hand_over()
            wrapping.hand_over()
            self._await_box(wrapping)
            self._base_ns = self.group.cpu_ns() if self.group else 0
            self._started_ns = time.monotonic_ns()
            os.write(wrapping.go, b"1")
        finally:
            wrapping.close()

    def _spawn(self, wrapping: Wrapping, own_stdin: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                wrapping.argv,
                stdin=own_stdin,
                stdout=self.outputs.writers[0],
                stderr=self.outputs.writers[1],
                pass_fds=wrapping.fds,
                env={},
                cwd="/",
            )
        finally:
            os.close(own_stdin)

    def _await_box(self, wrapping: Wrapping) -> None:
        """Wait until the box stands, and take hold of its init and of its work folder."""
        told = b""
        while b"}" not in told:  # it comes in pieces
            ready = select.select([wrapping.info], [], [], _START_SECONDS)[0]
            piece = os.read(wrapping.info, 4096) if ready else b""
            if not piece:
                raise BoxFault(f"bubblewrap made no box: {self._complaint()}")
            told += piece
        self._pid = int(json.loads(told)["child-pid"])
        self.end_fd = os.pidfd_open(self._pid)
        self.work = self._open_work(self._pid)

    def _open_work(self, pid: int) -> int:
        """The box's /w, once bwrap has pivoted: before that /proc/PID/root is still the host's."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                fd = os.open(f"/proc/{pid}/root/w", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
                if os.fstat(fd).st_dev == _device_of(pid, "/w"):
                    return fd
                os.close(fd)
            if select.select([self.end_fd], [], [], 0.001)[0]:
                break
        raise BoxFault(f"bubblewrap made no box: {self._complaint()}")

    def _complaint(self) -> str:
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
        for sink in self.outputs.sinks:
            sink.drain()
        return self.outputs.err.content.decode(errors="replace").strip() if self.outputs.err else ""

    def hear(self) -> None:
        self._ended_ns = time.monotonic_ns()
        self.done = True

    def look(self) -> float:
        limits = self.command.limits
        if self.group is not None:
            self._cpu_ns = self.group.cpu_ns() - self._base_ns
        else:
            sample = sample_tree(self._pid, limits.memory_bytes // 1024)
            self._cpu_ns = max(self._cpu_ns, sample.cpu_ns)
            self._peak_kb = max(self._peak_kb, sample.memory_kb)
        wall_left = limits.wall_seconds - (time.monotonic_ns() - self._started_ns) / 1e9
        cpu_left = limits.cpu_seconds - self._cpu_ns / 1e9
        self._enforce(cpu_left, wall_left)
        pause = min(cpu_left / (os.cpu_count() or 1), wall_left, _LONGEST_PAUSE)
        return max(pause, _SHORTEST_PAUSE)

    def _enforce(self, cpu_left: float, wall_left: float) -> None:
        if cpu_left <= 0:
            self._stop(KillReason.CPU)
        elif wall_left <= 0:
            self._stop(KillReason.WALL)
        elif self.group is None and self._peak_kb * 1024 > self.command.limits.memory_bytes:
            self._stop(KillReason.MEMORY)
        if wall_left < -_START_SECONDS:
            raise BoxFault("bubblewrap did not end a run in time")

    def _stop(self, reason: KillReason) -> None:
        self.reason = self.reason or reason
        if not self.done and self.end_fd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.end_fd, signal.SIGKILL)

    def kill(self) -> None:
        self._stop(KillReason.CALLER)

    def evidence(self) -> RunResult:
        """What is known of the run. Raises BoxFault when it never was one."""
        code = self._process.wait() if self._process else 1
        tally = self.group.tally() if self.group else MemoryUsage(self._peak_kb, 0)
        if self.group is not None:
            self._cpu_ns = max(0, self.group.cpu_ns() - self._base_ns)
        signalled = 128 < code < 160
        if code == 127 and not command_check.is_authors(self.command.argv[0], self.command):
            raise Misuse(f"{self.command.argv[0]} cannot be executed in the box")
        return RunResult(
            reason=self.reason,
            exit_code=None if signalled else code,
            signal=code - 128 if signalled else None,
            cpu_ns=self._cpu_ns,
            wall_ns=self._ended_ns - self._started_ns,
            tally=tally,
            harvest=box_files.collect(self.work, self.command) if self.work else box_files.CollectedFiles(),
            ended_ns=self._ended_ns,
        )

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._stop(KillReason.CALLER)
            self._process.kill()
            self._process.wait()
        if self.end_fd >= 0:
            select.select([self.end_fd], [], [], _START_SECONDS)
            os.close(self.end_fd)
            self.end_fd = -1
        if not self._closed:
            self._closed = True
            _reaper.end(self._pid)
        if self.work is not None:
            os.close(self.work)
            self.work = None
        self.outputs.close()
        if self.group is not None:
            self.group.close()
            self.group = None


def _device_of(pid: int, target: str) -> int | None:
    for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[4] == target:
            major, _, minor = fields[2].partition(":")
            return os.makedev(int(major), int(minor))
    return None


def _open_stdin(command: Command) -> int:
    """Always a sealed copy: here no read-only mount stands ready to open the host's file through."""
    if command.stdin is None:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return box_files.seal_bytes(
            command.stdin if isinstance(command.stdin, bytes) else command.stdin.read_bytes()
        )
    except OSError as error:
        raise Misuse(f"stdin cannot be opened: {error}") from error


class BubblewrapBackend(Backend[Slot]):
    """See ``sandbox.api.Sandbox``."""

    def __init__(self, config: SlotConfig, claim: Claim, groups: SlotCgroups | None, note: str) -> None:
        find_bwrap()
        _check_reach(config, claim)
        super().__init__(Slot(config, claim, groups))
        mode = IsolationMode.FULL if groups else IsolationMode.NO_CGROUP
        self.isolation = Isolation("bubblewrap", mode, _guarantees(groups, note))

    def open_second(self) -> Slot:
        """See the conductor."""
        return open_beside(self._slots[0], Slot)

    def start(self, slot: Slot, command: Command, stdin: int | None, stdout: int | None) -> Run:
        """See the conductor."""
        return Run(slot, command, stdin, stdout)


def _check_reach(config: SlotConfig, claim: Claim) -> None:
    """bwrap looks the shares up as the slot's user; the launcher does it before it gives up ours."""
    for wanted in (find_bwrap(), *config.shares) if claim.uid else ():
        closed = [path for path in wanted.resolve().parents if not path.stat().st_mode & stat.S_IXOTH]
        if closed:
            raise CannotIsolate(f"bubblewrap cannot reach {wanted}: {closed[-1]} is closed to other users")


def _guarantees(groups: SlotCgroups | None, note: str) -> tuple[Guarantee, ...]:
    kernel = groups.version if groups else None
    lost = "" if kernel else note
    return (
        Guarantee("memory", kernel or "sampling, RLIMIT_DATA", lost),
        Guarantee("cpu time", kernel or "sampling, RLIMIT_CPU", lost or "polled every 20 ms at most"),
        Guarantee("processes", kernel or "RLIMIT_NPROC"),
        Guarantee("wall time", "polling"),
        Guarantee("output", "pipe reader, RLIMIT_FSIZE"),
        Guarantee("files", "tmpfs size, RLIMIT_FSIZE"),
        Guarantee("network", "empty network namespace, seccomp"),
        Guarantee("system calls", "seccomp allow list"),
    )
