"""Events that follow another system's contest live, with that contest's objects and the comparison of
judgements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine, RowMapping, Table, delete, insert, select, update

from judge_api.events.rules import Category
from judge_api.events.scoring import TryState
from judge_api.store.claims import is_free
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.event_results import next_revision
from judge_api.store.tables import (
    event_members,
    event_shadow_objects,
    event_shadow_submissions,
    event_shadows,
    event_submissions,
    events,
)
from judge_core.clock import utc_now
from judge_core.model.submission import Verdict

CLAIM = timedelta(seconds=30)
_NAMES = UUID("5b0f3c1e-6a0e-4d1c-9a57-3a1f6f0d9c11")


class ShadowState(StrEnum):
    """Whether a contest is followed. After ``STOPPED`` the comparison is kept, and the password is
    deleted."""

    FOLLOWING = "following"
    STOPPED = "stopped"


class Agreement(StrEnum):
    """The comparison of the two judgements of a submission. ``UNUSABLE`` means that it cannot be judged here,
    and ``DELETED`` that the other system has deleted it."""

    PENDING = "pending"
    AGREE = "agree"
    DIFFER = "differ"
    UNUSABLE = "unusable"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Shadow:
    """An event that follows the contest at ``url``. ``account_id`` is the administrator who began it."""

    event_id: str
    event_slug: str
    url: str
    user: str | None
    secret: str | None
    languages: Mapping[str, str]
    account_id: str
    state: ShadowState
    token: str | None
    error: str | None
    started_at: datetime
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedObject:
    """The last state of one object of the feed. ``data`` is ``None`` if the object is deleted."""

    kind: str
    id: str
    parent: str | None
    data: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Theirs:
    """A submission as the other system has it. It has no verdict until it is judged there. If ``is_deleted``
    is ``None``, the stored value does not change."""

    id: str
    is_deleted: bool | None
    judgement_type: str | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Before:
    """A submission before a change: its id here, if it has one, and whether it was deleted in the other
    system."""

    submission_id: str | None
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission that is not submitted here yet."""

    id: str
    tries: int


@dataclass(frozen=True, slots=True)
class ComparedSubmission:
    """A submission with both systems' judgements. Until it is submitted here, it has no member, problem,
    language or time."""

    id: str
    judgement_type: str | None
    theirs: Verdict | None
    ours: Verdict | None
    agreement: Agreement
    submission_id: str | None
    member_name: str | None
    problem: str | None
    language: str | None
    at: datetime | None
    fault: str | None
    looked_at: datetime | None
    looked_by: str | None
    note: str | None


