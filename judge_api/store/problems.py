"""Problems on offer, and every version that was: the packages themselves lie in the catalog's library."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Engine, RowMapping, delete, insert, select, update

from judge_api.store.engine import reading, writing
from judge_api.store.records import ProblemRow
from judge_api.store.tables import problem_versions, problems


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
            key = {"slug": problem.slug, "hash": problem.version}
            connection.execute(delete(problem_versions).filter_by(**key))
            connection.execute(insert(problem_versions).values(**key, added_at=problem.added_at))
        return version != problem.version

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
