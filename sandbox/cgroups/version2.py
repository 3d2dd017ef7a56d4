"""cgroup v2: each run has a fresh group, into which its box is cloned."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.cgroups.api import MemoryUsage, RunCgroup
from sandbox.cgroups.cgroupfs import mounts, own_folder, own_paths, read_keys, remove_cgroup
from sandbox.cgroups.cpusets import confine_v2
from sandbox.errors import BoxFault
from sandbox.limits import Limits

_NEEDED = ("memory", "pids", "cpu")
_SPAWNER = "spawner"


@dataclass(slots=True)
class _V2Run:
    folder: Path
    folder_fd: int
    ended: list[Path]

    def hold(self, limits: Limits) -> None:
        """Set what the run may use. init stands in the group beside the target."""
        (self.folder / "pids.max").write_text(str(limits.processes + 1))
        (self.folder / "memory.max").write_text(str(limits.memory_bytes))

    def joinable(self) -> tuple[Path, ...]:
        return (self.folder / "cgroup.procs",)

    def _keys(self, name: str, *keys: bytes) -> list[int]:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.folder_fd)
        try:
            return read_keys(fd, *keys)
        finally:
            os.close(fd)

    def cpu_ns(self) -> int:
        return self._keys("cpu.stat", b"usage_usec")[0] * 1000

    def _peak(self) -> int:
        path = self.folder / "memory.peak"  # from kernel 5.19
        return int((path if path.exists() else self.folder / "memory.current").read_text())

    def tally(self) -> MemoryUsage:
        file, shmem = self._keys("memory.stat", b"file", b"shmem")
        own, killed = self._keys("memory.events", b"oom", b"oom_kill")
        if killed and not own:
            raise BoxFault("the host ran out of memory: a run was ended below its own limit")
        return MemoryUsage(max(0, self._peak() - file + shmem) // 1024, killed)

    def close(self) -> None:
        os.close(self.folder_fd)
        self.ended.append(self.folder)


@dataclass(slots=True)
class V2Groups:
    """A slot's folder in the unified hierarchy; each run gets a fresh group below it.

    A clone into a group asks the kernel as a move would: the spawner must be allowed to write the
    ``cgroup.procs`` of the new group and of the nearest one above both. So the spawner stands in a group of
    the slot too, and its user ``owner`` owns these files and no limit. No box can reach them: the
    hierarchy is mounted in none.
    """

    folder: Path
    owner: int = 0
    pinned: bool = False
    version: str = "cgroup v2"
    runs: int = 0
    waiting: _V2Run | None = None
    ended: list[Path] = field(default_factory=list)

    def born_in(self) -> tuple[Path, ...]:
        return (self.folder / _SPAWNER / "cgroup.procs",)

    def counter(self) -> Path | None:
        return None

    def ahead(self) -> int:
        if self.waiting is None:
            self.waiting = self._make()
        return self.waiting.folder_fd

    def make_room(self) -> None:
        """The spawner stands in no run's group."""

    def begin(self, limits: Limits) -> RunCgroup:
        run, self.waiting = self.waiting or self._make(), None
        run.hold(limits)
        return run

    def renew(self) -> None:
        """See the protocol: every run has a fresh group as it is."""

    def _sweep(self) -> None:
        """Remove what earlier runs stood in, off their path; a box's init may take a moment to be gone."""
        left = []
        for folder in self.ended:
            try:
                folder.rmdir()
            except OSError:
                left.append(folder)
        self.ended[:] = left

    def _make(self) -> _V2Run:
        self._sweep()
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        folder.mkdir()
        if (folder / "memory.swap.max").exists():
            (folder / "memory.swap.max").write_text("0")
        (folder / "memory.oom.group").write_text("1")
        _lend(folder, self.owner)
        return _V2Run(folder, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), self.ended)

    def close(self) -> None:
        if self.waiting is not None:
            self.waiting.close()
            self.waiting = None
        remove_cgroup(self.folder)


def _enable_v2(folder: Path) -> None:
    """Hand the controllers down. The kernel wants no process beside child groups: ours move to a leaf."""
    wanted = " ".join(f"+{controller}" for controller in _NEEDED)
    control = folder / "cgroup.subtree_control"
    if set(_NEEDED) <= set(control.read_text().split()):
        return
    try:
        control.write_text(wanted)
    except OSError:
        leaf = folder / "gavel-host"
        leaf.mkdir(exist_ok=True)
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                (leaf / "cgroup.procs").write_text(pid)
        control.write_text(wanted)


def open_v2(name: str, owner: int, cpus: Sequence[int]) -> V2Groups | None:
    own = own_paths().get("")
    places = [where for kind, where, _ in mounts() if kind == "cgroup2"]
    if own is None or not places:
        return None
    base = own_folder(places[0], own)
    if base.name == "gavel-host":
        base = base.parent
    if not set(_NEEDED) <= set((base / "cgroup.controllers").read_text().split()):
        return None
    _enable_v2(base)
    folder = base / name
    remove_cgroup(folder)
    folder.mkdir()
    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{c}" for c in _NEEDED))
    pinned = bool(cpus) and confine_v2(base, folder, cpus)
    (folder / _SPAWNER).mkdir()
    _lend(folder, owner)
    return V2Groups(folder, owner, pinned)


def _lend(folder: Path, owner: int) -> None:
    if owner:
        os.chown(folder / "cgroup.procs", owner, -1)
