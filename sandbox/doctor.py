"""What this host can and cannot enforce, found by running: for ``python -m sandbox`` and ``gavel doctor``."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.api import Command, Guarantee, Sandbox
from sandbox.cpu_pinning import describe_pinning
from sandbox.errors import SandboxError
from sandbox.factory import BACKENDS, open_backend
from sandbox.launcher import seccomp_compiler
from sandbox.self_test import TRIALS
from sandbox.slot import SlotConfig

_EXAMINED_SLOT = 400
_USERNS = Path("/proc/sys/user/max_user_namespaces")
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


@dataclass(frozen=True, slots=True)
class Held:
    """One limit that was tried, and how its breaker ended."""

    limit: str
    held: bool
    told: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One backend on this host: its mode when it works, the reason when it does not."""

    backend: str
    works: bool
    mode: str | None = None
    reason: str | None = None
    guarantees: tuple[Guarantee, ...] = ()
    trials: tuple[Held, ...] = ()

    @property
    def sound(self) -> bool:
        return self.works and all(trial.held for trial in self.trials)


@dataclass(frozen=True, slots=True)
class Examination:
    """The whole host check."""

    kernel: str
    machine: str
    user: int
    cores: str
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]

    @property
    def isolates(self) -> bool:
        """Whether any backend isolates here."""
        return any(finding.works for finding in self.findings)

    def facts(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return {**asdict(self), "isolates": self.isolates}

    def lines(self) -> Iterator[str]:
        """The same for people, line by line."""
        yield f"kernel {self.kernel} ({self.machine}), user {self.user}"
        yield f"cores: {self.cores}"
        for finding in self.findings:
            yield f"{finding.backend}: {finding.mode if finding.works else 'does not work here'}"
            if finding.reason:
                yield f"    {finding.reason}"
            for guarantee in finding.guarantees:
                note = f" ({guarantee.note})" if guarantee.note else ""
                yield f"    {guarantee.limit:<14} by {guarantee.enforced_by}{note}"
            for trial in finding.trials:
                verdict = "holds" if trial.held else "DOES NOT HOLD"
                yield f"    tried {trial.limit:<14} {verdict}: {trial.told}"
        yield from (f"advice: {line}" for line in self.advice)


def _try_all(sandbox: Sandbox) -> tuple[Held, ...]:
    held = []
    for trial in TRIALS:
        report = sandbox.run(Command(trial.argv, trial.limits))
        told = f"ended by {report.ending}, cpu {report.cpu_ms:.0f} ms, wall {report.wall_ms:.0f} ms"
        held.append(Held(trial.name, trial.holds(report), f"{told}, memory {report.memory_kb} KiB"))
    return tuple(held)


def _examine_backend(name: str, scratch: Path) -> Finding:
    config = SlotConfig(_EXAMINED_SLOT, (), scratch, backend=name)
    try:
        sandbox = open_backend(config, name)
    except SandboxError as error:
        return Finding(name, False, reason=str(error))
    try:
        trials = _try_all(sandbox)
        isolation = sandbox.isolation
        return Finding(name, True, isolation.mode.value, None, isolation.guarantees, trials)
    except SandboxError as error:
        return Finding(name, False, reason=str(error))
    finally:
        sandbox.close()


def _advise(findings: tuple[Finding, ...]) -> Iterator[str]:
    if any(finding.sound and finding.mode == "full" for finding in findings):
        return
    if not any(finding.works for finding in findings):
        if _USERNS.exists() and _USERNS.read_text().strip() == "0":
            yield "user namespaces are switched off: sysctl user.max_user_namespaces=15000"
        if _APPARMOR.exists() and _APPARMOR.read_text().strip() == "1":
            yield "AppArmor forbids user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    if shutil.which("gcc") is None:
        yield "gcc is missing: the launcher cannot be built"
    yield "no cgroup of our own: run the worker as root, under systemd with Delegate=yes, or by deploy/"


def examine() -> Examination:
    """Try every backend here. Takes about a second; needs no slot of a running worker."""
    with tempfile.TemporaryDirectory(prefix="gavel-") as scratch:
        findings = tuple(_examine_backend(name, Path(scratch)) for name in BACKENDS)
    advice = tuple(_advise(findings))
    return Examination(
        platform.release(), platform.machine(), os.geteuid(), describe_pinning(), findings, advice
    )


def seccomp_lists() -> dict[str, tuple[str, ...]]:
    """Every need's system calls as they are allowed here, a ruled one with its rule."""
    numbers = seccomp_compiler.call_numbers()
    shown: dict[str, tuple[str, ...]] = {}
    for name in seccomp_compiler.profile_names():
        calls = seccomp_compiler.read_filter(name, numbers).calls
        known = {call: rule for call, rule in calls.items() if call in numbers}
        shown[name] = tuple(f"{call}: {rule}" if rule else call for call, rule in sorted(known.items()))
    return shown
