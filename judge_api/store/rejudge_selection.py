"""Selects the submissions of a problem that an operator may rejudge."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, func, select

from judge_api.store.engine import read_connection
from judge_api.store.tables import accounts, submissions


@dataclass(frozen=True, slots=True)
class RejudgeCandidate:
    """A submission that has ended, with its account and its verdict."""

    id: str
    serial: int
    account: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class RejudgeFilter:
    """Submissions of ``problem`` that were judged by another version; with ``all``, all of them."""

    problem: str
    version: str
    all: bool = False


class RejudgeSelection:
    """Finds candidates; ``AttemptStore.rejudge`` judges them again, in one short transaction each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, filter: RejudgeFilter, after: int = 0, limit: int = 100) -> list[RejudgeCandidate]:
        """Candidates after the serial number ``after``, oldest first, without cancelled ones."""
        query = (
            select(submissions.c.id, submissions.c.serial, accounts.c.name, submissions.c.verdict)
            .join(accounts, accounts.c.id == submissions.c.account_id)
            .where(*_conditions(filter), submissions.c.serial > after)
            .order_by(submissions.c.serial)
            .limit(limit)
        )
        with read_connection(self._engine) as connection:
            return [RejudgeCandidate(*row) for row in connection.execute(query)]

    def count(self, filter: RejudgeFilter) -> int:
        """How many candidates there are."""
        query = select(func.count()).select_from(submissions).where(*_conditions(filter))
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()


def _conditions(filter: RejudgeFilter) -> tuple[ColumnElement[bool], ...]:
    ended = (submissions.c.open.is_(False), submissions.c.stage != "CANCELLED")
    older = () if filter.all else (submissions.c.package_hash != filter.version,)
    return (submissions.c.problem == filter.problem, submissions.c.kind == "submission", *ended, *older)
