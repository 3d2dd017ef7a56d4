"""One resident launcher process, started from Python, and the socket to it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess

from sandbox.cgroups import SlotCgroups
from sandbox.errors import BoxFault, CannotIsolate
from sandbox.launcher import protocol
from sandbox.launcher.build import launcher_path
from sandbox.rootfs import Piece, describe_root
from sandbox.slot import Claim, SlotConfig

_OPTION = {Piece.BIND: "-b", Piece.DEVICE: "-v", Piece.LINK: "-l", Piece.FILE: "-f"}
_READY_SECONDS = 20.0
_ONE_MORE = protocol.REPORT_BYTES + 1
"""What is longer than a report shows that it is none; room for more would be made and cleared every time."""


class Zygote:
    """A slot's launcher. Raises CannotIsolate from the start when it cannot set its slot up."""

    def __init__(self, config: SlotConfig, claim: Claim, groups: SlotCgroups | None) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * protocol.LARGEST)
        self.socket = ours
        self.share_fds: list[int] = []
        self.knows_group = False
        self._serial = 0
        held: list[tuple[str, int]] = []
        try:
            _open_group_files(groups, held)
            arguments = ["-x", str(theirs.fileno()), *_zygote_arguments(config, claim, held)]
            self._process = self._start(arguments, [theirs.fileno(), *(fd for _, fd in held)])
        finally:
            theirs.close()
            for _, fd in held:
                os.close(fd)
        self._await_ready(len(config.shares))

    def _start(self, arguments: list[str], fds: list[int]) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        command = [str(launcher_path()), *arguments]
        return subprocess.Popen(
            command, stdin=quiet, stdout=quiet, stderr=quiet, pass_fds=fds, env={}, cwd="/"
        )

    def _await_ready(self, shares: int) -> None:
        self.socket.settimeout(_READY_SECONDS)
        try:
            message, self.share_fds, _, _ = socket.recv_fds(self.socket, _ONE_MORE, 32)
        except (TimeoutError, ConnectionError):
            message = b""
        self.socket.settimeout(None)
        facts = protocol.parse_report(message) if message else None
        if facts is None or facts.kind is not protocol.Kind.READY or len(self.share_fds) != shares:
            self.close()
            why = facts.describe_failure() if facts else "it died before it was ready"
            raise CannotIsolate(f"the launcher cannot isolate here: {why}")

    def next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def send(self, message: bytes, fds: list[int]) -> None:
        """Raises BoxFault when the launcher is gone."""
        try:
            socket.send_fds(self.socket, [message], fds)
        except OSError as error:
            raise BoxFault(f"cannot reach the launcher: {error}") from error

    def announce(self, groups: SlotCgroups) -> None:
        """Tell it the group of the next run (v2), in which it makes a box ahead. Raises BoxFault."""
        folder = groups.ahead()
        if folder is not None:
            self.send(protocol.pack_group(), [folder])
        self.knows_group = True

    def kill(self, serial: int) -> None:
        """End the run with this serial number, if it is still on."""
        with contextlib.suppress(OSError):
            self.socket.send(protocol.pack_kill(serial), socket.MSG_DONTWAIT)

    def receive(self, with_work: bool) -> tuple[protocol.Facts, int | None]:
        """The report that is there, and the work folder if it was asked for. Raises BoxFault."""
        fds: list[int] = []
        try:
            if with_work:
                message, fds, _, _ = socket.recv_fds(self.socket, _ONE_MORE, 2)
            else:
                message = self.socket.recv(_ONE_MORE)
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


def _open_group_files(groups: SlotCgroups | None, held: list[tuple[str, int]]) -> None:
    for path in groups.born_in() if groups else ():
        held.append(("-j", os.open(path, os.O_WRONLY | os.O_CLOEXEC)))
    counter = groups.counter() if groups else None
    if counter is not None:
        held.append(("-c", os.open(counter, os.O_RDONLY | os.O_CLOEXEC)))


def _zygote_arguments(config: SlotConfig, claim: Claim, held: list[tuple[str, int]]) -> list[str]:
    arguments = ["-u", str(claim.uid)] if claim.uid else []
    if config.cpus:
        arguments += ["-p", ",".join(str(cpu) for cpu in config.cpus)]
    for option, fd in held:
        arguments += [option, str(fd)]
    for entry in describe_root(config.extra_roots):
        arguments += [_OPTION[entry.piece], entry.source, entry.target]
    for share in config.shares:
        arguments += ["-s", str(share.resolve())]
    return arguments
