"""Selects the submissions of a problem that can be judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, CompoundSelect, Engine, RowMapping, func, literal, select, union_all

from judge_api.store.engine import read_connection
from judge_api.store.reading import read_each
from judge_api.store.tables import accounts, problem_versions, submissions


@dataclass(frozen=True, slots=True)
class RejudgeCandidate:
    """A submission that has ended, with its account and its verdict."""

    id: str
    serial: int
    account: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class JudgedSubmission:
    """A submission with its present verdict. ``open`` is true while it is being judged, for the first time or
    again."""

    id: str
    open: bool
    verdict: str | None


@dataclass(frozen=True, slots=True)
class RejudgeFilter:
    """Submissions of ``problem`` that were judged with other tests or limits than ``version`` has; every
    submission of it if ``all`` is true.

    A version with the same ``judging_hash`` counts as the same version, since it differs only for readers.
    """

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
            return read_each(connection, query, _candidate)

    def count(self, filter: RejudgeFilter) -> int:
        """How many candidates there are."""
        query = select(func.count()).select_from(submissions).where(*_conditions(filter))
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def verdicts(self, problem: str, ids: Sequence[str]) -> list[JudgedSubmission]:
        """The submissions among these that are for the problem, with their verdicts."""
        query = select(submissions.c.id, submissions.c.open, submissions.c.verdict)
        of_problem = (submissions.c.problem == problem) & submissions.c.id.in_(list(ids))
        with read_connection(self._engine) as connection:
            return [JudgedSubmission(*row) for row in connection.execute(query.where(of_problem))]


def _candidate(row: RowMapping) -> RejudgeCandidate:
    return RejudgeCandidate(row["id"], row["serial"], row["name"], row["verdict"])


def _conditions(filter: RejudgeFilter) -> tuple[ColumnElement[bool], ...]:
    ended = (submissions.c.open.is_(False), submissions.c.stage != "CANCELLED")
    older = () if filter.all else (submissions.c.package_hash.not_in(_alike(filter)),)
    return (submissions.c.problem == filter.problem, submissions.c.kind == "submission", *ended, *older)


def _alike(filter: RejudgeFilter) -> CompoundSelect[tuple[str]]:
    """The hashes of the version itself and of the versions with the same judging hash."""
    version = problem_versions.alias()
    same = (problem_versions.c.slug == version.c.slug) & (
        problem_versions.c.judging_hash == version.c.judging_hash
    )
    query = select(problem_versions.c.hash).join(version, same)
    of_version = (version.c.slug == filter.problem) & (version.c.hash == filter.version)
    return union_all(query.where(of_version), select(literal(filter.version)))
