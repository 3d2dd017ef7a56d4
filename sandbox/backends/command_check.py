"""Checks a command before it runs: names, mounts, counts, environment. All backends use it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from sandbox import box_files
from sandbox.api import MIB, WORK, Command, Mount
from sandbox.errors import Misuse

_VARIABLES = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": WORK, "LANG": "C.UTF-8", "TMPDIR": "/tmp"}
_MAX_SECONDS = 10_000_000
_MAX_BYTES = 1 << 50
"""The greatest limit of bytes. No host has as many, and the kernel accepts the number."""
RESERVES_ADDRESS_SPACE = ("jvm", "node", "go", "mono", "compiler")
"""Profiles of runtimes that reserve far more addresses than they use, so that RLIMIT_AS and RLIMIT_DATA
cannot limit them."""
_SPARE_DATA_BYTES = 16 * MIB
_SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/dev", "/proc", "/.shares")


def check_command(command: Command, shares: Sequence[Path]) -> None:
    """Raise Misuse for a command that no sandbox can run."""
    if not command.argv or not command.argv[0].startswith("/"):
        raise Misuse("argv[0] must be an absolute path inside the box")
    limits = command.limits
    if min(limits.cpu_seconds, limits.wall_seconds, limits.memory_bytes, limits.processes) <= 0:
        raise Misuse("limits must be above zero")
    if any(
        each is not None and each <= 0 for each in (limits.process_cpu_seconds, limits.process_address_bytes)
    ):
        raise Misuse("limits of a process must be above zero")
    if not (limits.cpu_seconds <= _MAX_SECONDS and limits.wall_seconds <= _MAX_SECONDS):
        raise Misuse(f"time limits must be at most {_MAX_SECONDS} s")
    if max(limits.memory_bytes, limits.output_bytes, limits.file_bytes, limits.workspace_bytes) > _MAX_BYTES:
        raise Misuse(f"limits of memory and files must be at most {_MAX_BYTES} bytes")
    if command.live is not None and (command.stdin is not None or command.stdout is not None):
        raise Misuse("a live command takes its input and passes on its output while it runs: name no files")
    if any("\0" in word for word in command.argv):
        raise Misuse("an argument holds a NUL byte")
    names = [file.name for file in command.files]
    for name in (*names, *command.collect):
        box_files.check_name(name)
    if len(set(names)) != len(names):
        raise Misuse("two files have the same name")
    _check_counts(command)
    for name, value in command.environment.items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            raise Misuse(f"environment variable {name!r} cannot be set")
    locate_mounts(command, shares)


def _check_counts(command: Command) -> None:
    """Raise Misuse for more items than ``protocol.h`` allows."""
    for items, what, limit in (
        (command.files, "files", 1024),
        (command.argv, "arguments", 1024),
        (command.environment, "environment variables", 1000),
        (command.mounts, "mounts", 32),
    ):
        if len(items) > limit:
            raise Misuse(f"{len(items)} {what} are too many: at most {limit} are allowed")


def data_limit(command: Command) -> int | None:
    """RLIMIT_DATA of a run without cgroups, in bytes. ``None`` if nothing but samples limits its memory."""
    if command.seccomp_profile in RESERVES_ADDRESS_SPACE:
        return None
    return command.limits.memory_bytes + _SPARE_DATA_BYTES


def is_authors_program(program: str, command: Command) -> bool:
    """Whether the program comes from the submission: it is in the work folder or in a mounted folder."""
    tops = (WORK, *(mount.target for mount in command.mounts))
    return any(program.startswith(f"{top.rstrip('/')}/") for top in tops)


def environment_of(command: Command) -> tuple[str, ...]:
    """The box's whole environment: the defaults, then the command's. It has no variable of the worker's
    environment."""
    return _environment(tuple(command.environment.items()))


@lru_cache(maxsize=64)
def _environment(own: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in {**_VARIABLES, **dict(own)}.items())


def locate_real_path(path: Path, shares: Sequence[Path]) -> tuple[int, str] | None:
    """The share of a host path, and the path below that share. Links in the path are resolved first."""
    return locate(Path(os.path.realpath(path)), shares)


def locate(path: Path, shares: Sequence[Path]) -> tuple[int, str] | None:
    """The same as :func:`locate_real_path`, for a path that is opened without following links. It does not
    resolve links either."""
    written = str(path)
    for index, share in enumerate(shares):
        top = _real_share(share)
        if written == top:
            return index, ""
        if written.startswith(f"{top}/"):
            return index, written[len(top) + 1 :]
    return None


@lru_cache(maxsize=64)
def _real_share(share: Path) -> str:
    """The real path of a share. It is cached, since a share lasts as long as its slot. To resolve it on every
    run would take longer than the fork."""
    return os.path.realpath(share)


def locate_mounts(command: Command, shares: Sequence[Path]) -> tuple[tuple[int, str, str], ...]:
    """Share, target and source below the share of every mount. Raises Misuse."""
    return tuple([_locate_mount(mount, tuple(shares)) for mount in command.mounts])


@lru_cache(maxsize=256)
def _locate_mount(mount: Mount, shares: tuple[Path, ...]) -> tuple[int, str, str]:
    """One mount of :func:`locate_mounts`. It is cached, since every test of a problem mounts the same
    folders. If the folder is removed or becomes a link meanwhile, the launcher does not mount it and reports
    a fault of the sandbox."""
    place = locate_real_path(mount.source, shares)
    if place is None or not mount.source.is_dir():
        raise Misuse(f"{mount.source} is no folder below a share of this slot")
    target = mount.target
    box_files.check_name(target.removeprefix("/"))
    if not target.startswith("/") or target in (WORK, "/tmp") or target.startswith(_SYSTEM_FOLDERS):
        raise Misuse(f"nothing can be mounted at {target!r}")
    return place[0], target, place[1]
