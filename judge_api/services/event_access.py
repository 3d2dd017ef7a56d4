"""Decides who may see, enter and change an event, and which submissions it accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from judge_api.events.rules import EventRole, Joining, ServiceClass, StandingsFor, Visibility
from judge_api.events.standings import EventMember
from judge_api.events.windows import Phase, Window, freeze_at, is_frozen, phase_at, window_of
from judge_api.services.running_events import RunningEvents
from judge_api.store.events import EventStore, ProblemInEvent, StoredEvent
from judge_api.store.records import CONTEST_PRIORITY, LIVE_PRIORITY, EventEntry
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Account, Tier
from judge_core.model.errors import (
    Conflict,
    FieldFault,
    Forbidden,
    Invalid,
    NotFound,
    UnknownLanguage,
    UnknownProblem,
)

_LONGEST_ID = 64
_CACHE_SECONDS = 1.0
_MOST_CACHED = 1000


@dataclass(frozen=True, slots=True)
class EventWithProblems:
    event: StoredEvent
    problems: tuple[ProblemInEvent, ...]

    def find(self, name: str) -> ProblemInEvent | None:
        """The problem with this label or slug. Withdrawn problems are found too."""
        return next((each for each in self.problems if name in (each.label, each.slug)), None)


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as one client may see it at one moment."""

    event: StoredEvent
    problems: tuple[ProblemInEvent, ...]
    account: Account | None
    member: EventMember | None
    is_jury: bool
    now: datetime
    is_in_other_exam: bool = False
    address_fault: str | None = None
    hides_results: bool = False

    @property
    def role(self) -> EventRole:
        if self.is_jury:
            return EventRole.JURY
        return EventRole.MEMBER if self.is_member else EventRole.VIEWER

    @property
    def is_member(self) -> bool:
        return self.member is not None and not self.member.disabled

    @property
    def is_invited(self) -> bool:
        """Whether an invitation made the account. Such an account does not see who else was invited."""
        return self.account is not None and self.account.event is not None

    @property
    def clock(self) -> datetime:
        """The present moment. While the event is paused, the moment at which the pause began."""
        return self.event.times.clock(self.now)

    @property
    def is_paused(self) -> bool:
        return self.event.times.paused_at is not None

    @property
    def phase(self) -> Phase:
        return phase_at(self.event.rules, self.event.times, self.now)

    @property
    def freeze_at(self) -> datetime | None:
        return freeze_at(self.event.rules, self.event.times)

    @property
    def is_frozen(self) -> bool:
        return is_frozen(self.event.rules, self.event.times, self.now)

    @property
    def window(self) -> Window | None:
        if self.member is None or self.member.disabled:
            return None
        return window_of(self.event.rules, self.event.times, self.member.times)

    @property
    def may_see_problems(self) -> bool:
        """Whether the client may see the problems.

        The jury always sees them. Members see them from their own start on, and other clients from the
        event's start. If each member has its own window, other clients could pass the problems on, so they
        see them only after the event's end. The same is true if the event is an exam or is limited to
        networks. An account sees no problems while it is in another exam or may not use its address.
        """
        if self.is_jury:
            return True
        if self.is_in_other_exam or self.address_fault is not None:
            return False
        if self.is_member:
            window = self.window
            return window is not None and self.clock >= window.start
        opens = self.event.times.starts_at if self.event.rules.length is None else self.event.times.ends_at
        is_closed = self.event.rules.exam or bool(self.event.rules.networks)
        return self.clock >= opens and not (is_closed and self.clock < self.event.times.ends_at)

    @property
    def may_see_standings(self) -> bool:
        if self.is_jury:
            return True
        if self.phase is Phase.BEFORE or self.hides_results or self.is_invited:
            return False
        return self.event.rules.standings is StandingsFor.ALL

    @property
    def may_start(self) -> bool:
        """Whether the member may begin its own window now."""
        waits = self.is_member and self.event.rules.length is not None and self.window is None
        is_open = self.event.times.starts_at <= self.clock < self.event.times.ends_at
        return waits and is_open and not self.is_paused

    @property
    def may_join(self) -> bool:
        opens = self.event.joining is not Joining.CLOSED and self.member is None
        return opens and self.account is not None and self.clock < self.event.times.ends_at

    @property
    def may_submit(self) -> bool:
        window = self.window
        is_open = window is not None and window.start <= self.clock < window.hard_end
        return is_open and not self.is_paused and not self.is_in_other_exam and self.address_fault is None


