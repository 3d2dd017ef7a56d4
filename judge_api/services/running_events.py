"""The events that are running, kept in memory: what they allow, what they hide, and which results they hold
back.

Every request may need these answers. The database is read at most once a second. While it does not answer,
the last state is used. If it never answered, a question raises ``StoreUnavailable``, since an answer could
show what an exam hides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from judge_api.events.feedback import with_feedback
from judge_api.events.rules import Feedback, StandingsFor, Visibility
from judge_api.events.windows import MemberTimes, Phase, Window, closes_at, phase_at, window_of
from judge_api.services.client_address import current_address, is_in_networks
from judge_api.store.events import EventStore, RunningEvent
from judge_api.store.records import HiddenPeriod
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Account
from judge_core.model.errors import Forbidden, StoreUnavailable
from judge_core.model.submission import Kind, Status

_FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Exam:
    """The exam that an account is in at this moment."""

    slug: str
    event_id: str
    window: Window
    problems: frozenset[str]
    limits_addresses: bool = False

    def allows(self, status: Status) -> bool:
        """Whether the account may see this submission now. It may see only submissions to the exam's
        problems, and runs without a problem, that were sent since its own start."""
        in_time = status.submitted_at >= self.window.start
        of_exam = status.problem in self.problems or (status.problem is None and status.kind is Kind.RUN)
        return in_time and of_exam


class RunningEvents:
    """Answers from memory, fast enough for every request. It does almost no work while no event runs.

    Methods that may read the database raise ``StoreUnavailable`` if the state was never read and the database
    does not answer.
    """

    def __init__(self, events: EventStore, clock: Clock = SYSTEM_CLOCK) -> None:
        self._events = events
        self._clock = clock
        self._found: Sequence[RunningEvent] = ()
        self._addresses: dict[tuple[str, str], str] = {}
        self._versions: tuple[tuple[str, int], ...] = ()
        self._fresh_until = float("-inf")
        self._was_read = False

    def is_fresh(self) -> bool:
        """Whether an answer needs no read of the database."""
        return self._clock.monotonic() < self._fresh_until

    def clear(self) -> None:
        """Let the next call read the database. Call it after an event was changed."""
        self._fresh_until = float("-inf")

    def exam_of(self, account_id: str) -> Exam | None:
        """The exam that an account is in now. ``None`` if there is none."""
        self._refresh()
        return self.known_exam_of(account_id)

    def known_exam_of(self, account_id: str) -> Exam | None:
        """The same as :meth:`exam_of`, from the state that was read last. It never waits."""
        if not self._found:
            return None
        now = self._clock.now()
        for each in self._found:
            times = each.members.get(account_id)
            if times is not None and each.event.rules.exam:
                window = _window(each, times)
                if window is not None and window.start <= each.event.times.clock(now) < window.hard_end:
                    rules = each.event.rules
                    limited = rules.one_address or bool(rules.networks)
                    return Exam(each.event.slug, each.event.id, window, each.problems, limited)
        return None

    def may_see_submission(self, account: Account, status: Status) -> bool:
        """Whether no exam hides this submission from an account that may otherwise see it."""
        exam = self.exam_of(account.id)
        if exam is None or account.is_admin:
            return True
        return exam.allows(status) and self.address_fault(account, exam.event_id) is None

    def feedback_for(self, account: Account, status: Status) -> Feedback:
        """How much of a submission's result this account may see now. Only its owner's view is limited."""
        if not self._was_read:
            self._refresh()
        if not self._found or account.is_admin or account.id != status.owner:
            return Feedback.ALL
        return self._feedback_of(status)

    def answers_at_once(self, account: Account, status: Status) -> bool:
        """Whether the account may see all of its own submission. The database is not read: the answer is
        False if only the database knows."""
        if not self.is_fresh():
            return False
        if not self._found:
            return True
        if self.feedback_for(account, status) is not Feedback.ALL:
            return False
        exam = self.known_exam_of(account.id)
        return exam is None or not exam.limits_addresses

    def shown(self, account: Account, status: Status) -> Status:
        """The submission as this account may see it now."""
        return with_feedback(status, self.feedback_for(account, status))

    def shown_to_owner(self, status: Status) -> Status:
        """The submission as its owner may see it now, for messages to the owner."""
        self._refresh()
        return with_feedback(status, self._feedback_of(status))

    def _feedback_of(self, status: Status) -> Feedback:
        """The feedback that follows from the problem and the time. So a submission to the same problem
        outside of the event reveals no more."""
        now = self._clock.now()
        limits = [
            each.event.rules.feedback
            for each in self._found
            if each.event.rules.feedback is not Feedback.ALL
            and status.kind is Kind.SUBMISSION
            and status.problem in each.problems
            and each.event.times.clock(now) < _closes_at(each)
            and _was_sent_in(each, status)
        ]
        return max(limits, key=_STRICTNESS.index, default=Feedback.ALL)

    def has_in_progress(self, slug: str) -> bool:
        """Whether the problem is in an event that is not over or whose results are held back."""
        self._refresh()
        now = self._clock.now()
        return any(slug in each.problems and not _is_over(each, now) for each in self._found)

    def forbids_sharing(self, status: Status) -> bool:
        """Whether an event forbids that a submission is shared.

        An event forbids it until it is over, if it has the submission's problem. So does an event that was
        running for the submission's owner when the submission was sent, because a program for one problem
        may be sent to another problem.
        """
        self._refresh()
        now = self._clock.now()
        return any(
            not _is_over(each, now) and (status.problem in each.problems or _was_sent_in(each, status))
            for each in self._found
        )

    def hides_results(self, event_id: str) -> bool:
        """Whether an event shows no results to its members before its end."""
        self._refresh()
        now = self._clock.now()
        return any(each.event.id == event_id and _hides_results(each, now) for each in self._found)

    def hidden_results(self, account: Account | None) -> frozenset[str]:
        """The problems whose results an event does not show to the account before the event's end."""
        self._refresh()
        if account is None or account.is_admin:
            return frozenset()
        now = self._clock.now()
        hiding = (each for each in self._found if account.id in each.members and _hides_results(each, now))
        return frozenset(slug for each in hiding for slug in each.problems)

    def hidden_periods(self, account: Account) -> list[HiddenPeriod]:
        """The periods in which the account's submissions show no result.

        Each period is for one of the problems of :meth:`hidden_results`.
        """
        self._refresh()
        now = self._clock.now()
        return [
            HiddenPeriod(slug, *period)
            for each in (() if account.is_admin else self._found)
            if _hides_results(each, now) and (period := _own_period(each, account.id)) is not None
            for slug in each.problems
        ]

    def address_fault(self, account: Account, event_id: str) -> str | None:
        """The reason why an account may not take part in this event from the address of this request."""
        self._refresh()
        address, now = current_address.get(), self._clock.now()
        for each in self._found:
            times = each.members.get(account.id)
            if each.event.id == event_id and times is not None and _is_open(each, times, now):
                return self._fault(each, account.id, address)
        return None

    def _fault(self, running: RunningEvent, account_id: str, address: str | None) -> str | None:
        rules, slug = running.event.rules, running.event.slug
        if rules.networks and not is_in_networks(address, rules.networks):
            return f"members take part in {slug} from its networks only: {address} is in none of them"
        if rules.one_address and address is not None:
            first = self._first_address(running.event.id, account_id, address)
            if first != address:
                return f"this account takes part in {slug} from another address: ask the jury to allow yours"
        return None

    def _first_address(self, event_id: str, account_id: str, address: str) -> str:
        known = self._addresses.get((event_id, account_id))
        if known is None:
            known = self._events.bind_address(event_id, account_id, address)
            self._addresses[event_id, account_id] = known
        return known

    def require_in_exam(self, account: Account, kind: Kind, slug: str | None, event: str | None) -> None:
        """Refuse what a running exam does not allow: other problems, and submissions outside of the exam."""
        if account.event is not None:
            self._require_own_event(account, kind, event)
        exam = self.exam_of(account.id)
        if exam is None or account.is_admin:
            return
        if kind is Kind.SUBMISSION and event != exam.slug:
            raise Forbidden(f"you are in the exam {exam.slug}: until it ends, submit to this exam only")
        if slug is not None and slug not in exam.problems:
            raise Forbidden(
                f"you are in the exam {exam.slug}, which does not have this problem: try again after the exam"
            )
        if (fault := self.address_fault(account, exam.event_id)) is not None:
            raise Forbidden(fault)

    def _require_own_event(self, account: Account, kind: Kind, event: str | None) -> None:
        """Refuse submissions of an account of one event to other places, and its runs outside of its own
        time."""
        if kind is Kind.SUBMISSION and event != account.event:
            raise Forbidden(f"this sign-in is only for the event {account.event}: submit to it")
        self._refresh()
        now = self._clock.now()
        for each in self._found:
            times = each.members.get(account.id)
            if each.event.slug == account.event and times is not None and _is_open(each, times, now):
                return
        raise Forbidden(f"your time in the event {account.event} is over, or has not begun")

    def require_event(self, account: Account, slug: str) -> None:
        """Refuse a submission outside of the event that has this problem now, if it would bypass the event's
        rules."""
        self._refresh()
        if not self._found or account.is_admin:
            return
        now = self._clock.now()
        for each in self._found:
            times = each.members.get(account.id)
            if slug not in each.problems or times is None or not each.event.rules.is_restricted:
                continue
            if _is_open(each, times, now) and not _is_jury(each, account):
                raise Forbidden(
                    f"{slug} is a problem of the event {each.event.slug} now: submit it on the event's "
                    f"page, or name the event {each.event.slug!r} in your request"
                )

    def grants(self, account: Account | None, slug: str) -> bool:
        """Whether an event shows this problem to an account. The problem need not be published."""
        self._refresh()
        if not self._found or account is None:
            return False
        now = self._clock.now()
        return any(
            slug in each.problems
            and (times := each.members.get(account.id)) is not None
            and (window := _window(each, times)) is not None
            and window.start <= each.event.times.clock(now)
            for each in self._found
        )

    def in_exam(self, account: Account) -> bool:
        """Whether an exam limits what the account sees now. An account that belongs to one event is always
        limited."""
        if account.event is not None:
            return True
        return not account.is_admin and self.exam_of(account.id) is not None

    def hides_problem(self, account: Account, slug: str) -> bool:
        """Whether an exam or an event hides the problem from the account.

        An exam hides it if the account is in the exam and the exam has only other problems, or if the account
        may not take part from its address. For an account that belongs to one event, every problem that the
        event does not show is hidden.
        """
        if account.event is not None and not self.grants(account, slug):
            return True
        exam = None if account.is_admin else self.exam_of(account.id)
        if exam is None:
            return False
        return slug not in exam.problems or self.address_fault(account, exam.event_id) is not None

    def holds_back(self, slug: str, account: Account | None = None) -> bool:
        """Whether statistics of a problem would reveal results that an event holds back.

        Administrators, and the jury of all these events, may see the statistics.
        """
        self._refresh()
        if not self._found or (account is not None and account.is_admin):
            return False
        now = self._clock.now()
        return any(
            slug in each.problems and _is_confidential(each, now) and not _is_jury(each, account)
            for each in self._found
        )

    def _refresh(self) -> None:
        if self.is_fresh():
            return
        until = self._clock.monotonic() + _FRESH_SECONDS
        if self._was_read:
            # Other requests use the last state while this request reads. Before the first read there is no
            # state.
            self._fresh_until = until
        try:
            self._read()
        except StoreUnavailable:
            if not self._was_read:
                raise
            return
        if not self._was_read:
            self._was_read, self._fresh_until = True, until

    def _read(self) -> None:
        found = self._events.unfinished(self._clock.now())
        versions = tuple((each.id, each.setup_revision) for each in found)
        if versions != self._versions:
            self._found = self._events.with_members(found) if found else ()
            self._versions = versions
            self._addresses = {}


