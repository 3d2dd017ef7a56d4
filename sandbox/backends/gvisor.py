"""The gVisor backend. Each run has its own kernel, which runs in user space.

gVisor's kernel (runsc) answers the target's system calls, not the host's kernel. Each run starts one runsc,
as each run of the bubblewrap backend starts one bwrap. Python polls the limits, and the slot's cgroups
enforce them. The cgroups also count the memory, processes and time of gVisor itself. What runsc uses before
the program starts is subtracted. What it uses for the program's system calls counts as the program's. runsc
reports a signal as exit code 128 + signal, so ``exit(139)`` looks like a crash. The backend needs root and
cgroups.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from sandbox.api import MIB, Command
from sandbox.backends.backend import Backend, isolation_of, open_another_slot
from sandbox.backends.bubblewrap import BubblewrapRun, BubblewrapSlot, open_stdin
from sandbox.backends.bwrap_args import join_cgroups
from sandbox.backends.gvisor_bundle import BoxFolders, find_runsc, make_root, write_bundle
from sandbox.backends.result import KillReason, RunResult
from sandbox.cgroups import MemorySamples, MemoryUsage, SlotCgroups
from sandbox.errors import BoxFault, CannotIsolate
from sandbox.proc_usage import RunDelay
from sandbox.slot import Claim, SlotConfig

_START_SECONDS = 60.0
_OWN_MEMORY = 256 * MIB
"""Memory for gVisor's kernel and its file server, in addition to the program's."""
_OWN_PROCESSES = 256
"""Added to the limit of processes until the program starts. Then ``limit_processes`` sets the program's
limit."""
_SPARE_THREADS = 16
_THREADS_EACH = 2
"""How many threads of the host gVisor uses for each thread of the program: one runs it, and one answers its
system calls."""
_FLAGS = ("--network=none", "--ignore-cgroups", "--host-uds=none")


class GvisorSlot(BubblewrapSlot):
    """A claimed slot with its cgroups, a root file system, and folders for one run at a time."""

    def __init__(self, config: SlotConfig, claim: Claim, cgroups: SlotCgroups | None) -> None:
        if cgroups is None:
            raise CannotIsolate("gVisor needs cgroups: they enforce its limits")
        self.config = config
        self.claim = claim
        self.cgroups = cgroups
        self.folders = BoxFolders(config.scratch / f"gvisor-{claim.index}")
        self.folders.make()
        self.mounts = make_root(self.folders.root, config)

    def pids(self) -> list[int]:
        """Every process of the slot's cgroup."""
        return [int(pid) for pid in self._cgroup_files()[0].read_text().split()]

    def _cgroup_files(self) -> tuple[Path, ...]:
        assert self.cgroups is not None
        return self.cgroups.procs_files()

    def kill_all(self) -> None:
        """End every process of the slot, and wait until there is none."""
        deadline = time.monotonic() + _START_SECONDS
        while pids := self.pids():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > deadline:
                raise BoxFault(f"processes of gVisor still run {_START_SECONDS:.0f} s after SIGKILL")
            time.sleep(0.001)

    def limit_processes(self, more: int) -> None:
        """Allow this many processes and threads in addition to those that there are now."""
        for file in self._cgroup_files():
            current, limit = file.with_name("pids.current"), file.with_name("pids.max")
            if limit.exists():
                limit.write_text(str(int(current.read_text()) + more))

    def refused_processes(self) -> int:
        """How often the limit of processes was reached."""
        files = [file.with_name("pids.events") for file in self._cgroup_files()]
        return sum(int(file.read_text().split()[1]) for file in files if file.exists())

    def close(self) -> None:
        """Release the slot."""
        self.folders.remove()
        super().close()


