"""A second computation of standings, with which tests compare those of the engine.

It computes all rows at once, with fractions. It was written from the texts of the rules and uses none of the
engine's code for scores."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from judge_api.events.scoring import EventTry
from judge_api.events.standings import EventMember, EventProblem, EventSetup

Result = dict[str, Any]


Known = dict[tuple[str, bool], tuple[list[EventTry], Result]]
"""The row of each member, with the submissions from which it was computed. The row is used again if the
member has no new submission."""


def compute(
    setup: EventSetup, tries: Sequence[EventTry], frozen: bool, known: Known | None = None
) -> list[Result]:
    """The rows, best first: member, rank, points, penalty, and by label tries, pending and points."""
    members = [m for m in setup.members if not m.disabled and not (frozen and m.category == "hidden")]
    problems = [p for p in setup.problems if not p.withdrawn]
    of_member = defaultdict(list)
    for each in tries:
        of_member[each.member].append(each)
    known = {} if known is None else known
    rows = []
    for member in members:
        mine, key = of_member[member.id], (member.id, frozen)
        if key not in known or known[key][0] != mine:
            known[key] = mine, _row(setup, member, problems, mine, frozen)
        rows.append({**known[key][1], "firsts": set()})
    rows.sort(key=lambda row: (*row["key"], row["name"].casefold(), row["member"]))
    official = sorted(row["key"] for row in rows if row["category"] == "official")
    for row in rows:
        if row["category"] == "official":
            row["rank"] = bisect_left(official, row["key"]) + 1
    _mark_firsts(setup, members, problems, tries, frozen, rows)
    return rows


def _row(
    setup: EventSetup, member: EventMember, problems: list[EventProblem], mine: list[EventTry], frozen: bool
) -> Result:
    cells = {
        p.label: _cell(setup, member, p, [t for t in mine if t.problem == p.slug], frozen) for p in problems
    }
    rules = setup.rules
    unit = 1 if rules.icpc.penalty_time == "seconds" else 60
    seconds = sum(cell["penalty"] for cell in cells.values())
    penalty = seconds // 60 * 60 if rules.icpc.penalty_time == "sum-minutes" else seconds
    last = max((cell["at"] for cell in cells.values() if cell["at"] is not None), default=0)
    points = sum(cell["points"] for cell in cells.values())
    tie = int(last // unit * unit) if rules.ties == "last-accepted" else 0
    return {
        "member": member.id,
        "name": member.name,
        "category": member.category,
        "rank": None,
        "points": round(points, 6),
        "penalty": penalty,
        "key": (-round(points, 6), penalty, tie),
        "cells": {label: (c["tries"], c["pending"], c["points"]) for label, c in cells.items()},
        "firsts": set(),
    }


def _start(setup: EventSetup, member: EventMember) -> Any:
    return max(setup.times.starts_at, member.times.started_at or setup.times.starts_at)


def _counted(setup: EventSetup, start: datetime, end: datetime) -> float:
    """The seconds between two moments, without pauses. They are the sum of the times between the pauses."""
    if end < start:
        return -_counted(setup, end, start)
    seconds, begins = 0.0, start
    for pause in setup.times.pauses:
        seconds += max(0.0, (min(end, pause.start) - begins).total_seconds())
        begins = max(begins, pause.end)
    return seconds + max(0.0, (end - begins).total_seconds())


def _shown(setup: EventSetup, each: EventTry, frozen: bool) -> str:
    """The verdict that is shown, or ``pending``."""
    times = setup.times
    if frozen and setup.rules.freeze_minutes:
        before_end = _counted(setup, each.at, times.ends_at)
        if each.at >= times.starts_at and before_end <= 60 * setup.rules.freeze_minutes:
            return "pending"
    return "pending" if each.state == "pending" else str(each.verdict)


def _cell(
    setup: EventSetup, member: EventMember, problem: EventProblem, tries: list[EventTry], frozen: bool
) -> Result:
    tries = sorted((t for t in tries if t.state != "void"), key=lambda t: (t.at, t.serial))
    shown = [_shown(setup, t, frozen) for t in tries]
    if setup.rules.scoring == "icpc":
        return _icpc(setup, member, problem, tries, shown)
    return _ioi(setup, member, problem, tries, shown)


def _icpc(
    setup: EventSetup, member: EventMember, problem: EventProblem, tries: list[EventTry], shown: list[str]
) -> Result:
    rules = setup.rules.icpc
    accepted = shown.index("AC") if "AC" in shown else None
    before = shown[:accepted] if accepted is not None else shown
    free = {"pending"} | (set() if rules.compile_errors_cost else {"CE"})
    wrong = [word for word in before if word not in free]
    found = {"tries": len(wrong), "pending": before.count("pending"), "points": 0.0, "penalty": 0, "at": None}
    if accepted is None:
        return found
    seconds = max(0.0, _counted(setup, _start(setup, member), tries[accepted].at))
    unit = 60 if rules.penalty_time == "minutes" else 1
    time = int(seconds // unit) * unit
    penalty = time + 60 * rules.penalty_minutes * len(wrong)
    return found | {"tries": len(wrong) + 1, "points": problem.weight, "penalty": penalty, "at": seconds}


def _ioi(
    setup: EventSetup, member: EventMember, problem: EventProblem, tries: list[EventTry], shown: list[str]
) -> Result:
    judged = [t for t, word in zip(tries, shown, strict=True) if word != "pending"]
    found = {
        "tries": len(judged), "pending": shown.count("pending"), "points": 0.0, "penalty": 0, "at": None
    }  # fmt: skip
    mode = setup.rules.ioi.mode
    if mode == "groups":
        share, at = _groups(setup, member, judged)
    else:
        counted = judged
        if mode == "last":
            counted = judged[-1:]
        if mode == "tokened":
            counted = [t for t in judged if t.tokened] + judged[-1:]
        worths = [(Fraction(t.share) * _percent(setup, member, t), t) for t in counted]
        share = max((worth for worth, _ in worths), default=Fraction(0))
        at = next((t.at for worth, t in sorted(worths, key=lambda w: w[1].order) if worth == share), None)
    points = round(float(share * Fraction(problem.weight)), setup.rules.ioi.decimals)
    if points <= 0 or at is None:
        return found
    seconds = max(0.0, _counted(setup, _start(setup, member), at))
    return found | {"points": points, "at": seconds}


def _groups(setup: EventSetup, member: EventMember, judged: list[EventTry]) -> tuple[Fraction, Any]:
    names = {name for t in judged for name in t.groups} or {""}
    best = {name: Fraction(0) for name in names}
    at = None
    for t in judged:
        for name in t.groups or {"": t.share}:
            worth = Fraction(t.groups.get(name, t.share)) * _percent(setup, member, t)
            if worth > best.setdefault(name, Fraction(0)):
                best[name], at = worth, t.at
    return min(Fraction(1), sum(best.values(), Fraction(0))), at


def _percent(setup: EventSetup, member: EventMember, each: EventTry) -> Fraction:
    rules, start = setup.rules, _start(setup, member)
    allowed = _counted(setup, start, setup.times.ends_at)
    if rules.length_minutes is not None:
        allowed = min(allowed, rules.length_minutes * 60)
    allowed += member.times.extension.total_seconds()
    late = (_counted(setup, start, each.at) - allowed) / 60
    if late <= 0:
        return Fraction(1)
    for step in rules.late:
        if late <= step.minutes:
            return Fraction(step.percent, 100)
    return Fraction(0)


def _mark_firsts(
    setup: EventSetup,
    members: list[EventMember],
    problems: list[EventProblem],
    tries: Sequence[EventTry],
    frozen: bool,
    rows: list[Result],
) -> None:
    starts = {m.id: _start(setup, m) for m in members if m.category == "official"}
    for problem in problems:
        mine = [t for t in tries if t.problem == problem.slug and t.member in starts and t.state != "void"]
        mine.sort(key=lambda t: (_counted(setup, starts[t.member], t.at), t.at, t.serial))
        for t in mine:
            word = _shown(setup, t, frozen)
            if word == "AC":
                next(row for row in rows if row["member"] == t.member)["firsts"].add(problem.slug)
            if word in ("AC", "pending"):
                break
