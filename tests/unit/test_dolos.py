"""Faults of Dolos and of its answers are reported in plain words. Its answers are not trusted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from judge_api.services import dolos
from judge_api.services.dolos import CannotCompare, Comparison, Dolos, Program
from judge_core.packages.statements.bounded_child import ChildFailed

GOOD = {"left": 0, "right": 1, "similarity": 0.5, "longest": 3, "overlap": 6, "passages": [[0] * 8]}
ASKED = Comparison("python", [Program("a", "ada"), Program("b", "bob")])


def _installed(folder: Path) -> Dolos:
    package = folder / "node_modules/@dodona/dolos-lib/package.json"
    package.parent.mkdir(parents=True)
    package.write_text("{}")
    parser = folder / "node_modules/@dodona/dolos-parsers/build/Release/tree_sitter_c_binding.node"
    parser.parent.mkdir(parents=True)
    parser.touch()
    return Dolos(folder)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that has node, prlimit and bubblewrap."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.mark.usefixtures("programs")
def test_missing_parts_of_dolos_are_reported_with_the_command_that_installs_them(tmp_path: Path) -> None:
    assert f"npm install --prefix {tmp_path / 'x'}" in str(Dolos(tmp_path / "x").missing())
    found = _installed(tmp_path / "y")
    assert found.missing() is None
    next((tmp_path / "y").rglob("*.node")).unlink()
    assert "npm rebuild" in str(found.missing())


def test_without_node_dolos_reports_that_node_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "node" else f"/usr/bin/{name}")
    assert "Node.js 18" in str(_installed(tmp_path).missing())


def _answering(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    monkeypatch.setattr(dolos, "run_child", lambda *_, **__: text)


@pytest.mark.usefixtures("programs")
def test_an_answer_of_dolos_becomes_pairs_and_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _answering(
        monkeypatch, {"left_out": [[0, "depth"], [1, "depth"]], "cut": True, "more": 7, "pairs": [GOOD]}
    )
    found = _installed(tmp_path).compare(ASKED)
    assert [(each.left, each.right, each.passages) for each in found.pairs] == [(0, 1, ((0,) * 8,))]
    assert found.notes == (
        "2 left out: nested too deeply",
        "the time was over before all pairs were compared",
        "7 less similar pairs are not listed",
    )


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        {},
        {"left_out": [], "cut": False, "more": 0, "pairs": [{}]},
        {"left_out": [[0, "<b>"]], "cut": False, "more": 0, "pairs": []},
        *(
            {"left_out": [], "cut": False, "more": 0, "pairs": [GOOD | change]}
            for change in (
                {"left": 2},
                {"left": -1},
                {"right": 0},
                {"right": True},
                {"similarity": 1.5},
                {"similarity": "x"},
                {"longest": 1e9},
                {"passages": [[0] * 7]},
                {"passages": [[-1] * 8]},
            )
        ),
    ],
)
def test_an_invalid_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    _answering(monkeypatch, answer)
    with pytest.raises(CannotCompare, match="cannot be read"):
        _installed(tmp_path).compare(ASKED)


@pytest.mark.usefixtures("programs")
def test_a_pair_of_dolos_keeps_at_most_200_passages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = GOOD | {"passages": [[0] * 8] * 1000}
    _answering(monkeypatch, {"left_out": [], "cut": False, "more": 0, "pairs": [pair]})
    (found,) = _installed(tmp_path).compare(ASKED).pairs
    assert len(found.passages) == 200


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "memory"),
        ("bwrap: No permissions to create new namespace", "bubblewrap cannot make a sandbox"),
        ("it takes more than 240 s", "240 s"),
        ("exit code -11", "exit code -11"),
        ("file:///dolos.mjs:3\n\nError: Cannot find module\n  at x", "Error: Cannot find module"),
    ],
)
def test_a_failure_of_the_dolos_process_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, shown: str
) -> None:
    def fail(*_: Any, **__: Any) -> bytes:
        raise ChildFailed(said)

    monkeypatch.setattr(dolos, "run_child", fail)
    with pytest.raises(CannotCompare) as found:
        _installed(tmp_path).compare(ASKED)
    assert shown in str(found.value)


@pytest.mark.usefixtures("programs")
def test_dolos_runs_in_a_sandbox_without_network_and_with_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def keep(command: list[str], *_: Any, **__: Any) -> bytes:
        seen.append(command)
        raise ChildFailed("it was stopped")

    monkeypatch.setattr(dolos, "run_child", keep)
    with pytest.raises(CannotCompare, match="stopped"):
        _installed(tmp_path).compare(ASKED)
    ((*box, _),) = [seen[0][: seen[0].index("--") + 1]]
    assert {"--unshare-all", "--die-with-parent", "--clearenv"} <= set(box)
    assert "--bind" not in box
    assert any(each.startswith("--data=") for each in seen[0])
    assert any(each.startswith("--max-old-space-size=") for each in seen[0])
