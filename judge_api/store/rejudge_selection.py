"""Which submissions of a problem an operator may want judged once more."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, func, select

from judge_api.store.engine import reading
from judge_api.store.tables import accounts, submissions


@dataclass(frozen=True, slots=True)
class Rejudgeable:
    """A submission that has ended, whose it is and the verdict that stands."""

    id: str
    serial: int
    account: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Which:
    """Those of ``problem`` whose tests were not ``version``; with ``all``, those too that were."""

    problem: str
    version: str
    all: bool = False


class Rejudging:
    """Finds them; ``AttemptStore.rejudge`` does it, one short transaction each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, which: Which, after: int = 0, limit: int = 100) -> list[Rejudgeable]:
        """Oldest first, beginning behind the serial number ``after``. Cancelled ones stay as they are."""
        query = (
            select(submissions.c.id, submissions.c.serial, accounts.c.name, submissions.c.verdict)
            .join(accounts, accounts.c.id == submissions.c.account_id)
            .where(*_meant(which), submissions.c.serial > after)
            .order_by(submissions.c.serial)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [Rejudgeable(*row) for row in connection.execute(query)]

    def count(self, which: Which) -> int:
        """How many there are."""
        query = select(func.count()).select_from(submissions).where(*_meant(which))
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()


def _meant(which: Which) -> tuple[ColumnElement[bool], ...]:
    ended = (submissions.c.open.is_(False), submissions.c.stage != "CANCELLED")
    older = () if which.all else (submissions.c.package_hash != which.version,)
    return (submissions.c.problem == which.problem, submissions.c.kind == "submission", *ended, *older)