class ShadowStore:
    """Stores what following a contest needs. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def follow(self, shadow: Shadow) -> None:
        """Begin to follow a contest, or go on with changed settings. If the address has changed, the contest
        is read from its beginning."""
        values: dict[str, Any] = {
            "url": shadow.url,
            "user": shadow.user,
            "secret": shadow.secret,
            "languages": dict(shadow.languages),
            "account_id": shadow.account_id,
            "state": ShadowState.FOLLOWING.value,
            "error": None,
            "claimed_by": None,
            "claimed_until": None,
        }
        this = event_shadows.c.event_id == shadow.event_id
        with write_transaction(self._engine) as connection:
            before = connection.execute(select(event_shadows.c.url).where(this)).scalar_one_or_none()
            if before is not None and before != shadow.url:
                connection.execute(delete(event_shadows).where(this))
                before = None
            if before is None:
                values |= {"event_id": shadow.event_id, "started_at": self._clock()}
                connection.execute(insert(event_shadows).values(values))
            else:
                connection.execute(update(event_shadows).where(this).values(values))

    def stop(self, event_id: str) -> bool:
        """Stop following, and delete the password. False if the event has never followed a contest."""
        values = {
            "state": ShadowState.STOPPED.value,
            "secret": None,
            "claimed_by": None,
            "claimed_until": None,
        }
        this = event_shadows.c.event_id == event_id
        with write_transaction(self._engine) as connection:
            return connection.execute(update(event_shadows).where(this).values(values)).rowcount == 1

    def get(self, event_id: str) -> Shadow | None:
        query = _shadows().where(event_shadows.c.event_id == event_id)
        with read_connection(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        return _shadow_from(row) if row else None

    def claim(self, by: str) -> Shadow | None:
        """Claim a contest that no live dispatcher follows. Each claim needs a new ``by``. Otherwise a thread
        that has lost its claim could go on under a later claim."""
        now = self._clock()
        free = is_free(event_shadows.c.claimed_until, now)
        waiting = (event_shadows.c.state == ShadowState.FOLLOWING.value) & free
        with read_connection(self._engine) as connection:
            row = connection.execute(_shadows().where(waiting).limit(1)).mappings().one_or_none()
        if row is None:
            return None
        this = (event_shadows.c.event_id == row["event_id"]) & waiting
        taken = update(event_shadows).where(this).values(claimed_by=by, claimed_until=now + CLAIM)
        with write_transaction(self._engine) as connection:
            return _shadow_from(row) if connection.execute(taken).rowcount == 1 else None

    def renew(self, event_id: str, by: str) -> bool:
        """Keep a claim. False if following was stopped or changed, or another dispatcher has the claim."""
        return self._note(event_id, by, {"claimed_until": self._clock() + CLAIM})

    def release(self, event_id: str, by: str) -> None:
        self._note(event_id, by, {"claimed_by": None, "claimed_until": None})

    def note_error(self, event_id: str, by: str, error: str | None) -> bool:
        return self._note(event_id, by, {"error": error[:500] if error else None})

    def note_token(self, event_id: str, by: str, token: str | None) -> bool:
        """Record that the feed is stored up to this token."""
        return self._note(event_id, by, {"token": token, "heard_at": self._clock(), "error": None})

    def _note(self, event_id: str, by: str, values: Mapping[str, Any]) -> bool:
        this = (event_shadows.c.event_id == event_id) & (event_shadows.c.claimed_by == by)
        with write_transaction(self._engine) as connection:
            return connection.execute(update(event_shadows).where(this).values(**values)).rowcount == 1

    def put_objects(self, event_id: str, by: str, changed: Sequence[FeedObject]) -> bool:
        """Store the new states of objects, in this order. Storing them again changes nothing. False, and
        nothing is stored, if the claim is lost."""
        with write_transaction(self._engine) as connection:
            if not _holds(connection, event_id, by):
                return False
            for each in changed:
                key = {"event_id": event_id, "kind": each.kind, "id": each.id}
                if each.data is None:
                    connection.execute(delete(event_shadow_objects).filter_by(**key))
                else:
                    _put(
                        connection, event_shadow_objects, key, {"parent": each.parent, "data": each.data}, {}
                    )
        return True

    def objects(self, event_id: str, kind: str) -> dict[str, Mapping[str, Any]]:
        """All objects of one kind, by their ids."""
        which = (event_shadow_objects.c.event_id == event_id) & (event_shadow_objects.c.kind == kind)
        query = select(event_shadow_objects.c.id, event_shadow_objects.c.data).where(which)
        with read_connection(self._engine) as connection:
            return {row.id: row.data for row in connection.execute(query)}

    def object(self, event_id: str, kind: str, id: str) -> Mapping[str, Any] | None:
        key = {"event_id": event_id, "kind": kind, "id": id}
        query = select(event_shadow_objects.c.data).filter_by(**key)
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def judgements(self, event_id: str, submission: str) -> list[Mapping[str, Any]]:
        """The judgements of one submission of the other system."""
        which = (event_shadow_objects.c.event_id == event_id) & (event_shadow_objects.c.parent == submission)
        with read_connection(self._engine) as connection:
            return list(connection.execute(select(event_shadow_objects.c.data).where(which)).scalars())

    def submission_of(self, event_id: str, judgement: str) -> str | None:
        """The submission of a judgement that is stored."""
        key = {"event_id": event_id, "kind": "judgements", "id": judgement}
        with read_connection(self._engine) as connection:
            query = select(event_shadow_objects.c.parent).filter_by(**key)
            return connection.execute(query).scalar_one_or_none()

    def put_theirs(self, event_id: str, by: str, found: Theirs) -> Before | None:
        """Store what the other system says about a submission. ``None``, and nothing is stored, if the claim
        is lost."""
        values: dict[str, Any] = {
            "judgement_type": found.judgement_type,
            "verdict": found.verdict.value if found.verdict else None,
        }
        if found.is_deleted is not None:
            values["deleted"] = found.is_deleted
        key = {"event_id": event_id, "id": found.id}
        new = {"tries": 0, "not_before": self._clock(), "deleted": False, **values}
        query = select(event_shadow_submissions.c.submission_id, event_shadow_submissions.c.deleted)
        with write_transaction(self._engine) as connection:
            if not _holds(connection, event_id, by):
                return None
            row = connection.execute(query.filter_by(**key)).one_or_none()
            _put(connection, event_shadow_submissions, key, values, new)
        return Before(row.submission_id, row.deleted) if row else Before(None, False)

    def waiting(self, event_id: str, limit: int = 20) -> list[Waiting]:
        """The submissions that are due to be submitted here."""
        query = select(event_shadow_submissions.c.id, event_shadow_submissions.c.tries).where(
            event_shadow_submissions.c.event_id == event_id,
            event_shadow_submissions.c.submission_id.is_(None),
            event_shadow_submissions.c.deleted.is_(False),
            event_shadow_submissions.c.not_before <= self._clock(),
        )
        query = query.order_by(event_shadow_submissions.c.not_before, event_shadow_submissions.c.id)
        with read_connection(self._engine) as connection:
            return [Waiting(row.id, row.tries) for row in connection.execute(query.limit(limit))]

    def note_submitted(self, event_id: str, by: str, id: str, submission_id: str) -> None:
        """Store the id that the submission has here, unless the claim is lost."""
        values = {"submission_id": submission_id, "fault": None, "not_before": None}
        self._change(event_id, id, values, by)

    def note_fault(self, event_id: str, by: str, each: Waiting, fault: str, again: timedelta | None) -> None:
        """Record why a submission cannot be submitted here, and after what time to try again (``None`` means
        never). Nothing is recorded if the claim is lost."""
        at = self._clock() + again if again is not None else None
        values = {"fault": fault[:500], "tries": each.tries + 1, "not_before": at}
        self._change(event_id, each.id, values, by)

    def review(self, event_id: str, id: str, by: str | None, note: str | None) -> bool:
        """Mark a submission as looked at by the account with this name. ``None`` removes the mark."""
        at = self._clock() if by is not None else None
        return self._change(event_id, id, {"looked_at": at, "looked_by": by, "note": note})

    def _change(self, event_id: str, id: str, values: Mapping[str, Any], by: str | None = None) -> bool:
        changed = update(event_shadow_submissions).filter_by(event_id=event_id, id=id).values(**values)
        with write_transaction(self._engine) as connection:
            if by is not None and not _holds(connection, event_id, by):
                return False
            return connection.execute(changed).rowcount == 1

    def member(self, event_id: str, team: str, name: str, affiliation: str | None) -> str:
        """The id of the hidden member for a team. The member is added the first time."""
        id = str(uuid5(_NAMES, f"{event_id} {team}"))
        query = select(event_members.c.id).where(event_members.c.event_id == event_id)
        with write_transaction(self._engine) as connection:
            if connection.execute(query.where(event_members.c.id == id)).first() is not None:
                return id
            names = (name[:128], f"{name[:90]} ({team[:30]})")
            taken = query.with_only_columns(event_members.c.name).where(event_members.c.name.in_(names))
            found = set(connection.execute(taken).scalars())
            # Teams choose their own names. So a team may already have the name that this team would get.
            name = next((each for each in names if each not in found), f"{name[:90]} ({id})")
            raised = update(events).where(events.c.id == event_id)
            connection.execute(raised.values(setup_revision=events.c.setup_revision + 1))
            values = {
                "id": id,
                "event_id": event_id,
                "name": name,
                "category": Category.HIDDEN.value,
                "affiliation": affiliation,
                "extension_seconds": 0,
                "disabled": False,
                "added_at": self._clock(),
            }
            connection.execute(insert(event_members).values(values))
            next_revision(connection, event_id)
        return id

    def compared(self, event_id: str) -> list[ComparedSubmission]:
        """All submissions of the followed contest, in the order of their times."""
        query = (
            select(
                event_shadow_submissions,
                event_submissions.c.verdict.label("ours"),
                event_submissions.c.state,
                event_submissions.c.problem,
                event_submissions.c.language,
                event_submissions.c.at,
                event_members.c.name.label("member_name"),
            )
            .outerjoin(
                event_submissions,
                event_submissions.c.submission_id == event_shadow_submissions.c.submission_id,
            )
            .outerjoin(event_members, event_members.c.id == event_submissions.c.member_id)
            .where(event_shadow_submissions.c.event_id == event_id)
            .order_by(event_submissions.c.at, event_shadow_submissions.c.id)
        )
        with read_connection(self._engine) as connection:
            return [_compared_from(row) for row in connection.execute(query).mappings()]


def _holds(connection: Connection, event_id: str, by: str) -> bool:
    """Whether the claim is held. If so, it cannot be lost before the end of the transaction."""
    held = (event_shadows.c.event_id == event_id) & (event_shadows.c.claimed_by == by)
    query = select(event_shadows.c.event_id).where(held).with_for_update()
    return connection.execute(query).first() is not None


def _put(
    connection: Connection,
    table: Table,
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    new: Mapping[str, Any],
) -> None:
    """Change a row, or insert it with the ``new`` values too. No other process inserts it meanwhile, since
    only one dispatcher writes the rows of an event."""
    if connection.execute(update(table).filter_by(**key).values(**values)).rowcount == 0:
        connection.execute(insert(table).values({**key, **values, **new}))


def _shadows() -> Any:
    return select(event_shadows, events.c.slug.label("event_slug")).join(
        events, events.c.id == event_shadows.c.event_id
    )


def _shadow_from(row: RowMapping) -> Shadow:
    return Shadow(
        event_id=row["event_id"],
        event_slug=row["event_slug"],
        url=row["url"],
        user=row["user"],
        secret=row["secret"],
        languages=row["languages"],
        account_id=row["account_id"],
        state=ShadowState(row["state"]),
        token=row["token"],
        error=row["error"],
        started_at=row["started_at"],
        heard_at=row["heard_at"],
    )


def _compared_from(row: RowMapping) -> ComparedSubmission:
    theirs = Verdict(row["verdict"]) if row["verdict"] else None
    ours = Verdict(row["ours"]) if row["ours"] else None
    return ComparedSubmission(
        id=row["id"],
        judgement_type=row["judgement_type"],
        theirs=theirs,
        ours=ours,
        agreement=_agreement(row, theirs, ours),
        submission_id=row["submission_id"],
        member_name=row["member_name"],
        problem=row["problem"],
        language=row["language"],
        at=row["at"],
        fault=row["fault"],
        looked_at=row["looked_at"],
        looked_by=row["looked_by"],
        note=row["note"],
    )


def _agreement(row: RowMapping, theirs: Verdict | None, ours: Verdict | None) -> Agreement:
    if row["deleted"]:
        return Agreement.DELETED
    if row["submission_id"] is None and row["not_before"] is None:
        return Agreement.UNUSABLE
    if row["state"] == TryState.VOID.value and ours is None:
        return Agreement.UNUSABLE
    if theirs is None or ours is None:
        return Agreement.PENDING
    return Agreement.AGREE if theirs is ours else Agreement.DIFFER
