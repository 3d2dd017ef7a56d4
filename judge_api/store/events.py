"""Events with their problems, members and messages. The submissions of events are in
:mod:`event_results`.

The module has over 500 lines, because one write changes an event, its problems and its members together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    RowMapping,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from judge_api.events.rules import (
    LONGEST_MEMBER_NAME,
    OF_ANY_OTHER,
    Category,
    EventRules,
    EventService,
    Joining,
    ServiceClass,
    Visibility,
)
from judge_api.events.standings import EventMember, EventProblem, EventSetup
from judge_api.events.windows import EventTimes, MemberTimes, Pause
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.event_results import next_revision
from judge_api.store.reading import CONTENT_ERRORS
from judge_api.store.tables import (
    accounts,
    event_invitations,
    event_member_accounts,
    event_members,
    event_messages,
    event_problems,
    event_submissions,
    events,
    new_id,
    submissions,
)
from judge_core.clock import utc_now
from judge_core.logging import ThrottledWarning, get_logger
from judge_core.model.account import Account, Tier
from judge_core.model.errors import Conflict, NotFound

_unreadable = ThrottledWarning(get_logger(__name__), "Rows of events cannot be read and are left out")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event without its problems and members."""

    id: str
    slug: str
    title: str
    description: str
    times: EventTimes
    rules: EventRules
    visibility: Visibility
    joining: Joining
    password_hash: str | None
    created_by: str
    setup_revision: int = 0
    service: EventService = OF_ANY_OTHER


@dataclass(frozen=True, slots=True)
class ProblemInEvent:
    """A problem of an event, with the colour of its balloon."""

    slug: str
    label: str
    weight: float = 1.0
    colour: str | None = None
    withdrawn: bool = False

    def for_standings(self) -> EventProblem:
        return EventProblem(self.slug, self.label, self.weight, self.withdrawn)


@dataclass(frozen=True, slots=True)
class ChangedProblems:
    """The problems of an event as they were read, and as they are to be."""

    before: Sequence[ProblemInEvent]
    after: Sequence[ProblemInEvent]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with the accounts that submit for it, by name."""

    member: EventMember
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member to add: one account, or a team of several, by their ids."""

    name: str
    account_ids: tuple[str, ...]
    category: Category = Category.OFFICIAL
    affiliation: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventMessage:
    """A question with its answer, or an announcement, which has no question."""

    id: str
    member_id: str | None
    problem: str | None
    question: str | None
    answer: str | None
    to_all: bool
    asked_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer of a juror. ``replaces`` is another juror's answer that it may overwrite, if any."""

    text: str
    to_all: bool
    by: str
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class RunningEvent:
    """An event that has started, with its problems and the times of its members, by their accounts' ids."""

    event: StoredEvent
    problems: frozenset[str]
    members: Mapping[str, MemberTimes] = field(default_factory=dict)
    longest_extension: timedelta = timedelta(0)


