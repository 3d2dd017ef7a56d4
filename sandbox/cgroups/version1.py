"""cgroup v1: groups stand as long as their slot; the zygote is born in them, and nothing is ever moved.

So what the kernel frees late, or keeps until somebody wants the room, would be charged to the next run: names
that a program looked for in vain, a tmpfs that is being taken down, a memfd that only its own socket held.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.cgroups.api import DirtyCgroups, MemoryUsage, RunCgroup
from sandbox.cgroups.cgroupfs import (
    mounts,
    own_folder,
    own_paths,
    read_keys,
    read_number,
    remove_cgroup,
    swaps,
)
from sandbox.cgroups.cpusets import confine_v1
from sandbox.errors import BoxFault
from sandbox.limits import MIB, Limits

_NEEDED = ("memory", "pids", "cpuacct")
_SPARE = 4 * MIB + (os.cpu_count() or 1) * MIB // 4
"""What may be left of earlier runs: an ordinary one leaves 1.6 MB at most; each core charges ahead."""
_LATE_SECONDS, _PATIENCE_SECONDS = 0.1, 1.0
"""How long what is freed late is waited for, and how long in all."""


_UNKNOWN = _UNLIMITED = 2**62
_LIMITS = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
_PEAKS = ("memory.max_usage_in_bytes", "memory.memsw.max_usage_in_bytes")
"""Without swap and with it: what was swapped out counts towards the limit, and not in the first."""
_NEAR = MIB
"""Who is ended by its own limit has come nearer to it: the kernel ends nobody for more than eight pages."""


@dataclass(slots=True)
class _V1Run:
    groups: V1Groups
    limit: int
    base_oom: int
    base_file: int
    base_other: int

    def joinable(self) -> tuple[Path, ...]:
        return self.groups.born_in()

    def cpu_ns(self) -> int:
        return read_number(self.groups.files["cpuacct.usage"])

    def tally(self) -> MemoryUsage:
        files = self.groups.files
        peak = read_number(files["memory.max_usage_in_bytes"])
        cached = self.groups.file_cache()
        [oom] = read_keys(files["memory.oom_control"], b"oom_kill")
        oom -= self.base_oom
        if oom and (reached := self.groups.reached()) < self.limit - _NEAR:
            had, most = reached // MIB, self.limit // MIB
            raise BoxFault(f"the host ran out of memory: a run was ended that had {had} of its {most} MiB")
        return MemoryUsage(max(0, peak - max(cached, self.base_file) - self.base_other) // 1024, oom)

    def close(self) -> None:
        return None


@dataclass(slots=True)
class V1Groups:
    """A slot's groups in the separate hierarchies of v1, with the files used on every run held open."""

    folders: dict[str, Path]
    cpus: Sequence[int] = ()
    pinned: bool = False
    version: str = "cgroup v1"
    files: dict[str, int] = field(default_factory=dict)
    set_values: dict[str, int] = field(default_factory=dict)
    own_bytes: int = _UNKNOWN

    def __post_init__(self) -> None:
        self._lay()

    def _lay(self) -> None:
        """Make the folders, sweeping what a dead holder of the slot left in them, and open their files."""
        for folder in self.folders.values():
            remove_cgroup(folder)
        cpuset = self.folders.pop("cpuset", None)
        for folder in self.folders.values():
            folder.mkdir(exist_ok=True)  # two controllers may share a hierarchy
        self.pinned = cpuset is not None and bool(self.cpus) and confine_v1(cpuset, self.cpus)
        if cpuset is not None and self.pinned:
            self.folders["cpuset"] = cpuset
        for name in (*_LIMITS, "memory.oom_control", "memory.stat"):
            self._hold("memory", name)
        for name in _PEAKS if swaps() else _PEAKS[:1]:
            self._hold("memory", name)
        self._hold("cpuacct", "cpuacct.usage")
        self._hold("pids", "pids.max")

    def _hold(self, controller: str, name: str) -> None:
        path = self.folders[controller] / name
        if path.exists():
            # Some are for reading only, which root's open does not notice and a plain user's does.
            way = os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY
            self.files[name] = os.open(path, way | os.O_CLOEXEC)

    def born_in(self) -> tuple[Path, ...]:
        return tuple(folder / "cgroup.procs" for folder in self.folders.values())

    def counter(self) -> Path | None:
        return self.folders["cpuacct"] / "cpuacct.usage"

    def file_cache(self) -> int:
        """Bytes of file cache charged to the slot at this moment; tmpfs is no file cache."""
        cache, shmem = read_keys(self.files["memory.stat"], b"cache", b"shmem")
        return cache - shmem

    def reached(self) -> int:
        """How near to its limit the run has come."""
        return max(read_number(self.files[name]) for name in _PEAKS if name in self.files)

    def ahead(self) -> None:
        return None

    def make_room(self) -> None:
        if self.set_values:
            self._set_memory(_UNLIMITED)

    def begin(self, limits: Limits) -> RunCgroup:
        """See the protocol. What earlier runs left is gone by then, but for a little."""
        # The zygote and the box's init stand in the group too: two processes and a little memory of ours.
        self._set("pids.max", limits.processes + 2)
        self._limit_memory(limits.memory_bytes)
        cached, other = self._weigh()
        if other > self.own_bytes + _SPARE:
            cached, other = self._clean()
        # What a dead box left is freed late: the least ever seen is what is the slot's own.
        self.own_bytes = min(self.own_bytes, other)
        [oom] = read_keys(self.files["memory.oom_control"], b"oom_kill")
        return _V1Run(self, limits.memory_bytes, oom, cached, self.own_bytes)

    def _limit_memory(self, limit: int) -> None:
        """Set the limit. The kernel refuses one below what is charged and cannot be freed at once; what is
        free to be taken back may take a moment more, and what the slot itself uses never is."""
        if self._takes(limit):
            return
        self._clean()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._takes(limit):
            if time.monotonic() > deadline:
                raise BoxFault(f"memory cannot be limited to {limit} bytes: the slot itself uses more")
            time.sleep(0.002)

    def _takes(self, limit: int) -> bool:
        try:
            self._set_memory(limit)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            return False
        return True

    def _weigh(self) -> tuple[int, int]:
        """What is charged at this moment: file cache, and all else. From here on new peaks are kept."""
        for name in _PEAKS:
            if name in self.files:
                os.pwrite(self.files[name], b"0", 0)
        cached = self.file_cache()
        return cached, read_number(self.files["memory.max_usage_in_bytes"]) - cached

    def _clean(self) -> tuple[int, int]:
        """Wait until what earlier runs left is freed; what is not freed by itself is taken back.

        Taking back comes second: it costs the slot its file cache too.
        """
        own = self.own_bytes if self.own_bytes < _UNKNOWN else 0
        began, pause, taken_back = time.monotonic(), 0.002, False
        while (weight := self._weigh())[1] > own + _SPARE // 2:
            waited = time.monotonic() - began
            if waited > _LATE_SECONDS and not taken_back:
                taken_back = True
                self._take_back()
            elif waited > _PATIENCE_SECONDS:
                break
            time.sleep(pause)
            pause = min(2 * pause, 0.01)
        if weight[1] > own + _SPARE:
            raise DirtyCgroups(f"{weight[1] // MIB} MiB of earlier runs are not freed")
        return weight

    def _take_back(self) -> None:
        with contextlib.suppress(OSError):
            (self.folders["memory"] / "memory.force_empty").write_text("0")

    def _set(self, name: str, value: int) -> None:
        if name in self.files and self.set_values.get(name) != value:
            os.pwrite(self.files[name], str(value).encode(), 0)
            self.set_values[name] = value

    def _set_memory(self, limit: int) -> None:
        """memsw may never stand below memory: the order of the two writes depends on the direction."""
        rises = limit > self.set_values.get(_LIMITS[0], _UNLIMITED)
        for name in reversed(_LIMITS) if rises else _LIMITS:
            self._set(name, limit)

    def renew(self) -> None:
        """See the protocol. What was charged to the groups goes to the one above ours, which is no run's."""
        for folder in self.folders.values():
            remove_cgroup(folder)
        self._close_files()
        self._lay()

    def _close_files(self) -> None:
        for fd in self.files.values():
            os.close(fd)
        self.files.clear()
        self.set_values.clear()
        self.own_bytes = _UNKNOWN

    def close(self) -> None:
        self._close_files()
        for folder in self.folders.values():
            remove_cgroup(folder)


def open_v1(name: str, _owner: int, cpus: Sequence[int]) -> V1Groups | None:
    own = own_paths()
    folders: dict[str, Path] = {}
    for kind, where, options in mounts():
        for controller in (*_NEEDED, "cpuset"):
            if kind == "cgroup" and controller in options and controller in own:
                folders[controller] = own_folder(where, own[controller]) / name
    if any(controller not in folders for controller in _NEEDED):
        return None
    return V1Groups(folders, cpus)
