"""The keys of the form for a package's settings, as data: the kind, the choices and the bounds of each
key."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from judge_core.model.numbers import Bounds
from judge_core.packages.group_settings import Aggregation, OnReject
from judge_core.packages.number_bounds import LIMITS, SCORES


class FieldKind(StrEnum):
    """The kind of a key's value: one value, several values, or a map of names to values."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    ARGUMENTS = "arguments"
    LIST = "list"
    PEOPLE = "people"
    TEXTS = "texts"
    NUMBERS = "numbers"


class Section(StrEnum):
    """A section of the form."""

    GENERAL = "general"
    PEOPLE = "people"
    LIMITS = "limits"
    JUDGING = "judging"
    SCORING = "scoring"
    VALIDATION = "validation"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class FormField:
    """One key by its path, such as ``limits.memory``.

    ``default`` describes the value that applies if the key is missing.
    """

    key: str
    kind: FieldKind
    section: Section
    choices: tuple[str, ...] = ()
    bounds: Bounds | None = None
    default: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.key.split("."))


class SettingsFile(StrEnum):
    """The kinds of files that have a form."""

    LEGACY_PROBLEM = "problem.yaml, legacy"
    PROBLEM = "problem.yaml, 2023-07 and 2025-09"
    LEGACY_GROUP = "testdata.yaml, legacy"
    GROUP = "test_group.yaml, 2023-07 and 2025-09"
    TEST = "a test's .yaml, 2023-07 and 2025-09"


VERSIONS = ("legacy", "2023-07", "2025-09")
_LICENSES = ("unknown", "public domain", "cc0", "cc by", "cc by-sa", "educational", "permission")
_PROTOCOLS = ("kattis", "testlib")
_VALIDATIONS = (
    "default",
    "custom",
    "custom score",
    "custom interactive",
    "custom score interactive",
    "custom multi-pass",
    "custom interactive multi-pass",
)
_TYPES = ("pass-fail", "scoring", "interactive", "multi-pass", "submit-answer")
_LEGACY_ON_REJECT = ("first_error", "worst_error", "grade", *OnReject)
_AGGREGATIONS = (Aggregation.PASS_FAIL.value, Aggregation.SUM.value, Aggregation.MIN.value)


def _text(section: Section, *keys: str) -> Iterator[FormField]:
    return (FormField(key, FieldKind.TEXT, section) for key in keys)


def _arguments(section: Section, *keys: str) -> Iterator[FormField]:
    return (FormField(key, FieldKind.ARGUMENTS, section) for key in keys)


def _people(*keys: str) -> Iterator[FormField]:
    return (FormField(key, FieldKind.PEOPLE, Section.PEOPLE) for key in keys)


def _flag(section: Section, key: str, default: str = "false") -> FormField:
    return FormField(key, FieldKind.FLAG, section, default=default)


def _choice(section: Section, key: str, choices: tuple[str, ...], default: str = "") -> FormField:
    return FormField(key, FieldKind.CHOICE, section, choices, default=default)


def _score(key: str, default: str = "") -> FormField:
    return FormField(key, FieldKind.NUMBER, Section.SCORING, (), SCORES[key.rsplit(".")[-1]], default)


def _limits(*names: str) -> Iterator[FormField]:
    for name in names:
        bounds = LIMITS[name.rsplit(".")[-1]]
        yield FormField(f"limits.{name}", FieldKind.NUMBER, Section.LIMITS, (), bounds)


_BOTH_LIMITS = (
    "memory",
    "output",
    "code",
    "compilation_time",
    "compilation_memory",
    "validation_time",
    "validation_memory",
    "validation_output",
)
_GENERAL = (
    _choice(Section.GENERAL, "problem_format_version", VERSIONS, "legacy"),
    FormField("name", FieldKind.TEXTS, Section.GENERAL),
    FormField("keywords", FieldKind.LIST, Section.GENERAL),
    FormField("languages", FieldKind.LIST, Section.GENERAL, default="all"),
)
_RIGHTS = (
    *_text(Section.PEOPLE, "source_url"),
    _choice(Section.PEOPLE, "license", _LICENSES, "unknown"),
    *_text(Section.PEOPLE, "rights_owner"),
    *_text(Section.GENERAL, "uuid"),
)
_BY_LANGUAGE = tuple(
    FormField(f"limits.{name}", FieldKind.NUMBERS, Section.LIMITS, (), LIMITS[name])
    for name in ("time_factors", "memory_extras")
)
_PROTOCOL = _choice(Section.VALIDATION, "validator_protocol", _PROTOCOLS, "as the sources show")
_LEGACY_SCORES = (_score("accept_score", "1"), _score("reject_score", "0"))

