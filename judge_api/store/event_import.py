"""Stores a past contest as an event, with its members and the results of submissions that were judged
elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from judge_api.events.scoring import TryState
from judge_api.events.standings import EventMember
from judge_api.store.engine import write_transaction
from judge_api.store.events import ProblemInEvent, StoredEvent, insert_event
from judge_api.store.tables import event_members, event_submissions, new_id
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict
from judge_core.model.submission import Verdict

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ImportedTry:
    """A submission of a member, by the member's id. It is not judged if it has no verdict."""

    member: str
    problem: str
    language: str
    at: datetime
    verdict: Verdict | None
    score: float | None
    judged_at: datetime | None


def import_event(
    engine: Engine,
    event: StoredEvent,
    problems: Sequence[ProblemInEvent],
    members: Sequence[EventMember],
    tries: Sequence[ImportedTry],
) -> None:
    """Store the event with its problems, members and tries, or nothing. ``tries`` are in the order of their
    times. Raises ``Conflict`` if the slug is taken."""
    now = utc_now()
    rows = [_row(event.id, number, each) for number, each in enumerate(tries, 1)]
    people = [_member_row(event.id, each, now) for each in members]
    try:
        with write_transaction(engine) as connection:
            insert_event(connection, event, problems, now, revision=len(rows))
            if people:
                connection.execute(insert(event_members), people)
            for start in range(0, len(rows), _AT_ONCE):
                connection.execute(insert(event_submissions), rows[start : start + _AT_ONCE])
    except IntegrityError as error:
        raise Conflict(f"there is an event {event.slug!r} already: choose another slug") from error


def _member_row(event_id: str, member: EventMember, at: datetime) -> dict[str, object]:
    return {
        "id": member.id,
        "event_id": event_id,
        "name": member.name,
        "category": member.category.value,
        "affiliation": member.affiliation,
        "extension_seconds": 0,
        "disabled": False,
        "added_at": at,
        "external_id": member.external_id,
    }


def _row(event_id: str, number: int, each: ImportedTry) -> dict[str, object]:
    return {
        "submission_id": new_id(),
        "event_id": event_id,
        "member_id": each.member,
        "problem": each.problem,
        "language": each.language,
        "serial": number,
        "at": each.at,
        "state": (TryState.JUDGED if each.verdict else TryState.PENDING).value,
        "verdict": each.verdict.value if each.verdict else None,
        "score": each.score,
        "groups": None,
        "tokened": False,
        "disqualified": None,
        "judged_at": each.judged_at,
        "revision": number,
    }
