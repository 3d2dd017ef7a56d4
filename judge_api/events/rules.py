"""The rules of an event, as frozen records. A class, an exam and a contest differ only in their rules.

Sources: the ICPC's Contest Control System requirements (ccs-specs.icpc.io, "Scoring"), the documentation of
CMS (cms.readthedocs.io, "Task scoring"), DOMjudge's configuration reference, Hydro's homework rules.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from judge_core.model.account import Tier
from judge_core.model.errors import FieldFault
from judge_core.model.json_records import flag, integer, items, member, number, optional, record, text

LONGEST_MINUTES = 10 * 366 * 24 * 60
LONGEST_MEMBER_NAME = 128


class Scoring(StrEnum):
    """How submissions become points: solved or not with a penalty (ICPC), or shares of the points (IOI)."""

    ICPC = "icpc"
    IOI = "ioi"


class PenaltyTime(StrEnum):
    """How the time of a solved problem is counted.

    ``MINUTES``: each time is cut to minutes before the times are added (CCS requirements, "Scoring Data
    Generation" 1: 59.99 seconds is 0 minutes). ``SECONDS``: the times are added in seconds (DOMjudge's
    ``score_in_seconds``). ``SUM_MINUTES``: the times are added in seconds, and the sum is cut to minutes.
    """

    MINUTES = "minutes"
    SECONDS = "seconds"
    SUM_MINUTES = "sum-minutes"


class ScoreMode(StrEnum):
    """Which submissions give a problem's points.

    ``BEST``: the best one (CMS ``max``). ``GROUPS``: the best result of each test group, added (CMS
    ``max_subtask``, IOI since 2017). ``TOKENED``: the best one among those with a token and the last one (CMS
    ``max_tokened_last``, IOI 2010 to 2012). ``LAST``: the last one (OI in China; Hydro's ``oi``).
    """

    BEST = "best"
    GROUPS = "groups"
    TOKENED = "tokened"
    LAST = "last"


class Ties(StrEnum):
    """How equal points and penalties are ranked.

    Members that are still equal share a rank. The next member has the rank that it would have without ties
    (CCS requirements, "Scoring Data Generation"). ``LAST_ACCEPTED``: the member whose last accepted
    submission is earlier is better (the same source, 6). ``SHARED``: they are equal (IOI).
    """

    LAST_ACCEPTED = "last-accepted"
    SHARED = "shared"


class Category(StrEnum):
    """The category of a member.

    Guests are shown among the other members and have no rank. Only the jury sees hidden members (DOMjudge:
    team categories with their visibility).
    """

    OFFICIAL = "official"
    GUEST = "guest"
    HIDDEN = "hidden"


class Visibility(StrEnum):
    """The accounts that see an event: all, its members, or only its jury."""

    PUBLIC = "public"
    MEMBERS = "members"
    JURY = "jury"


class Joining(StrEnum):
    """How an account can become a member without the jury."""

    CLOSED = "closed"
    PASSWORD = "password"
    OPEN = "open"


class ServiceClass(StrEnum):
    """The position of an event's submissions among all submissions of their tier.

    ``PRACTICE``: as any other submission. ``CONTEST``: before those of ``PRACTICE``, so that a class of 300
    at its deadline does not delay a contest.
    """

    PRACTICE = "practice"
    CONTEST = "contest"


@dataclass(frozen=True, slots=True)
class EventService:
    """The service class of an event, and the tier whose workers judge it. ``None`` means the tier of each
    account."""

    kind: ServiceClass = ServiceClass.PRACTICE
    tier: Tier | None = None


OF_ANY_OTHER = EventService()
"""The service of a submission that belongs to no event."""


class EventRole(StrEnum):
    """The role of a client in an event. The jury are administrators and the author who made the event."""

    JURY = "jury"
    MEMBER = "member"
    VIEWER = "viewer"


class StandingsFor(StrEnum):
    """The accounts that see the standings: all that see the event, or only its jury.

    ``JURY`` is for classes and exams, where results are personal. In both cases a member sees its own
    results, as far as the feedback allows.
    """

    ALL = "all"
    JURY = "jury"


class Feedback(StrEnum):
    """The part of its judged submissions that a member sees until the event has ended for all. Afterwards it
    sees all.

    ``ALL``: every test. ``SAMPLES``: the verdict, and the tests that are samples. ``VERDICT``: only the
    verdict (DOMjudge's default). ``AFTER_END``: nothing before the end (OI in China; Hydro's ``oi``).
    """

    ALL = "all"
    SAMPLES = "samples"
    VERDICT = "verdict"
    AFTER_END = "after-end"


@dataclass(frozen=True, slots=True)
class IcpcRules:
    """Rules for the scoring with penalties.

    Each rejected submission before the accepted one costs ``penalty_minutes`` (ICPC: 20). Compile errors have
    no penalty, unless ``compile_errors_cost`` is set (DOMjudge's ``compile_penalty``).
    """

    penalty_minutes: int = 20
    penalty_time: PenaltyTime = PenaltyTime.MINUTES
    compile_errors_cost: bool = False


@dataclass(frozen=True, slots=True)
class IoiRules:
    """Rules for the scoring by points.

    The points of a problem are rounded to ``decimals`` (CMS' ``score_precision``). ``tokens`` is the number
    of tokens that a member has for each problem, in the mode ``TOKENED``.
    """

    mode: ScoreMode = ScoreMode.BEST
    decimals: int = 2
    tokens: int = 2


@dataclass(frozen=True, slots=True)
class LateStep:
    """A rule for late submissions: until ``minutes`` after the end, a submission gets ``percent`` of its
    points.

    Source: Hydro's homework, ``penaltyRules`` by the time since ``penaltySince``.
    """

    minutes: int
    percent: int


@dataclass(frozen=True, slots=True)
class GradeStep:
    """One grade: a member gets it from ``points`` points on."""

    points: float
    grade: str


@dataclass(frozen=True, slots=True)
class EventRules:
    """The rules of an event.

    ``length_minutes`` gives each member its own window, from the moment at which it starts (CMS'
    ``per_user_time``; a virtual participation). From ``freeze_minutes`` before the end, the public standings
    show no new results (CCS requirements, "Scoreboard freeze"). After the last step of ``late`` no submission
    is accepted. ``max_tries`` is for each member and problem (CMS' ``max_submission_number``). Without
    ``languages``, all are allowed. While an ``exam`` runs, it hides other problems and submissions of other
    times from its members. ``grades`` are the grades for sums of points, which only the result matrix shows.
    If there are ``networks``, members take part only from them (CMS' ``ip_restriction``). With
    ``one_address``, each account takes part only from the address that it used first.
    """

    scoring: Scoring = Scoring.ICPC
    icpc: IcpcRules = IcpcRules()
    ioi: IoiRules = IoiRules()
    ties: Ties = Ties.LAST_ACCEPTED
    freeze_minutes: int = 0
    length_minutes: int | None = None
    late: tuple[LateStep, ...] = ()
    max_tries: int | None = None
    languages: tuple[str, ...] = field(default=())
    exam: bool = False
    standings: StandingsFor = StandingsFor.ALL
    feedback: Feedback = Feedback.ALL
    networks: tuple[str, ...] = field(default=())
    one_address: bool = False
    grades: tuple[GradeStep, ...] = ()

    def grade_of(self, points: float) -> str | None:
        """The grade of the highest step that these points reach. ``None`` if they reach none."""
        reached = [step for step in self.grades if points >= step.points]
        return max(reached, key=lambda step: step.points).grade if reached else None

    @property
    def is_restricted(self) -> bool:
        """Whether a submission outside of the event would bypass one of its rules."""
        limited = self.max_tries is not None or self.languages or self.feedback is not Feedback.ALL
        return bool(limited or self.networks or self.one_address)

    @property
    def length(self) -> timedelta | None:
        return None if self.length_minutes is None else timedelta(minutes=self.length_minutes)

    @property
    def lateness(self) -> timedelta:
        """How long after the end submissions are accepted."""
        return timedelta(minutes=self.late[-1].minutes if self.late else 0)

    def late_percent(self, after_end: timedelta) -> int:
        """The percentage of its points that a submission gets at this time after the end."""
        if after_end <= timedelta(0):
            return 100
        steps = (step for step in self.late if after_end <= timedelta(minutes=step.minutes))
        return next((step.percent for step in steps), 0)

    def to_json(self) -> dict[str, Any]:
        body = asdict(self)
        lists = {name: list(body[name]) for name in ("late", "languages", "networks", "grades")}
        return {**body, **lists}

    @classmethod
    def from_json(cls, data: Any) -> EventRules:
        """The inverse of :meth:`to_json`. Raises ``InvalidField``."""
        return _parse(data)


def rule_faults(rules: EventRules) -> list[FieldFault]:
    """The rules that contradict each other."""
    faults = []
    if rules.late and rules.scoring is Scoring.ICPC:
        faults.append(FieldFault("rules.late", "needs the scoring ioi: ICPC has no parts of a point"))
    if [step.minutes for step in rules.late] != sorted({step.minutes for step in rules.late}):
        faults.append(FieldFault("rules.late", "its steps must be in the order of their minutes"))
    if rules.freeze_minutes and rules.length_minutes is not None:
        faults.append(FieldFault("rules.freeze_minutes", "cannot be combined with length_minutes"))
    return faults


_COUNT = integer(1, 10_000)
_MINUTES = integer(1, LONGEST_MINUTES)
_parse = record(
    EventRules,
    {
        "scoring": member(Scoring),
        "icpc": record(
            IcpcRules,
            {
                "penalty_minutes": integer(0, LONGEST_MINUTES),
                "penalty_time": member(PenaltyTime),
                "compile_errors_cost": flag,
            },
        ),
        "ioi": record(
            IoiRules, {"mode": member(ScoreMode), "decimals": integer(0, 6), "tokens": integer(0, 10_000)}
        ),
        "ties": member(Ties),
        "freeze_minutes": integer(0, LONGEST_MINUTES),
        "length_minutes": optional(_MINUTES),
        "late": items(record(LateStep, {"minutes": _MINUTES, "percent": integer(0, 100)}), 20),
        "max_tries": optional(_COUNT),
        "languages": items(text(64), 200),
        "exam": flag,
        "standings": member(StandingsFor),
        "feedback": member(Feedback),
        "networks": items(text(64), 200),
        "one_address": flag,
        "grades": items(record(GradeStep, {"points": number(), "grade": text(32)}), 100),
    },
)
