"""`gavel events` against a served API."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from judge_api.__main__ import main
from judge_core.model.verdict import Verdict
from tests.web.event_fixture import EventClient, moment
from tests.web.served import Served


def _run(served: Served, *arguments: str) -> str:
    env = {"GAVEL_URL": served.url, "GAVEL_KEY": served.app.accounts["author"].key, "COLUMNS": "200"}
    result = CliRunner().invoke(main, ["events", *arguments], env=env)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_event_is_made_from_options_and_from_a_file(served: Served, tmp_path: Path) -> None:
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


def test_standings_are_shown_and_exported(served: Served) -> None:
    _run(served, "create", "shown", "--start", moment(-60), "--end", moment(60), "--problem", "aplusb")
    event = EventClient(served.app, "shown")
    event.add("ada", name="Team Ada")
    event.submit("ada", Verdict.WA)
    event.submit("ada")
    assert "1 (2)" in _run(served, "standings", "shown")
    assert "Team Ada,,official,1,1.0" in _run(served, "export", "shown")
    assert _run(served, "recompute", "shown") == "0 results were different\n"
