"""The solution in a package. It is shown to users who have solved the problem.

It consists of the texts ``solution/solution.<language>.md``, ``.tex`` or ``.html`` and of the programs beside
them. The jury's own submissions, in ``submissions/``, are not among them.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from judge_core.languages import guess_language
from judge_core.model.problem import Statement
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.metadata import read_metadata
from judge_core.packages.package_store import PackageFile, PackageStore
from judge_core.packages.statements import render_texts
from judge_core.packages.statements.render import StatementInput

FOLDER = "solution"
_TEXT = re.compile(r"solution((?:\.[a-zA-Z]{2,3}(?:-[a-zA-Z]{2,4})?)?\.(?:md|tex|html|htm))")
_MOST_FILES = 20
_MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class SolutionProgram:
    name: str
    language: str
    source: str


@dataclass(frozen=True, slots=True)
class Solution:
    """The texts and programs of a solution. Both are empty if the package has none."""

    explanations: tuple[Statement, ...] = ()
    programs: tuple[SolutionProgram, ...] = ()


def read_solution(packages: PackageStore, hash: str) -> Solution:
    """The solution of a stored version. Files over 256 KiB are left out, and all files after the first
    twenty."""
    names = [each.path.removeprefix(f"{FOLDER}/") for each in packages.files(hash) if _is_shown(each)]
    contents = {name: packages.read_file(hash, f"{FOLDER}/{name}") or b"" for name in names[:_MOST_FILES]}
    texts = {found[1]: content for name, content in contents.items() if (found := _TEXT.fullmatch(name))}
    programs = (_program(name, content) for name, content in contents.items() if not _TEXT.fullmatch(name))
    return Solution(
        _explanations(texts, packages.read_file(hash, "problem.yaml") or b"") if texts else (),
        tuple(each for each in programs if each is not None),
    )


def _is_shown(file: PackageFile) -> bool:
    folder, _, name = file.path.partition("/")
    return folder == FOLDER and bool(name) and "/" not in name and file.size <= _MOST_BYTES


def _program(name: str, content: bytes) -> SolutionProgram | None:
    language = guess_language(name)
    return SolutionProgram(name, language.id, content.decode(errors="replace")) if language else None


def _explanations(texts: dict[str, bytes], settings: bytes) -> tuple[Statement, ...]:
    """Render the texts as statements are rendered. Their folder has no other file of the package but
    ``problem.yaml``, so a text cannot include another file of the package."""
    with tempfile.TemporaryDirectory(prefix="gavel-solution-") as place:
        folder = Path(place)
        (folder / "statement").mkdir()
        (folder / "problem.yaml").write_bytes(settings)
        for ending, content in texts.items():
            (folder / "statement" / f"problem{ending}").write_bytes(content)
        constants = read_metadata(folder, Diagnostics()).constants
        return render_texts(StatementInput(folder, FOLDER, {}, constants)).statements
