"""A file that a command cannot read or write, or that has odd content, ends the command with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from judge_api.__main__ import main
from tests.unit.scripted_server import Answer, Script, body

PROBLEM = {"newest": "ab" * 32, "versions": []}
WRITING: dict[tuple[str, ...], list[Answer]] = {
    ("events", "export", "e", "-o", "FILE/x.csv"): [(200, {}, b"rank\n")],
    ("problems", "download", "p", "-o", "FILE/x.zip"): [body(PROBLEM), (200, {}, b"zip")],
    ("problems", "new", "FILE"): [],
    ("problems", "new", "FILE/below"): [],
}
ODD_EVENTS = {
    "rules: icpc": "rules in the file must be a table",
    "description: !!binary aGk=": "is of the type bytes",
    "description: !!set {a}": "is of the type set",
    "rules: {ioi: {decimals: .inf}}": "is not a finite number",
    "problems: &a [*a]": "has a value that contains itself",
}


@pytest.mark.parametrize("words", WRITING, ids=" ".join)
def test_a_command_names_the_file_that_cannot_be_written(
    script: Script, server_url: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "FILE").write_text("")
    script.answers = list(WRITING[words])
    given = [each.replace("FILE", str(tmp_path / "FILE")) for each in words]
    done = CliRunner().invoke(main, given, env={"GAVEL_URL": server_url, "GAVEL_KEY": "k"})
    assert done.exit_code == 1
    assert str(tmp_path / "FILE") in done.output
    assert "cannot be used: Not a directory." in done.output


@pytest.mark.parametrize("line", ODD_EVENTS)
def test_an_invalid_value_in_the_file_of_an_event_is_named(
    server_url: str, tmp_path: Path, line: str
) -> None:
    file = tmp_path / "event.yaml"
    file.write_text(f"slug: x\nends_at: 2030-01-01\n{line}\n")
    words = ["events", "create", "--file", str(file), "--scoring", "ioi"]
    done = CliRunner().invoke(main, words, env={"GAVEL_URL": server_url, "GAVEL_KEY": "k"})
    assert (done.exit_code, ODD_EVENTS[line] in " ".join(done.output.split())) == (2, True), done.output


def test_an_event_file_may_have_empty_rules_and_a_time_within_a_table(
    server_url: str, script: Script, tmp_path: Path
) -> None:
    made = {"slug": "x", "starts_at": "a", "ends_at": "b", "problems": []}
    script.answers = [body(made), body(made)]
    file = tmp_path / "event.yaml"
    for line in ("rules:", "rules: {until: 2030-01-01}"):
        file.write_text(f"slug: x\nends_at: 2030-01-01\n{line}\n")
        words = ["events", "create", "--file", str(file), "--scoring", "ioi"]
        done = CliRunner().invoke(main, words, env={"GAVEL_URL": server_url, "GAVEL_KEY": "k"})
        assert done.exit_code == 0, done.output
    assert b'"until": "2030-01-01T00:00:00+00:00"' in script.bodies[1]


def test_the_password_for_the_feed_of_another_system_may_have_letters_outside_ascii(
    server_url: str, script: Script, tmp_path: Path
) -> None:
    script.answers = [body({}, 404)]
    words = ["events", "import-feed", f"{server_url}/contests/1", "--user", "ann:zażółć"]
    done = CliRunner().invoke(main, words, env={"GAVEL_URL": server_url, "GAVEL_KEY": "k"})
    assert (done.exit_code, "does not give its event feed" in done.output) == (1, True)
    assert script.asked[0][2]["Authorization"] == "Basic YW5uOnphxbzDs8WCxIc="
