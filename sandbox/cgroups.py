"""cgroup v1 and v2 behind one face: the slot's groups, one run's limits, and the honest counters.

v1: the slot's groups stand as long as the slot; the zygote was born in them and nothing is ever moved.
v2: each run has a fresh group, into which its box is cloned. Either way all groups of ours stand below
the group that this process is in, so that a container's own limits still hold above them.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sandbox.cpusets import confine_v1, confine_v2
from sandbox.errors import BoxFault
from sandbox.limits import Limits

_V1_NEEDED = ("memory", "pids", "cpuacct")
_V2_NEEDED = ("memory", "pids", "cpu")
_SPAWNER = "spawner"
_MOUNTS = Path("/proc/self/mounts")
_OWN = Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run's groups counted: peak memory corrected for file cache, and kills for lack of memory."""

    memory_kb: int
    oom_kills: int


class RunGroup(Protocol):
    """The groups of one run, from its preparation to its reckoning."""

    def joinable(self) -> tuple[Path, ...]:
        """The ``cgroup.procs`` files that a spawner which is not resident joins (off the fast path)."""
        ...

    def cpu_ns(self) -> int: ...

    def tally(self) -> Tally: ...

    def close(self) -> None: ...


class SlotGroups(Protocol):
    """A slot's groups."""

    @property
    def version(self) -> str: ...

    @property
    def pinned(self) -> bool:
        """Whether a cpuset keeps the slot on its cores."""
        ...

    def born_in(self) -> tuple[Path, ...]:
        """The ``cgroup.procs`` files that a resident spawner joins before it serves."""
        ...

    def counter(self) -> Path | None:
        """The CPU counter that stands for the slot's whole life (v1)."""
        ...

    def ahead(self) -> int | None:
        """The folder of the next run's group (v2), else None: its box is born before the run is asked for."""
        ...

    def begin(self, limits: Limits) -> RunGroup: ...

    def close(self) -> None: ...


def _kill_members(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), 9)


def remove_group(folder: Path, patience: float = 2.0) -> None:
    """Remove a group of ours and those below it, ending what a dead worker left in them."""
    deadline = time.monotonic() + patience
    while folder.is_dir():
        for below in [path for path in folder.iterdir() if path.is_dir()]:
            remove_group(below, patience)
        _kill_members(folder)
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise BoxFault(f"cannot remove {folder}: something still lives in it") from None
            time.sleep(0.005)


def _read_number(fd: int) -> int:
    return int(os.pread(fd, 64, 0))


def _read_keys(fd: int, *keys: bytes) -> list[int]:
    """The numbers after these keys, 0 for what this kernel does not tell; only they are taken apart."""
    text = b"\n" + os.pread(fd, 8192, 0)
    return [_number_after(text, key) for key in keys]


def _number_after(text: bytes, key: bytes) -> int:
    at = text.find(b"\n%b " % key)
    return int(text[at + len(key) + 2 : text.index(b"\n", at + 1)]) if at >= 0 else 0


# ---------------------------------------------------------------- version 1


@dataclass(slots=True)
class _V1Run:
    groups: V1Groups
    base_cpu: int
    base_oom: int
    base_file: int
    base_other: int

    def joinable(self) -> tuple[Path, ...]:
        return self.groups.born_in()

    def cpu_ns(self) -> int:
        return _read_number(self.groups.files["cpuacct.usage"]) - self.base_cpu

    def tally(self) -> Tally:
        files = self.groups.files
        peak = _read_number(files["memory.max_usage_in_bytes"])
        cached = self.groups.file_cache()
        [oom] = _read_keys(files["memory.oom_control"], b"oom_kill")
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
    own_bytes: int = 2**62

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
        cache, shmem = _read_keys(self.files["memory.stat"], b"cache", b"shmem")
        return cache - shmem

    def ahead(self) -> None:
        return None

    def begin(self, limits: Limits) -> RunGroup:
        # The zygote and the box's init stand in the group too: two processes and a little memory of ours.
        self._set("pids.max", limits.processes + 2)
        self._set_memory(limits.memory_bytes)
        os.pwrite(self.files["memory.max_usage_in_bytes"], b"0", 0)
        cached = self.file_cache()
        # What a dead box left is freed late: the least ever seen is what is the slot's own.
        self.own_bytes = min(self.own_bytes, _read_number(self.files["memory.max_usage_in_bytes"]) - cached)
        [oom] = _read_keys(self.files["memory.oom_control"], b"oom_kill")
        return _V1Run(self, _read_number(self.files["cpuacct.usage"]), oom, cached, self.own_bytes)

    def _set(self, name: str, value: int) -> None:
        if name in self.files and self.set_values.get(name) != value:
            os.pwrite(self.files[name], str(value).encode(), 0)
            self.set_values[name] = value

    def _set_memory(self, limit: int) -> None:
        """memsw may never stand below memory: the order of the two writes depends on the direction."""
        names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        if limit > self.set_values.get(names[0], 2**62):
            names.reverse()
        for name in names:
            self._set(name, limit)

    def close(self) -> None:
        for fd in self.files.values():
            os.close(fd)
        self.files.clear()
        for folder in self.folders.values():
            remove_group(folder)


