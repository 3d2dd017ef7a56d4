"""The folders and the OCI bundle with which runsc makes one box."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sandbox import box_files
from sandbox.api import Command
from sandbox.backends import command_check
from sandbox.backends.result import process_seconds
from sandbox.errors import BoxFault, CannotIsolate
from sandbox.private_folder import private_folder
from sandbox.rootfs import INNER_ID, EntryKind, root_entries
from sandbox.slot import SlotConfig

_NO_SUID, _NO_DEVICES, _DETACH = 2, 4, 2
_SYNC = "/.start"
_WAIT = f': > {_SYNC}/ready; until [ -e {_SYNC}/go ]; do sleep 0.005; done; exec "$@"'
"""The box's first program: it creates ``ready``, waits for ``go``, and then executes the target."""
_SYNC_BYTES = 4096
_UNLIMITED = 2**64 - 1
_libc = ctypes.CDLL(None, use_errno=True)


@cache
def find_runsc() -> Path:
    """The path of gVisor's program, runsc. Raises CannotIsolate."""
    found = shutil.which("runsc")
    if found is None:
        raise CannotIsolate("gVisor is missing: there is no runsc on the PATH (apt-get install runsc)")
    return Path(found)


@dataclass(frozen=True, slots=True)
class BoxFolders:
    """A slot's folders. Only this process's user may enter ``top``."""

    top: Path

    @property
    def root(self) -> Path:
        return self.top / "root"

    @property
    def run(self) -> Path:
        return self.top / "run"

    @property
    def work(self) -> Path:
        return self.run / "work"

    @property
    def sync(self) -> Path:
        return self.run / "sync"

    @property
    def state(self) -> Path:
        return self.run / "state"

    @property
    def log(self) -> Path:
        return self.run / "log"

    def make(self) -> None:
        """Make the folders. Remove folders that an earlier worker of this slot has left."""
        self.remove()
        private_folder(self.top)
        self.root.mkdir()

    def mount(self, bytes: int) -> None:
        """Mount file systems in memory for the work folder and for ``sync``, through which the program is
        started. Raises BoxFault."""
        for folder, size in ((self.work, bytes), (self.sync, _SYNC_BYTES)):
            folder.mkdir(parents=True)
            options = f"size={size},mode=0700,uid={INNER_ID},gid={INNER_ID}".encode()
            target = os.fsencode(folder)
            if _libc.mount(b"tmpfs", target, b"tmpfs", _NO_SUID | _NO_DEVICES, options):
                raise BoxFault(f"a work folder cannot be mounted: {os.strerror(ctypes.get_errno())}")

    def write_files(self, command: Command) -> None:
        """Write the input files into the work folder."""
        for file in command.files:
            path = self.work / file.name
            for parent in reversed(path.relative_to(self.work).parents[:-1]):
                (self.work / parent).mkdir(exist_ok=True)
                os.chown(self.work / parent, INNER_ID, INNER_ID)
            source = box_files.concatenate_files([file])
            with open(source, "rb") as content, path.open("xb") as out:  # noqa: PTH123 - a descriptor
                box_files.copy_bytes(content.fileno(), out.fileno(), box_files.size_of(file))
                os.fchmod(out.fileno(), 0o755 if file.executable else 0o644)
                os.fchown(out.fileno(), INNER_ID, INNER_ID)

    def is_ready(self) -> bool:
        return (self.sync / "ready").exists()

    def let_go(self) -> None:
        """Let the target start."""
        (self.sync / "go").touch()

    def last_error(self) -> str:
        """The last fatal error in the log of runsc; empty if there is none."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return next((line.strip() for line in reversed(lines) if "FATAL ERROR" in line), "")

    def clear(self) -> None:
        """Remove the mounts and files of one run."""
        for folder in (self.work, self.sync):
            _libc.umount2(os.fsencode(folder), _DETACH)
        shutil.rmtree(self.run, ignore_errors=True)

    def remove(self) -> None:
        self.clear()
        shutil.rmtree(self.top, ignore_errors=True)


def make_root(root: Path, config: SlotConfig) -> list[dict[str, Any]]:
    """Fill the root file system with links, small files and mount points. Returns its mounts."""
    mounts = []
    for entry in root_entries(config.extra_roots, config.root):
        path = root / entry.target[1:]
        if entry.kind is EntryKind.DEVICE or entry.target.startswith("/dev/"):
            continue  # gVisor has its own devices.
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.kind is EntryKind.BIND:
            _make_mount_point(path, Path(entry.source).is_dir())
            mounts.append(_bind(entry.source, entry.target, "ro"))
        elif entry.kind is EntryKind.LINK:
            path.symlink_to(entry.source)
        else:
            path.write_text(entry.source)
    for name in ("proc", "dev", "tmp", "w", _SYNC[1:]):
        (root / name).mkdir(exist_ok=True)
    return mounts


def _make_mount_point(path: Path, is_folder: bool) -> None:
    if is_folder:
        path.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        path.touch()


def _bind(source: str, target: str, mode: str) -> dict[str, Any]:
    options = ["rbind", mode, "nosuid", "nodev"]
    return {"destination": target, "type": "bind", "source": source, "options": options}


def write_bundle(
    folders: BoxFolders, command: Command, shares: Sequence[Path], root_mounts: Sequence[dict[str, Any]]
) -> None:
    """Write the ``config.json`` of one run."""
    limits = command.limits
    mounts = [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": []},
        *root_mounts,
        {
            "destination": "/tmp",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": [f"size={limits.workspace_bytes}", "mode=1777"],
        },
        _bind(str(folders.work), "/w", "ro" if command.read_only else "rw"),
        _bind(str(folders.sync), _SYNC, "rw"),
    ]
    for share, target, below in command_check.locate_mounts(command, shares):
        _make_mount_point(folders.root / target[1:], is_folder=True)
        mounts.append(_bind(str(shares[share].resolve() / below), target, "ro"))
    spec = {
        "ociVersion": "1.0.0",
        "hostname": "box",
        "root": {"path": str(folders.root), "readonly": True},
        "process": {
            "user": {"uid": INNER_ID, "gid": INNER_ID},
            "args": ["/bin/sh", "-c", _WAIT, "sh", *command.argv],
            "env": list(command_check.environment_of(command)),
            "cwd": "/w",
            "capabilities": {},
            "noNewPrivileges": True,
            "rlimits": _rlimits(command),
        },
        "mounts": mounts,
        "linux": {"namespaces": [{"type": name} for name in ("pid", "network", "ipc", "uts", "mount")]},
    }
    (folders.run / "config.json").write_text(json.dumps(spec))


def _rlimits(command: Command) -> list[dict[str, Any]]:
    limits = command.limits
    values = {
        "CORE": 1,
        "FSIZE": limits.file_bytes,
        "NOFILE": limits.open_files,
        "CPU": process_seconds(limits),
        "AS": limits.process_address_bytes or _UNLIMITED,
        "STACK": limits.stack_bytes or _UNLIMITED,
    }
    return [{"type": f"RLIMIT_{name}", "hard": value, "soft": value} for name, value in values.items()]
