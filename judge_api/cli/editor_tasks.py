"""Writes the tasks with which Visual Studio Code submits and runs a program, for `gavel open --vscode`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(".vscode") / "tasks.json"


class UnreadableTasks(ValueError):
    """The file exists, but tasks cannot be added to it."""


def write_tasks(folder: Path, problem: str) -> Path:
    """Add a problem's tasks to the folder's tasks, and remove those of any other problem. Raises
    ``UnreadableTasks``."""
    path = folder / _FILE
    known = _read(path) if path.exists() else {"version": "2.0.0", "tasks": []}
    ours = _tasks(problem)
    labels = {task["label"] for task in ours}
    others = [task for task in known["tasks"] if not (isinstance(task, dict) and task.get("label") in labels)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**known, "tasks": [*others, *ours]}, indent=2) + "\n")
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (ValueError, RecursionError) as error:
        raise UnreadableTasks(f"{path} has comments or is no JSON: add the tasks by hand") from error
    if not isinstance(found, dict) or not isinstance(found.setdefault("tasks", []), list):
        raise UnreadableTasks(f"{path} has no list of tasks: add the tasks by hand")
    return found


def _tasks(problem: str) -> list[dict[str, Any]]:
    submit = ["submit", "--watch", "--problem", problem, "${file}"]
    run = ["run", "${file}"]
    return [
        _task("Gavel: submit this file", submit, {"kind": "test", "isDefault": True}),
        _task("Gavel: run this file", run, {"kind": "build", "isDefault": True}),
    ]


def _task(label: str, arguments: list[str], group: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": label,
        "type": "process",
        "command": "gavel",
        "args": arguments,
        "group": group,
        "presentation": {"panel": "dedicated", "clear": True},
        "problemMatcher": [],
    }
