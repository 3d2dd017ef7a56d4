"""Reads a past contest from the event feed of a CLICS Contest API, and lists what cannot be used.

Feeds of real contests often break their own specification. An object without a needed field is left out and
noted. So are objects that refer to it. Two forms of notifications are read: the one with ``op`` (2020-03),
and the one whose ``data`` is a list, an object or ``null`` (2021-11 and later). This module opens no files.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from judge_api.events.rules import LONGEST_MINUTES, Category, EventRules, IcpcRules, Scoring, Ties
from judge_api.events.windows import EventTimes
from judge_api.services.contest_files import (
    category_of,
    contest_length,
    external_ids,
    penalty_minutes,
    relative_seconds,
)
from judge_core.model.submission import Verdict

_USED = (
    *("contests", "contest", "state", "problems", "groups", "organizations", "teams"),
    *("judgement-types", "submissions", "judgements"),
)
_BY_ID = {"RE": Verdict.RTE, "RTE": Verdict.RTE, "CTL": Verdict.CE, "CE": Verdict.CE, "AC": Verdict.AC}
_NAMED = {each.value: each for each in Verdict}
_FAULTS_OF_THE_JUDGE = {"JE", "SE", "CS"}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_NOT_IN_LABEL = re.compile(r"[^A-Za-z0-9._-]+")
_MOST_NOTED = 5
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """A problem. ``max_score`` is used in contests that are scored by points."""

    id: str
    label: str
    colour: str | None
    max_score: float = 1.0


@dataclass(frozen=True, slots=True)
class FeedTeam:
    """A team. Its category comes from its groups."""

    id: str
    name: str
    category: Category
    affiliation: str | None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class FeedSubmission:
    """A submission with its last judgement. It has no verdict if it was not judged, or if its judge
    failed."""

    id: str
    team: str
    problem: str
    language: str
    at: datetime
    verdict: Verdict | None
    score: float | None
    judged_at: datetime | None


@dataclass(slots=True)
class FeedContest:
    """The usable parts of a contest. ``notes`` says what was left out or changed."""

    title: str
    slug: str
    times: EventTimes
    rules: EventRules
    problems: list[FeedProblem] = field(default_factory=list)
    teams: list[FeedTeam] = field(default_factory=list)
    submissions: list[FeedSubmission] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class UnreadableFeed(Exception):
    """The feed does not describe a usable contest. The message says why."""


class FeedNotes:
    """Counts what was left out, by its kind, and keeps the first ids of each kind."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, list[str]] = {}

    def add(self, why: str, id: object = None) -> None:
        self._counts[why] += 1
        first = self._first.setdefault(why, [])
        if id is not None and len(first) < _MOST_NOTED:
            first.append(str(id)[:64])

    def texts(self) -> list[str]:
        return [
            f"{count} {why}" + (f": {', '.join(first)}" if (first := self._first[why]) else "")
            for why, count in self._counts.items()
        ]


def read_feed(lines: Iterable[str | bytes]) -> FeedContest:
    """The contest in a feed. Raises ``UnreadableFeed`` if there is no usable contest."""
    notes = FeedNotes()
    objects = _objects(lines, notes)
    contests = [*objects["contests"].values(), *objects["contest"].values()]
    if not contests:
        raise UnreadableFeed("it has no object of the type contest")
    found = _contest(contests[-1], objects)
    _add_problems(found, objects["problems"], notes)
    _add_teams(found, objects, notes)
    _add_submissions(found, objects, notes)
    found.notes = notes.texts()
    return found


def _objects(lines: Iterable[str | bytes], notes: FeedNotes) -> dict[str, dict[str, Mapping[str, Any]]]:
    """The latest state of each object, by type and id."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in _USED}
    for line in lines:
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            notes.add("lines that are no JSON")
            continue
        kind = found.get(str(event.get("type"))) if isinstance(event, dict) else None
        if kind is None:
            continue
        for id, data in changes_of(event):
            if data is None:
                kind.pop(id, None)
            else:
                kind[id] = data
    return found


def changes_of(event: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """The ids of the objects that an event changes, each with its new state. The state of a deleted object is
    ``None``."""
    data = event.get("data")
    for each in data if isinstance(data, list) else [data]:
        found = each if isinstance(each, Mapping) else None
        id = str((found or event).get("id") or "")
        if event.get("op") == "delete" or each is None:
            yield id, None
        elif found is not None:
            yield id, found


def _contest(
    contest: Mapping[str, Any], objects: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> FeedContest:
    state: Mapping[str, Any] = next(iter(objects["state"].values()), {})
    starts = time_of(contest.get("start_time")) or time_of(state.get("started"))
    if starts is None:
        raise UnreadableFeed("its contest has no start_time")
    try:
        length = contest_length(contest.get("duration", "5:00:00"))
        freeze = contest.get("scoreboard_freeze_duration")
        frozen = relative_seconds(freeze) if freeze is not None else 0.0
        ends = starts + length
    except (ValueError, OverflowError) as error:  # An OverflowError means a time after the year 9999.
        raise UnreadableFeed(f"its contest: {error}") from error
    name = str(contest.get("formal_name") or contest.get("name") or contest.get("id") or "Contest")
    times = EventTimes(starts, ends, time_of(state.get("thawed")))
    slug = re.sub(r"[^a-z0-9-]+", "-", str(contest.get("id") or name).lower()).strip("-")[:64]
    return FeedContest(name[:200], slug or "contest", times, _rules(contest, frozen, objects))


def _rules(
    contest: Mapping[str, Any], frozen: float, objects: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> EventRules:
    is_score = contest.get("scoreboard_type") == "score"
    costs = any(
        each.get("id") == "CE" and each.get("penalty") for each in objects["judgement-types"].values()
    )
    return EventRules(
        scoring=Scoring.IOI if is_score else Scoring.ICPC,
        icpc=IcpcRules(
            penalty_minutes=penalty_minutes(contest.get("penalty_time")), compile_errors_cost=costs
        ),
        ties=Ties.SHARED if is_score else Ties.LAST_ACCEPTED,
        freeze_minutes=min(max(0, round(frozen / 60)), LONGEST_MINUTES),
    )


def _add_problems(found: FeedContest, objects: Mapping[str, Mapping[str, Any]], notes: FeedNotes) -> None:
    labels: set[str] = set()
    for each in sorted(objects.values(), key=_ordinal):
        id = str(each.get("id") or "")
        label = _NOT_IN_LABEL.sub("-", str(each.get("label") or id))[:16]
        if not id or not label or label in labels:
            notes.add("problems without an id, or with the label of an earlier problem", id or "?")
            continue
        labels.add(label)
        colour = str(each.get("rgb") or "")
        points = max(_number(each.get("max_score")) or 1.0, 0.01)
        shown = colour if _COLOUR.fullmatch(colour) else None
        found.problems.append(FeedProblem(id[:255], label, shown, points))


def _ordinal(each: Mapping[str, Any]) -> tuple[float, str]:
    ordinal = _number(each.get("ordinal"))
    return (_LARGEST if ordinal is None else ordinal, str(each.get("label") or ""))


def _number(value: Any) -> float | None:
    """The number, or ``None`` for another type or a number beyond ``_LARGEST``. A feed may contain any
    number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -_LARGEST < value < _LARGEST else None


