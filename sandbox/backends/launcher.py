"""The launcher behind the Sandbox protocol: a resident zygote per slot, driven over a socket."""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox import box
from sandbox.backends import ordering
from sandbox.cgroups import RunGroup, SlotGroups, Tally
from sandbox.contract import Assurance, Command, Conversation, Ending, Guarantee, Mode, RunReport
from sandbox.errors import BoxFault, Cancelled, CannotIsolate, Misuse
from sandbox.launcher import wire
from sandbox.launcher.build import launcher_path
from sandbox.launcher.filters import known_needs
from sandbox.limits import MIB
from sandbox.rootfs import Piece, describe_root
from sandbox.slot import Claim, SlotConfig
from sandbox.streams import FileSink, MemorySink, open_pipe

_OPTION = {Piece.BIND: "-b", Piece.DEVICE: "-v", Piece.LINK: "-l", Piece.FILE: "-f"}
_RESERVING_RUNTIMES = ("jvm", "node", "go", "compiler")
_READY_SECONDS = 20.0
_GRACE_SECONDS = 10.0


class Zygote:
    """One resident launcher process and the socket to it."""

    def __init__(self, config: SlotConfig, claim: Claim, groups: SlotGroups | None) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * wire.LARGEST)
        self.socket = ours
        self.serial = 0
        self.share_fds: list[int] = []
        held = _open_group_files(groups)
        try:
            arguments = _zygote_arguments(config, claim, theirs.fileno(), held)
            self._process = subprocess.Popen(
                [str(launcher_path()), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno(), *(fd for _, fd in held)],
                env={},
                cwd="/",
            )
        finally:
            theirs.close()
            for _, fd in held:
                os.close(fd)
        self._await_ready(len(config.shares))

    def _await_ready(self, shares: int) -> None:
        self.socket.settimeout(_READY_SECONDS)
        try:
            message, self.share_fds, _, _ = socket.recv_fds(self.socket, wire.LARGEST, 32)
        except TimeoutError:
            message = b""
        self.socket.settimeout(None)
        if not message:
            self.close()
            raise CannotIsolate("the launcher died before it was ready")
        facts = wire.read_facts(message)
        if facts.kind is not wire.Kind.READY or len(self.share_fds) != shares:
            self.close()
            raise CannotIsolate(f"the launcher cannot isolate here: {facts.describe_failure()}")

    def close(self) -> None:
        """End the zygote, and with it every box of the slot."""
        self.socket.close()
        for fd in self.share_fds:
            os.close(fd)
        self.share_fds = []
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _open_group_files(groups: SlotGroups | None) -> list[tuple[str, int]]:
    held: list[tuple[str, int]] = []
    for path in groups.born_in() if groups else ():
        held.append(("-j", os.open(path, os.O_WRONLY | os.O_CLOEXEC)))
    counter = groups.counter() if groups else None
    if counter is not None:
        held.append(("-c", os.open(counter, os.O_RDONLY | os.O_CLOEXEC)))
    return held


def _zygote_arguments(
    config: SlotConfig, claim: Claim, control: int, held: list[tuple[str, int]]
) -> list[str]:
    arguments = ["-x", str(control)]
    if claim.uid:
        arguments += ["-u", str(claim.uid)]
    if config.cpus:
        arguments += ["-p", ",".join(str(cpu) for cpu in config.cpus)]
    for option, fd in held:
        arguments += [option, str(fd)]
    for entry in describe_root(config.extra_roots):
        arguments += [_OPTION[entry.piece], entry.source, entry.target]
    for share in config.shares:
        arguments += ["-s", str(share.resolve())]
    return arguments


