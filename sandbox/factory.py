"""Opens a slot with the backend that is asked for, and tries its limits before anything relies on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from sandbox.api import Assurance, Guarantee, Sandbox
from sandbox.backends.bubblewrap import BubblewrapSandbox
from sandbox.backends.launcher import LauncherSandbox
from sandbox.cgroups import SlotGroups, open_groups
from sandbox.cpu_pinning import choose_cores
from sandbox.errors import CannotIsolate, Misuse, SandboxError
from sandbox.self_test import failed_trials
from sandbox.slot import Claim, SlotConfig, claim_slot


class Opened(Sandbox, Protocol):
    """A backend that has just been opened, to whose promises others can be added."""

    assurance: Assurance


Opener = Callable[[SlotConfig, Claim, SlotGroups | None, str], Opened]
BACKENDS: dict[str, Opener] = {"launcher": LauncherSandbox, "bubblewrap": BubblewrapSandbox}

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
    for with_groups in (True, False):
        try:
            return open_tried(config, name, with_groups)
        except SandboxError as error:
            reasons.append(f"{name}{'' if with_groups else ' without cgroups'}: {error}")
    raise CannotIsolate("; ".join(reasons) + (_OTHER if config.backend == "auto" else ""))


def open_tried(config: SlotConfig, name: str, with_groups: bool = True) -> Sandbox:
    """One backend, proved by running: a burner, a hog and a bomb must end as their limits say."""
    sandbox = open_backend(config, name, with_groups)
    try:
        failed = failed_trials(sandbox)
    except BaseException:
        sandbox.close()
        raise
    if failed:
        sandbox.close()
        raise CannotIsolate(f"tried and not held: {', '.join(failed)}")
    return sandbox


def open_backend(config: SlotConfig, name: str, with_groups: bool = True) -> Sandbox:
    """One backend as it is, untried."""
    claim = claim_slot(config.index)
    try:
        config = choose_cores(config, claim.index)
        groups, note = (
            open_groups(claim.name, claim.uid, config.cpus or ())
            if with_groups
            else (None, "not used: it does not hold here")
        )
        try:
            opened = BACKENDS[name](config, claim, groups, note)
            promised = (*opened.assurance.guarantees, _promise_cores(name, config, groups))
            opened.assurance = replace(opened.assurance, guarantees=promised)
            return opened
        except BaseException:
            if groups is not None:
                groups.close()
            raise
    except BaseException:
        claim.release()
        raise


def _promise_cores(name: str, config: SlotConfig, groups: SlotGroups | None) -> Guarantee:
    told = f"core {', '.join(map(str, config.cpus or ()))}"
    if config.cpus and groups is not None and groups.pinned:
        return Guarantee("cores", f"{groups.version} cpuset", told)
    if config.cpus and name == DEFAULT:
        return Guarantee("cores", "affinity, seccomp", told)
    return Guarantee("cores", "nothing", "the kernel places every run")
