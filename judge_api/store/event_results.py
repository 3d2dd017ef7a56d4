"""The submissions of events, as their standings count them.

Every change takes the next revision of its event in the same transaction. That locks the event's row, so
revisions are committed in their order. A reader that has read up to a revision has missed no earlier one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Text,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)

from judge_api.events.scoring import EventTry, TryState
from judge_api.store.engine import read_connection, within_time_budget, write_transaction
from judge_api.store.records import EventEntry
from judge_api.store.tables import (
    accounts,
    event_members,
    event_problems,
    event_submissions,
    events,
    submissions,
)
from judge_core.messages import Report
from judge_core.model.errors import Conflict, NotFound
from judge_core.model.submission import Outcome, Stage, Verdict, from_rfc3339

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class EventSubmission:
    """A submission of an event for its jury."""

    id: str
    serial: int
    account: str | None
    member: str
    problem: str
    language: str
    at: datetime
    state: TryState
    verdict: Verdict | None
    score: float | None
    tokened: bool
    disqualified: str | None
    judged_at: datetime | None
    revision: int
    groups: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Expects:
    """The state that a request expects. ``reason`` says why the submission does not count; ``None`` if it
    counts."""

    reason: str | None


@dataclass(frozen=True, slots=True)
class TestsOfSubmission:
    """The verdict and CPU milliseconds of each test of a judged submission, in the order in which they ran.
    ``attempt`` counts from 1."""

    __test__ = False  # Tells pytest that this is not a test case.

    attempt: int
    tests: tuple[tuple[Verdict, int], ...]


@dataclass(frozen=True, slots=True)
class EventChanges:
    """The submissions that changed since a revision, in the order of their changes."""

    revision: int
    setup_revision: int
    tries: tuple[EventTry, ...]


def enter_event(connection: Connection, entry: EventEntry, problem: str) -> None:
    """Lock the event for a new submission. Raises ``Conflict`` if the member has no try left, and
    ``NotFound`` if the event or the member is gone."""
    if next_revision(connection, entry.event_id) is None:
        raise NotFound("the event has just been deleted")
    member = select(event_members.c.id).where(event_members.c.id == entry.member_id)
    if connection.execute(member).first() is None:
        raise NotFound("you have just been removed from the event: ask its jury")
    if entry.max_tries is not None:
        _check_tries(connection, entry, problem, entry.max_tries)


def add_event_submission(connection: Connection, entry: EventEntry, row: Mapping[str, Any]) -> None:
    """Count a new submission in its event, after :func:`enter_event`."""
    revision = select(events.c.revision).where(events.c.id == entry.event_id).scalar_subquery()
    values = {
        "submission_id": row["id"],
        "event_id": entry.event_id,
        "member_id": entry.member_id,
        "problem": row["problem"],
        "language": row["language"],
        "serial": row["serial"],
        "at": entry.at or row["submitted_at"],
        "state": TryState.PENDING.value,
        "tokened": False,
        "revision": revision,
    }
    connection.execute(insert(event_submissions).values(values))


def record_event_results(connection: Connection, of_events: Sequence[tuple[str, Report]]) -> None:
    """Record verdicts of submissions in the standings of their events."""
    for event_id in sorted({each for each, _ in of_events}):
        reports = [report for each, report in of_events if each == event_id]
        revision = next_revision(connection, event_id, len(reports))
        if revision is None:  # The event was deleted.
            continue
        for number, report in enumerate(reports):
            values = {**_result_of(report), "revision": revision - len(reports) + 1 + number}
            of_this = event_submissions.c.submission_id == report.submission
            connection.execute(update(event_submissions).where(of_this).values(values))


def void_event_submission(connection: Connection, submission: str) -> None:
    """Stop counting a submission that ends without a verdict, if it is in an event."""
    of_this = submissions.c.id == submission
    event_id = connection.execute(select(submissions.c.event_id).where(of_this)).scalar_one_or_none()
    if event_id is not None:
        _change(connection, event_id, submission, {"state": TryState.VOID.value})


def is_in_running_event(connection: Connection, slug: str, now: datetime) -> bool:
    """Whether an event that has begun and not ended has this problem. A fault does not suspend such a
    problem. Accounts that may edit the problem can suspend it."""
    goes_on = or_(events.c.ends_at > now, events.c.paused_at.is_not(None))
    query = (
        select(events.c.id)
        .join(event_problems, event_problems.c.event_id == events.c.id)
        .where(event_problems.c.slug == slug, events.c.starts_at <= now, goes_on)
    )
    return connection.execute(query.limit(1)).first() is not None


def next_revision(connection: Connection, event_id: str, count: int = 1) -> int | None:
    """Take the next revisions of an event. Returns the last of them; ``None`` if there is no such event."""
    raised = (
        update(events)
        .where(events.c.id == event_id)
        .values(revision=events.c.revision + count)
        .returning(events.c.revision)
    )
    return connection.execute(raised).scalar_one_or_none()


class EventResultStore:
    """Reads the submissions of events, and changes how they count. May raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def revisions(self, event_id: str) -> tuple[int, int] | None:
        """The last revision of an event's submissions, and of its setup."""
        query = select(events.c.revision, events.c.setup_revision).where(events.c.id == event_id)
        with read_connection(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.revision, row.setup_revision)

    def changes_since(
        self, event_id: str, revision: int, max_scores: Mapping[str, float | None]
    ) -> EventChanges | None:
        """The tries that changed after a revision. ``max_scores`` has the greatest score of each problem,
        ``None`` for a pass-fail problem."""
        known = select(events.c.revision, events.c.setup_revision).where(events.c.id == event_id)
        query = (
            select(event_submissions)
            .where(event_submissions.c.event_id == event_id, event_submissions.c.revision > revision)
            .order_by(event_submissions.c.revision)
        )
        with read_connection(self._engine) as connection:
            # Read the revision first. Then a change that is committed in between is read twice, and none is
            # missed.
            row = connection.execute(known).one_or_none()
            if row is None:
                return None
            rows = connection.execute(query).mappings().all()
        tries = tuple(try_from(each, max_scores.get(each["problem"])) for each in rows)
        return EventChanges(row.revision, row.setup_revision, tries)

    def page(self, event_id: str, before: int | None, limit: int) -> list[EventSubmission]:
        """The submissions, newest first."""
        query = _for_jury().where(event_submissions.c.event_id == event_id)
        if before is not None:
            query = query.where(event_submissions.c.serial < before)
        query = query.order_by(event_submissions.c.serial.desc()).limit(limit)
        with read_connection(self._engine) as connection:
            return [_submission_from(row) for row in connection.execute(query).mappings()]

    def since(self, event_id: str, revision: int) -> list[EventSubmission]:
        """The submissions that changed after a revision, in the order of their changes."""
        query = _for_jury().where(
            event_submissions.c.event_id == event_id, event_submissions.c.revision > revision
        )
        with read_connection(self._engine) as connection:
            rows = connection.execute(query.order_by(event_submissions.c.revision)).mappings()
            return [_submission_from(row) for row in rows]

    def tests_of(self, ids: Sequence[str]) -> dict[str, TestsOfSubmission]:
        """The tests of these submissions. Results that cannot be read are left out."""
        found = {}
        with read_connection(self._engine) as connection:
            for start in range(0, len(ids), _MOST_AT_ONCE):
                which = submissions.c.id.in_(ids[start : start + _MOST_AT_ONCE])
                query = select(submissions.c.id, submissions.c.attempt, submissions.c.tests).where(which)
                for id, attempt, tests in connection.execute(query):
                    found[id] = TestsOfSubmission(attempt, tuple(_readable_tests(tests)))
        return found

    def of_member(self, event_id: str, member_id: str) -> list[EventSubmission]:
        """All submissions of one member, newest first."""
        query = _for_jury().where(
            event_submissions.c.event_id == event_id, event_submissions.c.member_id == member_id
        )
        query = query.order_by(event_submissions.c.serial.desc())
        with read_connection(self._engine) as connection:
            return [_submission_from(row) for row in connection.execute(query).mappings()]

    def judged(self, event_id: str, ids: Collection[str] | None = None) -> list[EventSubmission]:
        """The submissions that have a verdict, oldest first. With ``ids``, submissions with other ids are
        left out."""
        query = _for_jury().where(
            event_submissions.c.event_id == event_id,
            event_submissions.c.state == TryState.JUDGED.value,
        )
        if ids is not None:
            query = query.where(event_submissions.c.submission_id.in_(list(ids)))
        with read_connection(self._engine) as connection:
            rows = connection.execute(query.order_by(event_submissions.c.serial)).mappings()
            return [_submission_from(row) for row in rows]

    def disqualify(
        self, event_id: str, submission: str, reason: str | None, expects: Expects | None = None
    ) -> bool:
        """Stop counting a submission, for a reason; ``None`` lets it count again. False if the event has no
        such submission. Raises ``Conflict`` if this would overwrite another reason that the request does not
        expect."""
        of_this = event_submissions.c.submission_id == submission, event_submissions.c.event_id == event_id
        with write_transaction(self._engine) as connection:
            # This locks the event. Otherwise two jurors could decide at once.
            next_revision(connection, event_id)
            row = connection.execute(select(event_submissions.c.disqualified).where(*of_this)).one_or_none()
            if row is None:
                return False
            _require_expected(row.disqualified, reason, expects)
            return _change(connection, event_id, submission, {"disqualified": reason})

    def use_token(
        self, event_id: str, member_id: str, submission: str, most: int, refusal: str | None = None
    ) -> None:
        """Use a token for a submission. Raises ``NotFound``, and ``Conflict`` if no token is left or if there
        is a reason for a refusal."""
        own = select(event_submissions.c.problem, event_submissions.c.tokened).where(
            event_submissions.c.submission_id == submission, event_submissions.c.member_id == member_id
        )
        used = select(func.count()).where(
            event_submissions.c.member_id == member_id, event_submissions.c.tokened
        )
        with write_transaction(self._engine) as connection:
            # This locks the event. Otherwise two requests could use the last token.
            next_revision(connection, event_id)
            row = connection.execute(own).one_or_none()
            if row is None:
                raise NotFound(f"there is no submission {submission[:64]!r} of yours in this event")
            if refusal is not None:
                raise Conflict(refusal)
            if row.tokened:
                return
            spent = connection.execute(used.where(event_submissions.c.problem == row.problem)).scalar_one()
            if spent >= most:
                raise Conflict(_all_used("token", most))
            _change(connection, event_id, submission, {"tokened": True})

    def recompute(self, event_id: str, part_seconds: float = 60.0) -> int:
        """Write verdicts and scores again from the recorded submissions. Returns how many were different.

        Submissions that were purged keep their results. This is done in parts, so that new submissions and
        verdicts of the event wait only for one part. Each part may take ``part_seconds`` in the database.
        After an interruption the next call changes the rest.
        """
        query = select(event_submissions.c.submission_id).where(event_submissions.c.event_id == event_id)
        with within_time_budget(part_seconds), read_connection(self._engine) as connection:
            ids = list(connection.execute(query).scalars())
        changed = 0
        for start in range(0, len(ids), _MOST_AT_ONCE):
            with within_time_budget(part_seconds):
                changed += self._recompute(event_id, ids[start : start + _MOST_AT_ONCE])
        return changed

    def _recompute(self, event_id: str, ids: Sequence[str]) -> int:
        query = (
            select(event_submissions, *(_RECORDED[name].label(f"now_{name}") for name in _RECORDED))
            .join(submissions, submissions.c.id == event_submissions.c.submission_id)
            .where(event_submissions.c.submission_id.in_(ids))
        )
        changed = 0
        with write_transaction(self._engine) as connection:
            # This locks the event. Otherwise a verdict that is recorded after the rows were read would be
            # overwritten with the older result.
            next_revision(connection, event_id)
            for row in connection.execute(query).mappings().all():
                recorded = _recorded_result(row)
                if any(row[name] != value for name, value in recorded.items()):
                    _change(connection, event_id, row["submission_id"], recorded)
                    changed += 1
        return changed