def _add_teams(
    found: FeedContest, objects: Mapping[str, Mapping[str, Mapping[str, Any]]], notes: FeedNotes
) -> None:
    names: set[str] = set()
    teams = objects["teams"].items()
    for (id, team), external in zip(teams, external_ids(teams), strict=True):
        name = str(team.get("display_name") or team.get("name") or "").strip()[:120]
        if not id or not name:
            notes.add("teams without an id or a name", id or "?")
            continue
        number, first = 2, name
        while name in names:  # Two teams may have the same name.
            name, number = f"{first} ({number})", number + 1
        names.add(name)
        ids = team.get("group_ids")
        known = [str(one) for one in ids if str(one) in objects["groups"]] if isinstance(ids, list) else []
        groups = [objects["groups"][one] for one in known]
        category = Category.HIDDEN if team.get("hidden") is True else category_of(groups)
        organization = objects["organizations"].get(str(team.get("organization_id")), {})
        affiliation = organization.get("formal_name") or organization.get("name")
        shown = str(affiliation)[:128] if affiliation else None
        if external is None:
            notes.add("teams get no external_id, since another team has the same id", id)
        found.teams.append(FeedTeam(id, name, category, shown, external))


def _add_submissions(
    found: FeedContest, objects: Mapping[str, Mapping[str, Mapping[str, Any]]], notes: FeedNotes
) -> None:
    teams, problems = {each.id for each in found.teams}, {each.id for each in found.problems}
    judgements = last_judgements(objects["judgements"].values())
    for id, each in objects["submissions"].items():
        team, problem = str(each.get("team_id")), str(each.get("problem_id"))
        # The time on the contest's clock is preferred, because it does not count pauses.
        at = time_after(found.times.starts_at, each.get("contest_time")) or time_of(each.get("time"))
        if team not in teams or problem not in problems or at is None:
            notes.add("submissions of unknown teams or problems, or without a time", id)
            continue
        judged = judgements.get(id, {})
        verdict = verdict_of(judged, objects["judgement-types"], notes)
        found.submissions.append(
            FeedSubmission(
                id=id,
                team=team,
                problem=problem,
                language=str(each.get("language_id") or "?")[:32],
                at=at,
                verdict=verdict,
                score=_number(judged.get("score")),
                judged_at=time_of(judged.get("end_time")) if verdict else None,
            )
        )
    found.submissions.sort(key=lambda one: (one.at, one.id))


def last_judgements(judgements: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """For each submission, the judgement that counts: the last judgement that has ended and is not marked as
    invalid."""
    found: dict[str, Mapping[str, Any]] = {}
    for each in judgements:
        if (
            each.get("judgement_type_id") is None
            or each.get("valid") is False
            or each.get("current") is False
        ):
            continue
        id = str(each.get("submission_id"))
        before = found.get(id)
        if before is None or str(each.get("end_time") or "") >= str(before.get("end_time") or ""):
            found[id] = each
    return found


def verdict_of(
    judged: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]], notes: FeedNotes
) -> Verdict | None:
    id = judged.get("judgement_type_id")
    if id is None or str(id) in _FAULTS_OF_THE_JUDGE:
        return None
    kind = types.get(str(id), {})
    if kind.get("solved") is True:
        return Verdict.AC
    known = _BY_ID.get(str(id)) or _NAMED.get(str(id))
    if known is not None and (known is not Verdict.AC or not kind):
        return known
    if not kind:
        notes.add("judgements of an unknown type count as wrong answers", id)
    return Verdict.CE if kind.get("penalty") is False else Verdict.WA


def time_of(value: Any) -> datetime | None:
    """A moment in the form that feeds use. ``None`` for any other value."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # In UTC, the time may be before the year 1.
        return None


def time_after(start: datetime, span: Any) -> datetime | None:
    """The moment that is ``span`` after the start. ``None`` if ``span`` is no relative time."""
    try:
        return start + timedelta(seconds=relative_seconds(span)) if isinstance(span, str) else None
    except (ValueError, OverflowError):
        return None
