"""Contest files in DOMjudge's format are read as events. The parts that cannot be used are listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from gavel_client import Gavel
from judge_api.cli.events import has_account
from judge_api.events.rules import Category
from judge_api.services.contest_files import (
    ContestMember,
    UnreadableContest,
    external_ids,
    read_contest_folder,
    relative_seconds,
)

CONTEST = """
id: NWERC-2026
formal_name: NWERC 2026
start_time: 2026-11-29T09:30:00+01:00
duration: "5:00:00.000"
scoreboard_freeze_duration: "1:00:00"
penalty_time: 15
problems:
  - {id: sum, label: A, rgb: "#FF0000"}
  - {id: Change, letter: B, color: red}
  - {label: C}
"""
FILES: dict[str, Any] = {
    "groups.json": [
        {"id": "1", "name": "Participants"},
        {"id": "2", "name": "Spectators", "sortorder": 1},
        {"id": "3", "name": "Staff", "hidden": True},
    ],
    "organizations.json": [{"id": "INST-1", "name": "KTH", "formal_name": "KTH Stockholm"}],
    "teams.json": [
        {"id": "1", "name": "Team One", "group_ids": ["1"], "organization_id": "INST-1"},
        {"id": "2", "name": "x", "display_name": "Shown", "group_ids": ["2", "nothing"]},
        {"id": "3", "name": "Staff", "group_ids": ["3"]},
        {"id": "4"},
        "no object",
    ],
}
ACCOUNTS = """
- {id: a1, username: one, password: x, type: team, team_id: "1"}
- {id: a2, username: one b, password: x, type: team, team_id: "1"}
- {id: a3, username: judge, type: judge}
- {id: a4, username: lost, type: team, team_id: "9"}
"""


def _folder(folder: Path, **changes: str | None) -> Path:
    texts = {name: json.dumps(content) for name, content in FILES.items()}
    texts |= {"contest.yaml": CONTEST, "accounts.yaml": ACCOUNTS}
    for name, text in (texts | {key.replace("_", "."): value for key, value in changes.items()}).items():
        if text is not None:
            (folder / name).write_text(text)
    return folder


def test_a_contest_becomes_an_event_with_its_members(tmp_path: Path) -> None:
    found = read_contest_folder(_folder(tmp_path))
    assert found.event == {
        "slug": "nwerc-2026",
        "title": "NWERC 2026",
        "starts_at": "2026-11-29T08:30:00+00:00",
        "ends_at": "2026-11-29T13:30:00+00:00",
        "rules": {"scoring": "icpc", "freeze_minutes": 60, "icpc": {"penalty_minutes": 15}},
        "problems": [{"slug": "sum", "label": "A", "colour": "#FF0000"}, {"slug": "change", "label": "B"}],
    }
    assert found.members == [
        ContestMember("Team One", ("one", "one-b"), Category.OFFICIAL, "KTH Stockholm", "1"),
        ContestMember("Shown", ("team-2",), Category.GUEST, None, "2"),
        ContestMember("Staff", ("team-3",), Category.HIDDEN, None, "3"),
    ]
    assert found.accounts == ["one", "one-b", "team-2", "team-3"]


@pytest.mark.parametrize(
    ("penalty", "minutes"),
    [
        ('"0:10:00"', 10), ("0:10:00", 10), ('"0:10:00.000"', 10), ("10", 10), ('"10"', 10), ("0", 0),
        ('"6:00:00"', 360), ("soon", 20), ("yes", 20), ("-5", 20), ('"-0:10:00"', 20), ("[10]", 20),
    ],
)  # fmt: skip
def test_a_penalty_may_be_minutes_or_a_relative_time(tmp_path: Path, penalty: str, minutes: int) -> None:
    text = CONTEST.replace("penalty_time: 15", f"penalty_time: {penalty}")
    found = read_contest_folder(_folder(tmp_path, contest_yaml=text))
    assert found.event["rules"]["icpc"]["penalty_minutes"] == minutes


def test_the_unusable_parts_of_a_contest_folder_are_listed(tmp_path: Path) -> None:
    notes = read_contest_folder(_folder(tmp_path)).notes
    assert notes == [
        "problem 3 has no id and is left out",
        "accounts: judge is not a team's account and is left out",
        "teams.json: 1 entries are not objects and are left out",
        "teams.json: team 4 has no name and is left out",
        "accounts: the account lost names team 9, which teams.json does not list: add the team there",
    ]


def test_a_contest_folder_needs_only_the_contest_file_and_the_problems(tmp_path: Path) -> None:
    missing = dict.fromkeys(("groups_json", "organizations_json", "teams_json", "accounts_yaml"))
    found = read_contest_folder(_folder(tmp_path, **missing))
    assert (found.members, len(found.event["problems"])) == ([], 2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"contest_yaml": None}, "contest.yaml is missing"),
        ({"contest_yaml": "name: x"}, "start_time is missing"),
        ({"contest_yaml": "start_time: soon"}, "is no time"),
        ({"contest_yaml": 'start_time: "0001-01-01T00:00:00+09:28"'}, "too long ago"),
        ({"contest_yaml": "start_time: 2026-11-29T09:00:00Z\nduration: long"}, "is no time such as 5:00:00"),
        ({"contest_yaml": "[1, 2]"}, "must have the fields of a contest"),
        ({"teams_json": "{"}, "teams.json cannot be read"),
    ],
)
def test_a_contest_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, changes: dict[str, str | None], reason: str
) -> None:
    with pytest.raises(UnreadableContest, match=reason):
        read_contest_folder(_folder(tmp_path, **changes))


@pytest.mark.parametrize(
    ("text", "seconds"), [("5:00:00.000", 18000), ("0:00:01.5", 1.5), ("-1:00:00", -3600), (18000, 18000)]
)
def test_relative_times_in_the_form_of_clics_are_read(text: Any, seconds: float) -> None:
    assert relative_seconds(text) == seconds


TEAMS: tuple[tuple[dict[str, Any], str | None], ...] = (
    ({"id": "7"}, None),
    ({"id": "1", "icpc_id": "7"}, "7"),
    ({"id": "2", "icpc_id": "7"}, None),
    ({"id": "3", "externalid": " a\tb "}, "ab"),
    ({"id": "4", "icpc_id": 0}, "4"),
    ({"id": ""}, None),
)


def test_each_team_of_a_contest_has_a_different_external_id() -> None:
    """An event refuses a second member with the same external id, so a duplicate id would stop the import."""
    teams = [(str(each["id"]), each) for each, _ in TEAMS]
    assert list(external_ids(teams)) == [expected for _, expected in TEAMS]


def test_a_team_whose_external_id_is_taken_is_imported_without_an_external_id(tmp_path: Path) -> None:
    teams = [{"id": "1", "name": "One", "icpc_id": "X"}, {"id": "2", "name": "Two", "icpc_id": "X"}]
    (tmp_path / "contest.yaml").write_text(CONTEST)
    (tmp_path / "teams.json").write_text(json.dumps(teams))
    found = read_contest_folder(tmp_path)
    assert [each.external_id for each in found.members] == ["X", None]
    assert "teams.json: team 2 gets no external_id: another team has the same id" in found.notes


@pytest.mark.parametrize("length", [".inf", ".nan", "99999999999999:00:00", "99999999:00:00", "-5:00:00"])
def test_a_contest_folder_with_an_impossible_length_is_refused(tmp_path: Path, length: str) -> None:
    text = f"id: odd\nstart_time: 2026-01-01T10:00:00Z\nduration: '{length}'\n"
    (tmp_path / "contest.yaml").write_text(text if ":" in length else text.replace("'", ""))
    with pytest.raises(UnreadableContest, match=r"contest\.yaml"):
        read_contest_folder(tmp_path)


def test_teams_with_similar_account_names_get_different_accounts(tmp_path: Path) -> None:
    long = "team-of-the-university-of-southern-california"
    names = [f"{long}-1", f"{long}-2", "a b", "a-b", "x" * 70]
    teams = [{"id": str(number), "name": f"Team {number}"} for number in range(len(names))]
    accounts = [{"username": name, "team_id": str(number)} for number, name in enumerate(names)]
    (tmp_path / "contest.yaml").write_text(CONTEST)
    (tmp_path / "teams.json").write_text(json.dumps(teams))
    (tmp_path / "accounts.json").write_text(json.dumps(accounts))
    found = read_contest_folder(tmp_path)
    assert [each.accounts for each in found.members] == [
        (f"{long}-1",), (f"{long}-2",), ("a-b",), ("a-b-2",), ("x" * 64,)
    ]  # fmt: skip
    assert "accounts: the account of 'a-b' is a-b-2, since another account has that name" in found.notes


class Accounts:
    """A server with accounts, in pages of two."""

    def __init__(self, *names: str) -> None:
        self.names = sorted(names)

    def fetch(self, path: str, query: dict[str, str]) -> Any:
        assert path == "/admin/accounts"
        found = [name for name in self.names if query["search"].lower() in name.lower()]
        page = [name for name in found if name > query.get("after", "")][:2]
        return {"accounts": [{"name": name} for name in page]}


def test_an_account_is_found_even_if_other_account_names_contain_its_name() -> None:
    server = cast(Gavel, Accounts("a-team1", "b-team1", "c-team1", "d-team1", "Team1", "team12"))
    assert has_account(server, "team1")
    assert has_account(server, "team12")
    assert not has_account(server, "team")
    assert not has_account(server, "team13")
