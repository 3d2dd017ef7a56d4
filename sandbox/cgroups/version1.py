"""cgroup v1: groups stand as long as their slot; the zygote is born in them, and nothing is ever moved."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.cgroups.contract import RunGroup, Tally
from sandbox.cgroups.cpusets import confine_v1
from sandbox.cgroups.folders import mounts, own_folder, own_paths, read_keys, read_number, remove_group
from sandbox.errors import BoxFault
from sandbox.limits import Limits

_NEEDED = ("memory", "pids", "cpuacct")
_UNLIMITED = 2**62
_PATIENCE = 1.0


@dataclass(slots=True)
class _V1Run:
    groups: V1Groups
    base_oom: int
    base_file: int
    base_other: int

    def joinable(self) -> tuple[Path, ...]:
        return self.groups.born_in()

    def cpu_ns(self) -> int:
        return read_number(self.groups.files["cpuacct.usage"])

    def tally(self) -> Tally:
        files = self.groups.files
        peak = read_number(files["memory.max_usage_in_bytes"])
        cached = self.groups.file_cache()
        [oom] = read_keys(files["memory.oom_control"], b"oom_kill")
        oom -= self.base_oom
        return Tally(max(0, peak - max(cached, self.base_file) - self.base_other) // 1024, oom)

    def close(self) -> None:
        return None


@dataclass(slots=True)
class V1Groups:
    """A slot's groups in the separate hierarchies of v1, with the files used on every run held open."""

    folders: dict[str, Path]
    pinned: bool = False
    version: str = "cgroup v1"
    files: dict[str, int] = field(default_factory=dict)
    set_values: dict[str, int] = field(default_factory=dict)
    own_bytes: int = _UNLIMITED

    def __post_init__(self) -> None:
        for name in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max_usage_in_bytes"):
            self._hold("memory", name)
        for name in ("memory.oom_control", "memory.stat"):
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

    def ahead(self) -> None:
        return None

    def make_room(self) -> None:
        if self.set_values:
            self._set_memory(_UNLIMITED)

    def begin(self, limits: Limits) -> RunGroup:
        # The zygote and the box's init stand in the group too: two processes and a little memory of ours.
        self._set("pids.max", limits.processes + 2)
        self._set_memory(limits.memory_bytes)
        os.pwrite(self.files["memory.max_usage_in_bytes"], b"0", 0)
        cached = self.file_cache()
        # What a dead box left is freed late: the least ever seen is what is the slot's own.
        self.own_bytes = min(self.own_bytes, read_number(self.files["memory.max_usage_in_bytes"]) - cached)
        [oom] = read_keys(self.files["memory.oom_control"], b"oom_kill")
        return _V1Run(self, oom, cached, self.own_bytes)

    def _set(self, name: str, value: int) -> None:
        if name in self.files and self.set_values.get(name) != value:
            self._write(name, str(value).encode())
            self.set_values[name] = value

    def _write(self, name: str, value: bytes) -> None:
        """A limit cannot be set below what is used, and what a dead box held may be freed a little late."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                os.pwrite(self.files[name], value, 0)
                return
            except OSError as error:
                if error.errno != errno.EBUSY:
                    raise
                if time.monotonic() > deadline:
                    raise BoxFault(f"{name} cannot be {value.decode()}: the slot itself uses more") from None
            time.sleep(0.001)

    def _set_memory(self, limit: int) -> None:
        """memsw may never stand below memory: the order of the two writes depends on the direction."""
        names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        if limit > self.set_values.get(names[0], _UNLIMITED):
            names.reverse()
        for name in names:
            self._set(name, limit)

    def close(self) -> None:
        for fd in self.files.values():
            os.close(fd)
        self.files.clear()
        for folder in self.folders.values():
            remove_group(folder)


def open_v1(name: str, _owner: int, cpus: Sequence[int]) -> V1Groups | None:
    own = own_paths()
    folders: dict[str, Path] = {}
    for kind, where, options in mounts():
        for controller in (*_NEEDED, "cpuset"):
            if kind == "cgroup" and controller in options and controller in own:
                folders[controller] = own_folder(where, own[controller]) / name
    if any(controller not in folders for controller in _NEEDED):
        return None
    pinned = folders.pop("cpuset", None)
    if pinned is not None:
        remove_group(pinned)
    for folder in folders.values():
        remove_group(folder)
        folder.mkdir()
    if pinned is not None and cpus and confine_v1(pinned, cpus):
        folders["cpuset"] = pinned
    return V1Groups(folders, pinned="cpuset" in folders)
