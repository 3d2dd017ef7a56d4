"""Verifications of problem versions. Each submission of the package is judged as a run, and has expected
verdicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, update

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import new_id, problem_verifications, submissions
from judge_core.clock import utc_now
from judge_core.model.json_records import known_fields

MOST_KEPT = 20


class LineOutcome(StrEnum):
    """The state of a submission in a verification. ``SKIPPED`` submissions cannot be judged on this
    server."""

    WAITING = "waiting"
    RUNNING = "running"
    SKIPPED = "skipped"
    AS_PROMISED = "as_promised"
    NOT_AS_PROMISED = "not_as_promised"

    @property
    def is_final(self) -> bool:
        return self not in (LineOutcome.WAITING, LineOutcome.RUNNING)


@dataclass(frozen=True, slots=True)
class VerificationLine:
    """One submission of the package: the run that judges it, or a note why there is none."""

    name: str
    expected: list[str]
    language: str | None = None
    id: str | None = None
    note: str | None = None
    outcome: LineOutcome = LineOutcome.RUNNING
    verdict: str | None = None
    cpu_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification of one version; ``passed`` is ``None`` until it has ended."""

    id: str
    slug: str
    version: str
    begun_at: datetime
    begun_by: str | None
    ended_at: datetime | None
    passed: bool | None
    lines: tuple[VerificationLine, ...]


class ProblemVerificationStore:
    """Stores verifications. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, slug: str, version: str, account_id: str) -> Verification:
        """Add a verification without lines, and delete the problem's oldest ones beyond ``MOST_KEPT``."""
        begun = Verification(new_id(), slug, version, self._clock(), account_id, None, None, ())
        with write_transaction(self._engine) as connection:
            connection.execute(insert(problem_verifications).values(asdict(begun)))
            _forget_oldest(connection, slug)
        return begun

    def save(self, verification: Verification) -> None:
        """Store the lines of a verification, and its end if it has ended."""
        values = {name: getattr(verification, name) for name in ("ended_at", "passed")}
        lines = [asdict(line) for line in verification.lines]
        of_id = problem_verifications.c.id == verification.id
        with write_transaction(self._engine) as connection:
            connection.execute(update(problem_verifications).where(of_id).values(lines=lines, **values))

    def latest(self, slug: str, version: str) -> Verification | None:
        """The latest verification of a version."""
        query = select(problem_verifications).filter_by(slug=slug, version=version)
        with read_connection(self._engine) as connection:
            latest = query.order_by(problem_verifications.c.id.desc()).limit(1)
            row = connection.execute(latest).mappings().first()
        return _verification_from(row) if row else None

    def latest_of_each(self, slugs: Collection[str]) -> dict[str, Verification]:
        """The latest verification of each of these problems, by slug."""
        table = problem_verifications
        ids = select(func.max(table.c.id)).where(table.c.slug.in_(list(slugs))).group_by(table.c.slug)
        with read_connection(self._engine) as connection:
            rows = connection.execute(select(table).where(table.c.id.in_(ids))).mappings().all()
        return {row["slug"]: _verification_from(row) for row in rows}

    def results(self, runs: Sequence[str]) -> dict[str, RowMapping]:
        """Whether each of these runs is open, with its verdict, time, reason and tests, by id."""
        columns = (submissions.c.id, submissions.c.open, submissions.c.verdict)
        query = select(*columns, submissions.c.cpu_ms, submissions.c.reason, submissions.c.tests)
        with read_connection(self._engine) as connection:
            found = connection.execute(query.where(submissions.c.id.in_(list(runs)))).mappings().all()
        return {row["id"]: row for row in found}


def _forget_oldest(connection: Connection, slug: str) -> None:
    table = problem_verifications
    newest = select(table.c.id).where(table.c.slug == slug).order_by(table.c.id.desc()).limit(MOST_KEPT)
    kept = connection.execute(newest).scalars().all()
    connection.execute(delete(table).where(table.c.slug == slug, table.c.id.not_in(kept)))


def _verification_from(row: RowMapping) -> Verification:
    lines = tuple(_line_from(line) for line in row["lines"])
    return Verification(**{**{name: row[name] for name in Verification.__slots__}, "lines": lines})


def _line_from(line: dict[str, Any]) -> VerificationLine:
    """A line that this or another release has stored. An unknown outcome is read as ``SKIPPED``."""
    known = line.get("outcome") in tuple(LineOutcome)
    outcome = LineOutcome(line["outcome"]) if known else LineOutcome.SKIPPED
    return VerificationLine(**{**known_fields(VerificationLine, line), "outcome": outcome})