_RECORDED: dict[str, ColumnElement[Any]] = {
    **{name: submissions.c[name] for name in ("stage", "verdict", "score", "finished_at")},
    # Read as a text, so that one row whose JSON is damaged does not stop the others.
    "sandbox": cast(submissions.c.sandbox, Text),
}


def _recorded_result(row: RowMapping) -> dict[str, Any]:
    stage, verdict = Stage(row["now_stage"]), row["now_verdict"]
    state = TryState.VOID if stage.is_final and verdict is None else TryState.PENDING
    groups = _recorded_groups(row["now_sandbox"])
    return {
        "state": TryState.JUDGED.value if verdict is not None else state.value,
        "verdict": verdict,
        "score": row["now_score"],
        "judged_at": row["now_finished_at"] if verdict is not None else None,
        **({"groups": groups} if groups else {}),
    }


def _recorded_groups(sandbox: str | None) -> dict[str, float]:
    """The scores of test groups in a record. Empty if it has none: releases before 0.3 did not store them."""
    try:
        stored = {"verdict": Verdict.AC, "tests": (), "sandbox": json.loads(sandbox or "null")}
        scoring = Outcome.from_stored(stored).scoring
    except (ValueError, RecursionError):
        return {}
    return {group.name: group.score for group in scoring.groups} if scoring else {}


