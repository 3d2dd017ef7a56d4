"""Writes an entry into the audit log when a dispatcher starts. The entry names a new release and changed
settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import version

from judge_api.settings import describe_settings
from judge_api.store.audit import AuditEntry, AuditLog
from judge_core.clock import utc_now
from judge_core.logging import get_logger
from judge_core.model.errors import StoreUnavailable

ACT = "installation.change"
START_ACT = "installation.start"
_STARTS_APART = timedelta(minutes=1)
"""The shortest time between two entries about starts. A dispatcher may end and start again all the time."""
_logger = get_logger(__name__)


def record_installation(audit: AuditLog, env: Mapping[str, str]) -> None:
    """Append an entry about the changes. Without changes, append that the dispatcher started, unless the last
    such entry is less than a minute old.

    If the database does not answer, a warning is logged and the dispatcher goes on.
    """
    settings = {one.variable: one.value for one in describe_settings(env) if one.is_set}
    try:
        last = audit.latest(ACT)
        before = last.detail or {} if last else {}
        changes = _changes(before.get("settings", {}), settings)
        release = version("gavel-judge")
        if last is None or changes or before.get("release") != release:
            detail = {"release": release, "before": before.get("release"), "changed": changes}
            audit.record(None, ACT, "dispatcher", **detail, settings=settings)
        elif _is_long_ago(audit.latest(START_ACT)):
            audit.record(None, START_ACT, "dispatcher", release=release)
    except StoreUnavailable as error:
        _logger.warning("The dispatcher's start could not be written to the audit log", reason=str(error))


def _is_long_ago(entry: AuditEntry | None) -> bool:
    return entry is None or utc_now() - entry.at >= _STARTS_APART


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, list[str | None]]:
    """Each changed variable with its value before and now. ``None`` means that it was not set. Secrets are
    masked."""
    if not before:
        return {}
    names = sorted(before.keys() | now.keys())
    return {name: [before.get(name), now.get(name)] for name in names if before.get(name) != now.get(name)}
