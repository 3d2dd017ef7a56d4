"""Reports of similar programs in events. The dispatcher claims a report, compares the programs, and adds the
pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    delete,
    func,
    insert,
    select,
    update,
)

from judge_api.events.scoring import TryState
from judge_api.store.claims import is_free
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import CONTENT_ERRORS
from judge_api.store.row_mapping import files_from
from judge_api.store.tables import (
    event_members,
    event_similar_pairs,
    event_similarity_reports,
    event_submissions,
    events,
    new_id,
    submissions,
)
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict
from judge_core.model.submission import Verdict

CLAIM = timedelta(seconds=30)
MOST_TRIES = 3
MOST_REPORTS = 20
_AT_ONCE = 500


class ReportState(StrEnum):
    """The state of a report. ``QUEUED`` and ``RUNNING`` reports are unfinished."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (ReportState.QUEUED, ReportState.RUNNING)


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The ids of the earlier events to compare with, and the least similarity of a pair in per cent."""

    earlier: tuple[str, ...]
    least_percent: int


@dataclass(frozen=True, slots=True)
class SimilarityReport:
    """A report. Programs are compared in groups of one problem and one language, and ``done`` of ``total``
    groups are compared. ``notes`` says what was left out, and why a report failed."""

    id: str
    event_id: str
    state: ReportState
    options: ReportOptions
    created_at: datetime
    ended_at: datetime | None
    total: int
    done: int
    programs: int
    notes: tuple[str, ...]
    tries: int


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two programs that are alike. ``passages`` has the rows and columns of each common passage, first on the
    left and then on the right side, from 0."""

    number: int
    problem: str
    language: str
    left: str
    right: str
    similarity: float
    longest: int
    overlap: int
    passages: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class AcceptedProgram:
    """An accepted submission of an event, without its source. An imported submission has no account."""

    id: str
    account_id: str | None
    event_id: str
    event_slug: str
    member: str
    member_name: str
    problem: str
    language: str
    at: datetime