FIELDS: dict[SettingsFile, tuple[FormField, ...]] = {
    SettingsFile.LEGACY_PROBLEM: (
        *_GENERAL,
        _choice(Section.JUDGING, "type", ("pass-fail", "scoring"), "pass-fail"),
        *_text(Section.PEOPLE, "author", "source"),
        *_RIGHTS,
        *_limits("time_limit", "time_multiplier", "time_safety_margin", *_BOTH_LIMITS),
        *_BY_LANGUAGE,
        _choice(Section.VALIDATION, "validation", _VALIDATIONS, "default"),
        *_arguments(Section.VALIDATION, "validator_flags"),
        _PROTOCOL,
        FormField("required_files", FieldKind.LIST, Section.JUDGING),
        _choice(Section.SCORING, "grading.objective", ("max", "min"), "max"),
        _choice(Section.SCORING, "grading.on_reject", _LEGACY_ON_REJECT, "first_error"),
        FormField("grading.accept_score", FieldKind.NUMBER, Section.SCORING, (), SCORES["accept_score"]),
        FormField("grading.reject_score", FieldKind.NUMBER, Section.SCORING, (), SCORES["reject_score"]),
        *_text(Section.SCORING, "grading.range"),
        _flag(Section.SCORING, "grading.show_test_data_groups"),
        _flag(Section.SCORING, "grading.custom_scoring"),
        *_text(Section.VALIDATION, "validator_args"),
        *_text(Section.GENERAL, "plastex", "libraries"),
    ),
    SettingsFile.PROBLEM: (
        *_GENERAL,
        FormField("type", FieldKind.LIST, Section.JUDGING, _TYPES, default="pass-fail"),
        *_text(Section.GENERAL, "version", "embargo_until"),
        *_people("credits.authors", "credits.contributors", "credits.testers", "credits.packagers"),
        *_people("credits.acknowledgements", "source"),
        *_RIGHTS,
        *_limits("time_limit", "time_resolution"),
        *_limits("time_multipliers.ac_to_time_limit", "time_multipliers.time_limit_to_tle"),
        *_limits(*_BOTH_LIMITS, "validation_passes"),
        *_BY_LANGUAGE,
        _flag(Section.JUDGING, "allow_file_writing"),
        FormField("constants", FieldKind.TEXTS, Section.JUDGING),
        _PROTOCOL,
        FormField("required_files", FieldKind.LIST, Section.JUDGING),
    ),
    SettingsFile.LEGACY_GROUP: (
        _choice(Section.SCORING, "on_reject", tuple(OnReject), "as the folder above"),
        _choice(Section.SCORING, "grading", ("default", "custom"), "as the folder above"),
        *_arguments(Section.SCORING, "grader_flags"),
        *_LEGACY_SCORES,
        *_text(Section.SCORING, "range"),
        *_arguments(Section.VALIDATION, "input_validator_flags", "output_validator_flags"),
    ),
    SettingsFile.GROUP: (
        _score("scoring.score"),
        _choice(Section.SCORING, "scoring.aggregation", _AGGREGATIONS, "sum for secret, else pass-fail"),
        FormField("scoring.require_pass", FieldKind.LIST, Section.SCORING),
        _score("max_score"),
        _choice(Section.SCORING, "score_aggregation", _AGGREGATIONS, "sum for secret, else pass-fail"),
        FormField("require_pass", FieldKind.LIST, Section.SCORING),
        _flag(Section.VALIDATION, "static_validation"),
        *_text(Section.VALIDATION, "static_validation_score"),
        *_arguments(Section.VALIDATION, "static_validator_args", "args"),
        *_arguments(Section.VALIDATION, "input_validator_args", "output_validator_args"),
        *_arguments(Section.FEEDBACK, "input_visualizer_args", "output_visualizer_args"),
        _flag(Section.FEEDBACK, "full_feedback", "true for the samples"),
        *_text(Section.FEEDBACK, "hint", "description"),
    ),
    SettingsFile.TEST: (
        *_arguments(Section.VALIDATION, "args", "input_validator_args", "output_validator_args"),
        *_arguments(Section.FEEDBACK, "input_visualizer_args", "output_visualizer_args"),
        _flag(Section.FEEDBACK, "full_feedback", "as the group"),
        *_text(Section.FEEDBACK, "hint", "description"),
    ),
}


def settings_file(path: str, version: str | None) -> SettingsFile | None:
    """The kind of a file, by its path in the package. ``None`` for a file without a form.

    ``version`` is the format's version in the text of a ``problem.yaml``.
    """
    name = posixpath.basename(path)
    if path == "problem.yaml":
        is_legacy = version in (None, "", "legacy", "legacy-icpc")
        return SettingsFile.LEGACY_PROBLEM if is_legacy else SettingsFile.PROBLEM
    if not path.startswith("data/") or not name.endswith(".yaml"):
        return None
    by_name = {"testdata.yaml": SettingsFile.LEGACY_GROUP, "test_group.yaml": SettingsFile.GROUP}
    return by_name.get(name, SettingsFile.TEST)
