"""The times of an event and of its members, computed from the rules and a given moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from judge_api.events.rules import EventRules


class Phase(StrEnum):
    """The phase of an event. ``ENDED`` lasts until the standings are thawed, ``FINAL`` from then on."""

    BEFORE = "before"
    RUNNING = "running"
    FROZEN = "frozen"
    ENDED = "ended"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Pause:
    """A period that an event's clock does not count."""

    start: datetime
    end: datetime

    def length_in(self, start: datetime, end: datetime) -> timedelta:
        """How much of the pause is between these moments."""
        return max(min(self.end, end) - max(self.start, start), timedelta(0))


@dataclass(frozen=True, slots=True)
class EventTimes:
    """The window of an event.

    ``thawed_at`` is the time at which the jury ended the freeze. ``pauses`` are in order and do not overlap.
    ``ends_at`` is the end after these pauses have moved it. ``paused_at`` is the start of a pause that has
    not ended. During a pause the event's clock is stopped.
    """

    starts_at: datetime
    ends_at: datetime
    thawed_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    paused_at: datetime | None = None

    def counted(self, at: datetime) -> timedelta:
        """The time from the start to this moment, without the pauses.

        Source: CCS requirements, "Removing time intervals": a moment in a pause counts as the pause's start.
        """
        return self._counted(self.clock(at))

    @property
    def length(self) -> timedelta:
        """The time that the event's clock counts from its start to its end."""
        return self._counted(self.ends_at)

    @property
    def paused_after_end(self) -> timedelta:
        """The length of the pauses after the end. During these pauses the clock is also stopped for members
        with an extension and for late submissions."""
        later = (each.length_in(self.ends_at, each.end) for each in self.pauses)
        return sum(later, timedelta(0))

    def moment(self, counted: timedelta) -> datetime:
        """The moment at which the event's clock reaches this time. A pause that has not ended is not
        included."""
        at = self.starts_at + counted
        for pause in self.pauses:
            if pause.end > self.starts_at and max(pause.start, self.starts_at) < at:
                at += pause.end - max(pause.start, self.starts_at)
        return at

    def clock(self, at: datetime) -> datetime:
        """The moment that the event's clock shows. While the event is paused, it is the pause's start."""
        return at if self.paused_at is None else min(at, self.paused_at)

    def with_pauses(self, pauses: Iterable[Pause]) -> EventTimes:
        """The same event with these pauses. Its counted length stays, so its end moves."""
        times = replace(self, pauses=tuple(sorted(pauses, key=lambda each: each.start)))
        return replace(times, ends_at=times.moment(self.length))

    def longer(self, more: timedelta) -> EventTimes:
        """The same event with an end that is later by this time."""
        return replace(self, ends_at=self.moment(self.length + more))

    def _counted(self, at: datetime) -> timedelta:
        paused = sum((each.length_in(self.starts_at, at) for each in self.pauses), timedelta(0))
        return at - self.starts_at - paused


@dataclass(frozen=True, slots=True)
class MemberTimes:
    """A member's own start, and its additional time."""

    started_at: datetime | None = None
    extension: timedelta = timedelta(0)


NO_TIMES = MemberTimes()


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a member may submit.

    It begins at ``start``. Submissions after ``end`` are late. After ``hard_end`` no more are accepted.
    """

    start: datetime
    end: datetime
    hard_end: datetime


@dataclass(frozen=True, slots=True)
class MemberClock:
    """The time of one member, as its event counts it."""

    times: EventTimes
    window: Window

    def since_start(self, at: datetime) -> timedelta:
        return self.times.counted(at) - self.times.counted(self.window.start)

    def late_by(self, at: datetime) -> timedelta:
        """The time since the member's end. It is zero or negative for a moment before the end."""
        return self.times.counted(at) - self.times.counted(self.window.end)


def freeze_at(rules: EventRules, times: EventTimes) -> datetime | None:
    """The time from which results are hidden from the public. ``None`` if they are never hidden.

    Source: CCS requirements, "Scoreboard freeze": the time is that of the event, even for a member with an
    extension.
    """
    if not rules.freeze_minutes:
        return None
    counted = times.length - timedelta(minutes=rules.freeze_minutes)
    return times.moment(max(counted, timedelta(0)))


def is_frozen(rules: EventRules, times: EventTimes, now: datetime) -> bool:
    """Whether the public sees less than the jury. A freeze ends only when the jury thaws it."""
    begins = freeze_at(rules, times)
    return begins is not None and times.clock(now) >= begins and times.thawed_at is None


def closes_at(rules: EventRules, times: EventTimes, longest_extension: timedelta) -> datetime:
    """The time at which the last member's window ends, also for late submissions."""
    return times.moment(times.length + longest_extension + rules.lateness)


def phase_at(rules: EventRules, times: EventTimes, now: datetime) -> Phase:
    now = times.clock(now)
    if now < times.starts_at:
        return Phase.BEFORE
    frozen = is_frozen(rules, times, now)
    if now < times.ends_at:
        return Phase.FROZEN if frozen else Phase.RUNNING
    return Phase.ENDED if frozen else Phase.FINAL


def window_of(rules: EventRules, times: EventTimes, member: MemberTimes) -> Window | None:
    """The window of a member. ``None`` if a member with its own window has not started.

    Source: CMS, "User start time and extra time": a member's own window ends with the event's at the latest,
    and the extension is added at its end.
    """
    length = rules.length
    if length is not None and member.started_at is None:
        return None
    start = max(times.starts_at, member.started_at or times.starts_at)
    whole = times.length
    counted = whole if length is None else min(times.counted(start) + length, whole)
    counted += member.extension
    return Window(start, times.moment(counted), times.moment(counted + rules.lateness))


def fault_of_pauses(times: EventTimes, now: datetime) -> str | None:
    """The reason why these pauses are not valid for an event. ``None`` if they are valid."""
    before = None
    for pause in times.pauses:
        if pause.end <= pause.start:
            return "a pause must end after its start"
        if pause.start < times.starts_at:
            return "a pause must not begin before the event"
        if before is not None and pause.start < before.end:
            return "pauses must not overlap"
        before = pause
    last = times.paused_at or now
    return "a pause must have ended by now" if before is not None and before.end > last else None
