"""Finds the problem and the version that an author's request names. Refuses problems of other authors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from judge_api.container import services
from judge_api.http.auth import current_account
from judge_api.services.problem_overview import shown_state, verification_summary
from judge_api.store.problem_states import declared_spec
from judge_api.store.problems import problem_row
from judge_api.store.records import ProblemRow
from judge_api.store.statistics import ProblemCounts
from judge_api.views.problems import shown_counts
from judge_core.model.errors import Conflict, Forbidden, NotFound
from judge_core.model.problem import ProblemSpec
from judge_core.model.submission import rfc3339
from judge_core.packages import BrokenPackage


def editable_problem(slug: str) -> ProblemRow:
    """The problem, if the account may edit it. Raises ``NotFound`` or ``Forbidden``."""
    account, row = current_account(), services().problems.get(slug) if "\x00" not in slug else None
    if row is None or not services().problem_access.may_see(account, row):
        raise NotFound(f"there is no problem {slug[:64]!r}")
    if not services().problem_access.may_edit(account, slug):
        raise Forbidden(f"the problem {slug[:64]!r} belongs to another author")
    return row


def authored_lines(rows: Sequence[ProblemRow]) -> list[dict[str, Any]]:
    """One line for each problem in an author's list."""
    newest = services().problem_versions.newest_verified()
    verifications = services().problem_verifications.latest_of_each([row.slug for row in rows])
    faults = services().problem_faults.counts([row.version for row in rows])
    owners = services().problem_members.owners()
    max_scores = {row.slug: row.spec.get("max_score") for row in rows}
    counts = shown_counts(max_scores, current_account())
    lines = []
    for row in rows:
        hash, verified_at = newest.get(row.slug, (row.version, None))
        latest, count = verifications.get(row.slug), counts.get(row.slug, ProblemCounts())
        lines.append(
            {
                **{name: getattr(row, name) for name in ("slug", "version", "title", "author", "format")},
                **asdict(count),
                "added_at": rfc3339(row.added_at),
                "acceptance_rate": count.rate,
                "faults": faults.get(row.slug, 0),
                "owner": owners.get(row.slug),
                "state": shown_state(row, verified_at),
                "newest": hash,
                "verification": verification_summary(latest) if latest else None,
            }
        )
    return lines


def managed_problem(slug: str) -> ProblemRow:
    """The problem, if the account is its owner or an administrator. Raises ``Forbidden``."""
    row = editable_problem(slug)
    if not services().problem_access.may_manage(current_account(), row.slug):
        raise Forbidden(f"only the owner of {slug[:64]!r} and administrators may do this")
    return row


def newest_of(row: ProblemRow) -> str:
    """The hash of the version that was added last."""
    newest = services().problem_versions.newest(row.slug)
    return newest.hash if newest else row.version


def version_of(row: ProblemRow, hash: str) -> ProblemSpec:
    """The problem as this version describes it.

    An earlier release did not store everything about a version. The missing part is read from the version's
    package once, and then stored.
    """
    known = services().problem_versions.get(row.slug, hash)
    if known is None:
        raise NotFound(f"{row.slug} has no version {hash[:64]!r}")
    if known.spec is not None and known.judging_hash is not None:
        return ProblemSpec.from_json(known.spec)
    if hash == row.version and known.spec is None and services().package_store.path(hash) is None:
        return ProblemSpec.from_json(declared_spec(row.spec))
    return _read_again(row, hash)


def _read_again(row: ProblemRow, hash: str) -> ProblemSpec:
    path = services().package_store.path(hash)
    if path is None:
        raise Conflict(f"the package of the version {hash[:12]} is not here any more: add the package again")
    try:
        stored = services().package_store.add_zip(path, row.slug, row.slug)
    except BrokenPackage as error:
        raise Conflict(f"this release cannot read the version {hash[:12]}: {error}") from error
    services().problem_versions.complete(problem_row(stored, None))
    return stored.spec