def try_from(row: RowMapping, max_score: float | None) -> EventTry:
    """A stored submission as the standings count it."""
    verdict = Verdict(row["verdict"]) if row["verdict"] else None
    state = TryState.VOID if row["disqualified"] is not None else TryState(row["state"])
    return EventTry(
        submission=row["submission_id"],
        serial=row["serial"],
        member=row["member_id"],
        problem=row["problem"],
        at=row["at"],
        state=state,
        verdict=verdict,
        share=share_of(verdict, row["score"], max_score),
        groups=parts_of(row["groups"], max_score),
        tokened=row["tokened"],
    )


def _readable_tests(tests: Any) -> Iterator[tuple[Verdict, int]]:
    for each in tests if isinstance(tests, list) else ():
        with suppress(ValueError, TypeError, KeyError):
            yield Verdict(each["verdict"]), int(each["cpu_ms"])


def share_of(verdict: Verdict | None, score: float | None, max_score: float | None) -> float:
    """The share of a problem's points that a verdict earns, from 0 to 1. It is 0 or 1 for a pass-fail
    problem."""
    if max_score is None or score is None:
        return 1.0 if verdict is Verdict.AC else 0.0
    return _part(score, max_score)


def parts_of(groups: Mapping[str, float] | None, max_score: float | None) -> dict[str, float]:
    """The shares of a problem's points that its test groups earn."""
    return {name: _part(score, max_score) for name, score in (groups or {}).items()}