class Run:
    """One command under way: its descriptors, its group, and in the end its facts."""

    def __init__(self, zygote: Zygote, command: Command, group: RunGroup | None) -> None:
        zygote.serial += 1
        self.zygote = zygote
        self.command = command
        self.group = group
        self.serial = zygote.serial
        self.facts: wire.Facts | None = None
        self.work: int | None = None
        self.sinks: list[MemorySink | FileSink] = []
        self.out: MemorySink | FileSink | None = None
        self.err: MemorySink | None = None
        self.over = False

    def open_outputs(self, stdout: int | None) -> tuple[int, int]:
        """The writing ends for the box's stdout and stderr; ``stdout`` is given in a conversation."""
        limits = self.command.limits
        if stdout is None:
            reader, stdout = open_pipe()
            if self.command.stdout is not None:
                self.out = FileSink(reader, limits.output_bytes, self.command.stdout)
            else:
                self.out = MemorySink(reader, limits.output_bytes, capped=True)
            self.sinks.append(self.out)
        if self.command.merge_stderr:
            return stdout, os.dup(stdout)
        reader, stderr = open_pipe()
        self.err = MemorySink(reader, limits.stderr_bytes, capped=False)
        self.sinks.append(self.err)
        return stdout, stderr

    def hear(self) -> None:
        """Take the launcher's report."""
        message, fds, _, _ = socket.recv_fds(self.zygote.socket, wire.LARGEST, 2)
        if not message:
            raise BoxFault("the launcher died during a run")
        facts = wire.read_facts(message)
        if facts.serial != self.serial:
            raise BoxFault("the launcher answered another run")
        self.facts, self.work = facts, (fds[0] if fds else None)

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self.zygote.socket.send(wire.pack_kill(self.serial))

    def close(self) -> None:
        for sink in self.sinks:
            sink.close()
        self.sinks = []
        if self.work is not None:
            os.close(self.work)
            self.work = None
        if self.group is not None:
            self.group.close()
            self.group = None


def drive(runs: Sequence[Run]) -> None:
    """Serve the outputs of all runs until each has reported. Raises BoxFault."""
    poller = select.poll()
    owners: dict[int, tuple[Run, MemorySink | FileSink | None]] = {}
    for run in runs:
        owners[run.zygote.socket.fileno()] = (run, None)
        owners.update({sink.reader: (run, sink) for sink in run.sinks})
    for fd in owners:
        poller.register(fd, select.POLLIN)
    deadline = time.monotonic() + max(run.command.limits.wall_seconds for run in runs) + _GRACE_SECONDS
    while any(run.facts is None for run in runs):
        ready = poller.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if not ready:
            raise BoxFault("the launcher did not end a run in time")
        for fd, _ in ready:
            if not _serve(*owners[fd]):
                poller.unregister(fd)
    for run in runs:
        for sink in run.sinks:
            sink.drain()


def _serve(run: Run, sink: MemorySink | FileSink | None) -> bool:
    """One descriptor is ready; False when nothing more will come from it."""
    if sink is None:
        run.hear()
        return False
    more = sink.drain()
    if sink.over:
        run.over = True
        run.kill()
        return False
    return more