def _window(running: RunningEvent, times: MemberTimes) -> Window | None:
    return window_of(running.event.rules, running.event.times, times)


_STRICTNESS = (Feedback.ALL, Feedback.SAMPLES, Feedback.VERDICT, Feedback.AFTER_END)


def _is_open(running: RunningEvent, times: MemberTimes, now: datetime) -> bool:
    window = _window(running, times)
    return window is not None and window.start <= running.event.times.clock(now) < window.hard_end


def _closes_at(running: RunningEvent) -> datetime:
    return closes_at(running.event.rules, running.event.times, running.longest_extension)


def _is_over(running: RunningEvent, now: datetime) -> bool:
    is_closed = running.event.times.clock(now) >= _closes_at(running)
    return is_closed and not _is_confidential(running, now)


def _was_sent_in(running: RunningEvent, status: Status) -> bool:
    """Whether the owner of a submission sent it in its own time of this event."""
    times = running.members.get(status.owner)
    window = _window(running, times) if times is not None else None
    return (
        window is not None
        and window.start <= running.event.times.clock(status.submitted_at) < window.hard_end
    )


def _own_period(running: RunningEvent, account_id: str) -> tuple[datetime, datetime | None] | None:
    """The time in which :func:`_was_sent_in` is true. While the clock is paused, it has no end."""
    times = running.members.get(account_id)
    window = _window(running, times) if times is not None else None
    if window is None:
        return None
    paused_at = running.event.times.paused_at
    is_endless = paused_at is not None and paused_at < window.hard_end
    return window.start, None if is_endless else window.hard_end


def _hides_results(running: RunningEvent, now: datetime) -> bool:
    is_later = running.event.times.clock(now) >= _closes_at(running)
    return running.event.rules.feedback is Feedback.AFTER_END and not is_later


def _is_jury(running: RunningEvent, account: Account | None) -> bool:
    return account is not None and account.may_add_problems and running.event.created_by == account.id


def _is_confidential(running: RunningEvent, now: datetime) -> bool:
    event = running.event
    phase = phase_at(event.rules, event.times, now)
    shown = event.visibility is Visibility.PUBLIC and event.rules.standings is StandingsFor.ALL
    if phase is Phase.BEFORE:
        return False
    held_back = phase in (Phase.FROZEN, Phase.ENDED) or (phase is Phase.RUNNING and not shown)
    return held_back or _hides_results(running, now)
