"""Reads the files of a contest in DOMjudge's formats, and lists what cannot be used.

The files are ``contest.yaml`` with its problems (or ``problemset.yaml``), ``groups.json``,
``organizations.json``, ``teams.json`` and ``accounts.yaml`` (or ``accounts.json``). Only ``contest.yaml`` is
required.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from judge_api.events.rules import LONGEST_MINUTES, Category
from judge_core.model.account import LONGEST_NAME

_RELATIVE_TIME = re.compile(r"(-?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,3}))?")
_LONGEST = 10**10
"""The most seconds of a relative time. A longer time is a mistake."""
_USUAL_PENALTY = 20
_LEAST_BASE_60 = 300
"""From this number on, a penalty is in seconds: YAML has read it in base 60, so 0:05:00 is 300. A penalty of
300 minutes would be as long as a contest."""
_NOT_IN_SLUG = re.compile(r"[^a-z0-9-]+")
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_EXTERNAL_ID = 64
_GUEST_WORDS = ("guest", "observer", "spectator", "companion", "participant_out", "unofficial")


@dataclass(frozen=True, slots=True)
class ContestMember:
    """A team: the names of its accounts, and its data for the scoreboard."""

    name: str
    accounts: tuple[str, ...]
    category: Category
    affiliation: str | None
    external_id: str | None = None


@dataclass(slots=True)
class ContestFiles:
    """The body for ``POST /events``, the members, and sentences about the parts that were not used."""

    event: dict[str, Any]
    members: list[ContestMember] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def accounts(self) -> list[str]:
        return sorted({name for member in self.members for name in member.accounts})


class UnreadableContest(Exception):
    """A file cannot be read. The message names the file and the reason."""


def relative_seconds(text: Any) -> float:
    """The seconds in a relative time of CLICS, such as 5:00:00.000. Raises ``ValueError``."""
    if isinstance(text, int | float) and not isinstance(text, bool) and -_LONGEST < text < _LONGEST:
        return float(text)  # YAML reads 5:00:00 as a number in base 60.
    found = _RELATIVE_TIME.fullmatch(str(text).strip())
    if found is None or len(found[2]) > len(str(_LONGEST // 3600)):
        raise ValueError(f"{str(text)[:32]!r} is no time such as 5:00:00")
    sign, hours, minutes, seconds, part = found.groups()
    total = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{part or 0}")
    return -total if sign else total


def contest_length(duration: Any) -> timedelta:
    """The length of a contest from its duration. Raises ``ValueError``."""
    seconds = relative_seconds(duration)
    if not 0 < seconds <= LONGEST_MINUTES * 60:
        raise ValueError(f"the duration {str(duration)[:32]!r} must be positive and at most ten years")
    return timedelta(seconds=seconds)


def penalty_minutes(penalty: Any) -> int:
    """The minutes of a penalty: a number of minutes (Contest API 2023-06), or a relative time such as 0:20:00
    (2026-01). 20 for any other value."""
    try:
        minutes = _relative_minutes(penalty) if ":" in str(penalty) else _whole_minutes(penalty)
    except (ValueError, TypeError, OverflowError):
        return _USUAL_PENALTY
    return minutes if 0 <= minutes <= LONGEST_MINUTES else _USUAL_PENALTY


def _relative_minutes(text: Any) -> int:
    return round(relative_seconds(text) / 60)


def _whole_minutes(number: Any) -> int:
    if isinstance(number, bool):
        raise TypeError("a penalty is no truth value")
    minutes = int(number)
    # YAML reads 0:20:00 without quotes as a number in base 60.
    return minutes // 60 if minutes >= _LEAST_BASE_60 else minutes


def read_contest_folder(folder: Path) -> ContestFiles:
    """Read the files of a folder. Raises ``UnreadableContest``."""
    contest = _mapping(_load(folder, "contest.yaml"), "contest.yaml")
    if not contest:
        raise UnreadableContest(f"{folder}/contest.yaml is missing")
    files = ContestFiles(_event_of(contest))
    problems = contest.get("problems") or contest.get("problemset") or _load(folder, "problemset.yaml")
    if isinstance(problems, Mapping):
        problems = problems.get("problems")
    files.event["problems"] = _problems(problems, files)
    _read_members(folder, files)
    return files


def _event_of(contest: Mapping[str, Any]) -> dict[str, Any]:
    name = str(contest.get("formal_name") or contest.get("name") or contest.get("id") or "Contest")
    slug = str(contest.get("id") or contest.get("short-name") or contest.get("shortname") or name)
    start = contest.get("start_time", contest.get("start-time", contest.get("starttime")))
    starts_at = _moment(start)
    try:
        length = contest_length(contest.get("duration", "5:00:00"))
        freeze = _freeze_minutes(contest)
        ends_at = starts_at + length
    except OverflowError as error:  # The end is after the year 9999.
        raise UnreadableContest("contest.yaml: start_time is too far ahead") from error
    except ValueError as error:
        raise UnreadableContest(f"contest.yaml: {error}") from error
    penalty = contest.get("penalty_time", contest.get("penalty-time", contest.get("penalty", 20)))
    return {
        "slug": _NOT_IN_SLUG.sub("-", slug.lower()).strip("-")[:64] or "contest",
        "title": name[:200],
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "rules": {
            "scoring": "ioi" if contest.get("scoreboard_type") == "score" else "icpc",
            "freeze_minutes": freeze,
            "icpc": {"penalty_minutes": penalty_minutes(penalty)},
        },
    }


def _freeze_minutes(contest: Mapping[str, Any]) -> int:
    names = ("scoreboard_freeze_duration", "scoreboard-freeze-duration", "scoreboard-freeze-length")
    found = next((contest[name] for name in names if contest.get(name) is not None), None)
    return 0 if found is None else _relative_minutes(found)


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise UnreadableContest(f"contest.yaml: start_time {value[:64]!r} is no time") from error
    if not isinstance(value, datetime):
        raise UnreadableContest("contest.yaml: start_time is missing")
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:  # In UTC, the time may be before the year 1.
        raise UnreadableContest("contest.yaml: start_time is too long ago") from error


def _problems(given: Any, files: ContestFiles) -> list[dict[str, Any]]:
    found = []
    for number, each in enumerate(given if isinstance(given, list) else ()):
        body = each if isinstance(each, Mapping) else {"id": each}
        slug = body.get("id") or body.get("short-name") or body.get("short_name") or body.get("name")
        if not slug:
            files.notes.append(f"problem {number + 1} has no id and is left out")
            continue
        one: dict[str, Any] = {"slug": str(slug).lower()}
        if label := body.get("label") or body.get("letter"):
            one["label"] = str(label)
        colour = str(body.get("rgb") or "")
        if re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
            one["colour"] = colour
        found.append(one)
    return found


def _read_members(folder: Path, files: ContestFiles) -> None:
    groups = {str(each.get("id")): each for each in _records(folder, "groups.json", files)}
    organizations = {str(each.get("id")): each for each in _records(folder, "organizations.json", files)}
    accounts = _accounts_of_teams(folder, files)
    teams = [
        (str(each.get("id") or each.get("team_id") or ""), each)
        for each in _records(folder, "teams.json", files)
    ]
    for (id, team), external in zip(teams, external_ids(teams), strict=True):
        name = str(team.get("display_name") or team.get("name") or "").strip()
        if not name:
            files.notes.append(f"teams.json: team {id or '?'} has no name and is left out")
            continue
        names = accounts.pop(id, []) or [_NOT_IN_NAME.sub("-", f"team-{id}".strip("-"))]
        organization = organizations.get(str(team.get("organization_id")), {})
        affiliation = organization.get("formal_name") or organization.get("name")
        category = category_of(
            [groups[str(one)] for one in team.get("group_ids") or () if str(one) in groups]
        )
        shown = str(affiliation)[:128] if affiliation else None
        if external is None and id:
            files.notes.append(f"teams.json: team {id} gets no external_id: another team has the same id")
        files.members.append(ContestMember(name[:128], tuple(names), category, shown, external))
    for id, names in accounts.items():
        who = f"the account {names[0]} names" if len(names) == 1 else f"the accounts {', '.join(names)} name"
        files.notes.append(f"accounts: {who} team {id}, which teams.json does not list: add the team there")


def external_ids(teams: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[str | None]:
    """The external id of each team, in the order of the teams. Each team comes with its id.

    The external id is the team's id in ICPC's registration, else its id in the system that the team comes
    from. It is ``None`` if the team has neither, or if another team gets the same external id, because an
    external id is unique in an event.
    """
    given = [
        (_external_id(each.get("icpc_id") or each.get("externalid")), _external_id(id)) for id, each in teams
    ]
    registered, taken = {one for one, _ in given if one}, set[str]()
    for own, other in given:
        id = own or (other if other not in registered else "")
        yield id if id and id not in taken else None
        taken.add(id)


def _external_id(value: Any) -> str:
    text = "" if value is None else str(value)
    return "".join(filter(str.isprintable, text)).strip()[:_LONGEST_EXTERNAL_ID].strip()


def _accounts_of_teams(folder: Path, files: ContestFiles) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for each in _records(folder, "accounts.yaml", files) or _records(folder, "accounts.json", files):
        name = str(each.get("username") or each.get("id") or "")
        if each.get("type", "team") != "team" or each.get("team_id") is None:
            files.notes.append(f"accounts: {name or '?'} is not a team's account and is left out")
        elif name:
            found.setdefault(str(each["team_id"]), []).append(_account_of(name, names, files))
    return found


def _account_of(name: str, names: dict[str, str], files: ContestFiles) -> str:
    """The account's name for a user's name. ``names`` has the names that were given before, so that no two
    users get the same account."""
    if name in names:
        return names[name]
    wanted, taken = _NOT_IN_NAME.sub("-", name)[:LONGEST_NAME], {each.lower() for each in names.values()}
    free = next(each for each in _numbered(wanted) if each.lower() not in taken)
    if free != wanted:
        files.notes.append(
            f"accounts: the account of {name!r} is {free}, since another account has that name"
        )
    names[name] = free
    return free


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(2):
        yield f"{name[: LONGEST_NAME - 8]}-{number}"


def category_of(groups: Sequence[Mapping[str, Any]]) -> Category:
    """The category of a team in these groups.

    It is hidden if one of the groups is hidden. It is a guest if the sort order or the name of a group says
    so.
    """
    if any(each.get("hidden") is True for each in groups):
        return Category.HIDDEN
    # A sort order that is no number counts as different from 0.
    for each in groups:
        name = str(each.get("name", "")).lower()
        if (each.get("sortorder") or 0) != 0 or any(word in name for word in _GUEST_WORDS):
            return Category.GUEST
    return Category.OFFICIAL


def _records(folder: Path, name: str, files: ContestFiles) -> list[Mapping[str, Any]]:
    """The objects in a list. Entries that are no objects are noted and left out."""
    content = _load(folder, name)
    if content is None:
        return []
    if not isinstance(content, list):
        files.notes.append(f"{name} is not a list and is left out")
        return []
    found = [each for each in content if isinstance(each, Mapping)]
    if len(found) < len(content):
        files.notes.append(f"{name}: {len(content) - len(found)} entries are not objects and are left out")
    return found


def _load(folder: Path, name: str) -> Any:
    file = folder / name
    if not file.is_file():
        return None
    read: Callable[[str], Any] = json.loads if file.suffix == ".json" else yaml.safe_load
    try:
        return read(file.read_text(encoding="utf-8-sig"))
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise UnreadableContest(f"{name} cannot be read: {error}") from error


def _mapping(content: Any, name: str) -> Mapping[str, Any]:
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise UnreadableContest(f"{name} must have the fields of a contest, such as name and start_time")
    return content
