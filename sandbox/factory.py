"""Opens a slot with the backend that is asked for, and tries its limits before anything relies on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from sandbox.api import Guarantee, Isolation, Sandbox
from sandbox.backends.bubblewrap import BubblewrapBackend
from sandbox.backends.launcher import LauncherBackend
from sandbox.cgroups import SlotCgroups, open_cgroups
from sandbox.cpu_pinning import choose_cores
from sandbox.errors import CannotIsolate, Misuse, SandboxError
from sandbox.self_test import failed_trials
from sandbox.slot import Claim, SlotConfig, claim_slot


class Opened(Sandbox, Protocol):
    """A backend that has just been opened, to whose promises others can be added."""

    isolation: Isolation


Opener = Callable[[SlotConfig, Claim, SlotCgroups | None, str], Opened]
BACKENDS: dict[str, Opener] = {"launcher": LauncherBackend, "bubblewrap": BubblewrapBackend}

DEFAULT = "launcher"
_OTHER = (
    "; the weaker bubblewrap is used only when asked for: GAVEL_SANDBOX=bubblewrap (docs/threat-model.md)"
)


def open_sandbox(config: SlotConfig) -> Sandbox:
    """A slot ready to run, its limits tried. Raises CannotIsolate, saying what is missing, if none works.

    ``auto`` means the launcher. bubblewrap is weaker (its init can be looked into by the target), so it is
    taken only where an operator names it, and never in silence.
    """
    name = DEFAULT if config.backend == "auto" else config.backend
    if name not in BACKENDS:
        raise Misuse(f"no sandbox backend {config.backend!r}; there are auto, {', '.join(BACKENDS)}")
    reasons = []
    for with_cgroups in (True, False):
        try:
            return open_tried(config, name, with_cgroups)
        except SandboxError as error:
            reasons.append(f"{name}{'' if with_cgroups else ' without cgroups'}: {error}")
    raise CannotIsolate("; ".join(reasons) + (_OTHER if config.backend == "auto" else ""))


def open_tried(config: SlotConfig, name: str, with_cgroups: bool = True) -> Sandbox:
    """One backend, proved by running: a burner, a hog and a bomb must end as their limits say."""
    sandbox = open_backend(config, name, with_cgroups)
    try:
        failed = failed_trials(sandbox)
    except BaseException:
        sandbox.close()
        raise
    if failed:
        sandbox.close()
        raise CannotIsolate(f"tried and not held: {', '.join(failed)}")
    return sandbox


def open_backend(config: SlotConfig, name: str, with_cgroups: bool = True) -> Sandbox:
    """One backend as it is, untried."""
    claim = claim_slot(config.index)
    try:
        config = choose_cores(config, claim.index)
        groups, note = (
            open_cgroups(claim.name, claim.uid, config.cpus or ())
            if with_cgroups
            else (None, "not used: it does not hold here")
        )
        try:
            opened = BACKENDS[name](config, claim, groups, note)
            promised = (*opened.isolation.guarantees, _promise_cores(name, config, groups))
            opened.isolation = replace(opened.isolation, guarantees=promised)
            return opened
        except BaseException:
            if groups is not None:
                groups.close()
            raise
    except BaseException:
        claim.release()
        raise


def _promise_cores(name: str, config: SlotConfig, groups: SlotCgroups | None) -> Guarantee:
    told = f"core {', '.join(map(str, config.cpus or ()))}"
    if config.cpus and groups is not None and groups.pinned:
        return Guarantee("cores", f"{groups.version} cpuset", told)
    if config.cpus and name == DEFAULT:
        return Guarantee("cores", "affinity, seccomp", told)
    return Guarantee("cores", "nothing", "the kernel places every run")