class SimilarityStore:
    """Stores reports. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, event_id: str, options: ReportOptions, by: str) -> str:
        """Add a report, which a dispatcher begins soon. Raises ``Conflict`` while another report of the event
        is unfinished. The event keeps the newest ``MOST_REPORTS`` reports."""
        id = new_id()
        values = {
            "id": id,
            "event_id": event_id,
            "state": ReportState.QUEUED.value,
            "options": {"earlier": list(options.earlier), "least_percent": options.least_percent},
            "created_at": self._clock(),
            "created_by": by,
            **_UNBEGUN,
        }
        of_event = event_similarity_reports.c.event_id == event_id
        unfinished = select(event_similarity_reports.c.id).where(of_event, _is_unfinished())
        with write_transaction(self._engine) as connection:
            # Locks the event: otherwise two requests at once could both begin a report.
            connection.execute(update(events).where(events.c.id == event_id).values(slug=events.c.slug))
            if connection.execute(unfinished).first() is not None:
                raise Conflict("a comparison of this event is under way: wait for it, or cancel it")
            connection.execute(insert(event_similarity_reports).values(values))
            kept = select(event_similarity_reports.c.id).where(of_event)
            kept = kept.order_by(event_similarity_reports.c.id.desc()).offset(MOST_REPORTS)
            ids = list(connection.execute(kept).scalars())
            connection.execute(delete(event_similarity_reports).where(event_similarity_reports.c.id.in_(ids)))
        return id

    def of(self, event_id: str) -> list[SimilarityReport]:
        """The reports of an event, newest first."""
        query = select(event_similarity_reports).where(event_similarity_reports.c.event_id == event_id)
        with read_connection(self._engine) as connection:
            rows = connection.execute(query.order_by(event_similarity_reports.c.id.desc())).mappings()
            return [_report_from(row) for row in rows]

    def cancel(self, report_id: str) -> bool:
        """End a report that is not finished; its pairs so far stay. False if it has ended."""
        this = event_similarity_reports.c.id == report_id
        with write_transaction(self._engine) as connection:
            return _end(connection, this, ReportState.CANCELLED, self._clock())

    def delete(self, report_id: str) -> None:
        with write_transaction(self._engine) as connection:
            this = event_similarity_reports.c.id == report_id
            connection.execute(delete(event_similarity_reports).where(this))

    def pairs(self, report_id: str) -> list[SimilarPair]:
        """The pairs of a report, the most similar first."""
        query = select(event_similar_pairs).where(event_similar_pairs.c.report_id == report_id)
        query = query.order_by(event_similar_pairs.c.similarity.desc(), event_similar_pairs.c.number)
        with read_connection(self._engine) as connection:
            return [_pair_from(row) for row in connection.execute(query).mappings()]

    def pair(self, report_id: str, number: int) -> SimilarPair | None:
        this = (event_similar_pairs.c.report_id == report_id) & (event_similar_pairs.c.number == number)
        with read_connection(self._engine) as connection:
            row = connection.execute(select(event_similar_pairs).where(this)).mappings().one_or_none()
        return _pair_from(row) if row else None

    def accepted(self, event_ids: Sequence[str]) -> list[AcceptedProgram]:
        """The accepted submissions of these events that were not disqualified, oldest first."""
        query = _programs().where(
            event_submissions.c.event_id.in_(event_ids),
            event_submissions.c.state == TryState.JUDGED.value,
            event_submissions.c.verdict == Verdict.AC.value,
            event_submissions.c.disqualified.is_(None),
        )
        with read_connection(self._engine) as connection:
            rows = connection.execute(query.order_by(event_submissions.c.serial)).mappings()
            return [_program_from(row) for row in rows]

    def programs(self, ids: Sequence[str]) -> dict[str, AcceptedProgram]:
        """The programs of these submissions by id, without those of deleted events."""
        found = {}
        with read_connection(self._engine) as connection:
            for start in range(0, len(ids), _AT_ONCE):
                which = event_submissions.c.submission_id.in_(ids[start : start + _AT_ONCE])
                for row in connection.execute(_programs().where(which)).mappings():
                    found[row["submission_id"]] = _program_from(row)
        return found

    def sources(self, ids: Sequence[str]) -> dict[str, str]:
        """The source texts of these submissions. The files of a submission are joined. Purged and unreadable
        submissions are left out."""
        found = {}
        with read_connection(self._engine) as connection:
            for start in range(0, len(ids), _AT_ONCE):
                which = submissions.c.id.in_(ids[start : start + _AT_ONCE])
                query = select(submissions.c.id, submissions.c.source, submissions.c.files).where(which)
                for row in connection.execute(query).mappings():
                    with suppress(*CONTENT_ERRORS):
                        files = files_from(row)
                        text = row["source"] if files is None else "\n".join(one.text for one in files.files)
                        if text:
                            found[row["id"]] = text
        return found

    def claim(self, by: str) -> SimilarityReport | None:
        """Take the oldest report that waits, or whose dispatcher has died. Pairs that the report has
        already are deleted."""
        now = self._clock()
        free = is_free(event_similarity_reports.c.claimed_until, now)
        waiting = select(event_similarity_reports).where(_is_unfinished(), free)
        with read_connection(self._engine) as connection:
            if connection.execute(waiting.limit(1)).first() is None:
                return None
        with write_transaction(self._engine) as connection:
            oldest = waiting.order_by(event_similarity_reports.c.id).limit(1)
            row = connection.execute(oldest).mappings().one_or_none()
            if row is None:
                return None
            values = {
                **_UNBEGUN,
                "state": ReportState.RUNNING.value,
                "tries": row["tries"] + 1,
                "claimed_by": by,
                "claimed_until": now + CLAIM,
            }
            this = event_similarity_reports.c.id == row["id"]
            taken = update(event_similarity_reports).where(this, free, _is_unfinished()).values(values)
            if connection.execute(taken).rowcount != 1:
                return None
            connection.execute(
                delete(event_similar_pairs).where(event_similar_pairs.c.report_id == row["id"])
            )
        return _report_from({**row, **values})

    def renew(self, report: SimilarityReport, by: str) -> bool:
        """Extend the claim of a report. False if the report was cancelled, deleted, or taken by another
        dispatcher."""
        return self._change(report, by, {"claimed_until": self._clock() + CLAIM})

    def give_back(self, report: SimilarityReport, by: str) -> bool:
        """Release a claimed report of a dispatcher that shuts down, so that another dispatcher begins it.
        This does not count as a try. False as in :meth:`renew`."""
        values = {"state": ReportState.QUEUED.value, "claimed_by": None, "claimed_until": None}
        return self._change(report, by, {**_UNBEGUN, **values, "tries": report.tries - 1})

    def note_total(self, report: SimilarityReport, by: str, total: int, programs: int) -> bool:
        return self._change(report, by, {"total": total, "programs": programs})

    def add_pairs(
        self, report: SimilarityReport, by: str, pairs: Sequence[SimilarPair], notes: Sequence[str]
    ) -> bool:
        """Add the pairs that were found in one group. False as in :meth:`renew`."""
        rows = [
            {
                "report_id": report.id,
                "number": each.number,
                "problem": each.problem,
                "language": each.language,
                "left_id": each.left,
                "right_id": each.right,
                "similarity": each.similarity,
                "longest": each.longest,
                "overlap": each.overlap,
                "passages": [list(passage) for passage in each.passages],
            }
            for each in pairs
        ]
        done = event_similarity_reports.c.done + 1
        values = {"done": done, "notes": list(notes), "claimed_until": self._clock() + CLAIM}
        with write_transaction(self._engine) as connection:
            changed = update(event_similarity_reports).where(_is_claimed(report, by)).values(values)
            if connection.execute(changed).rowcount != 1:
                return False
            if rows:
                connection.execute(insert(event_similar_pairs), rows)
        return True

    def end(self, report: SimilarityReport, by: str, failure: str | None = None) -> bool:
        """End a claimed report, with the reason if it has failed."""
        state = ReportState.DONE if failure is None else ReportState.FAILED
        with write_transaction(self._engine) as connection:
            if failure is not None:
                noted = update(event_similarity_reports).where(_is_claimed(report, by))
                connection.execute(noted.values(notes=[failure]))
            return _end(connection, _is_claimed(report, by), state, self._clock())

    def _change(self, report: SimilarityReport, by: str, values: dict[str, Any]) -> bool:
        changed = update(event_similarity_reports).where(_is_claimed(report, by)).values(values)
        with write_transaction(self._engine) as connection:
            return connection.execute(changed).rowcount == 1


_UNBEGUN = {"total": 0, "done": 0, "programs": 0, "notes": [], "tries": 0}


def _is_unfinished() -> ColumnElement[bool]:
    return event_similarity_reports.c.state.in_([each.value for each in UNFINISHED])


def _is_claimed(report: SimilarityReport, by: str) -> ColumnElement[bool]:
    return (
        (event_similarity_reports.c.id == report.id)
        & (event_similarity_reports.c.claimed_by == by)
        & (event_similarity_reports.c.state == ReportState.RUNNING.value)
    )


def _end(connection: Connection, which: ColumnElement[bool], state: ReportState, at: datetime) -> bool:
    values = {"state": state.value, "ended_at": at, "claimed_by": None, "claimed_until": None}
    ended = update(event_similarity_reports).where(which, _is_unfinished()).values(values)
    return connection.execute(ended).rowcount == 1


def _programs() -> Any:
    return (
        select(
            event_submissions,
            events.c.slug.label("event_slug"),
            func.coalesce(event_members.c.name, "").label("member_name"),
            submissions.c.account_id,
        )
        .join(events, events.c.id == event_submissions.c.event_id)
        .outerjoin(event_members, event_members.c.id == event_submissions.c.member_id)
        .outerjoin(submissions, submissions.c.id == event_submissions.c.submission_id)
    )


def _program_from(row: RowMapping) -> AcceptedProgram:
    return AcceptedProgram(
        id=row["submission_id"],
        account_id=row["account_id"],
        event_id=row["event_id"],
        event_slug=row["event_slug"],
        member=row["member_id"],
        member_name=row["member_name"],
        problem=row["problem"],
        language=row["language"],
        at=row["at"],
    )


def _report_from(row: Any) -> SimilarityReport:
    options = row["options"]
    return SimilarityReport(
        id=row["id"],
        event_id=row["event_id"],
        state=ReportState(row["state"]),
        options=ReportOptions(tuple(options["earlier"]), options["least_percent"]),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        total=row["total"],
        done=row["done"],
        programs=row["programs"],
        notes=tuple(row["notes"]),
        tries=row["tries"],
    )


def _pair_from(row: RowMapping) -> SimilarPair:
    return SimilarPair(
        number=row["number"],
        problem=row["problem"],
        language=row["language"],
        left=row["left_id"],
        right=row["right_id"],
        similarity=row["similarity"],
        longest=row["longest"],
        overlap=row["overlap"],
        passages=row["passages"],
    )
