"""The launcher backend. Each slot has a resident zygote, which takes requests over a socket."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from functools import lru_cache

from sandbox import box_files
from sandbox.api import KIB, MIB, Command, Limits
from sandbox.backends import command_check
from sandbox.backends.backend import Backend, isolation_of, open_another_slot
from sandbox.backends.result import KillReason, RunResult, process_seconds
from sandbox.cgroups import MemorySamples, MemoryUsage, RunCgroup, SlotCgroups
from sandbox.errors import BoxFault, Misuse
from sandbox.launcher import protocol
from sandbox.launcher.zygote import Zygote
from sandbox.output_capture import OutputCapture
from sandbox.proc_usage import all_asleep
from sandbox.slot import Claim, SlotConfig

_SPARE_ADDRESS_BYTES = 4096 * MIB
"""How many addresses a program without cgroups may have in addition to its memory. A GiB of addresses can
take 2 MiB of page tables, which no sample shows."""
_GRACE_SECONDS = 10.0
_SERVER_ERRORS = (errno.ENOTCONN, errno.ECONNABORTED, errno.ESTALE, errno.EMFILE, errno.ENFILE)
"""Errors of execve that no program can cause: the slot's file server has ended, or cannot open the file."""
_OWNER_MAY_READ, _OTHERS_MAY_READ = stat.S_IRUSR, stat.S_IRGRP | stat.S_IROTH


class LauncherSlot:
    """A claimed slot with its cgroups and its zygote. A zygote that died is started again."""

    def __init__(self, config: SlotConfig, claim: Claim, cgroups: SlotCgroups | None) -> None:
        self.config = config
        self.claim = claim
        self.cgroups = cgroups
        self.share_paths = [os.path.realpath(share) for share in config.shares]
        self.cores = len(config.cpus or ()) or os.cpu_count() or 1
        self._zygote: Zygote | None = Zygote(config, claim, cgroups)

    @property
    def zygote(self) -> Zygote:
        """The zygote. It is started if there is none."""
        if self._zygote is None:
            if self.cgroups is not None:
                self.cgroups.lift_memory_limit()
            self._zygote = Zygote(self.config, self.claim, self.cgroups)
        return self._zygote

    def kill_all(self) -> None:
        """End the zygote and everything in the slot."""
        zygote, self._zygote = self._zygote, None
        if zygote is not None:
            zygote.close()

    def close(self) -> None:
        """End everything and release the slot. If its processes do not end, the slot stays claimed, so that
        no other worker uses it."""
        try:
            self.kill_all()
        finally:
            if self.cgroups is not None:
                self.cgroups.close()
        self.claim.release()


