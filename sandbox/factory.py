"""Opens a slot with the chosen backend, and tests its limits before the slot is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from sandbox.api import FILE_PAGES, Guarantee, Isolation, Sandbox
from sandbox.backends.bubblewrap import BubblewrapBackend
from sandbox.backends.gvisor import GvisorBackend
from sandbox.backends.launcher import LauncherBackend
from sandbox.cgroups import SlotCgroups, open_cgroups
from sandbox.cpu_pinning import choose_cores
from sandbox.errors import CannotIsolate, CannotServeFiles, Misuse, SandboxError
from sandbox.self_test import failed_limit_tests
from sandbox.slot import Claim, OwnFiles, SlotConfig, claim_slot
from sandbox.system_copy import copy_system


class OpenedSandbox(Sandbox, Protocol):
    """A sandbox whose ``isolation`` can still be changed, to add guarantees."""

    isolation: Isolation


BackendFactory = Callable[[SlotConfig, Claim, SlotCgroups | None, str], OpenedSandbox]
BACKENDS: dict[str, BackendFactory] = {
    "launcher": LauncherBackend,
    "bubblewrap": BubblewrapBackend,
    "gvisor": GvisorBackend,
}

DEFAULT = "launcher"
_HOW_TO_FALL_BACK = (
    "; bubblewrap isolates less and is used only with GAVEL_SANDBOX=bubblewrap"
    " (docs/explanation/threat-model.md)"
)


def open_sandbox(config: SlotConfig) -> Sandbox:
    """A slot that is ready to run and whose limits were tested. The backend is tried with cgroups, then
    without. Raises CannotIsolate with what is missing if neither works.

    ``auto`` means the launcher. The other backends are used only if an operator names them: bubblewrap is
    weaker (docs/explanation/threat-model.md), and gVisor is slower.
    """
    name = DEFAULT if config.backend == "auto" else config.backend
    if name not in BACKENDS:
        raise Misuse(
            f"there is no sandbox backend {config.backend!r}: choose from auto, {', '.join(BACKENDS)}"
        )
    reasons = []
    for with_cgroups in (True, False):
        try:
            return open_tested_backend(config, name, with_cgroups)
        except SandboxError as error:
            reasons.append(f"{name}{'' if with_cgroups else ' without cgroups'}: {error}")
    raise CannotIsolate("; ".join(reasons) + (_HOW_TO_FALL_BACK if config.backend == "auto" else ""))


def open_tested_backend(config: SlotConfig, name: str, with_cgroups: bool = True) -> Sandbox:
    """One backend whose limits were tested by running programs that would break them. Raises CannotIsolate if
    a limit did not hold."""
    sandbox = open_backend(config, name, with_cgroups)
    try:
        failed = failed_limit_tests(sandbox)
    except BaseException:
        sandbox.close()
        raise
    if failed:
        sandbox.close()
        raise CannotIsolate(f"a test program broke these limits: {', '.join(failed)}")
    return sandbox


def open_backend(config: SlotConfig, name: str, with_cgroups: bool = True) -> Sandbox:
    """One backend, untested."""
    claim = claim_slot(config.index)
    try:
        return _open_claimed(choose_cores(config, claim.index), name, claim, with_cgroups)
    except BaseException:
        claim.release()
        raise


def _open_claimed(config: SlotConfig, name: str, claim: Claim, with_cgroups: bool) -> Sandbox:
    cgroups, note = (
        open_cgroups(claim.name, claim.uid, config.cpus or ())
        if with_cgroups
        else (None, "not used: with cgroups the limits do not hold here")
    )
    try:
        opened, files = _open_with_files(config, name, claim, cgroups, note)
        guarantees = (*opened.isolation.guarantees, _core_guarantee(name, config, cgroups), files)
        opened.isolation = replace(opened.isolation, guarantees=guarantees)
        return opened
    except BaseException:
        if cgroups is not None:
            cgroups.close()
        raise


def _open_with_files(
    config: SlotConfig, name: str, claim: Claim, cgroups: SlotCgroups | None, note: str
) -> tuple[OpenedSandbox, Guarantee]:
    """The backend, with its own inodes of the host's files if the settings and the host allow it. Raises
    CannotServeFiles if the settings require them and the host does not allow them."""
    open_backend_here = BACKENDS[name]
    bound = replace(config, own_files=OwnFiles.NO)
    if name == "gvisor":
        return open_backend_here(bound, claim, cgroups, note), Guarantee(
            FILE_PAGES, "gVisor's kernel", "of each run"
        )
    if config.own_files is OwnFiles.NO:
        return open_backend_here(bound, claim, cgroups, note), _shared_files(config, "GAVEL_OWN_FILES=no")
    try:
        if name != DEFAULT:
            raise CannotServeFiles(f"{name} binds the host's files")
        return open_backend_here(config, claim, cgroups, note), Guarantee(FILE_PAGES, "FUSE", "of this slot")
    except CannotServeFiles as error:
        root, guarantee = _copy_root(config, str(error))
    return open_backend_here(replace(bound, root=root), claim, cgroups, note), guarantee


def _copy_root(config: SlotConfig, no_fuse: str) -> tuple[Path, Guarantee]:
    """The root of a slot without FUSE: a copy of the system, else the root that ``config`` names. Raises
    CannotServeFiles."""
    try:
        if config.copies is None or config.root != Path("/"):
            raise CannotServeFiles(
                "a slot without a folder for copies, or with a root of its own, gets no copy"
            )
        root = copy_system(config.copies, config.copy_bytes)
    except CannotServeFiles as error:
        if config.own_files is OwnFiles.REQUIRE and config.root == Path("/"):
            raise CannotServeFiles(
                f"boxes would share the pages of files: {no_fuse}; {error}; let the worker open /dev/fuse, "
                "raise GAVEL_COPY_BYTES, or allow shared pages with GAVEL_OWN_FILES=auto"
            ) from error
        return config.root, _shared_files(config, f"{no_fuse}; {error}")
    note = f"of this worker, without compiled programs and tests ({no_fuse})"
    return root, Guarantee(FILE_PAGES, "a copy", note)


def _shared_files(config: SlotConfig, reason: str) -> Guarantee:
    if config.root != Path("/"):
        return Guarantee(FILE_PAGES, "a copy", f"shared with the boxes of {config.root} ({reason})")
    return Guarantee(
        FILE_PAGES, "nothing", f"boxes of this host can signal each other through these pages ({reason})"
    )


def _core_guarantee(name: str, config: SlotConfig, cgroups: SlotCgroups | None) -> Guarantee:
    cores = f"core {', '.join(map(str, config.cpus or ()))}"
    if config.cpus and cgroups is not None and cgroups.pinned:
        return Guarantee("cores", f"{cgroups.version} cpuset", cores)
    if config.cpus and name == DEFAULT:
        return Guarantee("cores", "affinity, seccomp", cores)
    return Guarantee("cores", "nothing", "the kernel places every run")
