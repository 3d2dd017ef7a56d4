"""`gavel events` works with a served API."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from judge_api.__main__ import main
from judge_core.model.submission import Verdict
from tests.web.event_fixture import EventClient, moment
from tests.web.served import Served


def _run(served: Served, *arguments: str, who: str = "author") -> str:
    result = _invoke(served, *arguments, who=who)
    assert result.exit_code == 0, result.output
    return result.stdout


def _invoke(served: Served, *arguments: str, who: str = "author") -> Result:
    env = {"GAVEL_URL": served.url, "GAVEL_KEY": served.app.accounts[who].key, "COLUMNS": "200"}
    return CliRunner().invoke(main, ["events", *arguments], env=env)


def test_gavel_events_create_makes_an_event_from_options_or_a_file(served: Served, tmp_path: Path) -> None:
    ends = ("--end", moment(60), "--problem", "aplusb")
    assert "1 problems" in _run(served, "create", "by-options", *ends, "--scoring", "ioi", "--freeze", "5")
    file = tmp_path / "event.yaml"
    file.write_text(
        "slug: by-file\ntitle: From a file\nstarts_at: 2026-01-01T09:00:00Z\nends_at: 2030-01-01 12:00:00\n"
        "rules: {late: [{minutes: 60, percent: 50}], scoring: ioi}\nproblems: [{slug: aplusb, weight: 10}]\n"
    )
    assert "2030-01-01T12:00:00" in _run(served, "create", "--file", str(file))
    listed = {each["slug"]: each for each in json.loads(_run(served, "list", "--json"))}
    assert listed["by-file"]["title"] == "From a file"
    assert "by-options" in _run(served, "list")


def test_the_commands_show_and_export_standings(served: Served) -> None:
    _run(served, "create", "shown", "--start", moment(-60), "--end", moment(60), "--problem", "aplusb")
    event = EventClient(served.app, "shown")
    event.add("ada", name="Team Ada")
    event.submit("ada", Verdict.WA)
    event.submit("ada")
    assert "1 (2)" in _run(served, "standings", "shown")
    assert "Team Ada,,official,1,1.0" in _run(served, "export", "shown")
    assert _run(served, "recompute", "shown") == "0 results were different\n"


CONTEST = {
    "contest.yaml": "id: regional\nformal_name: Regional 2026\nstart_time: START\n"
    'duration: "5:00:00"\nscoreboard_freeze_duration: "1:00:00"\npenalty_time: 15\n'
    'problems: [{id: aplusb, label: S, rgb: "#FF0000"}]\n',
    "groups.json": '[{"id": "1", "name": "Participants"}, {"id": "2", "name": "Staff", "hidden": true}]',
    "organizations.json": '[{"id": "o", "formal_name": "Aalto University"}]',
    "teams.json": '[{"id": "t1", "icpc_id": "123456", "name": "Team One", "organization_id": "o",'
    ' "group_ids": ["1"]}, {"id": "t2", "name": "Staff", "group_ids": ["2"]}, {"id": "t3"}]',
    "accounts.yaml": "- {id: a1, username: ada, type: team, team_id: t1}\n"
    "- {id: a2, username: newcomer, type: team, team_id: t2}\n",
}


def test_a_contest_folder_of_domjudge_is_imported_with_teams_and_accounts(
    served: Served, tmp_path: Path
) -> None:
    for name, text in CONTEST.items():
        (tmp_path / name).write_text(text.replace("START", moment(-60)))
    seen = _run(served, "import", str(tmp_path), "--dry-run", who="admin")
    assert "regional  1 problems, 2 members" in seen
    assert served.app.services.events.get("regional") is None
    result = _invoke(served, "import", str(tmp_path), who="admin")
    assert result.exit_code == 0, result.output
    assert "left out: teams.json: team t3 has no name" in result.stderr
    assert "account newcomer  password " in result.stdout
    assert "account ada" not in result.stdout
    event = EventClient(served.app, "regional")
    state = event.state("admin")
    assert (state["title"], state["rules"]["icpc"]["penalty_minutes"]) == ("Regional 2026", 15)
    assert [(each["slug"], each["label"], each["colour"]) for each in state["problems"]] == [
        ("aplusb", "S", "#FF0000")
    ]
    members = event.call("admin", "GET", "/members", expect=200)["members"]
    shown = ("name", "accounts", "category", "affiliation", "external_id")
    assert {tuple(map(str, (each[name] for name in shown))) for each in members} == {
        ("Team One", "['ada']", "official", "Aalto University", "123456"),
        ("Staff", "['newcomer']", "hidden", "None", "t2"),
    }
    event.submit("ada", problem="S")
    again = _invoke(served, "import", str(tmp_path), who="admin")
    assert again.exit_code == 1
    assert "regional" in again.output


def test_a_contest_folder_with_an_unknown_problem_is_refused(served: Served, tmp_path: Path) -> None:
    text = CONTEST["contest.yaml"].replace("START", moment(-60))
    (tmp_path / "contest.yaml").write_text(text.replace("aplusb", "no-such-problem"))
    result = _invoke(served, "import", str(tmp_path), "--slug", "lost", who="admin")
    assert result.exit_code == 2
    assert "there is no problem 'no-such-problem': add its package first" in result.output
    assert served.app.services.events.get("lost") is None
