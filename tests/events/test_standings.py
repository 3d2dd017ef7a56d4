"""The standings are right at each step for the tested rules. The tests compare them with a second, full
computation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge_api.events import scoring, standings
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
    rule_faults,
)
from judge_api.events.scoring import EventTry, TryState
from judge_api.events.standings import EventMember, EventProblem, EventSetup, Row, Standings, standings_of
from judge_api.events.windows import EventTimes, MemberTimes, Pause
from judge_core.model.submission import Verdict
from tests.events.full_computation import compute
from tests.events.strategies import MINUTES, START, events, pauses, rules

EXAMPLES = settings(max_examples=150, deadline=None, derandomize=True, database=None)
FEWER_EXAMPLES = settings(EXAMPLES, max_examples=60)


def _flat(rows: tuple[Row, ...], shown: Standings) -> list[dict[str, Any]]:
    labels = [problem.label for problem in shown.problems]
    return [
        {
            "member": row.member.id,
            "rank": row.rank,
            "points": row.points,
            "penalty": row.penalty,
            "cells": {
                label: (cell.tries, cell.pending, cell.points)
                for label, cell in zip(labels, row.cells, strict=True)
            },
            "firsts": set(row.firsts),
        }
        for row in rows
    ]


def _wanted(setup: EventSetup, tries: list[EventTry], frozen: bool) -> list[dict[str, Any]]:
    names = ("member", "rank", "points", "penalty", "cells", "firsts")
    return [{name: row[name] for name in names} for row in compute(setup, tries, frozen)]


@EXAMPLES
@given(events(), st.booleans())
def test_standings_equal_a_full_computation_after_each_submission_and_rejudging(
    event: tuple[EventSetup, list[EventTry]], frozen: bool
) -> None:
    setup, tries = event
    shown = Standings(setup, frozen)
    latest: dict[str, EventTry] = {}
    for each in tries:
        shown.apply(each)
        latest[each.submission] = each
        assert _flat(shown.rows(), shown) == _wanted(setup, list(latest.values()), frozen)


@EXAMPLES
@given(events(), st.randoms(use_true_random=False))
def test_the_order_of_results_does_not_change_the_standings(
    event: tuple[EventSetup, list[EventTry]], random: Any
) -> None:
    setup, tries = event
    latest = list({each.submission: each for each in tries}.values())
    one = standings_of(setup, latest).rows()
    random.shuffle(latest)
    assert standings_of(setup, latest).rows() == one


@EXAMPLES
@given(events(), st.sampled_from(Verdict))
def test_frozen_standings_do_not_depend_on_results_after_the_freeze(
    event: tuple[EventSetup, list[EventTry]], verdict: Verdict
) -> None:
    setup, tries = event
    setup = replace(setup, rules=replace(setup.rules, freeze_minutes=60, length_minutes=None))
    tries = list({each.submission: each for each in tries}.values())
    freeze = setup.times.ends_at - timedelta(minutes=60)
    others = [
        replace(each, state=TryState.JUDGED, verdict=verdict, share=0.25)
        if each.at >= freeze and each.state is not TryState.VOID
        else each
        for each in tries
    ]
    assert standings_of(setup, tries, True).rows() == standings_of(setup, others, True).rows()


@FEWER_EXAMPLES
@given(events(), st.booleans())
def test_standings_with_a_withdrawn_problem_equal_standings_without_the_problem(
    event: tuple[EventSetup, list[EventTry]], public: bool
) -> None:
    setup, tries = event
    first, *others = setup.problems
    withdrawn = replace(setup, problems=(replace(first, withdrawn=True), *others))
    without = replace(setup, problems=tuple(others))
    assert standings_of(withdrawn, tries, public).rows() == standings_of(without, tries, public).rows()


@FEWER_EXAMPLES
@given(events(), st.booleans())
def test_standings_with_a_disabled_member_equal_standings_without_the_member(
    event: tuple[EventSetup, list[EventTry]], public: bool
) -> None:
    setup, tries = event
    first, *others = setup.members
    disabled = replace(setup, members=(replace(first, disabled=True), *others))
    without = replace(setup, members=tuple(others))
    assert standings_of(disabled, tries, public).rows() == standings_of(without, tries, public).rows()


@FEWER_EXAMPLES
@given(events(), pauses())
def test_pauses_that_are_added_and_removed_do_not_change_the_standings(
    event: tuple[EventSetup, list[EventTry]], taken: tuple[Pause, ...]
) -> None:
    """The CCS requirements ("Removing time intervals") demand that a removed time interval can be
    restored."""
    setup, tries = event
    times = setup.times.with_pauses(taken)
    assert times.length == setup.times.length
    back = replace(setup, times=times.with_pauses(setup.times.pauses))
    assert back.times.ends_at == setup.times.ends_at
    assert standings_of(back, tries).rows() == standings_of(setup, tries).rows()


@EXAMPLES
@given(rules())
def test_rules_are_unchanged_after_a_round_trip_through_json(found: EventRules) -> None:
    assert EventRules.from_json(found.to_json()) == found


ADA, BOB = EventMember("ada", "Ada"), EventMember("bob", "Bob")
A, B = EventProblem("sum", "A"), EventProblem("change", "B")


PLAIN = EventRules()


def _setup(found: EventRules = PLAIN, *members: EventMember) -> EventSetup:
    times = EventTimes(START, START + timedelta(minutes=MINUTES))
    return EventSetup(found, times, (A, B), members or (ADA, BOB))


_serials = iter(range(1, 10_000))


def _try(who: EventMember, seconds: float, verdict: Verdict | None, **changes: Any) -> EventTry:
    serial = next(_serials)
    state = TryState.PENDING if verdict is None else TryState.JUDGED
    share = 1.0 if verdict is Verdict.AC else 0.0
    found = EventTry(
        f"s{serial}", serial, who.id, "sum", START + timedelta(seconds=seconds), state, verdict, share
    )
    return replace(found, **changes)


def _ranks(setup: EventSetup, *tries: EventTry, frozen: bool = False) -> list[tuple[str, int | None]]:
    return [(row.member.id, row.rank) for row in standings_of(setup, tries, frozen).rows()]


def test_solve_times_are_cut_to_minutes_and_each_rejected_try_costs_twenty_minutes() -> None:
    (row, _) = standings_of(
        _setup(), [_try(ADA, 30, Verdict.WA), _try(ADA, 119.99, Verdict.AC), _try(ADA, 300, Verdict.WA)]
    ).rows()
    assert (row.solved, row.penalty, row.cells[0].tries) == (1, (1 + 20) * 60, 2)


@pytest.mark.parametrize(
    ("unit", "penalty"),
    [(PenaltyTime.MINUTES, 120), (PenaltyTime.SECONDS, 198), (PenaltyTime.SUM_MINUTES, 180)],
)
def test_the_penalty_depends_on_how_the_rules_cut_times(unit: PenaltyTime, penalty: int) -> None:
    tries = [_try(ADA, 99, Verdict.AC), _try(ADA, 99, Verdict.AC, problem="change")]
    found = standings_of(_setup(EventRules(icpc=IcpcRules(penalty_time=unit))), tries).rows()
    assert found[0].penalty == penalty


@pytest.mark.parametrize(("cost", "penalty"), [(False, 60), (True, 60 + 1200)])
def test_a_rule_decides_whether_compile_errors_cost_a_penalty(cost: bool, penalty: int) -> None:
    tries = [_try(ADA, 10, Verdict.CE), _try(ADA, 60, Verdict.AC)]
    found = standings_of(_setup(EventRules(icpc=IcpcRules(compile_errors_cost=cost))), tries).rows()
    assert found[0].penalty == penalty


def test_equal_members_share_a_rank_and_the_next_rank_is_left_out() -> None:
    eve = EventMember("eve", "Eve")
    tries = [_try(ADA, 61, Verdict.AC), _try(BOB, 62, Verdict.AC)]
    assert _ranks(_setup(EventRules(), ADA, BOB, eve), *tries) == [("ada", 1), ("bob", 1), ("eve", 3)]


def test_equal_penalties_are_ordered_by_the_last_accepted_try_or_share_a_rank() -> None:
    tries = [
        _try(ADA, 600, Verdict.AC),
        _try(ADA, 1200, Verdict.AC, problem="change"),
        _try(BOB, 0, Verdict.AC),
        _try(BOB, 1800, Verdict.AC, problem="change"),
    ]
    assert _ranks(_setup(), *tries) == [("ada", 1), ("bob", 2)]
    assert _ranks(_setup(EventRules(ties=Ties.SHARED)), *tries) == [("ada", 1), ("bob", 1)]


def test_a_guest_has_no_rank_and_frozen_standings_leave_out_hidden_members() -> None:
    guest = EventMember("guest", "Guest", Category.GUEST)
    hidden = EventMember("hidden", "Hidden", Category.HIDDEN)
    setup = _setup(EventRules(freeze_minutes=60), ADA, guest, hidden)
    tries = [_try(guest, 60, Verdict.AC), _try(ADA, 120, Verdict.AC), _try(hidden, 180, Verdict.AC)]
    assert _ranks(setup, *tries) == [("guest", None), ("ada", 1), ("hidden", None)]
    assert _ranks(setup, *tries, frozen=True) == [("guest", None), ("ada", 1)]
    (_, row, _) = standings_of(setup, tries).rows()
    assert row.firsts == {"sum"}


def test_the_first_to_solve_is_named_after_earlier_tries_are_judged() -> None:
    earlier, later = _try(ADA, 60, None), _try(BOB, 90, Verdict.AC)
    shown = standings_of(_setup(), [earlier, later])
    assert [row.firsts for row in shown.rows()] == [set(), set()]
    shown.apply(replace(earlier, state=TryState.JUDGED, verdict=Verdict.WA))
    assert {row.member.id: row.firsts for row in shown.rows()} == {"bob": {"sum"}, "ada": set()}
    shown.apply(replace(earlier, state=TryState.JUDGED, verdict=Verdict.AC, share=1.0))
    assert {row.member.id: row.firsts for row in shown.rows()} == {"ada": {"sum"}, "bob": set()}


@pytest.mark.parametrize(
    ("mode", "points"),
    [(ScoreMode.BEST, 60), (ScoreMode.GROUPS, 90), (ScoreMode.LAST, 30), (ScoreMode.TOKENED, 50)],
)
def test_each_ioi_mode_gives_the_expected_points(mode: ScoreMode, points: float) -> None:
    setup = replace(
        _setup(EventRules(scoring=Scoring.IOI, ioi=IoiRules(mode))), problems=(replace(A, weight=100.0),)
    )
    tries = [
        _try(ADA, 1, Verdict.WA, share=0.6, groups={"1": 0.4, "2": 0.2}),
        _try(ADA, 2, Verdict.WA, share=0.5, groups={"1": 0.0, "2": 0.5}, tokened=True),
        _try(ADA, 3, Verdict.WA, share=0.3, groups={"1": 0.3, "2": 0.0}),
    ]
    assert standings_of(setup, tries).rows()[0].points == points


def test_late_submissions_get_fewer_points_and_an_extension_moves_the_end() -> None:
    found = EventRules(scoring=Scoring.IOI, late=(LateStep(60, 80), LateStep(120, 50)))
    late = [_try(ADA, (MINUTES + 30) * 60, Verdict.AC), _try(BOB, (MINUTES + 90) * 60, Verdict.AC)]
    assert [row.points for row in standings_of(_setup(found), late).rows()] == [0.8, 0.5]
    longer = replace(BOB, times=MemberTimes(extension=timedelta(minutes=90)))
    extended = standings_of(_setup(found, ADA, longer), late).rows()
    assert [(row.member.id, row.points) for row in extended] == [("bob", 1.0), ("ada", 0.8)]


def test_standings_leave_out_withdrawn_problems_and_disabled_members() -> None:
    tries = [_try(ADA, 60, Verdict.AC), _try(BOB, 60, Verdict.AC, problem="change")]
    withdrawn = replace(_setup(), problems=(replace(A, withdrawn=True), B))
    assert _ranks(withdrawn, *tries) == [("bob", 1), ("ada", 2)]
    assert _ranks(_setup(EventRules(), replace(ADA, disabled=True), BOB), *tries) == [("bob", 1)]


def test_an_update_computes_one_cell_of_the_standings(monkeypatch: pytest.MonkeyPatch) -> None:
    """So an update costs the same after 10 submissions as after 3,000."""
    looked_at: list[int] = []

    def count(*args: Any) -> Any:
        looked_at.append(len(args[3]))
        return scoring.score_cell(*args)

    monkeypatch.setattr(standings, "score_cell", count)
    members = [EventMember(f"m{number}", f"M{number}") for number in range(300)]
    shown = Standings(_setup(EventRules(), *members))
    for number in range(3000):
        shown.apply(_try(members[number % 300], number, Verdict.WA, problem=("sum", "change")[number % 2]))
    assert len(looked_at) == 3000
    assert max(looked_at) <= 10


def test_contradicting_rules_are_reported_with_the_field() -> None:
    assert not rule_faults(EventRules())
    bad = EventRules(late=(LateStep(5, 50), LateStep(5, 20)), freeze_minutes=5, length_minutes=60)
    assert [fault.field for fault in rule_faults(bad)] == ["rules.late", "rules.late", "rules.freeze_minutes"]
