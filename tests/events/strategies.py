"""Hypothesis strategies for events with any rules, members and submissions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from judge_api.events.rules import (
    Category,
    EventRules,
    IcpcRules,
    IoiRules,
    LateStep,
    PenaltyTime,
    ScoreMode,
    Scoring,
    Ties,
)
from judge_api.events.scoring import EventTry, TryState
from judge_api.events.standings import EventMember, EventProblem, EventSetup
from judge_api.events.windows import EventTimes, MemberTimes, Pause
from judge_core.model.submission import Verdict

START = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
MINUTES = 300
SHARES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@st.composite
def rules(draw: st.DrawFn) -> EventRules:
    scoring = draw(st.sampled_from(Scoring))
    own_length = draw(st.booleans())
    late = draw(st.sampled_from([(), (LateStep(60, 80),), (LateStep(30, 75), LateStep(90, 50))]))
    return EventRules(
        scoring=scoring,
        icpc=IcpcRules(
            draw(st.sampled_from([0, 5, 20])), draw(st.sampled_from(PenaltyTime)), draw(st.booleans())
        ),
        ioi=IoiRules(draw(st.sampled_from(ScoreMode)), draw(st.sampled_from([0, 2, 6]))),
        ties=draw(st.sampled_from(Ties)),
        freeze_minutes=0 if own_length else draw(st.sampled_from([0, 60, 400])),
        length_minutes=120 if own_length else None,
        late=late if scoring is Scoring.IOI else (),
    )


@st.composite
def setups(draw: st.DrawFn) -> EventSetup:
    found = draw(rules())
    members = tuple(
        EventMember(
            f"m{number}",
            draw(st.sampled_from(["Ada", "ada", "Bob"])),
            draw(st.sampled_from(Category)),
            times=MemberTimes(
                START + timedelta(minutes=draw(st.integers(0, 60))) if found.length_minutes else None,
                timedelta(minutes=draw(st.sampled_from([0, 0, 30]))),
            ),
            disabled=draw(st.sampled_from([False, False, False, True])),
        )
        for number in range(draw(st.integers(1, 4)))
    )
    problems = tuple(
        EventProblem(f"p{number}", "ABC"[number], draw(st.sampled_from([1.0, 2.0, 100.0])), withdrawn)
        for number, withdrawn in enumerate(
            draw(st.lists(st.just(False) | st.booleans(), min_size=1, max_size=3))
        )
    )
    times = EventTimes(START, START + timedelta(minutes=MINUTES)).with_pauses(draw(pauses()))
    return EventSetup(found, times, problems, members)


@st.composite
def pauses(draw: st.DrawFn) -> tuple[Pause, ...]:
    """Pauses during the event or soon after it. Often there are none."""
    marks = draw(st.lists(st.integers(0, MINUTES + 60), unique=True, max_size=4).map(sorted))
    moments = [START + timedelta(minutes=mark) for mark in marks]
    return tuple(map(Pause, moments[::2], moments[1::2]))


@st.composite
def tries_of(draw: st.DrawFn, setup: EventSetup, serial: int) -> EventTry:
    state = draw(st.sampled_from([TryState.JUDGED] * 4 + [TryState.PENDING, TryState.VOID]))
    verdict = draw(st.sampled_from([Verdict.AC, Verdict.AC, Verdict.WA, Verdict.CE]))
    judged = state is TryState.JUDGED
    groups = draw(st.sampled_from([{}, {"1": 0.25, "2": 0.5}, {"1": 0.5}, {"2": 0.5, "1": 0.0}]))
    return EventTry(
        submission=f"s{serial}",
        serial=serial,
        member=draw(st.sampled_from(setup.members)).id,
        problem=draw(st.sampled_from(setup.problems)).slug,
        at=START + timedelta(seconds=draw(st.integers(0, (MINUTES + 240) * 60)) / 2),
        state=state,
        verdict=verdict if judged else None,
        share=1.0 if verdict is Verdict.AC and judged else draw(SHARES) if judged else 0.0,
        groups=groups if judged else {},
        tokened=draw(st.booleans()),
    )


@st.composite
def events(draw: st.DrawFn) -> tuple[EventSetup, list[EventTry]]:
    """An event and its submissions, in any order. Some were judged more than once."""
    setup = draw(setups())
    count = draw(st.integers(0, 14))
    serials = draw(st.lists(st.integers(1, max(1, count)), min_size=count, max_size=count))
    firsts: dict[int, EventTry] = {}
    tries = []
    for serial in serials:
        found = draw(tries_of(setup, serial))
        first = firsts.setdefault(serial, found)
        tries.append(
            EventTry(
                found.submission,
                serial,
                first.member,
                first.problem,
                first.at,
                found.state,
                found.verdict,
                found.share,
                found.groups,
                found.tokened,
            )
        )
    return setup, tries
