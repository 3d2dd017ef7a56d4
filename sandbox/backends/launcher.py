"""The launcher behind the Sandbox protocol: a resident zygote per slot, driven over a socket."""

from __future__ import annotations

import contextlib
import math
import os
import stat
import time
from functools import lru_cache

from sandbox import box_files
from sandbox.api import Command, Guarantee, Isolation, IsolationMode
from sandbox.backends import command_check
from sandbox.backends.backend import Backend, open_beside
from sandbox.backends.result import KillReason, RunResult
from sandbox.cgroups import MemoryUsage, RunCgroup, SlotCgroups
from sandbox.errors import BoxFault, Misuse
from sandbox.launcher import protocol
from sandbox.launcher.zygote import Zygote
from sandbox.limits import MIB, Limits
from sandbox.output_capture import Outputs
from sandbox.slot import Claim, SlotConfig

_TABLED = 4096 * MIB
"""Addresses beyond its memory that a program without cgroups may have: a GiB can cost 2 MiB of page tables,
which no sample sees."""
_GRACE_SECONDS = 10.0
_OWNERS, _EVERYBODYS = stat.S_IRUSR, stat.S_IRGRP | stat.S_IROTH


class Slot:
    """A claimed slot with its groups and its zygote; the zygote is started again should it ever die."""

    def __init__(self, config: SlotConfig, claim: Claim, groups: SlotCgroups | None) -> None:
        self.config = config
        self.claim = claim
        self.groups = groups
        self.tops = [os.path.realpath(share) for share in config.shares]
        self.cores = len(config.cpus or ()) or os.cpu_count() or 1
        self._zygote: Zygote | None = Zygote(config, claim, groups)

    @property
    def zygote(self) -> Zygote:
        if self._zygote is None:
            if self.groups is not None:
                self.groups.make_room()
            self._zygote = Zygote(self.config, self.claim, self.groups)
        return self._zygote

    def abandon(self) -> None:
        """End it and everything in the slot."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def close(self) -> None:
        self.abandon()
        if self.groups is not None:
            self.groups.close()
        self.claim.release()


class Run:
    """One command under way in a slot; see ``driving.LiveRun``."""

    def __init__(self, slot: Slot, command: Command, stdin: int | None, stdout: int | None) -> None:
        self.slot = slot
        self.command = command
        self.zygote = slot.zygote
        self.serial = self.zygote.next_serial()
        self.facts: protocol.Facts | None = None
        self._work: int | None = None
        self.group: RunCgroup | None = None
        self.outputs = Outputs(command, stdout)
        try:
            if slot.groups:
                self.group = self._begin_group(slot.groups)
            self._send(*((0, os.dup(stdin)) if stdin is not None else self._open_stdin()))
        except BaseException:
            self.close()
            raise
        if slot.groups:
            self._announce_next(slot.groups)
        self._started_ns = time.monotonic_ns()
        self._deadline = self._started_ns / 1e9 + command.limits.wall_seconds + _GRACE_SECONDS

    @property
    def end_fd(self) -> int:
        return self.zygote.socket.fileno()

    @property
    def done(self) -> bool:
        return self.facts is not None

    def _begin_group(self, groups: SlotCgroups) -> RunCgroup:
        """The group in which a box waits. Whatever becomes of this run, that box serves no other."""
        if not self.zygote.knows_group:
            self.zygote.announce(groups)
        self.zygote.knows_group = False
        return groups.begin(self.command.limits)

    def _announce_next(self, groups: SlotCgroups) -> None:
        """While this run is on. Should it fail, the next run tries again and tells."""
        with contextlib.suppress(OSError):
            self.zygote.announce(groups)

    def _send(self, stdin_flag: int, stdin: int, *mount: int) -> None:
        fds = [stdin, *mount]
        try:
            blob = [box_files.lay_blob(self.command.files)] if self.command.files else []
            fds += blob
            passed = [stdin, *self.outputs.writers, *blob, *mount]
            self.zygote.send(self._describe(stdin_flag).pack(), passed)
        finally:
            for fd in fds:
                os.close(fd)
            self.outputs.hand_over()

    def _describe(self, stdin_flag: int) -> protocol.Request:
        command = self.command
        return protocol.Request(
            serial=self.serial,
            ceilings=_ceilings(
                command.limits, command.seccomp_profile, self.slot.groups is None, self.slot.cores
            ),
            seccomp_profile=command.seccomp_profile,
            argv=command.argv,
            variables=command_check.variables(command),
            files=tuple(
                (f.name, box_files.size_of(f), 0o755 if f.executable else 0o644) for f in command.files
            ),
            mounts=command_check.place_mounts(command, self.slot.config.shares),
            flags=_flags(command) | stdin_flag,
        )

    def _open_stdin(self) -> tuple[int, ...]:
        """The flag that says what the launcher makes of it, the descriptor, and a mount to let go of later.

        Files below a share are opened through the slot's read-only mount of it: reopening them for writing
        fails whoever owns them. The launcher takes their names off. Any other file is copied into a sealed
        one.
        """
        stdin = self.command.stdin
        if stdin is None:
            return protocol.NO_STDIN, os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        if isinstance(stdin, bytes):
            return 0, box_files.seal_bytes(stdin)
        try:
            # As it is written, which mostly will do, and with links resolved.
            for seek in (command_check.locate, command_check.find_share):
                place = seek(stdin, self.slot.config.shares)
                if place is not None:
                    with contextlib.suppress(OSError):
                        return self._open_shared(*place)
            return 0, box_files.seal_bytes(stdin.read_bytes())
        except OSError as error:
            raise Misuse(f"stdin cannot be opened: {error}") from error

    def _open_shared(self, share: int, name: str) -> tuple[int, ...]:
        """A file below a share. To take its name off the launcher opens it again, as the slot's user: where
        that one may not read it, an output that we keep to ourselves, we do it. Raises OSError."""
        fd = box_files.open_beneath(self.zygote.share_fds[share], name, os.O_RDONLY)
        facts = os.fstat(fd)
        wanted = _OWNERS if facts.st_uid == (self.slot.claim.uid or os.geteuid()) else _EVERYBODYS
        if stat.S_ISREG(facts.st_mode) and facts.st_mode & wanted == wanted:
            return protocol.NAMED_STDIN, fd
        os.close(fd)
        return protocol.STDIN_MOUNT, *box_files.open_unnamed(self.slot.tops[share], name)

    def hear(self) -> None:
        try:
            facts, self._work = self.zygote.receive(bool(self.command.collect))
        except BoxFault:
            facts = self._reckon_lost()
        if facts.serial != self.serial:
            raise BoxFault("the launcher answered another run")
        self.facts = facts

    def _reckon_lost(self) -> protocol.Facts:
        """The launcher died under a run. Where the run had used up the slot's memory that is its own doing,
        and an ending: of its times no more is known than how long it took. Else raises BoxFault.

        On cgroup v1 both stand in one group. The kernel takes the launcher last, but can come to it: what a
        box holds in its tmpfs is nobody's, and at a limit of 2 MiB there is soon nobody else left.
        """
        self.slot.abandon()  # when it returns all of the slot are dead, and what was counted is final
        if self.group is None or not self.group.tally().oom_kills:
            raise BoxFault("the launcher died during a run")
        return protocol.lost(self.serial, self._started_ns, time.monotonic_ns())

    def look(self) -> float:
        left = self._deadline - time.monotonic()
        if left < 0:
            raise BoxFault("the launcher did not end a run in time")
        return left

    def kill(self) -> None:
        self.zygote.kill(self.serial)

    def evidence(self) -> RunResult:
        """What is known of the run. Raises BoxFault when it never was one."""
        facts, command = self.facts, self.command
        if facts is None or facts.kind is not protocol.Kind.ENDED:
            raise BoxFault(facts.describe_failure() if facts else "no report")
        tally = self.group.tally() if self.group else MemoryUsage(max(facts.peak_kb, facts.max_rss_kb), 0)
        if facts.stage and not tally.oom_kills:
            return _unborn(command, facts, tally)
        if not (facts.waited or facts.reason or tally.oom_kills):
            raise BoxFault("the box died without a word")
        signalled = facts.waited and os.WIFSIGNALED(facts.status)
        return RunResult(
            reason=KillReason(facts.reason),
            exit_code=os.WEXITSTATUS(facts.status) if facts.waited and not signalled else None,
            signal=os.WTERMSIG(facts.status) if signalled else None,
            cpu_ns=facts.cpu_ns,
            wall_ns=facts.wall_ns,
            tally=tally,
            harvest=box_files.collect(self._work, command, "w")
            if self._work is not None
            else box_files.CollectedFiles(),
            ended_ns=facts.started_ns + facts.wall_ns,
        )

    def close(self) -> None:
        self.outputs.close()
        if self._work is not None:
            os.close(self._work)
            self._work = None
        if self.group is not None:
            self.group.close()
            self.group = None


def _flags(command: Command) -> int:
    return (protocol.WANT_WORK if command.collect else 0) | (protocol.READ_ONLY if command.read_only else 0)


def _unborn(command: Command, facts: protocol.Facts, tally: MemoryUsage) -> RunResult:
    """The target never started: ours to blame, unless what it is was made by the author."""
    program = command.argv[0]
    if facts.stage != protocol.STAGE_EXEC:
        raise BoxFault(facts.describe_failure())
    if not command_check.is_authors(program, command):
        raise Misuse(f"{program} cannot be executed in the box: {os.strerror(facts.error)}")
    return RunResult(KillReason.NONE, 126, None, facts.cpu_ns, 0, tally)


@lru_cache(maxsize=64)
def _ceilings(limits: Limits, seccomp_profile: str, alone: bool, cores: int) -> protocol.KernelLimits:
    """Under cgroups the rlimits are only a second line; without them (``alone``) they are all there is."""
    stack, data, addresses, sampled = protocol.UNLIMITED, protocol.UNLIMITED, protocol.UNLIMITED, 0
    if alone:
        stack, sampled = limits.memory_bytes, limits.memory_bytes
        if seccomp_profile not in command_check.RESERVES_ADDRESS_SPACE:
            data = limits.memory_bytes + 16 * MIB
            addresses = limits.memory_bytes + _TABLED
    return protocol.KernelLimits(
        cpu_ns=int(limits.cpu_seconds * 1e9),
        wall_ns=int(limits.wall_seconds * 1e9),
        workspace_bytes=limits.workspace_bytes,
        file_bytes=limits.file_bytes,
        open_files=limits.open_files,
        stack_bytes=limits.stack_bytes or stack,
        data_bytes=data,
        address_bytes=addresses,
        cpu_seconds=math.ceil(limits.cpu_seconds) + 1,
        processes=limits.processes + 3,
        sampled_memory=sampled,
        cores=cores,
    )


class LauncherBackend(Backend[Slot]):
    """See ``sandbox.api.Sandbox``."""

    def __init__(self, config: SlotConfig, claim: Claim, groups: SlotCgroups | None, note: str) -> None:
        super().__init__(Slot(config, claim, groups))
        mode = IsolationMode.FULL if groups else IsolationMode.NO_CGROUP
        self.isolation = Isolation("launcher", mode, _guarantees(groups, note))

    def open_second(self) -> Slot:
        """See the conductor."""
        return open_beside(self._slots[0], Slot)

    def start(self, slot: Slot, command: Command, stdin: int | None, stdout: int | None) -> Run:
        """See the conductor."""
        return Run(slot, command, stdin, stdout)


def _guarantees(groups: SlotCgroups | None, note: str) -> tuple[Guarantee, ...]:
    kernel = groups.version if groups else None
    lost = "" if kernel else note
    return (
        Guarantee("memory", kernel or "sampling, RLIMIT_DATA", lost),
        Guarantee("cpu time", kernel or "sampling, RLIMIT_CPU", lost or "polled every 20 ms at most"),
        Guarantee("processes", kernel or "RLIMIT_NPROC", "of the slot's own user namespace"),
        Guarantee("wall time", "launcher"),
        Guarantee("output", "pipe reader, RLIMIT_FSIZE"),
        Guarantee("files", "tmpfs size, RLIMIT_FSIZE"),
        Guarantee("network", "empty network namespace, seccomp"),
        Guarantee("system calls", "seccomp allow list"),
    )
