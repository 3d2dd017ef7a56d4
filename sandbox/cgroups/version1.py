"""cgroup v1: the cgroups last as long as their slot. The launcher's zygote joins them once, and no run moves
a process.

So memory that the kernel frees late, or keeps until memory is needed, would be charged to the next run.
Examples are cache entries of names that do not exist, a tmpfs that is being unmounted, and a memfd that only
its own socket holds.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sandbox.api import MIB, Limits
from sandbox.cgroups.api import (
    NO_SAMPLES,
    DirtyCgroups,
    MemorySamples,
    MemoryUsage,
    RunCgroup,
    peak_without_cache,
)
from sandbox.cgroups.cgroupfs import (
    cgroup_mounts,
    has_swap,
    own_cgroup_folder,
    own_cgroup_paths,
    read_keys,
    read_number,
    remove_cgroup,
)
from sandbox.errors import BoxFault

_CONTROLLERS = ("memory", "pids", "cpuacct")
_REPLACED = "-replaced"
_ALLOWED_LEFTOVER = 4 * MIB + (os.cpu_count() or 1) * MIB // 4
"""Bytes of earlier runs that may stay charged. It is more than a usual run leaves, and the kernel charges
some memory in advance for each core."""
_RECLAIM_AFTER_SECONDS, _TIMEOUT_SECONDS = 0.1, 1.0
"""How long to wait for memory that is freed late before it is reclaimed, and how long to wait in total."""


_RECLAIM_INLINE = 32 * MIB
"""Above this size, memory is reclaimed while the next run goes on. To reclaim the cache entries of a million
missing names takes a second."""
_UNKNOWN = _UNLIMITED = 2**62
_LIMITS = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
_PEAKS = ("memory.max_usage_in_bytes", "memory.memsw.max_usage_in_bytes")
"""The peaks without swap and with it. Swapped memory counts towards the limit, but not in the first peak."""
_LIMIT_MARGIN = MIB
"""If a run was killed by its own limit, its memory was closer to the limit than this. It does not reach the
limit exactly, since the kernel charges eight pages at once."""


@dataclass(frozen=True, slots=True)
class _Charged:
    """Bytes charged to a slot between two runs: ``own`` is anonymous and shared memory, ``cache`` is file
    cache, ``other`` is everything but file cache."""

    own: int
    cache: int
    other: int


@dataclass(slots=True)
class _V1Run:
    cgroups: V1Cgroups
    limit: int
    oom_kills_before: int
    file_cache_before: int
    own_before: int
    slot_bytes: int

    def procs_files(self) -> tuple[Path, ...]:
        return self.cgroups.procs_files()

    def cpu_ns(self) -> int:
        return read_number(self.cgroups.files["cpuacct.usage"])

    def sample_memory(self, samples: MemorySamples) -> MemorySamples:
        own, cache = self.cgroups.statistics()
        return samples.with_sample(own, cache)

    def memory_usage(self, samples: MemorySamples = NO_SAMPLES) -> MemoryUsage:
        files = self.cgroups.files
        peak = read_number(files["memory.max_usage_in_bytes"])
        _, cached = self.cgroups.statistics()
        [oom_kills] = read_keys(files["memory.oom_control"], b"oom_kill")
        oom_kills -= self.oom_kills_before
        if oom_kills and (reached := self.cgroups.peak_bytes()) < self.limit - _LIMIT_MARGIN:
            had, most = reached // MIB, self.limit // MIB
            raise BoxFault(f"the host ran out of memory: a run was ended that had {had} of its {most} MiB")
        samples = replace(samples, own_bytes=samples.own_bytes - self.own_before)
        caches = (cached, self.file_cache_before)
        own_bytes = peak_without_cache(peak - self.slot_bytes, caches, samples)
        return MemoryUsage(own_bytes // 1024, oom_kills)

    def close(self) -> None:
        return None


@dataclass(slots=True)
class V1Cgroups:
    """A slot's cgroups in the separate hierarchies of v1, with the files of every run held open."""

    folders: dict[str, Path]
    cpus: Sequence[int] = ()
    pinned: bool = False
    version: str = "cgroup v1"
    files: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    reclaimer: threading.Thread | None = None
    slot_bytes: int = _UNKNOWN
    """The slot's own memory without file cache: the smallest value that was seen between two runs."""

    def __post_init__(self) -> None:
        _remove_replaced(self.folders["memory"])
        self._create()

    def _create(self) -> None:
        """Make the folders and open their files. Remove folders that a dead holder of the slot left. After an
        error no file is open."""
        try:
            self._make_folders()
            self._open_files()
        except BaseException:
            self._close_files()
            raise

    def _make_folders(self) -> None:
        for folder in self.folders.values():
            remove_cgroup(folder)
        cpuset = self.folders.get("cpuset")
        for folder in self.folders.values():
            if folder is not cpuset:
                folder.mkdir(exist_ok=True)  # Two controllers may share a hierarchy, and so a folder.
        self.pinned = cpuset is not None and bool(self.cpus) and _pin_to_cores(cpuset, self.cpus)
        if not self.pinned:
            self.folders.pop("cpuset", None)

    def _open_files(self) -> None:
        for name in (*_LIMITS, "memory.oom_control", "memory.stat"):
            self._open("memory", name)
        for name in _PEAKS if has_swap() else _PEAKS[:1]:
            self._open("memory", name)
        self._open("cpuacct", "cpuacct.usage")
        self._open("pids", "pids.max")

    def _open(self, controller: str, name: str) -> None:
        path = self.folders[controller] / name
        if path.exists():
            # Some files are read-only. An open by root does not notice that, but an open by another user
            # does.
            mode = os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY
            self.files[name] = os.open(path, mode | os.O_CLOEXEC)

    def procs_files(self) -> tuple[Path, ...]:
        return tuple(folder / "cgroup.procs" for folder in self.folders.values())

    def cpu_counter(self) -> Path | None:
        return self.folders["cpuacct"] / "cpuacct.usage"

    def memory_statistics(self) -> Path | None:
        return self.folders["memory"] / "memory.stat"

    def statistics(self) -> tuple[int, int]:
        """Bytes charged to the slot now: anonymous and shared memory (with tmpfs), and file cache."""
        rss, cache, shmem = read_keys(self.files["memory.stat"], b"rss", b"cache", b"shmem")
        return rss + shmem, cache - shmem

    def peak_bytes(self) -> int:
        """The run's peak memory, swap included."""
        return max(read_number(self.files[name]) for name in _PEAKS if name in self.files)

    def next_run_fd(self) -> None:
        return None

    def lift_memory_limit(self) -> None:
        self._create_if_missing()
        if self.written:
            self._set_memory_limit(_UNLIMITED)

    def start_run(self, limits: Limits) -> RunCgroup:
        """See ``SlotCgroups.start_run``. Waits until at most ``_ALLOWED_LEFTOVER`` of the memory of earlier
        runs is left."""
        self._create_if_missing()
        # The zygote and the box's init are in the cgroup, too: two processes, and a little memory.
        self._set("pids.max", limits.processes + 2)
        self._limit_memory(limits.memory_bytes)
        charged = self._measure()
        if charged.other > self.slot_bytes + _ALLOWED_LEFTOVER:
            charged = self._free_leftovers()
        self.slot_bytes = min(self.slot_bytes, charged.other)
        [oom_kills] = read_keys(self.files["memory.oom_control"], b"oom_kill")
        return _V1Run(self, limits.memory_bytes, oom_kills, charged.cache, charged.own, self.slot_bytes)

    def _limit_memory(self, limit: int) -> None:
        """Set the limit. The kernel refuses a limit below the charged memory that it cannot free at once.
        Some of that memory is freed a moment later, but never the slot's own."""
        if self._try_memory_limit(limit):
            return
        self._free_leftovers()
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while not self._try_memory_limit(limit):
            if time.monotonic() > deadline:
                raise BoxFault(f"memory cannot be limited to {limit} bytes: the slot itself uses more")
            time.sleep(0.002)

    def _try_memory_limit(self, limit: int) -> bool:
        try:
            self._set_memory_limit(limit)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            return False
        return True

    def _measure(self) -> _Charged:
        """The bytes charged now. Resets the peaks."""
        for name in _PEAKS:
            if name in self.files:
                os.pwrite(self.files[name], b"0", 0)
        own, cache = self.statistics()
        return _Charged(own, cache, read_number(self.files["memory.max_usage_in_bytes"]) - cache)

    def _free_leftovers(self) -> _Charged:
        """Wait until the memory of earlier runs is freed, and reclaim memory that is not freed by itself.

        Reclaiming comes second, since it also removes the slot's file cache.
        """
        own = self.slot_bytes if self.slot_bytes < _UNKNOWN else 0
        began, pause, reclaimed = time.monotonic(), 0.002, False
        while (charged := self._measure()).other > own + _ALLOWED_LEFTOVER // 2:
            waited = time.monotonic() - began
            if waited > _RECLAIM_AFTER_SECONDS and charged.other > own + _RECLAIM_INLINE:
                break
            if waited > _RECLAIM_AFTER_SECONDS and not reclaimed:
                reclaimed = True
                self._reclaim()
            elif waited > _TIMEOUT_SECONDS:
                break
            time.sleep(pause)
            pause = min(2 * pause, 0.01)
        if charged.other > own + _ALLOWED_LEFTOVER:
            raise DirtyCgroups(f"{charged.other // MIB} MiB of earlier runs are not freed")
        return charged

    def _reclaim(self) -> None:
        with contextlib.suppress(OSError):
            (self.folders["memory"] / "memory.force_empty").write_text("0")

    def _set(self, name: str, value: int) -> None:
        if name in self.files and self.written.get(name) != value:
            os.pwrite(self.files[name], str(value).encode(), 0)
            self.written[name] = value

    def _set_memory_limit(self, limit: int) -> None:
        """Set both limits. memsw may never be below memory, so the order of the two writes depends on whether
        the limits rise."""
        rises = limit > self.written.get(_LIMITS[0], _UNLIMITED)
        for name in reversed(_LIMITS) if rises else _LIMITS:
            self._set(name, limit)

    def recreate(self) -> None:
        """See ``SlotCgroups.recreate``. The old memory cgroup stays until the memory charged to it is
        reclaimed. Otherwise that memory would be charged to the cgroup above, and another run would spend
        time on reclaiming it."""
        self._wait_for_reclaimer()
        memory = self.folders["memory"]
        replaced = memory.with_name(memory.name + _REPLACED)
        self._close_files()
        with contextlib.suppress(OSError):
            memory.rename(replaced)
            self.reclaimer = threading.Thread(target=_reclaim_and_remove, args=(replaced,), daemon=True)
        try:
            self._create()
        finally:
            if self.reclaimer is not None:
                self.reclaimer.start()

    def _create_if_missing(self) -> None:
        """Make the cgroups that an earlier call of :meth:`recreate` could not make. Without their files, no
        limit would be set."""
        if not self.files:
            self._create()

    def _wait_for_reclaimer(self) -> None:
        if self.reclaimer is not None:
            self.reclaimer.join()
            self.reclaimer = None

    def _close_files(self) -> None:
        for fd in self.files.values():
            os.close(fd)
        self.files.clear()
        self.written.clear()
        self.slot_bytes = _UNKNOWN

    def close(self) -> None:
        self._close_files()
        self._wait_for_reclaimer()
        with contextlib.ExitStack() as each:  # If a cgroup cannot be removed, the rest still are.
            for folder in self.folders.values():
                each.callback(remove_cgroup, folder)


