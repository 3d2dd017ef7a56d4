"""Finds a package's own programs (validators, graders) in the folders that the format names."""

from __future__ import annotations

import re
from pathlib import Path

from judge_core.languages import guess_language
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import is_foreign
from judge_core.packages.package import Program

_ONE_PROGRAM = ("output_validator", "static_validator", "input_visualizer", "output_visualizer")
"""Folders of 2023-07 that contain only *one* program, in the folder itself or in one folder below."""
_HEADERS = (".h", ".hh", ".hpp", ".hxx")
_DOCUMENTATION = (".md", ".txt")
_OTHER_KINDS = (".ctd", ".viva")
_SCRIPTS = ("build", "run")
_CAN_END_WITH_A_CODE = re.compile(rb"exit\b|Exit\b|\bquit\b|\bimport\b")


def read_programs(folder: Path, faults: Diagnostics, *names: str) -> tuple[Program, ...]:
    """The programs in the first of these folders that exists. A file that is no program gets a warning,
    unless it is a document."""
    roots = [folder / name for name in names if (folder / name).is_dir()]
    for other in roots[1:]:
        faults.warn(other.name, f"is not used: the package has {roots[0].name} too")
    entries = [path for path in sorted(roots[0].iterdir()) if not is_foreign(path.name)] if roots else []
    if not entries:
        return ()
    root = roots[0]
    if root.name in _ONE_PROGRAM and any(path.is_file() for path in entries):
        whole = Program(root.name, root)
        return (whole,) if _is_program(whole, faults) else ()
    beside = tuple(path for path in entries if _is_helper(path, entries))
    found = (
        Program(f"{root.name}/{path.name}", path, beside if path.is_file() else ())
        for path in entries
        if path not in beside and not _is_documentation(path)
    )
    return tuple(program for program in found if _is_program(program, faults))


def _is_documentation(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in _DOCUMENTATION


def _is_helper(path: Path, entries: list[Path]) -> bool:
    """Whether a single file is for the programs beside it: a header, a Python file that others import, or a
    Python file that sets no exit code."""
    if not path.is_file():
        return False
    if path.suffix.lower() in _HEADERS:
        return True
    others = [each for each in entries if each != path and each.suffix == ".py" and each.is_file()]
    if path.suffix != ".py" or not others:
        return False
    imported = re.compile(
        rb"^\s*(?:import|from)\s+\.?" + re.escape(path.stem.encode()) + rb"\b", re.MULTILINE
    )
    return not _CAN_END_WITH_A_CODE.search(path.read_bytes()) or any(
        imported.search(each.read_bytes()) for each in others
    )


def _is_program(program: Program, faults: Diagnostics) -> bool:
    """Whether a language has the files' extension. If none has, add a warning."""
    if program.path.is_dir() and any((program.path / name).is_file() for name in _SCRIPTS):
        return True
    if any(path.suffix in _OTHER_KINDS or guess_language(path.name) for path in program.files):
        return True
    faults.warn(program.name, "is not used: no language has its files' extension")
    return False
