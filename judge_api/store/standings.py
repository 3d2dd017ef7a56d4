"""How an accepted submission stands among the others."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from judge_api.domain.submission import Kind, Status
from judge_api.domain.verdict import Verdict
from judge_api.store.engine import reading
from judge_api.store.tables import submissions

_LATEST = 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """Per cent of the accepted submissions that were not better, itself included: 100 for the first."""

    runtime: float
    memory: float


def standing_of(engine: Engine, status: Status) -> Standing:
    """Among the latest thousand accepted ones of its problem and language; 100 when it is not one of them."""
    done = status.outcome
    if done is None or done.verdict is not Verdict.AC or status.kind is not Kind.SUBMISSION:
        return Standing(100.0, 100.0)
    recent = (
        select(submissions.c.cpu_ms, submissions.c.memory_kb)
        .where(
            submissions.c.problem == status.problem,
            submissions.c.language == status.language,
            submissions.c.verdict == Verdict.AC.value,
            submissions.c.kind == Kind.SUBMISSION.value,
        )
        .order_by(submissions.c.serial.desc())
        .limit(_LATEST)
        .subquery()
    )
    query = select(
        func.count(),
        func.count().filter(recent.c.cpu_ms >= (done.cpu_ms or 0)),
        func.count().filter(recent.c.memory_kb >= (done.memory_kb or 0)),
    ).select_from(recent)
    with reading(engine) as connection:
        total, slower, larger = connection.execute(query).one()
    return Standing(_per_cent(slower, total), _per_cent(larger, total))


def _per_cent(part: int, whole: int) -> float:
    return round(100.0 * part / whole, 4) if whole else 100.0
