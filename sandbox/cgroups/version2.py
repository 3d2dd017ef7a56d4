"""cgroup v2: each run has a new cgroup, into which its box is cloned."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.api import Limits
from sandbox.cgroups.api import (
    NO_SAMPLES,
    MemorySamples,
    MemoryUsage,
    RunCgroup,
    peak_without_cache,
)
from sandbox.cgroups.cgroupfs import (
    cgroup_mounts,
    own_cgroup_folder,
    own_cgroup_paths,
    read_keys,
    remove_cgroup,
)
from sandbox.errors import BoxFault

_CONTROLLERS = ("memory", "pids", "cpu")
_SPAWNER = "spawner"
_HOST = "gavel-host"
"""The cgroup of the worker's own processes. On v2, a cgroup that has children may have no process."""
_MOVES = 20
"""How often the processes are moved before the controllers count as missing."""


@dataclass(slots=True)
class _V2Run:
    folder: Path
    folder_fd: int
    ended: list[Path]

    def set_limits(self, limits: Limits) -> None:
        """Set the limits of a run. One more process is allowed than the target may have, since init is in the
        cgroup too."""
        (self.folder / "pids.max").write_text(str(limits.processes + 1))
        (self.folder / "memory.max").write_text(str(limits.memory_bytes))

    def procs_files(self) -> tuple[Path, ...]:
        return (self.folder / "cgroup.procs",)

    def _read(self, name: str, *keys: bytes) -> list[int]:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.folder_fd)
        try:
            return read_keys(fd, *keys)
        finally:
            os.close(fd)

    def cpu_ns(self) -> int:
        return self._read("cpu.stat", b"usage_usec")[0] * 1000

    def _peak(self, samples: MemorySamples) -> int:
        """The peak in bytes. Kernels before 5.19 have no ``memory.peak``. Then the peak is the memory at the
        end or the largest process, whichever is more."""
        path = self.folder / "memory.peak"
        if path.exists():
            return int(path.read_text())
        return max(int((self.folder / "memory.current").read_text()), samples.largest_process)

    def _statistics(self) -> tuple[int, int]:
        anon, file, shmem = self._read("memory.stat", b"anon", b"file", b"shmem")
        return anon + shmem, file - shmem

    def sample_memory(self, samples: MemorySamples) -> MemorySamples:
        own, cache = self._statistics()
        return samples.with_sample(own, cache)

    def memory_usage(self, samples: MemorySamples = NO_SAMPLES) -> MemoryUsage:
        _, cached = self._statistics()
        own, killed = self._read("memory.events", b"oom", b"oom_kill")
        if killed and not own:
            raise BoxFault("the host ran out of memory: a run was ended below its own limit")
        return MemoryUsage(peak_without_cache(self._peak(samples), (0, cached), samples) // 1024, killed)

    def close(self) -> None:
        os.close(self.folder_fd)
        self.ended.append(self.folder)


@dataclass(slots=True)
class V2Cgroups:
    """A slot's folder in the unified hierarchy. Each run gets a new cgroup below it.

    The kernel checks a clone into a cgroup like a move: the spawner must be allowed to write the
    ``cgroup.procs`` of the new cgroup and of the nearest one above both. So the spawner is in a cgroup of the
    slot, too. Its user ``owner`` owns these files, but no file that sets a limit. Boxes cannot reach the
    files, since the hierarchy is mounted in no box.
    """

    folder: Path
    owner: int = 0
    pinned: bool = False
    version: str = "cgroup v2"
    run_count: int = 0
    next_run: _V2Run | None = None
    ended: list[Path] = field(default_factory=list)

    def procs_files(self) -> tuple[Path, ...]:
        return (self.folder / _SPAWNER / "cgroup.procs",)

    def cpu_counter(self) -> Path | None:
        return None

    def memory_statistics(self) -> Path | None:
        return None

    def next_run_fd(self) -> int:
        if self.next_run is None:
            self.next_run = self._create_run()
        return self.next_run.folder_fd

    def lift_memory_limit(self) -> None:
        """Nothing to do: the spawner is in no run's cgroup."""

    def start_run(self, limits: Limits) -> RunCgroup:
        run, self.next_run = self.next_run or self._create_run(), None
        run.set_limits(limits)
        return run

    def recreate(self) -> None:
        """Nothing to do: every run has a new cgroup."""

    def _remove_ended(self) -> None:
        """Remove the cgroups of earlier runs. This is done at the next run, since an init needs a moment to
        end."""
        left = []
        for folder in self.ended:
            try:
                folder.rmdir()
            except OSError:
                left.append(folder)
        self.ended[:] = left

    def _create_run(self) -> _V2Run:
        self._remove_ended()
        self.run_count += 1
        folder = self.folder / f"run-{self.run_count}"
        folder.mkdir()
        if (folder / "memory.swap.max").exists():
            (folder / "memory.swap.max").write_text("0")
        (folder / "memory.oom.group").write_text("1")
        _give_procs_file(folder, self.owner)
        return _V2Run(folder, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), self.ended)

    def close(self) -> None:
        if self.next_run is not None:
            self.next_run.close()
            self.next_run = None
        remove_cgroup(self.folder)


def _enable_controllers(folder: Path) -> None:
    """Enable the controllers for child cgroups. A cgroup with children may have no process, so the worker's
    processes move to a leaf."""
    wanted = " ".join(f"+{controller}" for controller in _CONTROLLERS)
    control = folder / "cgroup.subtree_control"
    if set(_CONTROLLERS) <= set(control.read_text().split()):
        return
    # A process that is not moved yet may have started another one since the members were read.
    for _ in range(_MOVES):
        with contextlib.suppress(OSError):
            control.write_text(wanted)
            return
        _move_members(folder)
    control.write_text(wanted)


def _move_members(folder: Path) -> None:
    """Move all processes of a cgroup to the leaf for the worker's own processes."""
    leaf = folder / _HOST
    leaf.mkdir(exist_ok=True)
    for pid in (folder / "cgroup.procs").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            (leaf / "cgroup.procs").write_text(pid)


def open_v2(name: str, owner: int, cpus: Sequence[int]) -> V2Cgroups | None:
    """A slot's cgroups, or None if v2 is not mounted or lacks a controller."""
    own = own_cgroup_paths().get("")
    mount_points = [where for kind, where, _ in cgroup_mounts() if kind == "cgroup2"]
    if own is None or not mount_points:
        return None
    base = own_cgroup_folder(mount_points[0], own)
    if base.name == _HOST:
        base = base.parent
    if not set(_CONTROLLERS) <= set((base / "cgroup.controllers").read_text().split()):
        return None
    _enable_controllers(base)
    folder = base / name
    remove_cgroup(folder)
    folder.mkdir()
    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{c}" for c in _CONTROLLERS))
    pinned = bool(cpus) and _pin_to_cores(base, folder, cpus)
    (folder / _SPAWNER).mkdir()
    _give_procs_file(folder, owner)
    return V2Cgroups(folder, owner, pinned)


def _give_procs_file(folder: Path, owner: int) -> None:
    if owner:
        os.chown(folder / "cgroup.procs", owner, -1)


def _pin_to_cores(base: Path, folder: Path, cpus: Sequence[int]) -> bool:
    """Keep the slot's cgroup and all cgroups below it on these cores. Returns False if that is not
    allowed."""
    try:
        (base / "cgroup.subtree_control").write_text("+cpuset")
        (folder / "cpuset.cpus").write_text(",".join(map(str, cpus)))
    except OSError:
        return False
    return True