class LauncherRun:
    """One command that runs in a slot. See ``backend.BackendRun``."""

    def __init__(self, slot: LauncherSlot, command: Command, stdin: int | None, stdout: int | None) -> None:
        self.slot = slot
        self.command = command
        self.zygote = slot.zygote
        self.serial = self.zygote.next_serial()
        self.report: protocol.LauncherReport | None = None
        self._work: int | None = None
        self.cgroup: RunCgroup | None = None
        self.outputs = OutputCapture(command, stdout)
        try:
            if slot.cgroups:
                self.cgroup = self._start_cgroup(slot.cgroups)
            self._send(*((0, os.dup(stdin)) if stdin is not None else self._open_stdin()))
        except BaseException:
            self.close()
            raise
        if slot.cgroups:
            self._send_next_cgroup(slot.cgroups)
        self._started_ns = time.monotonic_ns()
        limits = command.limits
        most = limits.wall_seconds + limits.delay_seconds + _GRACE_SECONDS
        self._deadline = self._started_ns / 1e9 + most

    @property
    def end_fd(self) -> int:
        """See BackendRun."""
        return self.zygote.socket.fileno()

    @property
    def done(self) -> bool:
        """See BackendRun."""
        return self.report is not None

    def _start_cgroup(self, cgroups: SlotCgroups) -> RunCgroup:
        """Set the limits of the cgroup in which a box waits. Even if this run fails, the box serves no other
        run."""
        if not self.zygote.has_next_cgroup:
            self.zygote.send_next_cgroup(cgroups)
        self.zygote.has_next_cgroup = False
        return cgroups.start_run(self.command.limits)

    def _send_next_cgroup(self, cgroups: SlotCgroups) -> None:
        """Send the next run's cgroup while this run goes on. If that fails, the next run tries again and
        raises. If the launcher has died, reading the end of this run finds out why."""
        with contextlib.suppress(OSError, BoxFault):
            self.zygote.send_next_cgroup(cgroups)

    def _send(self, stdin_flag: int, stdin: int, *mount: int) -> None:
        fds = [stdin, *mount]
        try:
            contents = [box_files.concatenate_files(self.command.files)] if self.command.files else []
            fds += contents
            sent = [stdin, *self.outputs.writers, *contents, *mount]
            self.zygote.send(self._request(stdin_flag).pack(), sent)
        finally:
            for fd in fds:
                os.close(fd)
            self.outputs.close_writers()

    def _request(self, stdin_flag: int) -> protocol.LauncherRequest:
        command, slot = self.command, self.slot
        without_cgroup = slot.cgroups is None
        most_data = command_check.data_limit(command) if without_cgroup else None
        return protocol.LauncherRequest(
            serial=self.serial,
            limits=_kernel_limits(command.limits, most_data, without_cgroup, slot.cores),
            seccomp_profile=command.seccomp_profile,
            argv=command.argv,
            variables=command_check.environment_of(command),
            files=tuple(
                (f.name, box_files.size_of(f), 0o755 if f.executable else 0o644) for f in command.files
            ),
            mounts=command_check.locate_mounts(command, slot.config.shares),
            flags=_flags(command) | stdin_flag,
        )

    def _open_stdin(self) -> tuple[int, ...]:
        """The flag for the kind of stdin, the descriptor, and sometimes a mount to close.

        A small file is copied into a sealed one, which takes less time than to open it through the slot's
        file server and to hide its path. A larger file below a share is opened through the slot's read-only
        mount of the share, so that no user can reopen it for writing. The launcher hides its path. Any other
        file is copied.
        """
        stdin = self.command.stdin
        if stdin is None:
            return protocol.EMPTY_STDIN, os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        if isinstance(stdin, bytes):
            return 0, box_files.sealed_file(stdin)
        try:
            if (content := box_files.read_if_small(stdin)) is not None:
                return 0, box_files.sealed_file(content)
            # Try the path as it is written, which is usually enough, then with links resolved.
            for locate in (command_check.locate, command_check.locate_real_path):
                place = locate(stdin, self.slot.config.shares)
                if place is not None:
                    with contextlib.suppress(OSError):
                        return self._open_shared(*place)
            return 0, box_files.sealed_file(stdin.read_bytes())
        except OSError as error:
            raise Misuse(f"stdin cannot be opened: {error}") from error

    def _open_shared(self, share: int, name: str) -> tuple[int, ...]:
        """Open a file below a share. To hide its path, the launcher opens it again as the slot's user. If
        that user may not read it, as in the case of an output that only the worker may read, this process
        opens it again. Raises OSError."""
        try:
            fd = box_files.open_beneath(self.zygote.share_fds[share], name, os.O_RDONLY)
        except PermissionError:  # The slot's file server may not read the file.
            return self._open_for_slot(share, name)
        facts = os.fstat(fd)
        owned = facts.st_uid == (self.slot.claim.uid or os.geteuid())
        needed = _OWNER_MAY_READ if owned else _OTHERS_MAY_READ
        if stat.S_ISREG(facts.st_mode) and facts.st_mode & needed == needed:
            return protocol.HIDE_STDIN_PATH, fd
        os.close(fd)
        return self._open_for_slot(share, name)

    def _open_for_slot(self, share: int, name: str) -> tuple[int, ...]:
        """A file below a share, opened with the rights of this process."""
        return protocol.STDIN_MOUNT, *box_files.open_without_path(self.slot.share_paths[share], name)

    def read_end(self) -> None:
        """See BackendRun."""
        try:
            report, self._work = self.zygote.receive(bool(self.command.collect))
        except BoxFault:
            report = self._report_lost_run()
        if report.serial != self.serial:
            raise BoxFault("the launcher answered another run")
        self.report = report

    def _report_lost_run(self) -> protocol.LauncherReport:
        """The report of a run during which the launcher died. If the run had used up the slot's memory, that
        is its ending, and only its wall time is known. Otherwise raises BoxFault.

        On cgroup v1, launcher and box are in one cgroup. The kernel kills the launcher last, but sometimes
        nothing else is left to kill: memory in a box's tmpfs belongs to no process, and a limit of 2 MiB may
        leave no other process.
        """
        self.slot.kill_all()  # Now every process is dead, and the counters are final.
        if self.cgroup is None or not self.cgroup.memory_usage().oom_kills:
            raise BoxFault("the launcher died during a run")
        return protocol.lost_run_report(self.serial, self._started_ns, time.monotonic_ns())

    def check_limits(self) -> float:
        """Check that the zygote, which checks the limits, has ended the run in time. See BackendRun."""
        left = self._deadline - time.monotonic()
        if left < 0:
            raise BoxFault("the launcher did not end a run in time")
        return left

    def is_asleep(self) -> bool:
        """See BackendRun."""
        return all_asleep(self.zygote.init_pids())

    def kill(self) -> None:
        """See BackendRun."""
        self.zygote.kill(self.serial)

    def result(self) -> RunResult:
        """See BackendRun."""
        report, command = self.report, self.command
        if report is None or report.kind is not protocol.LauncherReportKind.ENDED:
            raise BoxFault(report.describe_failure() if report else "no report")
        memory = self._memory_usage(report)
        if report.stage and not memory.oom_kills:
            return _result_without_start(command, report, memory)
        if not (report.reaped or report.kill_reason or memory.oom_kills):
            raise BoxFault("the box died without a report")
        signalled = report.reaped and os.WIFSIGNALED(report.wait_status)
        collected = box_files.CollectedFiles()
        if self._work is not None:
            collected = box_files.collect(self._work, command, "w")
        return RunResult(
            kill_reason=KillReason(report.kill_reason),
            exit_code=os.WEXITSTATUS(report.wait_status) if report.reaped and not signalled else None,
            signal=os.WTERMSIG(report.wait_status) if signalled else None,
            cpu_ns=report.cpu_ns,
            wall_ns=report.wall_ns,
            memory=memory,
            collected=collected,
            ended_ns=report.started_ns + report.wall_ns,
            delay_ns=report.delay_ns,
        )

    def _memory_usage(self, report: protocol.LauncherReport) -> MemoryUsage:
        if self.cgroup:
            return self.cgroup.memory_usage(_samples_of(report))
        return MemoryUsage(max(report.sampled_peak_kb, report.max_rss_kb), 0)

    def close(self) -> None:
        """Release what belongs to the run."""
        self.outputs.close()
        if self._work is not None:
            os.close(self._work)
            self._work = None
        if self.cgroup is not None:
            self.cgroup.close()
            self.cgroup = None