def _remove_replaced(memory: Path) -> None:
    """Remove an old memory cgroup that a dead holder of the slot left."""
    remove_cgroup(memory.with_name(memory.name + _REPLACED))


def _reclaim_and_remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / "memory.force_empty").write_text("0")
    with contextlib.suppress(BoxFault):
        remove_cgroup(folder)


def open_v1(name: str, _owner: int, cpus: Sequence[int]) -> V1Cgroups | None:
    """A slot's cgroups, or None if v1 lacks a controller."""
    own = own_cgroup_paths()
    folders: dict[str, Path] = {}
    for kind, where, options in cgroup_mounts():
        for controller in (*_CONTROLLERS, "cpuset"):
            if kind == "cgroup" and controller in options and controller in own:
                folders[controller] = own_cgroup_folder(where, own[controller]) / name
    if any(controller not in folders for controller in _CONTROLLERS):
        return None
    return V1Cgroups(folders, cpus)


def _pin_to_cores(folder: Path, cpus: Sequence[int]) -> bool:
    """Make a cgroup on these cores with the memory nodes of its parent. Returns False if that is not
    allowed."""
    try:
        folder.mkdir(exist_ok=True)
        if not (mems := folder / "cpuset.mems").read_text().strip():
            mems.write_text((folder.parent / "cpuset.mems").read_text())
        (folder / "cpuset.cpus").write_text(",".join(map(str, cpus)))
    except OSError:
        with contextlib.suppress(OSError):
            folder.rmdir()
        return False
    return True
