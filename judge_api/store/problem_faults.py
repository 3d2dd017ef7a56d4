"""Faults of problems that made submissions fail, for the problems' authors. The latest ``MOST_KEPT`` of each
problem are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select

from judge_api.store.engine import read_connection
from judge_api.store.reading import read_each
from judge_api.store.tables import problem_faults, problems

MOST_KEPT = 50
_MOST_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class ProblemFault:
    """A submission that could not be judged, and the fault of the problem's version that caused it."""

    slug: str
    version: str
    submission_id: str
    at: datetime
    reason: str

    @classmethod
    def of(cls, submission: RowMapping, reason: str, at: datetime) -> ProblemFault:
        """The fault that made the submission of this row fail."""
        version = submission["package_hash"] or ""
        return cls(submission["problem"], version, submission["id"], at, reason[:_MOST_CHARACTERS])


def record_problem_fault(connection: Connection, fault: ProblemFault) -> None:
    """Record a fault in the caller's transaction, and delete the problem's oldest faults beyond
    ``MOST_KEPT``."""
    known = select(problems.c.slug).where(problems.c.slug == fault.slug)
    if connection.execute(known).first() is None:
        return
    connection.execute(insert(problem_faults).values(asdict(fault)))
    of_problem = problem_faults.c.slug == fault.slug
    oldest = (
        select(problem_faults.c.id)
        .where(of_problem)
        .order_by(problem_faults.c.id.desc())
        .limit(1)
        .offset(MOST_KEPT - 1)
        .scalar_subquery()
    )
    connection.execute(delete(problem_faults).where(of_problem, problem_faults.c.id < oldest))


class ProblemFaultStore:
    """Reads the faults. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, slug: str) -> Sequence[ProblemFault]:
        """The faults of one problem, newest first."""
        columns = [column for column in problem_faults.c if column.name != "id"]
        query = select(*columns).where(problem_faults.c.slug == slug).order_by(problem_faults.c.id.desc())
        with read_connection(self._engine) as connection:
            return read_each(connection, query, lambda row: ProblemFault(**row))

    def counts(self, versions: Collection[str]) -> dict[str, int]:
        """How many faults each problem has in these versions."""
        query = (
            select(problem_faults.c.slug, func.count().label("total"))
            .where(problem_faults.c.version.in_(list(versions)))
            .group_by(problem_faults.c.slug)
        )
        with read_connection(self._engine) as connection:
            return {row.slug: row.total for row in connection.execute(query)}