class GvisorRun(BubblewrapRun):
    """One runsc. See ``backend.BackendRun``. The program starts only when its box is ready."""

    slot: GvisorSlot
    _own_bytes = 0
    _peak_bytes = 0
    _killed_ns = 0

    def _begin(self) -> None:
        """Do nothing: the host's init reaps the orphans of runsc."""

    def _end(self) -> None:
        """Do nothing: see ``_begin``."""

    def _start(self, stdin: int | None) -> None:
        folders = self.slot.folders
        stdin_fd = os.dup(stdin) if stdin is not None else open_stdin(self.command)
        try:
            folders.mount(self.command.limits.workspace_bytes)
            folders.write_files(self.command)
            write_bundle(folders, self.command, self.slot.config.shares, self.slot.mounts)
            self._process = self._spawn_runsc(stdin_fd)
        finally:
            os.close(stdin_fd)
        self._pid = self._process.pid
        self.end_fd = os.pidfd_open(self._pid)
        self.outputs.close_writers()
        self._wait_until_ready()
        self.work = os.open(folders.work, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        assert self.cgroup is not None
        self.slot.limit_processes(_THREADS_EACH * self.command.limits.processes + _SPARE_THREADS)
        self._refused_before = self.slot.refused_processes()
        self._own_bytes = self.cgroup.sample_memory(MemorySamples()).own_bytes
        self._cpu_ns_before = self.cgroup.cpu_ns()
        self._started_ns = time.monotonic_ns()
        if self.command.limits.delay_seconds:
            self._delay = RunDelay(self._pid, self._started_ns)
        folders.let_go()

    def _spawn_runsc(self, stdin_fd: int) -> subprocess.Popen[bytes]:
        assert self.cgroup is not None
        folders = self.slot.folders
        argv = [
            *join_cgroups(self.cgroup),
            "/usr/bin/setpriv",
            "--pdeathsig",
            "KILL",
            "--",
            str(find_runsc()),
        ]
        argv += ["--root", str(folders.state), "--log", str(folders.log), *_FLAGS, f"--platform={platform()}"]
        return subprocess.Popen(
            [*argv, "run", "--bundle", str(folders.run), self.slot.claim.name],
            stdin=stdin_fd,
            stdout=self.outputs.writers[0],
            stderr=self.outputs.writers[1],
            env={},
            cwd="/",
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self.slot.folders.is_ready():
            if select.select([self.end_fd], [], [], 0.002)[0] or time.monotonic() > deadline:
                raise BoxFault(f"gVisor made no box: {self._error_text() or self.slot.folders.last_error()}")

    def check_limits(self) -> float:
        """See BackendRun."""
        assert self.cgroup is not None
        limits = self.command.limits
        now = self.cgroup.sample_memory(MemorySamples()).own_bytes
        self._peak_bytes = max(self._peak_bytes, now - self._own_bytes)
        if self._peak_bytes > limits.memory_bytes:
            self._kill(KillReason.MEMORY)
        return super().check_limits()

    def _kill(self, reason: KillReason) -> None:
        self.kill_reason = self.kill_reason or reason
        self._killed_ns = self._killed_ns or time.monotonic_ns()
        for pid in self.slot.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def read_end(self) -> None:
        """See BackendRun. A killed program ended when it was killed. gVisor's own processes may end later."""
        super().read_end()
        self._ended_ns = self._killed_ns or self._ended_ns

    def result(self) -> RunResult:
        """See BackendRun."""
        found = super().result()
        code = found.exit_code
        if code is not None and code < 0:
            return replace(found, exit_code=None, signal=-code)
        if found.memory.oom_kills or self.kill_reason or not self.slot.folders.last_error():
            return found
        # gVisor's kernel ends if the cgroup refuses it a thread, because the program has used up its
        # processes.
        if self.slot.refused_processes() > self._refused_before:
            return replace(found, exit_code=None, signal=int(signal.SIGKILL))
        raise BoxFault(f"gVisor failed: {self.slot.folders.last_error()}")

    def _memory_usage(self) -> MemoryUsage:
        assert self.cgroup is not None
        self._pid = 0
        oom_kills = self.cgroup.memory_usage(self._samples).oom_kills
        return MemoryUsage(self._peak_bytes // 1024, oom_kills)

    def close(self) -> None:
        """End the run, and release what belongs to it."""
        if self._process is not None:
            self.slot.kill_all()
            self._process.wait()
            self._pid = 0
        super().close()
        self.slot.folders.clear()


def platform() -> str:
    """How gVisor intercepts system calls. ptrace works on every host, without hardware support."""
    return "ptrace"


class GvisorBackend(Backend[GvisorSlot]):
    """See ``sandbox.api.Sandbox``."""

    def __init__(self, config: SlotConfig, claim: Claim, cgroups: SlotCgroups | None, note: str) -> None:
        if not claim.uid:
            raise CannotIsolate("gVisor needs a worker that runs as root")
        find_runsc()
        super().__init__(GvisorSlot(config, claim, cgroups))
        isolation = isolation_of("gvisor", cgroups, note, wall_time="polling")
        own = {"network": "gVisor without network", "system calls": "gVisor's kernel"}
        guarantees = [
            replace(each, enforced_by=own.get(each.limit, each.enforced_by)) for each in isolation.guarantees
        ]
        self.isolation = replace(isolation, guarantees=tuple(guarantees))

    def open_second_slot(self) -> GvisorSlot:
        """See Backend."""
        return open_another_slot(self._slots[0], GvisorSlot)

    def start(self, slot: GvisorSlot, command: Command, stdin: int | None, stdout: int | None) -> GvisorRun:
        """See Backend."""
        limits = command.limits
        wider = replace(
            limits,
            memory_bytes=limits.memory_bytes + _OWN_MEMORY,
            processes=limits.processes + _OWN_PROCESSES,
        )
        return GvisorRun(slot, command, stdin, stdout, wider)
