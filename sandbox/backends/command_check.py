"""What both backends ask of a command before it runs: names checked, mounts placed, variables set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from sandbox import box_files
from sandbox.api import WORK, Command, Mount
from sandbox.errors import Misuse

_VARIABLES = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": WORK, "LANG": "C.UTF-8", "TMPDIR": "/tmp"}
RESERVES_ADDRESS_SPACE = ("jvm", "node", "go", "mono", "compiler")
"""Needs of runtimes that reserve far more than they use: no limit of addresses or data can be set on them."""
_SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/dev", "/proc", "/.shares")


def check_command(command: Command, shares: Sequence[Path]) -> None:
    """Raise Misuse for what no sandbox can do."""
    if not command.argv or not command.argv[0].startswith("/"):
        raise Misuse("argv[0] must be an absolute path inside the box")
    limits = command.limits
    if min(limits.cpu_seconds, limits.wall_seconds, limits.memory_bytes, limits.processes) <= 0:
        raise Misuse("limits must be above zero")
    names = [file.name for file in command.files]
    for name in (*names, *command.collect):
        box_files.check_name(name)
    if len(set(names)) != len(names):
        raise Misuse("two files of one name")
    _check_numbers(command)
    for name, value in command.environment.items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            raise Misuse(f"environment variable {name!r} cannot be set")
    place_mounts(command, shares)


def _check_numbers(command: Command) -> None:
    """As many as the launcher takes; see ``wire.h``."""
    for things, what, most in (
        (command.files, "files", 1024),
        (command.argv, "arguments", 1024),
        (command.environment, "environment variables", 1000),
        (command.mounts, "mounts", 32),
    ):
        if len(things) > most:
            raise Misuse(f"{len(things)} {what} are too many: at most {most} can be handed in")


def is_authors(program: str, command: Command) -> bool:
    """Whether the author made what is executed: it lies in the work folder or in a mounted one."""
    tops = (WORK, *(mount.target for mount in command.mounts))
    return any(program.startswith(f"{top.rstrip('/')}/") for top in tops)


def variables(command: Command) -> tuple[str, ...]:
    """The box's whole environment: ours, then the command's. Nothing of the worker's own."""
    return _join_variables(tuple(command.environment.items()))


@lru_cache(maxsize=64)
def _join_variables(own: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in {**_VARIABLES, **dict(own)}.items())


def find_share(path: Path, shares: Sequence[Path]) -> tuple[int, str] | None:
    """Which share a host path lies in, and where below it; links in the path are resolved first."""
    return locate(Path(os.path.realpath(path)), shares)


def locate(path: Path, shares: Sequence[Path]) -> tuple[int, str] | None:
    """The same for a path as it is written: enough where it is opened in a way that follows no link."""
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
    """A share stands for as long as its slot; looked up on every run it would cost more than the fork."""
    return os.path.realpath(share)


def place_mounts(command: Command, shares: Sequence[Path]) -> tuple[tuple[int, str, str], ...]:
    """Share, target and source below the share of every mount. Raises Misuse."""
    return tuple([_place(mount, tuple(shares)) for mount in command.mounts])


@lru_cache(maxsize=256)
def _place(mount: Mount, shares: tuple[Path, ...]) -> tuple[int, str, str]:
    """Kept, since test after test mounts the same. Should a folder go meanwhile, the launcher finds no folder
    there; should it become a link, the launcher does not follow it: both are then faults of ours."""
    place = find_share(mount.source, shares)
    if place is None or not mount.source.is_dir():
        raise Misuse(f"{mount.source} is no folder below a share of this slot")
    target = mount.target
    box_files.check_name(target.removeprefix("/"))
    if not target.startswith("/") or target in (WORK, "/tmp") or target.startswith(_SYSTEM_FOLDERS):
        raise Misuse(f"nothing can be mounted at {target!r}")
    return place[0], target, place[1]
