"""Output of programs, compilers and workers cannot control the terminal of the person who reads it."""

from __future__ import annotations

import json

import pytest

from gavel_client.results import read_status
from judge_api.cli.output import show_json, show_status, show_table

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


def test_json_stays_the_same_value_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"reason": EVIL, "name": "Žofie"})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"reason": EVIL, "name": "Žofie"}
    assert "Žofie" in printed
    assert not {"\x1b", "\x07", "\x9b"} & set(printed)