def _samples_of(report: protocol.LauncherReport) -> MemorySamples:
    was_sampled = report.most_cache_kb >= 0
    return MemorySamples(
        own_bytes=report.sampled_peak_kb * KIB,
        least_cache=report.least_cache_kb * KIB if was_sampled else None,
        most_cache=report.most_cache_kb * KIB if was_sampled else None,
        largest_process=report.max_rss_kb * KIB,
    )


def _flags(command: Command) -> int:
    collect = protocol.RETURN_WORK if command.collect else 0
    return collect | (protocol.READ_ONLY_WORK if command.read_only else 0)


def _result_without_start(
    command: Command, report: protocol.LauncherReport, memory: MemoryUsage
) -> RunResult:
    """The result if the target never started. This is a fault of the sandbox, unless the program comes from
    the submission."""
    program = command.argv[0]
    if report.stage != protocol.STAGE_EXEC or report.error in _SERVER_ERRORS:
        raise BoxFault(report.describe_failure())
    if not command_check.is_authors_program(program, command):
        raise Misuse(f"{program} cannot be executed in the box: {os.strerror(report.error)}")
    return RunResult(KillReason.NONE, 126, None, report.cpu_ns, 0, memory)


@lru_cache(maxsize=64)
def _kernel_limits(
    limits: Limits, most_data: int | None, without_cgroup: bool, cores: int
) -> protocol.KernelLimits:
    """The limits of a run that the launcher enforces. With cgroups, the cgroups limit the memory instead,
    and the processes too. ``most_data`` is RLIMIT_DATA, if the run has one.

    The stack is limited only if a command asks for it. The C library reserves that much for each thread,
    which would count towards RLIMIT_DATA. Without cgroups, a deep recursion is ended by RLIMIT_AS, or when
    the sampled memory is above its limit.
    """
    addresses = protocol.UNLIMITED if most_data is None else limits.memory_bytes + _SPARE_ADDRESS_BYTES
    if limits.process_address_bytes is not None:
        addresses = min(addresses, limits.process_address_bytes)
    return protocol.KernelLimits(
        cpu_ns=int(limits.cpu_seconds * 1e9),
        wall_ns=int(limits.wall_seconds * 1e9),
        delay_ns=int(limits.delay_seconds * 1e9),
        workspace_bytes=limits.workspace_bytes,
        file_bytes=limits.file_bytes,
        open_files=limits.open_files,
        stack_bytes=limits.stack_bytes or protocol.UNLIMITED,
        data_bytes=protocol.UNLIMITED if most_data is None else most_data,
        address_bytes=addresses,
        cpu_seconds=process_seconds(limits),
        processes=limits.processes + 3,
        sampled_memory_bytes=limits.memory_bytes if without_cgroup else 0,
        cores=cores,
    )


class LauncherBackend(Backend[LauncherSlot]):
    """See ``sandbox.api.Sandbox``."""

    def __init__(self, config: SlotConfig, claim: Claim, cgroups: SlotCgroups | None, note: str) -> None:
        super().__init__(LauncherSlot(config, claim, cgroups))
        self.isolation = isolation_of(
            "launcher", cgroups, note, wall_time="launcher", processes="of the slot's own user namespace"
        )

    def open_second_slot(self) -> LauncherSlot:
        """See Backend."""
        return open_another_slot(self._slots[0], LauncherSlot)

    def start(
        self, slot: LauncherSlot, command: Command, stdin: int | None, stdout: int | None
    ) -> LauncherRun:
        """See Backend."""
        return LauncherRun(slot, command, stdin, stdout)
