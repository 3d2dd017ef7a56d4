"""All versions of problems. The newest version is a draft if it is not the published one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, delete, func, insert, select, update

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.records import ProblemRow
from judge_api.store.tables import problem_versions
from judge_core.clock import utc_now

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class ProblemVersion:
    """A version of a problem. ``spec`` and ``judging_hash`` are ``None`` if an earlier release stored the
    version."""

    slug: str
    hash: str
    added_at: datetime
    added_by: str | None
    spec: dict[str, Any] | None
    judging_hash: str | None
    time_limit: float | None
    verified_at: datetime | None


class ProblemVersionStore:
    """Stores versions. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, slug: str) -> Sequence[ProblemVersion]:
        """The versions of one problem, newest first, at most ``MOST_LISTED``."""
        query = select(problem_versions).where(problem_versions.c.slug == slug)
        newest_first = query.order_by(problem_versions.c.added_at.desc()).limit(MOST_LISTED)
        with read_connection(self._engine) as connection:
            return [version_from(row) for row in connection.execute(newest_first).mappings()]

    def get(self, slug: str, hash: str) -> ProblemVersion | None:
        with read_connection(self._engine) as connection:
            return find_version(connection, slug, hash)

    def newest(self, slug: str) -> ProblemVersion | None:
        """The version that was added last."""
        with read_connection(self._engine) as connection:
            return newest_version(connection, slug)

    def newest_verified(self) -> dict[str, tuple[str, datetime | None]]:
        """The hash of each problem's newest version, and when it was verified, by slug."""
        latest = select(problem_versions.c.slug, func.max(problem_versions.c.added_at).label("at"))
        by_slug = latest.group_by(problem_versions.c.slug).subquery()
        same = (problem_versions.c.slug == by_slug.c.slug) & (problem_versions.c.added_at == by_slug.c.at)
        columns = (problem_versions.c.slug, problem_versions.c.hash, problem_versions.c.verified_at)
        with read_connection(self._engine) as connection:
            rows = connection.execute(select(*columns).join(by_slug, same)).all()
        return {row.slug: (row.hash, row.verified_at) for row in rows}

    def complete(self, problem: ProblemRow) -> None:
        """Fill in what an earlier release did not store of a version."""
        values = {"spec": problem.spec, "judging_hash": problem.judging_hash, "uuid": problem.uuid}
        without_spec = _is(problem.slug, problem.version) & problem_versions.c.judging_hash.is_(None)
        with write_transaction(self._engine) as connection:
            connection.execute(update(problem_versions).where(without_spec).values(values))

    def others_with_uuid(self, uuid: str, slug: str) -> list[str]:
        """The slugs of other problems that have a version with this ``uuid``, at most ten."""
        query = select(problem_versions.c.slug).where(problem_versions.c.uuid == uuid).distinct()
        others = query.where(problem_versions.c.slug != slug).order_by(problem_versions.c.slug).limit(10)
        with read_connection(self._engine) as connection:
            return list(connection.execute(others).scalars())

    def mark_verified(self, slug: str, hash: str) -> None:
        """Record that a verification of this version has passed."""
        change = update(problem_versions).where(_is(slug, hash)).values(verified_at=self._clock())
        with write_transaction(self._engine) as connection:
            connection.execute(change)


def add_version(connection: Connection, problem: ProblemRow) -> float | None:
    """Add a version as the newest one. Returns its calibrated time limit, if it is known.

    A version that is added again keeps its time limit and the time of its verification. A version without a
    limit takes that of a version with the same judging hash.
    """
    known = find_version(connection, problem.slug, problem.version)
    values: dict[str, Any] = {
        "slug": problem.slug,
        "hash": problem.version,
        "added_at": problem.added_at,
        "time_limit": calibrated_limit(connection, problem.version) or _limit_of_alike(connection, problem),
        "spec": problem.spec,
        "judging_hash": problem.judging_hash or (known and known.judging_hash),
        "uuid": problem.uuid,
        "added_by": problem.added_by,
        "verified_at": known and known.verified_at,
    }
    connection.execute(delete(problem_versions).where(_is(problem.slug, problem.version)))
    connection.execute(insert(problem_versions).values(values))
    limit: float | None = values["time_limit"]
    return limit


def find_version(connection: Connection, slug: str, hash: str) -> ProblemVersion | None:
    query = select(problem_versions).where(_is(slug, hash))
    row = connection.execute(query).mappings().one_or_none()
    return version_from(row) if row else None


def newest_version(connection: Connection, slug: str) -> ProblemVersion | None:
    query = select(problem_versions).where(problem_versions.c.slug == slug)
    row = connection.execute(query.order_by(problem_versions.c.added_at.desc()).limit(1)).mappings().first()
    return version_from(row) if row else None


def calibrated_limit(connection: Connection, version: str) -> float | None:
    """The time limit that the first worker calibrated for a version."""
    query = select(problem_versions.c.time_limit).where(problem_versions.c.hash == version)
    return connection.execute(query.where(problem_versions.c.time_limit.is_not(None)).limit(1)).scalar()


def _limit_of_alike(connection: Connection, problem: ProblemRow) -> float | None:
    if problem.judging_hash is None:
        return None
    alike = (problem_versions.c.slug == problem.slug) & (
        problem_versions.c.judging_hash == problem.judging_hash
    )
    query = select(problem_versions.c.time_limit).where(alike, problem_versions.c.time_limit.is_not(None))
    return connection.execute(query.limit(1)).scalar()


def version_from(row: RowMapping) -> ProblemVersion:
    return ProblemVersion(**{name: row[name] for name in ProblemVersion.__slots__})


def _is(slug: str, hash: str) -> ColumnElement[bool]:
    return (problem_versions.c.slug == slug) & (problem_versions.c.hash == hash)