class LauncherSandbox:
    """See ``sandbox.contract.Sandbox``."""

    def __init__(self, config: SlotConfig, claim: Claim, groups: SlotGroups | None, note: str) -> None:
        self._config = config
        self._claim = claim
        self._groups = groups
        self._zygote: Zygote | None = Zygote(config, claim, groups)
        self._lock = threading.Lock()
        self._current: list[Run] = []
        self._cancelled = False
        self._closed = False
        self.assurance = Assurance(
            "launcher", Mode.FULL if groups else Mode.NO_CGROUP, _guarantees(groups, note)
        )

    def run(self, command: Command) -> RunReport:
        """See the protocol."""
        began = time.perf_counter()
        self._check(command)
        run = Run(self._ready_zygote(), command, self._groups.begin(command.limits) if self._groups else None)
        try:
            self._start(run, None, None)
            self._drive([run])
            return self._report(run, began)
        finally:
            self._end([run])

    def converse(self, first: Command, second: Command) -> Conversation:
        """See the protocol."""
        raise NotImplementedError

    def cancel(self) -> None:
        """See the protocol."""
        with self._lock:
            if self._current:
                self._cancelled = True
            for run in self._current:
                run.kill()

    def close(self) -> None:
        """See the protocol."""
        if self._closed:
            return
        self._closed = True
        self._drop_zygote()
        if self._groups is not None:
            self._groups.close()
        self._claim.release()

    def _ready_zygote(self) -> Zygote:
        if self._closed:
            raise Misuse("the sandbox is closed")
        if self._zygote is None:
            self._zygote = Zygote(self._config, self._claim, self._groups)
        return self._zygote

    def _drop_zygote(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def _check(self, command: Command) -> None:
        ordering.check_command(command, self._config.shares)
        if command.needs not in known_needs():
            raise Misuse(f"no system-call list {command.needs!r}; there are {', '.join(known_needs())}")

    def _start(self, run: Run, stdin: int | None, stdout: int | None) -> None:
        """Send the request; our copies of what only the box needs are closed whatever happens."""
        command = run.command
        fds = [stdin if stdin is not None else self._open_stdin(command)]
        try:
            fds += run.open_outputs(stdout)
            if command.files:
                fds.append(box.lay_blob(command.files))
            request = self._describe(run)
            folder = run.group.folder_fd if run.group else None
            extra = [folder] if folder is not None else []
            with self._lock:
                socket.send_fds(run.zygote.socket, [request.pack()], [*fds, *extra])
                self._current.append(run)
        except OSError as error:
            raise BoxFault(f"cannot reach the launcher: {error}") from error
        finally:
            for fd in fds:
                os.close(fd)

    def _describe(self, run: Run) -> wire.Request:
        command = run.command
        flags = wire.Flag.WANT_WORK if command.collect else wire.Flag.NOTHING
        if run.group is not None and run.group.folder_fd is not None:
            flags |= wire.Flag.HAS_CGROUP
        return wire.Request(
            serial=run.serial,
            ceilings=self._ceilings(command),
            needs=command.needs,
            argv=command.argv,
            variables=ordering.variables(command),
            files=tuple((f.name, len(f.content), 0o755 if f.executable else 0o644) for f in command.files),
            mounts=tuple(ordering.place_mounts(command, self._config.shares)),
            flags=flags,
        )

    def _ceilings(self, command: Command) -> wire.Ceilings:
        """Under cgroups the rlimits are only a second line; without them they are all there is."""
        limits = command.limits
        stack, data, sampled = wire.UNLIMITED, wire.UNLIMITED, 0
        if self._groups is None:
            stack, sampled = limits.memory_bytes, limits.memory_bytes
            if command.needs not in _RESERVING_RUNTIMES:
                data = limits.memory_bytes + 16 * MIB
        return wire.Ceilings(
            cpu_ns=int(limits.cpu_seconds * 1e9),
            wall_ns=int(limits.wall_seconds * 1e9),
            workspace_bytes=limits.workspace_bytes,
            file_bytes=limits.file_bytes,
            open_files=limits.open_files,
            stack_bytes=limits.stack_bytes or stack,
            data_bytes=data,
            cpu_seconds=math.ceil(limits.cpu_seconds) + 1,
            processes=limits.processes + 3,
            sampled_memory=sampled,
            cores=len(self._config.cpus or ()) or os.cpu_count() or 1,
        )

    def _open_stdin(self, command: Command) -> int:
        """Files below a share are opened through the slot's read-only mount of it: reopening them for
        writing fails whoever owns them. Any other file is copied into a sealed one."""
        if command.stdin is None:
            return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        if isinstance(command.stdin, bytes):
            return box.seal_bytes(command.stdin)
        place = ordering.find_share(command.stdin, self._config.shares)
        try:
            if place is not None:
                share, path = place
                return box.open_beneath(self._ready_zygote().share_fds[share], path, os.O_RDONLY)
            return box.seal_bytes(Path(command.stdin).read_bytes())
        except OSError as error:
            raise Misuse(f"stdin cannot be opened: {error}") from error

    def _drive(self, runs: Sequence[Run]) -> None:
        try:
            drive(runs)
        except BoxFault:
            self._drop_zygote()
            raise
        if self._cancelled:
            raise Cancelled("the run was cancelled")

    def _end(self, runs: Sequence[Run]) -> None:
        with self._lock:
            self._current = []
            self._cancelled = False
        if any(run.facts is None and run.zygote is self._zygote for run in runs):
            self._drop_zygote()  # the run never reported: nothing of it may live on
        for run in runs:
            run.close()

    def _report(self, run: Run, began: float) -> RunReport:
        facts = run.facts
        if facts is None or facts.kind is not wire.Kind.ENDED:
            raise BoxFault(facts.describe_failure() if facts else "no report")
        tally = run.group.tally() if run.group else Tally(max(facts.peak_kb, facts.max_rss_kb), 0)
        if facts.stage:
            return self._unborn(run, facts, tally)
        ending = _name_ending(run, facts, tally)
        exited = ending is Ending.EXITED
        signalled = facts.waited and os.WIFSIGNALED(facts.status)
        return RunReport(
            ending=ending,
            exit_code=os.WEXITSTATUS(facts.status) if exited else None,
            signal=os.WTERMSIG(facts.status) if signalled else None,
            cpu_ms=facts.cpu_ns / 1e6,
            wall_ms=facts.wall_ns / 1e6,
            memory_kb=tally.memory_kb,
            stdout=run.out.content if run.out else b"",
            stdout_bytes=run.out.size if run.out else 0,
            stderr=run.err.content if run.err else b"",
            files=_bring_back(run),
            overhead_ms=(time.perf_counter() - began) * 1e3 - facts.wall_ns / 1e6,
        )

    def _unborn(self, run: Run, facts: wire.Facts, tally: Tally) -> RunReport:
        """The target never started: ours to blame, unless what it made itself cannot be executed."""
        program = run.command.argv[0]
        if facts.stage != wire.STAGE_EXEC:
            raise BoxFault(facts.describe_failure())
        if not program.startswith("/w/"):
            raise Misuse(f"{program} cannot be executed in the box: {os.strerror(facts.error)}")
        told = f"{program}: cannot be executed: {os.strerror(facts.error)}\n".encode()
        return RunReport(Ending.EXITED, 126, None, facts.cpu_ns / 1e6, 0.0, tally.memory_kb, b"", 0, told)


def _bring_back(run: Run) -> dict[str, bytes]:
    if run.work is None:
        return {}
    names = [f"w/{name}" for name in run.command.collect]
    found = box.collect(run.work, names, run.command.collect_bytes)
    return {name.removeprefix("w/"): content for name, content in found.items()}


def _name_ending(run: Run, facts: wire.Facts, tally: Tally) -> Ending:
    """The first that is true in the contract's order."""
    limits = run.command.limits
    if tally.oom_kills or facts.reason is wire.Reason.MEMORY:
        return Ending.MEMORY
    if facts.reason is wire.Reason.CPU or facts.cpu_ns > limits.cpu_seconds * 1e9 or _rlimit_cpu(facts):
        return Ending.CPU
    if facts.reason is wire.Reason.WALL or facts.wall_ns > limits.wall_seconds * 1e9:
        return Ending.WALL
    if run.over or (run.out is not None and run.out.over):
        return Ending.OUTPUT
    if not facts.waited:
        raise BoxFault("the box died without a word")
    if os.WIFSIGNALED(facts.status):
        return Ending.OUTPUT if os.WTERMSIG(facts.status) == signal.SIGXFSZ else Ending.SIGNALLED
    return Ending.EXITED


def _rlimit_cpu(facts: wire.Facts) -> bool:
    return facts.waited and os.WIFSIGNALED(facts.status) and os.WTERMSIG(facts.status) == signal.SIGXCPU


def _guarantees(groups: SlotGroups | None, note: str) -> tuple[Guarantee, ...]:
    kernel = groups.version if groups else None
    return (
        Guarantee("memory", kernel or "sampling and RLIMIT_DATA", "" if kernel else note),
        Guarantee("cpu time", kernel or "sampling and RLIMIT_CPU", "polled every 20 ms at most"),
        Guarantee("processes", kernel or "RLIMIT_NPROC", "of the slot's own user namespace"),
        Guarantee("wall time", "launcher"),
        Guarantee("output", "pipe reader, RLIMIT_FSIZE"),
        Guarantee("files", "tmpfs size, RLIMIT_FSIZE"),
        Guarantee("network", "empty network namespace, seccomp"),
        Guarantee("system calls", "seccomp allow list"),
    )
