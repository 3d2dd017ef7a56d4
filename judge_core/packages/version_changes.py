"""Finds what changed from one version of a package to the next, by the directories of their zips."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge_core.packages.public_files import STATEMENT_FOLDERS, STATEMENTS_AT_THE_TOP

_SHOWN = 10
_PARTS = {
    **dict.fromkeys((*STATEMENT_FOLDERS, *STATEMENTS_AT_THE_TOP), "statement"),
    **dict.fromkeys(("problem.yaml", ".timelimit", "domjudge-problem.ini"), "settings"),
    "data": "tests",
    "submissions": "submissions",
    "attachments": "attachments",
    "include": "include",
    **dict.fromkeys(("output_validators", "output_validator", "graders"), "validators"),
    **dict.fromkeys(("input_validators", "input_format_validators", "input_validator"), "validators"),
    **dict.fromkeys(("static_validator", "static_validators"), "validators"),
}
_ORDER = (
    "statement",
    "settings",
    "tests",
    "validators",
    "submissions",
    "attachments",
    "include",
    "others",
)


@dataclass(frozen=True, slots=True)
class PartChange:
    """How many files of a part were added, removed and changed. ``files`` names the first of these files."""

    part: str
    added: int
    removed: int
    changed: int
    files: tuple[str, ...]


def compare_packages(before: Path, after: Path) -> list[PartChange]:
    """The parts of two stored packages that differ."""
    old, new = _members(before), _members(after)
    by_part: dict[str, list[str]] = {}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            by_part.setdefault(_PARTS.get(name.split("/")[0], "others"), []).append(name)
    return [_change(part, by_part[part], old, new) for part in _ORDER if part in by_part]


def _change(
    part: str, names: list[str], old: Mapping[str, tuple[int, int]], new: Mapping[str, tuple[int, int]]
) -> PartChange:
    added = sum(name not in old for name in names)
    removed = sum(name not in new for name in names)
    return PartChange(part, added, removed, len(names) - added - removed, tuple(names[:_SHOWN]))


def _members(archive: Path) -> dict[str, tuple[int, int]]:
    """Each file's checksum and size, by its name below the top folder."""
    with zipfile.ZipFile(archive) as opened:
        return {
            each.filename.partition("/")[2]: (each.CRC, each.file_size)
            for each in opened.infolist()
            if not each.is_dir()
        }
