"""Tests which limits this host can enforce, for ``python -m sandbox`` and ``gavel doctor``."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sandbox.api import FILE_PAGES, Command, Guarantee, Sandbox
from sandbox.cpu_pinning import describe_pinning
from sandbox.errors import SandboxError
from sandbox.factory import BACKENDS, DEFAULT, open_backend
from sandbox.launcher import seccomp_compiler
from sandbox.self_test import LIMIT_TESTS
from sandbox.slot import SlotConfig

_TEST_SLOT = 400
_USERNS = Path("/proc/sys/user/max_user_namespaces")
_FIRST_ROOT = Path("/proc/1/root")
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


@dataclass(frozen=True, slots=True)
class LimitTestResult:
    """One limit that was tested, and how the program that would break it ended."""

    limit: str
    held: bool
    details: str


@dataclass(frozen=True, slots=True)
class BackendReport:
    """One backend on this host: its mode if it works, else the reason."""

    backend: str
    works: bool
    mode: str | None = None
    reason: str | None = None
    guarantees: tuple[Guarantee, ...] = ()
    tests: tuple[LimitTestResult, ...] = ()

    @property
    def all_limits_hold(self) -> bool:
        return self.works and all(test.held for test in self.tests)

    @property
    def has_own_files(self) -> bool:
        """Whether a slot's boxes have no page of a file in common with those of other slots."""
        return any(each.limit == FILE_PAGES and each.enforced_by != "nothing" for each in self.guarantees)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON, with the published names."""
        return {
            "backend": self.backend,
            "works": self.works,
            "mode": self.mode,
            "reason": self.reason,
            "guarantees": [asdict(each) for each in self.guarantees],
            "trials": [{"limit": test.limit, "held": test.held, "told": test.details} for test in self.tests],
        }

    def to_lines(self) -> Iterator[str]:
        """The report as lines of text."""
        yield f"{self.backend}: {self.mode if self.works else 'does not work here'}"
        if self.reason:
            yield f"    {self.reason}"
        for guarantee in self.guarantees:
            note = f" ({guarantee.note})" if guarantee.note else ""
            yield f"    {guarantee.limit:<14} by {guarantee.enforced_by}{note}"
        for test in self.tests:
            result = "holds" if test.held else "DOES NOT HOLD"
            yield f"    tried {test.limit:<14} {result}: {test.details}"


@dataclass(frozen=True, slots=True)
class DiskReport:
    """The free space of a folder, and whether it can be written. If it cannot, ``error`` says why."""

    name: str
    folder: str
    total_bytes: int = 0
    free_bytes: int = 0
    error: str | None = None

    def to_line(self) -> str:
        """The report as a line of text."""
        if self.error:
            return f"disk {self.name:<9} {self.folder}: {self.error}"
        free, total = self.free_bytes >> 20, self.total_bytes >> 20
        return f"disk {self.name:<9} {free} of {total} MiB free, takes writes: {self.folder}"


def check_disk(name: str, folder: Path) -> DiskReport:
    """Write to the folder, or to the nearest one above that exists, and read its free space."""
    existing = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=existing) as probe:
            probe.write(bytes(4096))
            probe.flush()
        facts = os.statvfs(existing)
    except OSError as error:
        return DiskReport(name, str(folder), error=error.strerror or str(error))
    return DiskReport(name, str(folder), facts.f_blocks * facts.f_frsize, facts.f_bavail * facts.f_frsize)


@dataclass(frozen=True, slots=True)
class HostReport:
    """The whole host check."""

    kernel: str
    machine: str
    user: int
    cores: str
    backends: tuple[BackendReport, ...]
    advice: tuple[str, ...]
    disks: tuple[DiskReport, ...] = ()

    @property
    def isolates(self) -> bool:
        """Whether any backend isolates here."""
        return any(backend.works for backend in self.backends)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON, with the published names."""
        return {
            "kernel": self.kernel,
            "machine": self.machine,
            "user": self.user,
            "cores": self.cores,
            "findings": [backend.to_json() for backend in self.backends],
            "advice": list(self.advice),
            "disks": [asdict(disk) for disk in self.disks],
            "isolates": self.isolates,
        }

    def to_lines(self) -> Iterator[str]:
        """The report as lines of text."""
        yield f"kernel {self.kernel} ({self.machine}), user {self.user}"
        yield f"cores: {self.cores}"
        for backend in self.backends:
            yield from backend.to_lines()
        yield from (disk.to_line() for disk in self.disks)
        yield from (f"advice: {line}" for line in self.advice)


