"""Output of programs, compilers and workers cannot control the terminal of the person who reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gavel_client import RefusedByServer
from gavel_client.results import read_status
from judge_api.cli import logs, output
from judge_api.cli.connection import server_options
from judge_api.cli.output import print_content, print_line, show_json, show_status, show_table

EVIL = "a\x1b]0;title\x07\x1b[2Jb\x9b31mc\rd\u202ee[red]f"
SEEN = "a\\x1b]0;title\\x07\\x1b[2Jb\\x9b31mc\\rd\\u202ee[red]f"


def test_a_table_shows_control_characters_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    show_table("workers", ("worker", "reason"), [("normal-1", EVIL), ("normal-2", "two\nlines")])
    printed = capsys.readouterr().out
    assert SEEN in printed
    assert not {"\x1b", "\x07", "\x9b", "\r", "\u202e"} & set(printed)
    assert "two" in printed
    assert "lines" in printed


def test_a_status_shows_control_characters_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    show_status(
        read_status(
            {
                "id": "0199",
                "state": "SUCCESS",
                "stage": "DONE",
                "verdict": "WA",
                "language": "c17",
                "queue": "normal",
                "kind": "submission",
                "compile_output": EVIL,
                "tests": [{"name": "1", "verdict": "WA", "cpu_ms": 1, "output": EVIL + "\ud800"}],
            }
        )
    )
    printed = capsys.readouterr().out
    assert printed.count(SEEN) == 2
    assert not {"\x1b", "\x07", "\x9b", "\r", "\u202e"} & set(printed)


def test_printed_json_has_the_same_value_and_no_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_json({"reason": EVIL, "name": "Žofie"})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"reason": EVIL, "name": "Žofie"}
    assert "Žofie" in printed
    assert not {"\x1b", "\x07", "\x9b"} & set(printed)


def test_a_line_shows_control_characters_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_line(EVIL)
    assert capsys.readouterr().out == SEEN + "\n"


def test_a_pipe_gets_the_bytes_of_a_program_s_output_unchanged(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    print_content(b"a\x1b[2J\xff\r\n")
    assert capfdbinary.readouterr().out == b"a\x1b[2J\xff\r\n"


def test_a_refusal_of_the_server_shows_control_characters_as_text() -> None:
    @click.command()
    @server_options
    def command(server: object) -> None:
        raise RefusedByServer(409, {"detail": EVIL})

    answer = CliRunner().invoke(command)
    assert (answer.exit_code, SEEN in answer.output) == (1, True)


def test_a_log_shows_control_characters_as_text(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "api.log").write_text(EVIL + "\n")
    answer = CliRunner().invoke(logs.command, ["--data", str(tmp_path)])
    assert answer.output == SEEN + "\n"


def test_commands_print_only_by_the_functions_that_escape_control_characters() -> None:
    folder = Path(output.__file__).parent
    others = [each for each in folder.glob("*.py") if each.name != "output.py"]
    direct = [
        each.name for each in others if re.search(r"click\.s?echo\(|^\s+print\(.*\)$", _code(each), re.M)
    ]
    assert len(others) > 30
    assert direct == []


def _code(file: Path) -> str:
    """The content of the file without string literals. Templates of problems are strings that contain
    programs which print."""
    return re.sub(r'"""[\s\S]*?"""|"[^"\n]*"', '""', file.read_text())