def _part(score: float, max_score: float | None) -> float:
    return min(1.0, max(0.0, score / max_score)) if max_score else 0.0


def _result_of(report: Report) -> dict[str, Any]:
    outcome = report.outcome
    assert outcome is not None
    return {
        "state": TryState.JUDGED.value,
        "verdict": outcome.verdict.value,
        "score": outcome.score,
        "groups": outcome.groups,
        "judged_at": from_rfc3339(report.at),
    }


def _change(connection: Connection, event_id: str, submission: str, values: Mapping[str, Any]) -> bool:
    """Change how a submission counts, as the event's next revision."""
    of_this = (event_submissions.c.submission_id == submission) & (event_submissions.c.event_id == event_id)
    revision = next_revision(connection, event_id)
    if revision is None:
        return False
    changed = update(event_submissions).where(of_this).values({**values, "revision": revision})
    return connection.execute(changed).rowcount == 1


def _require_expected(there: str | None, new: str | None, expects: Expects | None) -> None:
    """Raise ``Conflict`` if the request expects another state than the present one."""
    is_overwritten = there is not None and new is not None if expects is None else there != expects.reason
    if there != new and is_overwritten:
        now = "counts now" if there is None else f"does not count now, because {there!r}"
        raise Conflict(
            f"the submission {now}: read it again, and send its reason in the field replaces to change it"
        )


def _all_used(what: str, most: int) -> str:
    amount = f"your one {what}" if most == 1 else f"all {most} {what}s"
    return f"you have used {amount} for this problem"


def _check_tries(connection: Connection, entry: EventEntry, problem: str, most: int) -> None:
    """Raise ``Conflict`` if the member has used all tries; voided submissions do not count. The event's row
    is locked, so two submissions cannot both take the last try."""
    query = select(func.count()).where(
        event_submissions.c.member_id == entry.member_id,
        event_submissions.c.problem == problem,
        event_submissions.c.state != TryState.VOID.value,
    )
    if connection.execute(query).scalar_one() >= most:
        raise Conflict(_all_used("submission", most))


def _for_jury() -> Select[*tuple[Any, ...]]:
    return (
        select(event_submissions, accounts.c.name.label("account"))
        .outerjoin(submissions, submissions.c.id == event_submissions.c.submission_id)
        .outerjoin(accounts, accounts.c.id == submissions.c.account_id)
    )


def _submission_from(row: RowMapping) -> EventSubmission:
    return EventSubmission(
        id=row["submission_id"],
        serial=row["serial"],
        account=row["account"],
        member=row["member_id"],
        problem=row["problem"],
        language=row["language"],
        at=row["at"],
        state=TryState(row["state"]),
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        score=row["score"],
        tokened=row["tokened"],
        disqualified=row["disqualified"],
        judged_at=row["judged_at"],
        revision=row["revision"],
        groups=row["groups"],
    )
