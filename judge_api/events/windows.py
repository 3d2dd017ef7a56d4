"""The times of an event and of its members. All follow from the rules and the moment that is passed in."""

from __future__ import annotations

from dataclasses import dataclass
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
class EventTimes:
    """The window of an event. ``thawed_at`` is when the jury ended the freeze."""

    starts_at: datetime
    ends_at: datetime
    thawed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MemberTimes:
    """A member's own start, and the time that it has beyond the others."""

    started_at: datetime | None = None
    extension: timedelta = timedelta(0)


NO_TIMES = MemberTimes()


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` a member may submit, after ``end`` late, after ``hard_end`` no more."""

    start: datetime
    end: datetime
    hard_end: datetime


def freeze_at(rules: EventRules, times: EventTimes) -> datetime | None:
    """The time from which results are not shown to the public; ``None`` if they always are.

    CCS requirements, "Scoreboard freeze": the time is the event's, also for a member with an extension.
    """
    if not rules.freeze_minutes:
        return None
    return max(times.starts_at, times.ends_at - timedelta(minutes=rules.freeze_minutes))


def is_frozen(rules: EventRules, times: EventTimes, now: datetime) -> bool:
    """Whether the public sees less than the jury. A freeze ends when the jury thaws it, not by itself."""
    begins = freeze_at(rules, times)
    return begins is not None and now >= begins and times.thawed_at is None


def closes_at(rules: EventRules, times: EventTimes, longest_extension: timedelta) -> datetime:
    """When the last member's window has ended, also for late submissions."""
    return times.ends_at + longest_extension + rules.lateness


def phase_at(rules: EventRules, times: EventTimes, now: datetime) -> Phase:
    if now < times.starts_at:
        return Phase.BEFORE
    frozen = is_frozen(rules, times, now)
    if now < times.ends_at:
        return Phase.FROZEN if frozen else Phase.RUNNING
    return Phase.ENDED if frozen else Phase.FINAL


def window_of(rules: EventRules, times: EventTimes, member: MemberTimes) -> Window | None:
    """The window of a member; ``None`` while one with a length of its own has not started.

    CMS, "User start time and extra time": a window of one's own ends with the event's at the latest, the
    extension is added at its end.
    """
    length = rules.length
    if length is not None and member.started_at is None:
        return None
    start = max(times.starts_at, member.started_at or times.starts_at)
    end = times.ends_at if length is None else min(start + length, times.ends_at)
    end += member.extension
    return Window(start, end, end + rules.lateness)