class EventAccess:
    """Finds events for accounts. Events are cached for a second.

    Methods that read events may raise ``StoreUnavailable``.
    """

    def __init__(self, events: EventStore, running: RunningEvents, clock: Clock = SYSTEM_CLOCK) -> None:
        self._events = events
        self._running = running
        self._clock = clock
        self._cached: dict[str, tuple[float, EventWithProblems]] = {}

    def view(self, account: Account | None, slug: str) -> EventView:
        """The event. Raises ``NotFound`` if there is none, or if the account may not see it."""
        found = self._get(slug)
        if found is None:
            raise _unknown(slug)
        member = self._events.member_of(found.event.id, account.id) if account else None
        is_jury = account is not None and (account.is_admin or _is_creator(account, found.event))
        now = self._clock.now()
        view = self._limited(EventView(found.event, found.problems, account, member, is_jury, now))
        if not _may_see(view):
            raise _unknown(slug)
        return view

    def joinable(self, account: Account, slug: str) -> EventView:
        """An event that the account may join. It may also be an event that only its members see.

        Raises ``NotFound`` or ``Conflict``.
        """
        found = self._get(slug)
        event = found.event if found else None
        if found is None or event is None or event.visibility is Visibility.JURY:
            raise _unknown(slug)
        member = self._events.member_of(event.id, account.id)
        if event.joining is Joining.CLOSED:
            is_inside = member is not None and not member.disabled
            if event.visibility is Visibility.MEMBERS and not is_inside:
                raise _unknown(slug)
            raise Conflict("only the jury adds members to this event: ask the jury")
        view = EventView(event, found.problems, account, member, False, self._clock.now())
        if view.clock >= event.times.ends_at:
            raise Conflict("this event has ended")
        return view

    def later(self, view: EventView) -> EventView | None:
        """The view of the same client now. ``None`` if the client may no longer see the event.

        The client's membership is read again if the event was changed since ``view``. So call this method
        with the latest view.
        """
        found = self._get(view.event.slug)
        if found is None or found.event.id != view.event.id:
            return None
        member = view.member
        if view.account is not None and found.event.setup_revision != view.event.setup_revision:
            member = self._events.member_of(found.event.id, view.account.id)
        again = self._limited(
            replace(view, event=found.event, problems=found.problems, member=member, now=self._clock.now())
        )
        return again if _may_see(again) else None

    def _limited(self, view: EventView) -> EventView:
        """The view with the restrictions that running events put on its client now: whether the client is in
        another exam, may not use this address, or may not see results yet."""
        if view.is_jury:
            return view
        account, id = view.account, view.event.id
        exam = self._running.exam_of(account.id) if account else None
        return replace(
            view,
            is_in_other_exam=exam is not None and exam.event_id != id,
            address_fault=self._running.address_fault(account, id) if account else None,
            hides_results=self._running.hides_results(id),
        )

    def now(self) -> datetime:
        return self._clock.now()

    def for_jury(self, account: Account, slug: str) -> EventView:
        """The event for its jury, read from the database and not from the cache. Raises ``NotFound`` or
        ``Forbidden``.

        A change is refused if the values on which it depends have changed since the event was read. With an
        older event from the cache, a change could be refused without need.
        """
        self._cached.pop(slug, None)
        view = self.view(account, slug)
        if not view.is_jury:
            raise Forbidden("this needs the author who made the event, or an administrator")
        return view

    def is_jury_of(self, account: Account, submission: str) -> bool:
        """Whether a submission belongs to an event that this account made."""
        if not account.may_add_problems or not may_be_id(submission):
            return False
        return self._events.creator_of_submission(submission) == account.id

    def visible(self, account: Account | None) -> list[EventView]:
        """The events that an account may see, the latest start first."""
        own = self._events.events_of(account.id) if account else set()
        now = self._clock.now()
        views = []
        for event in self._events.all():
            is_jury = account is not None and (account.is_admin or _is_creator(account, event))
            member = self._events.member_of(event.id, account.id) if account and event.id in own else None
            view = EventView(event, (), account, member, is_jury, now)
            if _may_see(view):
                views.append(view)
        return views

    def entry(self, account: Account, slug: str, problem: str, language: str) -> tuple[EventEntry, str]:
        """The data that is stored with a submission to an event, and the slug of its problem.

        Raises a subclass of ``Refused`` if the event does not accept the submission.
        """
        try:
            view = self.view(account, slug)
        except NotFound as error:
            raise Invalid(FieldFault("event", str(error))) from error
        if view.member is None or view.member.disabled:
            raise Forbidden(f"you are not a member of the event {slug}")
        _require_window(view)
        found = _problem_of(view, problem)
        rules = view.event.rules
        if rules.languages and language not in rules.languages:
            allowed = ", ".join(rules.languages)
            raise UnknownLanguage(FieldFault("language", f"the event {slug} takes only {allowed}"))
        is_contest = view.event.service.kind is ServiceClass.CONTEST
        priority = CONTEST_PRIORITY if is_contest else LIVE_PRIORITY
        return EventEntry(view.event.id, view.member.id, rules.max_tries, priority), found.slug

    def tier_of(self, slug: str) -> Tier | None:
        """The tier whose workers judge an event's submissions. ``None`` if the event has no tier of its
        own."""
        found = self._get(slug)
        return found.event.service.tier if found else None

    def clear(self) -> None:
        """Drop the cached events. Call it after an event was changed."""
        self._cached.clear()

    def _get(self, slug: str) -> EventWithProblems | None:
        now = self._clock.monotonic()
        cached = self._cached.get(slug)
        if cached is not None and cached[0] > now:
            return cached[1]
        event = self._events.get(slug) if "\x00" not in slug else None
        if event is None:
            self._cached.pop(slug, None)
            return None
        found = EventWithProblems(event, tuple(self._events.problems(event.id)))
        if len(self._cached) >= _MOST_CACHED:
            self._cached.clear()
        self._cached[slug] = (now + _CACHE_SECONDS, found)
        return found


