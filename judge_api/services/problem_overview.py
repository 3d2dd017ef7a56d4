"""A problem as its authors see it: its state, its versions with their changes, and its verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

from judge_api.services.verification_progress import verification_faults
from judge_api.store.problem_states import declared_spec
from judge_api.store.problem_verifications import Verification
from judge_api.store.problem_versions import ProblemVersion
from judge_api.store.records import ProblemRow
from judge_core.model.problem import ProblemState
from judge_core.model.submission import rfc3339
from judge_core.packages import PackageStore
from judge_core.packages.version_changes import compare_packages

MOST_COMPARED = 20


def shown_state(row: ProblemRow, verified_at: datetime | None) -> ProblemState:
    """The state that authors see. A draft whose newest version is verified is shown as ``verified``."""
    is_draft = row.state is ProblemState.DRAFT
    return ProblemState.VERIFIED if is_draft and verified_at is not None else row.state


def verification_summary(verification: Verification) -> dict[str, Any]:
    return {
        "version": verification.version,
        "begun_at": rfc3339(verification.begun_at),
        "ended_at": rfc3339(verification.ended_at) if verification.ended_at else None,
        "passed": verification.passed,
    }


def verification_body(verification: Verification) -> dict[str, Any]:
    has_failed = verification.passed is False
    return {
        **verification_summary(verification),
        "slug": verification.slug,
        "submissions": [asdict(line) for line in verification.lines],
        "faults": verification_faults(verification) if has_failed else [],
    }


def version_bodies(
    row: ProblemRow, versions: Sequence[ProblemVersion], packages: PackageStore
) -> list[dict[str, Any]]:
    """The versions, newest first. The newest ``MOST_COMPARED`` versions have their changes since the version
    before."""
    shown = next((each for each in versions if each.hash == row.version), None)
    changes = [_changes(packages, before, after) for after, before in pairwise(versions[: MOST_COMPARED + 1])]
    unknown = [None] * (len(versions) - len(changes))
    older: list[ProblemVersion | None] = [*versions[1:], None]
    return [
        {
            "version": version.hash,
            "added_at": rfc3339(version.added_at),
            "added_by": version.added_by,
            "verified_at": rfc3339(version.verified_at) if version.verified_at else None,
            "on_offer": row.is_published and version.hash == row.version,
            "judges_alike": version.hash == row.version or _judge_alike(version, shown),
            "changes": change,
            "limits": _limit_changes(before, version, row),
        }
        for version, before, change in zip(versions, older, [*changes, *unknown], strict=True)
    ]


def _judge_alike(one: ProblemVersion, other: ProblemVersion | None) -> bool:
    return other is not None and one.judging_hash is not None and one.judging_hash == other.judging_hash


def _changes(
    packages: PackageStore, before: ProblemVersion, after: ProblemVersion
) -> list[dict[str, Any]] | None:
    old, new = packages.path(before.hash), packages.path(after.hash)
    return [asdict(change) for change in compare_packages(old, new)] if old and new else None


def _limit_changes(
    before: ProblemVersion | None, after: ProblemVersion, row: ProblemRow
) -> list[dict[str, Any]]:
    if before is None:
        return []
    old, new = _limits(before, row), _limits(after, row)
    names = sorted(old.keys() & new.keys())
    changed = (name for name in names if old[name] != new[name])
    return [{"name": name, "before": old[name], "after": new[name]} for name in changed]


def _limits(version: ProblemVersion, row: ProblemRow) -> dict[str, Any]:
    spec = version.spec or (declared_spec(row.spec) if version.hash == row.version else {})
    limits: dict[str, Any] = {**spec.get("limits", {})}
    if limits.get("time", 0) is None:
        limits["time"] = version.time_limit
    return limits
