"""A problem as clients see it, without its package."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from judge_core.model.json_records import known_fields
from judge_core.model.language import Language


class ProblemState(StrEnum):
    """The state of a problem. Solvers see published problems, and also other problems of their events.

    A draft is verified if the submissions in its newest version got their expected verdicts.
    """

    DRAFT = "draft"
    VERIFIED = "verified"
    PUBLISHED = "published"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """The type of a problem; the four flags combine as the package format allows."""

    scoring: bool = False
    interactive: bool = False
    multi_pass: bool = False
    submit_answer: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        named = ("interactive", "multi_pass", "submit_answer")
        extra = tuple(name.replace("_", "-") for name in named if getattr(self, name))
        return ("scoring" if self.scoring else "pass-fail", *extra)


@dataclass(frozen=True, slots=True)
class ProblemLimits:
    """Limits of a problem: seconds, MiB, and KiB for ``code``; ``time`` is ``None`` until calibrated.

    ``ac_to_time_limit`` and ``time_limit_to_tle`` are factors. The time limit must be at least
    ``ac_to_time_limit`` times the time of the slowest accepted submission. The fastest submission that is too
    slow must take at least ``time_limit_to_tle`` times the limit.
    """

    time: float | None = None
    memory: int = 2048
    output: int = 8
    code: int = 256
    compilation_time: int = 60
    compilation_memory: int = 2048
    validation_time: int = 60
    validation_memory: int = 2048
    validation_output: int = 8
    validation_passes: int = 2
    time_resolution: float = 1.0
    ac_to_time_limit: float = 2.0
    time_limit_to_tle: float = 1.5


@dataclass(frozen=True, slots=True)
class LanguageExtras:
    """By how much a problem multiplies its time limit, and how many MiB it adds to its memory limit.

    Both are by language id. A language that is not listed gets the memory extra of its language file. Its
    time factor is the factor in its language file, divided by ``reference_factor``. The result is at least 1.
    If the factor in the language file is less than 1, the result is at least that factor.
    ``reference_factor`` is the greatest factor among the languages of the package's own submissions, since
    the time limit was chosen for these. It is ``None`` if the limit was chosen for all languages alike, or if
    this is not known. Then a language that is not listed has the time factor 1.
    """

    time_factors: dict[str, float] = field(default_factory=dict)
    memory_extras: dict[str, int] = field(default_factory=dict)
    reference_factor: float | None = None

    def time_factor(self, language: Language) -> float:
        if language.id in self.time_factors:
            return self.time_factors[language.id]
        if self.reference_factor is None:
            return 1.0
        in_proportion = round(language.time_factor / self.reference_factor, 3)
        return max(in_proportion, min(language.time_factor, 1.0))

    def memory_extra(self, language: Language) -> int:
        """The extra memory of a language, in MiB."""
        return self.memory_extras.get(language.id, language.memory_overhead_mb)


NO_EXTRAS = LanguageExtras()
"""The extras of a problem that names none."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample as the statement shows it. ``interaction``, if set, is shown in place of input and
    output."""

    name: str
    input: str
    output: str
    hint: str | None = None
    interaction: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement in one natural language, as sanitised HTML. ``pdf`` is the name of the file if the
    statement is a PDF."""

    language: str
    name: str
    html: str
    pdf: str | None = None


def _limits_from(data: dict[str, Any]) -> ProblemLimits:
    """The limits in a stored record. Earlier releases accepted numbers that are not finite. Each of these
    gets its default."""
    known = known_fields(ProblemLimits, data)
    return ProblemLimits(**{name: value for name, value in known.items() if _finite(value) is not None})


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def is_later(moment: str | None, now: datetime) -> bool:
    """Whether a time in the format of RFC 3339, in UTC, is in the future."""
    return moment is not None and moment > now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class ProblemSpec:
    """All that a client needs to show a problem and to submit to it, without secret data.

    ``suspended`` is the reason why the problem takes no submissions for now. ``required_files`` are the names
    of files that every submission must have.
    """

    slug: str
    version: str
    name: str
    type: ProblemType
    limits: ProblemLimits
    tests_total: int
    names: dict[str, str] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    source: str | None = None
    license: str = "unknown"
    rights_owner: str | None = None
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    statements: tuple[Statement, ...] = ()
    attachments: tuple[str, ...] = ()
    starters: dict[str, str] = field(default_factory=dict)
    max_score: float | None = None
    embargo_until: str | None = None
    suspended: str | None = None
    extras: LanguageExtras = NO_EXTRAS
    required_files: tuple[str, ...] = ()

    def language_limits(self, languages: Iterable[Language]) -> dict[str, dict[str, float | None]]:
        """The limits of each language that may be used: seconds (``None`` until calibrated) and MiB."""
        extras, limits = self.extras, self.limits
        return {
            each.id: {
                "time_factor": extras.time_factor(each),
                "time": None if limits.time is None else round(limits.time * extras.time_factor(each), 6),
                "memory": limits.memory + extras.memory_extra(each),
            }
            for each in languages
            if not self.languages or each.id in self.languages
        }

    @property
    def difficulty(self) -> str | None:
        """The difficulty that a keyword names: the package format has no key for it."""
        words = {word.lower() for word in self.keywords}
        return next((word for word in ("easy", "medium", "hard") if word in words), None)

    def is_embargoed(self, now: datetime) -> bool:
        """Whether the package asks that the problem is not shown yet."""
        return is_later(self.embargo_until, now)

    def to_json(self) -> dict[str, Any]:
        """The problem as plain JSON. An empty ``languages`` means every language."""
        return {**asdict(self), "type": list(self.type.words)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ProblemSpec:
        """The problem from JSON that this or another release has stored: see
        :mod:`judge_core.model.json_records`."""
        words = {word.replace("-", "_"): True for word in data["type"]}
        samples = (Sample(**known_fields(Sample, each)) for each in data["samples"])
        statements = (Statement(**known_fields(Statement, each)) for each in data["statements"])
        tuples = {key: tuple(data[key]) for key in ("authors", "keywords", "languages", "attachments")}
        return cls(
            **{
                **known_fields(cls, data),
                **tuples,
                "type": ProblemType(**known_fields(ProblemType, words)),
                "limits": _limits_from(data["limits"]),
                "max_score": _finite(data.get("max_score")),
                "extras": LanguageExtras(**known_fields(LanguageExtras, data.get("extras") or {})),
                "required_files": tuple(data.get("required_files") or ()),
                "samples": tuple(samples),
                "statements": tuple(statements),
            }
        )