def _test_limits(sandbox: Sandbox) -> tuple[LimitTestResult, ...]:
    results = []
    for test in LIMIT_TESTS:
        report = sandbox.run(Command(test.argv, test.limits))
        times = f"ended by {report.ending}, cpu {report.cpu_ms:.0f} ms, wall {report.wall_ms:.0f} ms"
        details = f"{times}, memory {report.memory_kb} KiB"
        results.append(LimitTestResult(test.name, test.holds(report), details))
    return tuple(results)


def _check_backend(name: str, scratch: Path) -> BackendReport:
    config = SlotConfig(_TEST_SLOT, (), scratch, backend=name)
    try:
        sandbox = open_backend(config, name)
    except SandboxError as error:
        return BackendReport(name, False, reason=str(error))
    try:
        tests = _test_limits(sandbox)
        isolation = sandbox.isolation
        return BackendReport(name, True, isolation.mode.value, None, isolation.guarantees, tests)
    except SandboxError as error:
        return BackendReport(name, False, reason=str(error))
    finally:
        sandbox.close()


def advise(backends: tuple[BackendReport, ...], first_root: Path = _FIRST_ROOT) -> Iterator[str]:
    """Sentences that say what to do if not every limit holds."""
    launcher = next((backend for backend in backends if backend.backend == DEFAULT), None)
    if launcher is not None and launcher.works and not launcher.has_own_files:
        yield "boxes share pages of files, and can signal each other through these: see GAVEL_OWN_FILES"
    if any(backend.all_limits_hold and backend.mode == "full" for backend in backends):
        return
    if not any(backend.works for backend in backends):
        if is_in_chroot(first_root):
            yield "this is a chroot, where the kernel refuses user namespaces: use pivot_root or a container"
        if _USERNS.exists() and _USERNS.read_text().strip() == "0":
            yield "user namespaces are switched off: sysctl user.max_user_namespaces=15000"
        if _APPARMOR.exists() and _APPARMOR.read_text().strip() == "1":
            yield "AppArmor forbids user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    if shutil.which("gcc") is None:
        yield "gcc is missing: the launcher cannot be built"
    if any(backend.works and backend.mode == "full" for backend in backends):
        yield "cgroups can be written, but a limit did not hold: a line above says what happened"
        return
    yield "no writable cgroup: run the worker as root, with Delegate=yes of systemd, or by a file of deploy/"


def is_in_chroot(first_root: Path = _FIRST_ROOT) -> bool:
    """Whether this process has another root folder than the first process. False unless this process is root,
    since others cannot see that folder."""
    try:
        return not first_root.samefile("/")
    except OSError:
        return False


def check_host(disks: Mapping[str, Path] = MappingProxyType({})) -> HostReport:
    """Test every backend and these folders. Takes about a second and uses no slot of a running worker."""
    with tempfile.TemporaryDirectory(prefix="gavel-") as scratch:
        backends = tuple(_check_backend(name, Path(scratch)) for name in BACKENDS)
    advice = tuple(advise(backends))
    return HostReport(
        platform.release(),
        platform.machine(),
        os.geteuid(),
        describe_pinning(),
        backends,
        advice,
        tuple(check_disk(name, folder) for name, folder in disks.items()),
    )


def seccomp_profiles() -> dict[str, tuple[str, ...]]:
    """The system calls that every profile allows here, each with its rule if it has one."""
    numbers = seccomp_compiler.call_numbers()
    profiles: dict[str, tuple[str, ...]] = {}
    for name in seccomp_compiler.profile_names():
        calls = seccomp_compiler.read_profile(name)
        known = {call: rule for call, rule in calls.items() if call in numbers}
        profiles[name] = tuple(f"{call}: {rule}" if rule else call for call, rule in sorted(known.items()))
    return profiles
