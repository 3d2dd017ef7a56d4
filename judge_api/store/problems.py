"""Problems on offer, and every version that was: the packages themselves lie in the catalog's library."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from judge_api.store.engine import reading, writing
from judge_api.store.models import ProblemRow
from judge_api.store.tables import problem_versions, problems
from judge_core.packages import StoredPackage


def problem_row(stored: StoredPackage, added_by: str | None) -> ProblemRow:
    """What the store keeps of a package."""
    spec = stored.spec
    return ProblemRow(
        slug=stored.slug,
        version=stored.hash,
        title=spec.name,
        format="icpc",
        # What is not set is left out: an earlier release may not know of it, and for all it means None.
        spec={name: value for name, value in spec.to_json().items() if value is not None},
        added_at=datetime.now(UTC),
        author=", ".join(spec.authors) or None,
        statement=spec.statements[0].html if spec.statements else None,
        added_by=added_by,
    )


class ProblemStore:
    """Which problems there are. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, problem: ProblemRow) -> bool:
        """Offer this version of the problem; False when it was the one on offer already."""
        values = asdict(problem)
        with writing(self._engine) as connection:
            query = select(problems.c.version).where(problems.c.slug == problem.slug).with_for_update()
            version = connection.execute(query).scalar_one_or_none()
            if version is None:
                connection.execute(insert(problems).values(values))
            else:
                connection.execute(update(problems).where(problems.c.slug == problem.slug).values(values))
            _note_version(connection, problem)
        return version != problem.version

    def known_limit(self, version: str) -> float | None:
        """The time limit that was calibrated for a version, by whoever told it first."""
        with reading(self._engine) as connection:
            return _settled(connection, version)

    def settle_limit(self, version: str, seconds: float) -> float:
        """Keep a calibrated limit unless there is one; what holds comes back, and the problem shows it."""
        of_version = problem_versions.c.hash == version
        with writing(self._engine) as connection:
            unsettled = of_version & problem_versions.c.time_limit.is_(None)
            connection.execute(update(problem_versions).where(unsettled).values(time_limit=seconds))
            settled = _settled(connection, version)
            if settled is not None:
                _show_limit(connection, version, settled)
        return seconds if settled is None else settled

    def get(self, slug: str) -> ProblemRow | None:
        """The problem as offered now."""
        with reading(self._engine) as connection:
            row = connection.execute(select(problems).where(problems.c.slug == slug)).mappings().one_or_none()
        return _problem_from(row) if row else None

    def list(self) -> list[ProblemRow]:
        """All of them, by slug."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(problems).order_by(problems.c.slug)).mappings().all()
        return [_problem_from(row) for row in rows]


def _note_version(connection: Connection, problem: ProblemRow) -> None:
    """A version that comes again keeps the limit that was settled for it."""
    key = {"slug": problem.slug, "hash": problem.version}
    settled = _settled(connection, problem.version)
    connection.execute(delete(problem_versions).filter_by(**key))
    values = {**key, "added_at": problem.added_at, "time_limit": settled}
    connection.execute(insert(problem_versions).values(values))
    if settled is not None:
        _show_limit(connection, problem.version, settled)


def _settled(connection: Connection, version: str) -> float | None:
    query = select(problem_versions.c.time_limit).where(problem_versions.c.hash == version)
    return connection.execute(query.where(problem_versions.c.time_limit.is_not(None)).limit(1)).scalar()


def _show_limit(connection: Connection, version: str, seconds: float) -> None:
    """Into what clients are shown of the problem, as long as this version is the one on offer."""
    query = select(problems.c.slug, problems.c.spec).where(problems.c.version == version)
    for slug, spec in connection.execute(query).all():
        if spec["limits"]["time"] is None:
            shown = {**spec, "limits": {**spec["limits"], "time": seconds}}
            connection.execute(update(problems).where(problems.c.slug == slug).values(spec=shown))


def _problem_from(row: RowMapping) -> ProblemRow:
    return ProblemRow(
        slug=row["slug"],
        version=row["version"],
        title=row["title"],
        format=row["format"],
        spec=row["spec"],
        added_at=row["added_at"],
        author=row["author"],
        statement=row["statement"],
        added_by=row["added_by"],
    )
