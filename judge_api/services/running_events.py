"""The events that run now, kept in memory: what they allow, hide and hold back.

Every request may ask. The database is read at most once a second, and while it does not answer, the last
state read stays in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from judge_api.events.rules import StandingsFor, Visibility
from judge_api.events.windows import MemberTimes, Phase, Window, phase_at, window_of
from judge_api.store.events import EventStore, RunningEvent
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

    def allows(self, status: Status) -> bool:
        """Whether the account may see this submission now: only those of the exam."""
        in_time = status.submitted_at >= self.window.start
        of_exam = status.problem in self.problems or (status.problem is None and status.kind is Kind.RUN)
        return in_time and of_exam


class RunningEvents:
    """May be asked on the hottest path: without a running event an answer is one comparison."""

    def __init__(self, events: EventStore, clock: Clock = SYSTEM_CLOCK) -> None:
        self._events = events
        self._clock = clock
        self._found: Sequence[RunningEvent] = ()
        self._versions: tuple[tuple[str, int], ...] = ()
        self._fresh_until = float("-inf")

    def is_fresh(self) -> bool:
        """Whether an answer needs no look at the database."""
        return self._clock.monotonic() < self._fresh_until

    def clear(self) -> None:
        """Read again at the next question. Call it after an event was changed."""
        self._fresh_until = float("-inf")

    def exam_of(self, account_id: str) -> Exam | None:
        """The exam that an account is in now."""
        self._refresh()
        return self.known_exam_of(account_id)

    def known_exam_of(self, account_id: str) -> Exam | None:
        """As :meth:`exam_of` by what was read last, so it never waits."""
        if not self._found:
            return None
        now = self._clock.now()
        for each in self._found:
            times = each.members.get(account_id)
            if times is not None and each.event.rules.exam:
                window = _window(each, times)
                if window is not None and window.start <= now < window.hard_end:
                    return Exam(each.event.slug, each.event.id, window, each.problems)
        return None

    def may_see_submission(self, account: Account, status: Status) -> bool:
        """Whether no exam hides this submission from an account that may see it else."""
        exam = self.exam_of(account.id)
        return exam is None or account.is_admin or exam.allows(status)

    def require_in_exam(self, account: Account, kind: Kind, slug: str | None, event: str | None) -> None:
        """Refuse what an exam does not allow while it runs: other problems, and submissions outside of it."""
        exam = self.exam_of(account.id)
        if exam is None or account.is_admin:
            return
        if kind is Kind.SUBMISSION and event != exam.slug:
            raise Forbidden(f"you are in the exam {exam.slug}: submit into this event until it has ended")
        if slug is not None and slug not in exam.problems:
            raise Forbidden(f"you are in the exam {exam.slug}: other problems wait until it has ended")

    def grants(self, account: Account | None, slug: str) -> bool:
        """Whether an event shows this problem to an account, though it may not be published."""
        self._refresh()
        if not self._found or account is None:
            return False
        now = self._clock.now()
        return any(
            slug in each.problems
            and (times := each.members.get(account.id)) is not None
            and (window := _window(each, times)) is not None
            and window.start <= now
            for each in self._found
        )

    def holds_back(self, slug: str) -> bool:
        """Whether statistics of a problem would reveal results that the standings of an event hold back."""
        self._refresh()
        now = self._clock.now()
        return any(slug in each.problems and _is_confidential(each, now) for each in self._found)

    def _refresh(self) -> None:
        if self.is_fresh():
            return
        self._fresh_until = self._clock.monotonic() + _FRESH_SECONDS
        try:
            found = self._events.unfinished(self._clock.now())
            versions = tuple((each.id, each.setup_revision) for each in found)
            if versions != self._versions:
                self._found = self._events.with_members(found) if found else ()
                self._versions = versions
        except StoreUnavailable:
            return


def _window(running: RunningEvent, times: MemberTimes) -> Window | None:
    return window_of(running.event.rules, running.event.times, times)


def _is_confidential(running: RunningEvent, now: datetime) -> bool:
    event = running.event
    phase = phase_at(event.rules, event.times, now)
    shown = event.visibility is Visibility.PUBLIC and event.rules.standings is StandingsFor.ALL
    return phase in (Phase.FROZEN, Phase.ENDED) or (phase is Phase.RUNNING and not shown)
