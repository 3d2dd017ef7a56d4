"""Opens a slot with the best backend that works here."""

from __future__ import annotations

from sandbox.backends.launcher import LauncherSandbox
from sandbox.cgroups import open_groups
from sandbox.contract import Sandbox
from sandbox.errors import CannotIsolate
from sandbox.slot import Claim, SlotConfig, claim_slot


def open_sandbox(config: SlotConfig) -> Sandbox:
    """A slot ready to run. Raises CannotIsolate, saying what is missing, when no backend works."""
    claim = claim_slot(config.index)
    try:
        return _open_launcher(config, claim)
    except BaseException:
        claim.release()
        raise


def _open_launcher(config: SlotConfig, claim: Claim) -> Sandbox:
    groups, note = open_groups(claim.name)
    try:
        return LauncherSandbox(config, claim, groups, note)
    except CannotIsolate:
        if groups is not None:
            groups.close()
        raise
