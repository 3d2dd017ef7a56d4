"""Writes into the audit log when a dispatcher starts with another release or other settings."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from judge_api.settings import describe_settings
from judge_api.store.audit import AuditLog
from judge_core.logging import get_logger
from judge_core.model.errors import StoreUnavailable

ACT = "installation.change"
_logger = get_logger(__name__)


def record_installation(audit: AuditLog, env: Mapping[str, str]) -> None:
    """Append one entry if something changed. A database that does not answer is logged, and the dispatcher
    goes on."""
    settings = {one.variable: one.value for one in describe_settings(env) if one.is_set}
    try:
        last = audit.latest(ACT)
        before = last.detail or {} if last else {}
        changes = _changes(before.get("settings", {}), settings)
        release = version("gavel-judge")
        if last is None or changes or before.get("release") != release:
            detail = {"release": release, "before": before.get("release"), "changed": changes}
            audit.record(None, ACT, "dispatcher", **detail, settings=settings)
    except StoreUnavailable as error:
        _logger.warning("The start is not in the audit log", reason=str(error))


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, list[str | None]]:
    """Each variable with its value before and now; ``None`` where it was not set. Secrets are masked."""
    if not before:
        return {}
    names = sorted(before.keys() | now.keys())
    return {name: [before.get(name), now.get(name)] for name in names if before.get(name) != now.get(name)}