class EventStore:
    """Stores events. Every method may raise ``StoreUnavailable``. A change that affects the standings raises
    the event's ``setup_revision``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, event: StoredEvent, problems: Sequence[ProblemInEvent] = ()) -> None:
        """Store a new event. Raises ``Conflict`` if the slug is taken."""
        try:
            with write_transaction(self._engine) as connection:
                insert_event(connection, event, problems, self._clock())
        except IntegrityError as error:
            raise Conflict(f"there is an event {event.slug!r} already: choose another slug") from error

    def change(
        self, before: StoredEvent, after: StoredEvent, problems: ChangedProblems | None = None
    ) -> None:
        """Change what differs between two states of an event, and the problems, if they are given. Tries of a
        problem that is left out no longer count. Raises ``Conflict`` if another request has changed the same
        values since ``before`` was read."""
        changes = _changes(_values(before), _values(after))
        with write_transaction(self._engine) as connection:
            raise_setup(connection, before.id)
            of_this = events.c.id == before.id
            row = connection.execute(select(events).where(of_this)).mappings().one()
            _require_unchanged(changes, _values(before), _values(_event_from(row)))
            if changes:
                connection.execute(update(events).where(of_this).values(changes))
                _keep_open_for_members(connection, before.id)
            if "ends_at" in changes:
                _move_invitations(connection, before, after)
            if problems is not None:
                if _problems_of(connection, before.id) != list(problems.before):
                    raise Conflict(_JUST_CHANGED.format("problems"))
                _set_problems(connection, before.id, problems.after)

    def delete(self, event_id: str) -> None:
        """Delete an event. Its submissions stay, outside of any event. Raises ``NotFound`` if it is gone."""
        of_event = select(event_submissions.c.submission_id).where(event_submissions.c.event_id == event_id)
        with write_transaction(self._engine) as connection:
            # This locks the event. Otherwise a submission that is accepted now would stay in a deleted event.
            raise_setup(connection, event_id)
            kept = update(submissions).where(submissions.c.id.in_(of_event))
            connection.execute(kept.values(event_id=None))
            connection.execute(delete(events).where(events.c.id == event_id))

    def get(self, slug: str) -> StoredEvent | None:
        with read_connection(self._engine) as connection:
            row = connection.execute(select(events).where(events.c.slug == slug)).mappings().one_or_none()
            # Rows must be parsed inside the block: see :func:`read_connection`.
            return _event_from(row) if row else None

    def all(self) -> list[StoredEvent]:
        """All events, the latest start first. Events whose row cannot be read are logged and left out."""
        with read_connection(self._engine) as connection:
            rows = connection.execute(select(events).order_by(events.c.starts_at.desc())).mappings().all()
        return _readable_events(rows)

    def setup(self, event: StoredEvent) -> EventSetup:
        """The problems, members and rules from which the standings are computed."""
        problems = tuple(each.for_standings() for each in self.problems(event.id))
        members = tuple(row.member for row in self.members(event.id))
        return EventSetup(event.rules, event.times, problems, members)

    def problems(self, event_id: str) -> list[ProblemInEvent]:
        """The problems of an event, in its order."""
        with read_connection(self._engine) as connection:
            return _problems_of(connection, event_id)

    def members(self, event_id: str) -> list[MemberRow]:
        """The members of an event, by name."""
        query = select(event_members).where(event_members.c.event_id == event_id)
        named = (
            select(event_member_accounts.c.member_id, accounts.c.name)
            .join(accounts, accounts.c.id == event_member_accounts.c.account_id)
            .where(event_member_accounts.c.event_id == event_id)
            .order_by(accounts.c.name)
        )
        names: dict[str, list[str]] = {}
        with read_connection(self._engine) as connection:
            for row in connection.execute(named):
                names.setdefault(row.member_id, []).append(row.name)
            rows = connection.execute(query.order_by(event_members.c.name)).mappings().all()
        return [MemberRow(_member_from(row), tuple(names.get(row["id"], ()))) for row in rows]

    def account_ids(self, event_id: str, member_id: str | None = None) -> list[str]:
        """The ids of the accounts that submit in an event, for one member if it is given."""
        of_these = event_member_accounts.c.event_id == event_id
        if member_id is not None:
            of_these &= event_member_accounts.c.member_id == member_id
        query = select(event_member_accounts.c.account_id).where(of_these).distinct()
        with read_connection(self._engine) as connection:
            return list(connection.execute(query.order_by(event_member_accounts.c.account_id)).scalars())

    def member_of(self, event_id: str, account_id: str) -> EventMember | None:
        """The member for which an account submits."""
        query = (
            select(event_members)
            .join(event_member_accounts, event_member_accounts.c.member_id == event_members.c.id)
            .where(
                event_member_accounts.c.event_id == event_id, event_member_accounts.c.account_id == account_id
            )
        )
        with read_connection(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        return _member_from(row) if row else None

    def creator_of_submission(self, submission: str) -> str | None:
        """The id of the account that made the event of a submission."""
        return self._of_submissions_event(events.c.created_by, submission)

    def slug_of_submission(self, submission: str) -> str | None:
        """The slug of a submission's event, if it is in one."""
        return self._of_submissions_event(events.c.slug, submission)

    def _of_submissions_event(self, column: Column[Any], submission: str) -> str | None:
        """A column of a submission's event. ``None`` if the submission is in no event."""
        query = (
            select(column)
            .join(event_submissions, event_submissions.c.event_id == events.c.id)
            .where(event_submissions.c.submission_id == submission)
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def has_submission(self, submission: str) -> bool:
        """Whether a submission is in an event."""
        query = select(event_submissions.c.event_id).where(event_submissions.c.submission_id == submission)
        with read_connection(self._engine) as connection:
            return connection.execute(query.limit(1)).first() is not None

    def events_of(self, account_id: str) -> set[str]:
        """The ids of the events of which an account is a member."""
        query = select(event_member_accounts.c.event_id).where(
            event_member_accounts.c.account_id == account_id
        )
        with read_connection(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def of_account(self, account_id: str) -> list[dict[str, Any]]:
        """The memberships of an account, for its export."""
        query = (
            select(events.c.slug, event_members)
            .join(events, events.c.id == event_members.c.event_id)
            .join(event_member_accounts, event_member_accounts.c.member_id == event_members.c.id)
            .where(event_member_accounts.c.account_id == account_id)
        )
        asked = select(event_messages.c.question).where(event_messages.c.member_id == bindparam("member"))
        with read_connection(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
            return [
                {
                    "event": row["slug"],
                    "name": row["name"],
                    "affiliation": row["affiliation"],
                    "started_at": row["started_at"],
                    "questions": list(connection.execute(asked, {"member": row["id"]}).scalars()),
                }
                for row in rows
            ]

    def add_members(self, event_id: str, members: Iterable[NewMember]) -> int:
        """Add members. An account that is in the event already stays with its member. Returns how many
        members were added. Raises ``Conflict`` if another member has one of the names or external ids."""
        try:
            with write_transaction(self._engine) as connection:
                raise_setup(connection, event_id)
                taken = _accounts_in(connection, event_id)
                added = 0
                for each in members:
                    ids = [id for id in each.account_ids if id not in taken]
                    if ids:
                        _require_own_external_id(connection, event_id, each.external_id)
                        insert_member(connection, event_id, each, ids, self._clock())
                        taken.update(ids)
                        added += 1
                return added
        except IntegrityError as error:
            raise Conflict("another member of this event has this name: choose another name") from error

    def add_account(self, event_id: str, account: Account, category: Category = Category.OFFICIAL) -> int:
        """Add an account as a member, unless it is one. Returns how many members were added.

        If another member has its name, the account's name is added at the end, or else the account's id.
        Persons choose their own names, so another member may have the longer name too.
        """
        with write_transaction(self._engine) as connection:
            raise_setup(connection, event_id)
            if account.id in _accounts_in(connection, event_id):
                return 0
            name = _free_name(connection, event_id, account)
            member = NewMember(name, (account.id,), category)
            insert_member(connection, event_id, member, member.account_ids, self._clock())
            return 1

    def change_member(self, event_id: str, before: EventMember, after: EventMember) -> None:
        """Change what differs between two states of a member. Raises ``Conflict`` if another member has the
        new name or external id, or if another request has changed the same values since ``before`` was read.
        Raises ``NotFound`` if another request has removed the member."""
        changes = _changes(_member_values(before), _member_values(after))
        of_this = (event_members.c.event_id == event_id) & (event_members.c.id == before.id)
        try:
            with write_transaction(self._engine) as connection:
                raise_setup(connection, event_id)
                row = connection.execute(select(event_members).where(of_this)).mappings().one_or_none()
                if row is None:
                    raise NotFound("the member was removed at this moment")
                _require_unchanged(changes, _member_values(before), _member_values(_member_from(row)))
                if changes:
                    _require_own_external_id(connection, event_id, changes.get("external_id"))
                    connection.execute(update(event_members).where(of_this).values(changes))
                    _keep_open_for_members(connection, event_id)
        except IntegrityError as error:
            raise Conflict("another member of this event has this name: choose another name") from error

    def remove_member(self, event_id: str, member_id: str) -> bool:
        """Remove a member that has not submitted. Raises ``Conflict`` if the member has submitted."""
        submitted = select(event_submissions.c.submission_id).where(
            event_submissions.c.event_id == event_id, event_submissions.c.member_id == member_id
        )
        with write_transaction(self._engine) as connection:
            raise_setup(connection, event_id)
            if connection.execute(submitted.limit(1)).first() is not None:
                raise Conflict("this member has submitted: disable it instead")
            of_this = (event_members.c.event_id == event_id) & (event_members.c.id == member_id)
            return connection.execute(delete(event_members).where(of_this)).rowcount == 1

    def start(self, event_id: str, member_id: str) -> None:
        """Begin the member's own window, unless it has begun."""
        waiting = (event_members.c.id == member_id) & event_members.c.started_at.is_(None)
        with write_transaction(self._engine) as connection:
            raise_setup(connection, event_id)
            connection.execute(update(event_members).where(waiting).values(started_at=self._clock()))

    def bind_address(self, event_id: str, account_id: str, address: str) -> str:
        """Store the address of an account in an event, unless one is stored. Returns the stored address."""
        of_account = (event_member_accounts.c.event_id == event_id) & (
            event_member_accounts.c.account_id == account_id
        )
        unbound = update(event_member_accounts).where(of_account, event_member_accounts.c.address.is_(None))
        with write_transaction(self._engine) as connection:
            connection.execute(unbound.values(address=address[:64]))
            first = select(event_member_accounts.c.address).where(of_account)
            return connection.execute(first).scalar_one_or_none() or address

    def release_addresses(self, event_id: str, member_id: str) -> None:
        """Let the accounts of a member use another address."""
        of_member = (event_member_accounts.c.event_id == event_id) & (
            event_member_accounts.c.member_id == member_id
        )
        with write_transaction(self._engine) as connection:
            raise_setup(connection, event_id)
            connection.execute(update(event_member_accounts).where(of_member).values(address=None))

    def messages(self, event_id: str) -> list[EventMessage]:
        """Questions and announcements, newest first."""
        query = select(event_messages).where(event_messages.c.event_id == event_id)
        query = query.order_by(event_messages.c.id.desc())
        with read_connection(self._engine) as connection:
            return [_message_from(row) for row in connection.execute(query).mappings()]

    def ask(self, event_id: str, member_id: str, problem: str | None, question: str) -> EventMessage:
        return self._add_message(event_id, member_id=member_id, problem=problem, question=question)

    def announce(self, event_id: str, problem: str | None, text: str, by: str) -> EventMessage:
        """Send an announcement to all members."""
        at = self._clock()
        return self._add_message(
            event_id, problem=problem, answer=text, to_all=True, answered_at=at, answered_by=by
        )

    def answer(self, event_id: str, message_id: str, answer: NewAnswer) -> EventMessage:
        """Answer a question, or change its answer. Raises ``NotFound``.

        Raises ``Conflict`` if the question has another juror's answer, unless ``answer.replaces`` is the text
        of that answer.
        """
        values = {
            "answer": answer.text,
            "to_all": answer.to_all,
            "answered_at": self._clock(),
            "answered_by": answer.by,
        }
        of_this = (event_messages.c.event_id == event_id) & (event_messages.c.id == message_id)
        changed = update(event_messages).where(of_this).values(values).returning(*event_messages.c)
        with write_transaction(self._engine) as connection:
            # This locks the event. Otherwise two jurors could answer at once.
            next_revision(connection, event_id)
            row = connection.execute(select(event_messages).where(of_this)).mappings().one_or_none()
            if row is None:
                raise NotFound(f"there is no message {message_id[:64]!r} in this event")
            _require_replaced(answer, row)
            return _message_from(connection.execute(changed).mappings().one())

    def count_questions(self, event_id: str, member_id: str, since: datetime) -> int:
        """How many questions a member has asked since a moment."""
        query = select(func.count()).where(
            event_messages.c.event_id == event_id,
            event_messages.c.member_id == member_id,
            event_messages.c.asked_at >= since,
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def _add_message(self, event_id: str, **values: Any) -> EventMessage:
        row = {"id": new_id(), "event_id": event_id, "to_all": False, "asked_at": self._clock(), **values}
        with write_transaction(self._engine) as connection:
            # With a new revision, readers of the event's stream learn of the message.
            next_revision(connection, event_id)
            added = insert(event_messages).values(row).returning(*event_messages.c)
            return _message_from(connection.execute(added).mappings().one())

    def unfinished(self, now: datetime) -> list[StoredEvent]:
        """The events that have started and may still run, or that still hold back results."""
        query = select(events).where(events.c.starts_at <= now)
        held_back = events.c.freezes & events.c.thawed_at.is_(None)
        closes_at = func.coalesce(events.c.closes_at, events.c.ends_at)
        is_paused = events.c.paused_at.is_not(None)
        query = query.where(or_(closes_at > now - _LONGEST_OVERTIME, held_back, is_paused))
        with read_connection(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return _readable_events(rows)

    def with_members(self, found: Collection[StoredEvent]) -> list[RunningEvent]:
        """These events with their problems and the accounts of their members, without disabled members."""
        ids = [each.id for each in found]
        joined = (
            select(
                event_member_accounts.c.event_id,
                event_member_accounts.c.account_id,
                event_members.c.started_at,
                event_members.c.extension_seconds,
            )
            .join(event_members, event_members.c.id == event_member_accounts.c.member_id)
            .where(event_member_accounts.c.event_id.in_(ids), event_members.c.disabled.is_(False))
        )
        of_events = select(event_problems.c.event_id, event_problems.c.slug)
        members: dict[str, dict[str, MemberTimes]] = {id: {} for id in ids}
        problems: dict[str, set[str]] = {id: set() for id in ids}
        with read_connection(self._engine) as connection:
            for row in connection.execute(joined):
                times = MemberTimes(row.started_at, timedelta(seconds=row.extension_seconds))
                members[row.event_id][row.account_id] = times
            for problem in connection.execute(of_events.where(event_problems.c.event_id.in_(ids))):
                problems[problem.event_id].add(problem.slug)
        return [_running(each, problems[each.id], members[each.id]) for each in found]


def _running(event: StoredEvent, problems: set[str], members: Mapping[str, MemberTimes]) -> RunningEvent:
    longest = max((times.extension for times in members.values()), default=timedelta(0))
    return RunningEvent(event, frozenset(problems), members, longest)


_LONGEST_OVERTIME = timedelta(days=1)
"""How long an event may still run after ``closes_at``. An earlier release stored ``closes_at`` without
extensions."""


def insert_event(
    connection: Connection,
    event: StoredEvent,
    problems: Sequence[ProblemInEvent],
    at: datetime,
    revision: int = 0,
) -> None:
    """Insert an event with its problems. ``revision`` is the revision of its last submission."""
    values = {**_values(event), "created_at": at, "revision": revision}
    connection.execute(insert(events).values(id=event.id, created_by=event.created_by, **values))
    _set_problems(connection, event.id, problems)


def raise_setup(connection: Connection, event_id: str) -> None:
    """Raise the setup's revision, so that readers of the standings begin again. Call this first in a
    transaction, since it locks the event. Raises ``NotFound``."""
    raised = update(events).where(events.c.id == event_id).values(setup_revision=events.c.setup_revision + 1)
    if connection.execute(raised).rowcount == 0:
        raise NotFound("there is no such event any more")


def _problems_of(connection: Connection, event_id: str) -> list[ProblemInEvent]:
    query = select(event_problems).where(event_problems.c.event_id == event_id)
    rows = connection.execute(query.order_by(event_problems.c.position)).mappings()
    return [
        ProblemInEvent(row["slug"], row["label"], row["weight"], row["colour"], row["withdrawn"])
        for row in rows
    ]


def _set_problems(connection: Connection, event_id: str, problems: Sequence[ProblemInEvent]) -> None:
    rows = [
        {
            "event_id": event_id,
            "slug": each.slug,
            "label": each.label,
            "position": position,
            "weight": each.weight,
            "colour": each.colour,
            "withdrawn": each.withdrawn,
        }
        for position, each in enumerate(problems)
    ]
    connection.execute(delete(event_problems).where(event_problems.c.event_id == event_id))
    if rows:
        connection.execute(insert(event_problems), rows)


def _keep_open_for_members(connection: Connection, event_id: str) -> None:
    """Store when the event closes for its last member. Call it after a change of times or members."""
    row = connection.execute(select(events).where(events.c.id == event_id)).mappings().one()
    enabled = (event_members.c.event_id == event_id) & event_members.c.disabled.is_(False)
    longest = connection.execute(select(func.max(event_members.c.extension_seconds)).where(enabled)).scalar()
    closes_at = _values(_event_from(row))["closes_at"] + timedelta(seconds=longest or 0)
    connection.execute(update(events).where(events.c.id == event_id).values(closes_at=closes_at))


def _accounts_in(connection: Connection, event_id: str) -> set[str]:
    query = select(event_member_accounts.c.account_id).where(event_member_accounts.c.event_id == event_id)
    return set(connection.execute(query).scalars())


def _move_invitations(connection: Connection, before: StoredEvent, after: StoredEvent) -> None:
    """Change invitations that are valid until the event's end to its new end."""
    until_end = (event_invitations.c.event_id == before.id) & (
        event_invitations.c.expires_at == before.times.ends_at
    )
    moved = update(event_invitations).where(until_end)
    connection.execute(moved.values(expires_at=after.times.ends_at))


def insert_member(
    connection: Connection, event_id: str, new: NewMember, account_ids: Sequence[str], at: datetime
) -> str:
    """Insert a member with its accounts. Returns its id."""
    id = new_id()
    values = {
        "id": id,
        "event_id": event_id,
        "name": new.name,
        "category": new.category.value,
        "affiliation": new.affiliation,
        "extension_seconds": 0,
        "disabled": False,
        "added_at": at,
        "external_id": new.external_id,
    }
    connection.execute(insert(event_members).values(values))
    rows = [{"event_id": event_id, "account_id": each, "member_id": id} for each in account_ids]
    connection.execute(insert(event_member_accounts), rows)
    return id


def _free_name(connection: Connection, event_id: str, account: Account) -> str:
    name = account.full_name or account.name
    endings = ("", f" ({account.name})", f" ({account.id})")
    names = [f"{name[: LONGEST_MEMBER_NAME - len(ending)]}{ending}" for ending in endings]
    of_event = (event_members.c.event_id == event_id) & event_members.c.name.in_(names)
    taken = set(connection.execute(select(event_members.c.name).where(of_event)).scalars())
    free = next((each for each in names if each not in taken), None)
    if free is None:
        raise Conflict(f"other members of this event have the names {', '.join(names)}: rename one of them")
    return free


def _require_own_external_id(connection: Connection, event_id: str, external_id: str | None) -> None:
    """Raise ``Conflict`` if a member of the event has this external id, by which results.tsv names members.

    The event's row is locked, so no other request adds a member between this check and the write.
    """
    if external_id is None:
        return
    of_event = (event_members.c.event_id == event_id) & (event_members.c.external_id == external_id)
    name = connection.execute(select(event_members.c.name).where(of_event).limit(1)).scalar()
    if name is not None:
        raise Conflict(
            f"external_id: the member {name!r} of this event has {external_id!r} already: "
            "use another one, or remove it there first"
        )


def _values(event: StoredEvent) -> dict[str, Any]:
    return {
        "slug": event.slug,
        "title": event.title,
        "description": event.description,
        "starts_at": event.times.starts_at,
        "ends_at": event.times.ends_at,
        "closes_at": event.times.ends_at + event.rules.lateness + event.times.paused_after_end,
        "thawed_at": event.times.thawed_at,
        "pauses": [[each.start.isoformat(), each.end.isoformat()] for each in event.times.pauses] or None,
        "paused_at": event.times.paused_at,
        "rules": event.rules.to_json(),
        "freezes": event.rules.freeze_minutes > 0,
        "visibility": event.visibility.value,
        "joining": event.joining.value,
        "password_hash": event.password_hash,
        "service_class": event.service.kind.value,
        "service_tier": event.service.tier.value if event.service.tier else None,
    }


def _member_values(member: EventMember) -> dict[str, Any]:
    """The columns of a member that its jury may change."""
    return {
        "name": member.name,
        "category": member.category.value,
        "affiliation": member.affiliation,
        "started_at": member.times.started_at,
        "extension_seconds": int(member.times.extension.total_seconds()),
        "disabled": member.disabled,
        "external_id": member.external_id,
    }


_TOGETHER = (
    frozenset({"starts_at", "ends_at", "closes_at", "thawed_at", "pauses", "paused_at", "rules", "freezes"}),
    frozenset({"visibility", "joining", "password_hash"}),
)
"""Groups of columns that are checked against each other. A change of one column is valid only with the
present values of its group."""


_JUST_CHANGED = "another request has just changed {}: load it again, then change it"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if value != before[name]}


def _require_unchanged(
    changes: Collection[str], before: Mapping[str, Any], present: Mapping[str, Any]
) -> None:
    """Raise ``Conflict`` if a column that the changes depend on was changed since it was read."""
    rests_on = set(changes).union(*(group for group in _TOGETHER if not group.isdisjoint(changes)))
    if changed := sorted(name for name in rests_on if name in before and present[name] != before[name]):
        raise Conflict(_JUST_CHANGED.format(", ".join(changed)))


def _readable_events(rows: Iterable[RowMapping]) -> list[StoredEvent]:
    """The events of these rows. An event that cannot be read is logged and left out."""
    found = []
    for row in rows:
        try:
            found.append(_event_from(row))
        except CONTENT_ERRORS as error:
            _unreadable.log(f"{row['slug']}: {error}")
    return found


def _event_from(row: RowMapping) -> StoredEvent:
    return StoredEvent(
        id=row["id"],
        slug=row["slug"],
        title=row["title"],
        description=row["description"],
        times=_times_from(row),
        rules=EventRules.from_json(row["rules"]),
        visibility=Visibility(row["visibility"]),
        joining=Joining(row["joining"]),
        password_hash=row["password_hash"],
        created_by=row["created_by"],
        setup_revision=row["setup_revision"],
        service=EventService(
            ServiceClass(row["service_class"] or ServiceClass.PRACTICE),
            Tier(row["service_tier"]) if row["service_tier"] else None,
        ),
    )


def _times_from(row: RowMapping) -> EventTimes:
    pauses = [map(datetime.fromisoformat, each) for each in row["pauses"] or ()]
    times = EventTimes(row["starts_at"], row["ends_at"], row["thawed_at"], paused_at=row["paused_at"])
    return replace(times, pauses=tuple(Pause(*each) for each in pauses))


def _member_from(row: RowMapping) -> EventMember:
    return EventMember(
        id=row["id"],
        name=row["name"],
        category=Category(row["category"]),
        affiliation=row["affiliation"],
        times=MemberTimes(row["started_at"], timedelta(seconds=row["extension_seconds"])),
        disabled=row["disabled"],
        external_id=row["external_id"],
    )


def _require_replaced(new: NewAnswer, row: RowMapping) -> None:
    """Raise ``Conflict`` if the new answer would overwrite another juror's answer that it does not
    replace."""
    there = row["answer"]
    is_free = there is None or row["answered_by"] == new.by
    if there == new.text or there == new.replaces or (new.replaces is None and is_free):
        return
    now = f"has the answer {there!r} now" if there is not None else "has no answer now"
    raise Conflict(
        f"the message {now}: read it again, and send that answer in the field replaces to change it"
    )


def _message_from(row: RowMapping) -> EventMessage:
    return EventMessage(
        id=row["id"],
        member_id=row["member_id"],
        problem=row["problem"],
        question=row["question"],
        answer=row["answer"],
        to_all=row["to_all"],
        asked_at=row["asked_at"],
        answered_at=row["answered_at"],
    )