def may_be_id(text: str) -> bool:
    """Whether the database may be asked for this id."""
    return len(text) <= _LONGEST_ID and text.isascii() and text.isprintable()


def _is_creator(account: Account, event: StoredEvent) -> bool:
    return account.may_add_problems and event.created_by == account.id


def _may_see(view: EventView) -> bool:
    if view.is_jury:
        return True
    visibility = view.event.visibility
    return visibility is Visibility.PUBLIC or (visibility is Visibility.MEMBERS and view.is_member)


def _unknown(slug: str) -> NotFound:
    return NotFound(f"there is no event {slug[:64]!r}")


def _require_window(view: EventView) -> None:
    window, slug = view.window, view.event.slug
    if window is None:
        raise Forbidden(f"start the event {slug} first: your time begins then")
    if view.clock < window.start:
        raise Forbidden(f"the event {slug} has not started")
    if view.clock >= window.hard_end:
        raise Forbidden(f"the event {slug} has ended: submit without an event to practise")
    if view.is_paused:
        raise Forbidden(
            f"the event {slug} is paused: submit when it goes on. Your time does not run meanwhile"
        )
    if view.address_fault is not None:
        raise Forbidden(view.address_fault)


def _problem_of(view: EventView, name: str) -> ProblemInEvent:
    found = EventWithProblems(view.event, view.problems).find(name)
    if found is None:
        labels = ", ".join(each.label for each in view.problems if not each.withdrawn)
        raise UnknownProblem(
            FieldFault("problem", f"is not in the event {view.event.slug}, which has {labels}")
        )
    if found.withdrawn:
        raise UnknownProblem(FieldFault("problem", f"{found.label} was withdrawn from the event"))
    return found


def shown_problems(view: EventView) -> Sequence[ProblemInEvent]:
    """The problems that the client of this view may see."""
    return view.problems if view.may_see_problems else ()
