"""A problem as a reader of another format returns it, before it is written as a package.

Every reader returns this record, and ``writer.py`` writes a package from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostic

MOST_GROUPS = 500
"""The largest number of test groups of a problem, in any format."""
Content = bytes | Path
"""The content of a file: bytes that a reader made, or the file itself, since tests are large."""


class Aggregation(StrEnum):
    """How the points of a group follow from its tests."""

    PASS_FAIL = "pass-fail"
    MIN = "min"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class ForeignTest:
    """One test. ``points`` count in groups whose score is the sum of their tests. If ``open`` is true,
    solvers see all data of the test."""

    input: Content
    answer: Content | None
    points: float | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class ForeignGroup:
    """Tests that are scored together. ``requires`` has the positions of earlier groups that must pass."""

    tests: tuple[ForeignTest, ...]
    points: float = 0.0
    aggregation: Aggregation = Aggregation.PASS_FAIL
    requires: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignProgram:
    """A program of the jury: the files of its folder by name."""

    files: Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class ForeignSubmission:
    """A submission of the package. ``folder`` names its expected verdict. ``permitted`` and ``required``
    state the verdict more exactly. ``not_full`` means that it must not get all points."""

    folder: str
    name: str
    content: Content
    permitted: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    not_full: bool = False


@dataclass(frozen=True, slots=True)
class ForeignStatement:
    """A statement in one language, with its pictures by name. ``ending`` is the file ending of its format."""

    language: str
    ending: str
    content: bytes | Path
    files: Mapping[str, Content] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignLimits:
    """The limits of a problem. ``None`` if the other format has no such limit."""

    seconds: float | None = None
    memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class ForeignProblem:
    """Everything that is carried over into a package."""

    slug: str
    names: Mapping[str, str]
    limits: ForeignLimits
    groups: tuple[ForeignGroup, ...]
    samples: tuple[ForeignTest, ...] = ()
    scoring: bool = False
    interactive: bool = False
    answers_only: bool = False
    statements: tuple[ForeignStatement, ...] = ()
    validator: ForeignProgram | None = None
    validator_flags: tuple[str, ...] = ()
    input_validators: tuple[ForeignProgram, ...] = ()
    submissions: tuple[ForeignSubmission, ...] = ()
    include: Mapping[str, Content] = field(default_factory=dict)
    attachments: Mapping[str, Content] = field(default_factory=dict)
    generators: Mapping[str, Content] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    source: str = ""
    languages: tuple[str, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
