"""A problem as a reader of another format understands it, before it is written as a package.

Every reader gives this record and nothing else; the one writer (``writer.py``) reads nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostic

MOST_GROUPS = 500
"""The most groups of tests of a problem, in any format."""
Content = bytes | Path
"""A file's content: bytes that a reader made, or the file that holds them (tests are large)."""


class Aggregation(StrEnum):
    """How the points of a group follow from its tests."""

    PASS_FAIL = "pass-fail"
    MIN = "min"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class ForeignTest:
    """One test. ``points`` count in groups that add up their tests; ``open``: a solver sees all of it."""

    input: Content
    answer: Content | None
    points: float | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class ForeignGroup:
    """Tests that are scored together. ``requires`` are the positions of earlier groups that must pass."""

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
    """A bundled solution. ``folder`` names the expected verdict; ``permitted`` and ``required`` make it
    exact, and ``not_full`` says that it does not get all points."""

    folder: str
    name: str
    content: Content
    permitted: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    not_full: bool = False


@dataclass(frozen=True, slots=True)
class ForeignStatement:
    """A statement in one language, with its pictures by name. ``ending`` says how it is written."""

    language: str
    ending: str
    content: bytes | Path
    files: Mapping[str, Content] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignLimits:
    """Limits; ``None`` where the other format names none."""

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
