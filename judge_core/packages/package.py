"""A problem package as records: the server publishes it, and workers judge with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from judge_core.languages import languages_named
from judge_core.packages.constants import TooLong, substitute
from judge_core.packages.diagnostics import BrokenPackage, Diagnostic
from judge_core.packages.file_list import is_foreign, is_foreign_path
from judge_core.packages.group_settings import DEFAULT_SETTINGS, GroupSettings
from judge_core.packages.metadata import Metadata

SLUG = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}")


def propose_slug(text: str) -> str:
    """A slug for a problem of this name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "problem"


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """The settings of one test, after inheritance from its groups."""

    arguments: tuple[str, ...] = ()
    validator_flags: tuple[str, ...] = ()
    input_validator_flags: tuple[str, ...] | dict[str, tuple[str, ...]] = ()
    full_feedback: bool = False
    hint: str | None = None
    description: str | None = None
    input_visualizer_args: tuple[str, ...] = ()
    output_visualizer_args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test. ``name`` is its path below ``data`` without ending, such as ``secret/01``.

    A ``static`` test runs no submission: the package's static validator reads the source.
    """

    __test__ = False  # for pytest: this is not a test case

    name: str
    input: Path
    answer: Path | None
    settings: CaseSettings = CaseSettings()
    files: Path | None = None
    static: bool = False
    max_score: float | None = None

    @property
    def is_sample(self) -> bool:
        return self.name.startswith("sample/")


@dataclass(frozen=True, slots=True)
class TestGroup:
    """One folder of tests. ``parts`` are its tests and groups in the order of judging."""

    __test__ = False  # for pytest: this is not a test case

    name: str
    parts: tuple[TestCase | TestGroup, ...] = ()
    settings: GroupSettings = DEFAULT_SETTINGS

    def cases(self) -> Iterator[TestCase]:
        """Every test below, in the order of judging."""
        for part in self.parts:
            if isinstance(part, TestCase):
                yield part
            else:
                yield from part.cases()

    def groups(self) -> Iterator[TestGroup]:
        """This group and every one below."""
        yield self
        for part in self.parts:
            if isinstance(part, TestGroup):
                yield from part.groups()

    @property
    def wants_grader(self) -> bool:
        """Whether this group or one below asks for the package's own grader."""
        below = (part for part in self.parts if isinstance(part, TestGroup))
        return self.settings.custom_grader or any(part.wants_grader for part in below)


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the package: one file, or a folder of files, by the path within the package.

    ``beside`` has the files next to a single file that the program may use: headers and Python modules.
    """

    name: str
    path: Path
    beside: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        if self.path.is_file():
            return (self.path, *self.beside)
        paths = sorted(path for path in self.path.rglob("*") if path.is_file())
        return tuple(each for each in paths if not is_foreign_path(each.relative_to(self.path).as_posix()))


@dataclass(frozen=True)
class Package:
    """A problem package, read from ``folder``. ``warnings`` are for its author.

    ``validator_tests`` test the package's validators. They are never given to submissions. Visualizers draw
    pictures for the author. Judging does not run them.
    """

    slug: str
    folder: Path
    metadata: Metadata
    data: TestGroup
    output_validators: tuple[Program, ...] = ()
    input_validators: tuple[Program, ...] = ()
    grader: Program | None = None
    static_validator: Program | None = None
    answer_validators: tuple[Program, ...] = ()
    input_visualizer: Program | None = None
    output_visualizer: Program | None = None
    validator_tests: tuple[TestCase, ...] = ()
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False)

    @property
    def cases(self) -> tuple[TestCase, ...]:
        return tuple(self.data.cases())

    @property
    def submissions(self) -> tuple[Program, ...]:
        """Every submission in the package. Its name is ``<expected>/<file or folder>``."""
        root = self.folder / "submissions"
        folders = sorted(p for p in root.iterdir() if p.is_dir()) if root.is_dir() else []
        return tuple(
            Program(f"{folder.name}/{path.name}", path)
            for folder in folders
            for path in sorted(folder.iterdir())
            if not is_foreign(path.name)
        )

    def include_folder(self, language: str) -> Path | None:
        """The folder with files for a language: the folder named by the language's id, else a folder with
        another name of the language, else ``default``."""
        found = self._includes
        meant = (path for name, path in found.items() if language in languages_named(name))
        return found.get(language) or next(meant, None) or found.get("default")

    @cached_property
    def _includes(self) -> dict[str, Path]:
        """The folders below ``include`` by name. They are listed once, since every submission needs them."""
        root = self.folder / "include"
        return {path.name: path for path in sorted(root.iterdir()) if path.is_dir()} if root.is_dir() else {}

    def source(self, path: Path) -> bytes:
        """A program's file with the package's constants filled in."""
        content = path.read_bytes()
        if not self.metadata.constants or b"{{" not in content:
            return content
        try:
            return substitute(content.decode(), self.metadata.constants).encode()
        except UnicodeDecodeError:
            return content
        except TooLong as error:
            raise BrokenPackage(
                (Diagnostic(path.relative_to(self.folder).as_posix(), str(error)),)
            ) from error
