"""Starts one resident launcher process, and exchanges messages with it over a socket."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess

from sandbox.cgroups import SlotCgroups
from sandbox.errors import BoxFault, CannotIsolate, CannotServeFiles
from sandbox.launcher import protocol
from sandbox.launcher.build import launcher_path
from sandbox.proc_usage import children
from sandbox.rootfs import EntryKind, root_entries
from sandbox.slot import Claim, OwnFiles, SlotConfig

_OPTIONS = {EntryKind.BIND: "-b", EntryKind.DEVICE: "-v", EntryKind.LINK: "-l", EntryKind.FILE: "-f"}
_READY_SECONDS = 20.0
_RECEIVE_BYTES = protocol.REPORT_BYTES + 1
"""One byte more than a report has, to notice a message that is too long. A larger buffer costs time on every
run."""


class Zygote:
    """A slot's launcher. The constructor raises CannotIsolate if the launcher cannot set up its slot."""

    def __init__(self, config: SlotConfig, claim: Claim, cgroups: SlotCgroups | None) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * protocol.MAX_MESSAGE)
        self.socket = ours
        self.share_fds: list[int] = []
        self.has_next_cgroup = False
        self._serial = 0
        cgroup_files: list[tuple[str, int]] = []
        try:
            _open_cgroup_files(cgroups, cgroup_files)
            arguments = ["-x", str(theirs.fileno()), *_arguments(config, claim, cgroup_files)]
            self._process = self._start(arguments, [theirs.fileno(), *(fd for _, fd in cgroup_files)])
        finally:
            theirs.close()
            for _, fd in cgroup_files:
                os.close(fd)
        self._wait_until_ready(len(config.shares))

    def _start(self, arguments: list[str], fds: list[int]) -> subprocess.Popen[bytes]:
        null = subprocess.DEVNULL
        command = [str(launcher_path()), *arguments]
        return subprocess.Popen(command, stdin=null, stdout=null, stderr=null, pass_fds=fds, env={}, cwd="/")

    def _wait_until_ready(self, shares: int) -> None:
        self.socket.settimeout(_READY_SECONDS)
        try:
            message, self.share_fds, _, _ = socket.recv_fds(self.socket, _RECEIVE_BYTES, 32)
        except (TimeoutError, ConnectionError):
            message = b""
        self.socket.settimeout(None)
        report = protocol.parse_report(message) if message else None
        if (
            report is None
            or report.kind is not protocol.LauncherReportKind.READY
            or len(self.share_fds) != shares
        ):
            self.close()
            why = report.describe_failure() if report else "it died before it was ready"
            if report is not None and report.stage == protocol.STAGE_SERVE_FILES:
                raise CannotServeFiles(why)
            raise CannotIsolate(f"the launcher cannot isolate here: {why}")

    def init_pids(self) -> list[int]:
        """The process id of the init of the slot's box, which runs or waits for a run. Empty if there is no
        box."""
        # The zygote is the last child; the file server comes before it.
        started = list(children(self._process.pid))
        return list(children(started[-1])) if started else []

    def next_serial(self) -> int:
        """A serial number for one run."""
        self._serial += 1
        return self._serial

    def send(self, message: bytes, fds: list[int]) -> None:
        """Send a message with descriptors. Raises BoxFault if the launcher has ended."""
        try:
            socket.send_fds(self.socket, [message], fds)
        except OSError as error:
            raise BoxFault(f"cannot reach the launcher: {error}") from error

    def send_next_cgroup(self, cgroups: SlotCgroups) -> None:
        """Send the cgroup of the next run (v2), in which the zygote makes a box ahead. Raises BoxFault."""
        folder = cgroups.next_run_fd()
        if folder is not None:
            self.send(protocol.pack_next_cgroup(), [folder])
        self.has_next_cgroup = True

    def kill(self, serial: int) -> None:
        """End the run with this serial number, if it still runs."""
        with contextlib.suppress(OSError):
            self.socket.send(protocol.pack_kill(serial), socket.MSG_DONTWAIT)

    def receive(self, with_work: bool) -> tuple[protocol.LauncherReport, int | None]:
        """The next report, and the work folder if it was asked for. Raises BoxFault."""
        fds: list[int] = []
        try:
            if with_work:
                message, fds, _, _ = socket.recv_fds(self.socket, _RECEIVE_BYTES, 2)
            else:
                message = self.socket.recv(_RECEIVE_BYTES)
        except ConnectionError:
            message = b""
        if not message:
            raise BoxFault("the launcher died during a run")
        return protocol.parse_report(message), (fds[0] if fds else None)

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


def _open_cgroup_files(cgroups: SlotCgroups | None, opened: list[tuple[str, int]]) -> None:
    for path in cgroups.procs_files() if cgroups else ():
        opened.append(("-j", os.open(path, os.O_WRONLY | os.O_CLOEXEC)))
    counter = cgroups.cpu_counter() if cgroups else None
    if counter is not None:
        opened.append(("-c", os.open(counter, os.O_RDONLY | os.O_CLOEXEC)))
    memory = cgroups.memory_statistics() if cgroups else None
    if memory is not None:
        opened.append(("-m", os.open(memory, os.O_RDONLY | os.O_CLOEXEC)))


def _arguments(config: SlotConfig, claim: Claim, cgroup_files: list[tuple[str, int]]) -> list[str]:
    arguments = ["-u", str(claim.uid)] if claim.uid else []
    if config.cpus:
        arguments += ["-p", ",".join(str(cpu) for cpu in config.cpus)]
    for option, fd in cgroup_files:
        arguments += [option, str(fd)]
    if config.own_files is not OwnFiles.NO:
        arguments += ["-o", "1"]
    for entry in root_entries(config.extra_roots, config.root):
        arguments += [_OPTIONS[entry.kind], entry.source, entry.target]
    for share in config.shares:
        arguments += ["-s", str(share.resolve())]
    return arguments