# ---------------------------------------------------------------- version 2


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
            return _read_keys(fd, *keys)
        finally:
            os.close(fd)

    def cpu_ns(self) -> int:
        return self._keys("cpu.stat", b"usage_usec")[0] * 1000

    def _peak(self) -> int:
        path = self.folder / "memory.peak"  # from kernel 5.19
        return int((path if path.exists() else self.folder / "memory.current").read_text())

    def tally(self) -> Tally:
        file, shmem = self._keys("memory.stat", b"file", b"shmem")
        [oom] = self._keys("memory.events", b"oom_kill")
        return Tally(max(0, self._peak() - file + shmem) // 1024, oom)

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

    def begin(self, limits: Limits) -> RunGroup:
        run, self.waiting = self.waiting or self._make(), None
        run.hold(limits)
        return run

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
        remove_group(self.folder)


# ---------------------------------------------------------------- which of them is there


def _mounts() -> Iterator[tuple[str, str, set[str]]]:
    for line in _MOUNTS.read_text().splitlines():
        _, where, kind, options, *_ = line.split()
        if kind in ("cgroup", "cgroup2"):
            yield kind, where, set(options.split(","))


def _own_paths() -> dict[str, str]:
    """Controller to our own group's path; the unified hierarchy under the empty name."""
    paths: dict[str, str] = {}
    for line in _OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(","), path))
    return paths


def _own_folder(where: str, path: str) -> Path:
    """Our own group's folder. In a container the path may be the host's: then the mount is our group."""
    folder = Path(where) / path.lstrip("/")
    return folder if folder.is_dir() else Path(where)


def _open_v1(name: str, _owner: int, cpus: Sequence[int]) -> V1Groups | None:
    own = _own_paths()
    folders: dict[str, Path] = {}
    for kind, where, options in _mounts():
        for controller in (*_V1_NEEDED, "cpuset"):
            if kind == "cgroup" and controller in options and controller in own:
                folders[controller] = _own_folder(where, own[controller]) / name
    if any(controller not in folders for controller in _V1_NEEDED):
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


def _enable_v2(folder: Path) -> None:
    """Hand the controllers down. The kernel wants no process beside child groups: ours move to a leaf."""
    wanted = " ".join(f"+{controller}" for controller in _V2_NEEDED)
    control = folder / "cgroup.subtree_control"
    if set(_V2_NEEDED) <= set(control.read_text().split()):
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


def _open_v2(name: str, owner: int, cpus: Sequence[int]) -> V2Groups | None:
    own = _own_paths().get("")
    places = [where for kind, where, _ in _mounts() if kind == "cgroup2"]
    if own is None or not places:
        return None
    base = _own_folder(places[0], own)
    if base.name == "gavel-host":
        base = base.parent
    if not set(_V2_NEEDED) <= set((base / "cgroup.controllers").read_text().split()):
        return None
    _enable_v2(base)
    folder = base / name
    remove_group(folder)
    folder.mkdir()
    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{c}" for c in _V2_NEEDED))
    pinned = bool(cpus) and confine_v2(base, folder, cpus)
    (folder / _SPAWNER).mkdir()
    _lend(folder, owner)
    return V2Groups(folder, owner, pinned)


def _lend(folder: Path, owner: int) -> None:
    if owner:
        os.chown(folder / "cgroup.procs", owner, -1)


def open_groups(name: str, owner: int = 0, cpus: Sequence[int] = ()) -> tuple[SlotGroups | None, str]:
    """The slot's groups on this host, or None and why not. Sweeps what a dead holder of the slot left.

    ``owner`` is the user whom the slot's spawner becomes, 0 when it stays who we are. ``cpus`` are the cores
    to stay on, where a cpuset can be had; who cannot have one is told by ``pinned``.
    """
    reasons: list[str] = []
    for version, opener in (("v2", _open_v2), ("v1", _open_v1)):
        try:
            groups = opener(name, owner, cpus)
        except OSError as error:
            reasons.append(f"cgroup {version}: {error}")
            continue
        if groups is not None:
            return groups, groups.version
        reasons.append(f"cgroup {version}: controllers are missing here")
    return None, "; ".join(reasons)
