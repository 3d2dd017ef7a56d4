"""Reads ``problem.yaml`` of both versions of the format, and time limits from other tools' files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from judge_core.languages import guess_language, languages_named
from judge_core.model.numbers import NumberFault
from judge_core.model.problem import NO_EXTRAS, LanguageExtras, ProblemLimits, ProblemType
from judge_core.model.program_files import LONGEST_PATH, MOST_FILES, name_fault
from judge_core.packages.diagnostics import Diagnostic, Diagnostics
from judge_core.packages.grading import default_group_settings
from judge_core.packages.group_settings import DEFAULT_SETTINGS, GroupSettings
from judge_core.packages.number_bounds import LIMITS, TIME
from judge_core.packages.yaml_reader import YamlMap, open_yaml_map

_LICENSES = ("unknown", "public domain", "cc0", "cc by", "cc by-sa", "educational", "permission")


class Format(StrEnum):
    """The version of the format that a package follows."""

    LEGACY = "legacy"
    V2023_07 = "2023-07"


class ValidatorProtocol(StrEnum):
    """How the judge calls a package's validators and reads their exit codes."""

    KATTIS = "kattis"
    TESTLIB = "testlib"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The content of ``problem.yaml``, in one form for both versions.

    ``validator_flags`` are the legacy format's problem-wide flags. ``custom_validator`` is ``None`` if the
    format has no key for it, so that the validator's folder decides. ``languages`` are the format's codes;
    empty means all. ``is_graded_as_legacy`` is true also for drafts of 2023-07 whose groups still have the
    legacy keys of ``testdata.yaml``. ``default_group_settings`` are those of a legacy group without settings.
    ``declared`` is the version as the package names it. ``validator_protocol`` is ``None`` if the validators'
    sources decide.
    """

    format: Format
    type: ProblemType
    names: dict[str, str]
    limits: ProblemLimits
    authors: tuple[str, ...] = ()
    source: str | None = None
    license: str = "unknown"
    rights_owner: str | None = None
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    validator_flags: tuple[str, ...] = ()
    custom_validator: bool | None = None
    minimize: bool = False
    allow_file_writing: bool = False
    embargo_until: str | None = None
    uuid: str | None = None
    is_graded_as_legacy: bool = False
    default_group_settings: GroupSettings = DEFAULT_SETTINGS
    declared: str = ""
    extras: LanguageExtras = NO_EXTRAS
    validator_protocol: ValidatorProtocol | None = None
    required_files: tuple[str, ...] = ()

    @property
    def may_only_read(self) -> bool:
        """Whether a submission's work folder is read-only. It is writable in the legacy format, or if the
        package allows writing."""
        return self.format is not Format.LEGACY and not self.allow_file_writing


_LEGACY_KEYS = re.compile(
    r"^(on_reject|grading|grader_flags|accept_score|reject_score|range)\s*:", re.MULTILINE
)


def read_metadata(folder: Path, faults: Diagnostics) -> Metadata:
    """The package's metadata with all of its limits. ``limits.time`` is ``None`` if no file sets it."""
    if not (folder / "problem.yaml").is_file():
        missing = "is missing: a problem package needs one in its top folder"
        faults.add(Diagnostic("problem.yaml", missing, warning=(folder / "domjudge-problem.ini").is_file()))
    keys = open_yaml_map(folder / "problem.yaml", "problem.yaml", faults)
    version = _format(keys)
    metadata = _read_legacy(keys) if version is Format.LEGACY else _read_2023(keys)
    metadata = replace(
        metadata, validator_protocol=_validator_protocol(keys), required_files=_required_files(keys)
    )
    keys.close()
    if metadata.limits.time is None:
        metadata = replace(
            metadata, limits=replace(metadata.limits, time=_time_limit_of_other_tools(folder, faults))
        )
    if not metadata.names and (name := _read_ini(folder, "name")):
        metadata = replace(metadata, names={"en": name})
    metadata = replace(metadata, extras=_extras(keys.map("limits"), folder))
    metadata = replace(metadata, declared=keys.text("problem_format_version") or "")
    return _with_grading_format(metadata, folder, faults)


def _validator_protocol(keys: YamlMap) -> ValidatorProtocol | None:
    """Reads Gavel's own key for validators whose sources do not show which protocol they follow."""
    if "validator_protocol" not in keys:
        return None
    words = [each.value for each in ValidatorProtocol]
    return ValidatorProtocol(keys.choice("validator_protocol", words, ValidatorProtocol.KATTIS.value))


def _required_files(keys: YamlMap) -> tuple[str, ...]:
    """Reads Gavel's own key for the names of files that every submission must have."""
    names = tuple(dict.fromkeys(keys.texts("required_files") or ()))
    if len(names) > MOST_FILES:
        keys.fault("required_files", f"at most {MOST_FILES} names are allowed")
        return ()
    for name in names:
        if fault := name_fault(name):
            keys.fault("required_files", f"{name[:LONGEST_PATH]!r} {fault}")
    return names


def _with_grading_format(metadata: Metadata, folder: Path, faults: Diagnostics) -> Metadata:
    if metadata.format is Format.LEGACY:
        return replace(metadata, is_graded_as_legacy=True)
    found = [path for path in sorted((folder / "data").rglob("testdata.yaml")) if path.is_file()]
    old = [path for path in found if _has_legacy_keys(path)]
    for path in old:
        faults.warn(
            str(path.relative_to(folder)), "is of the legacy format: its groups are graded by that format"
        )
    return replace(metadata, is_graded_as_legacy=bool(old))


def _has_legacy_keys(path: Path) -> bool:
    return _LEGACY_KEYS.search(path.read_text(encoding="utf-8-sig", errors="replace")) is not None


def _format(keys: YamlMap) -> Format:
    version = keys.text("problem_format_version", "legacy") or "legacy"
    if version in ("legacy", "legacy-icpc"):
        return Format.LEGACY
    if version not in ("2023-07", "2023-07-draft", "2025-09", "2025-09-draft", "draft"):
        keys.fault("problem_format_version", f"{version!r} is not known; read as 2023-07", warning=True)
    return Format.V2023_07


def _read_legacy(keys: YamlMap) -> Metadata:
    validation = (keys.text("validation", "default") or "default").split()
    grading = keys.map("grading")
    minimize = grading.choice("objective", ("max", "min"), "max") == "min"
    grading.ignore("show_test_data_groups", "custom_scoring")
    defaults = default_group_settings(grading)
    grading.close()
    keys.ignore("source_url", "problem_format_version", "plastex", "libraries", "validator_args")
    authors = keys.text("author") or ""
    return Metadata(
        format=Format.LEGACY,
        type=_legacy_type(keys, validation),
        names=_names(keys),
        limits=_limits(keys.map("limits"), Format.LEGACY),
        authors=tuple(name.strip() for name in authors.replace(" and ", ",").split(",") if name.strip()),
        source=keys.text("source"),
        license=_license(keys),
        rights_owner=keys.text("rights_owner"),
        keywords=tuple(" ".join(keys.texts("keywords") or ()).split()),
        languages=_languages(keys),
        validator_flags=keys.arguments("validator_flags") or (),
        custom_validator=validation[:1] == ["custom"],
        minimize=minimize,
        uuid=keys.text("uuid"),
        default_group_settings=defaults,
    )


def _legacy_type(keys: YamlMap, validation: list[str]) -> ProblemType:
    if not validation or validation[0] not in ("default", "custom"):
        keys.fault("validation", "must begin with default or custom")
    unknown = set(validation[1:]) - {"score", "interactive", "multi-pass", "multipass"}
    if unknown:
        words = ", ".join(sorted(unknown))
        keys.fault(
            "validation", f"may have only score, interactive or multi-pass as further words, not {words}"
        )
    scoring = keys.choice("type", ("pass-fail", "scoring"), "pass-fail") == "scoring"
    passes = bool({"multi-pass", "multipass"} & set(validation))
    return ProblemType(scoring=scoring, interactive="interactive" in validation, multi_pass=passes)


def _read_2023(keys: YamlMap) -> Metadata:
    keys.ignore("version", "problem_format_version", "source_url")
    credits = keys.map("credits") if keys.is_map("credits") else None
    authors = (credits.people("authors") if credits else keys.people("credits")) or ()
    if credits:
        credits.ignore("contributors", "testers", "translators", "packagers", "acknowledgements")
        credits.close()
    return Metadata(
        format=Format.V2023_07,
        type=_type_2023(keys),
        names=_names(keys),
        limits=_limits(keys.map("limits"), Format.V2023_07),
        authors=authors,
        source=_source(keys),
        license=_license(keys),
        rights_owner=keys.text("rights_owner"),
        keywords=keys.texts("keywords") or (),
        languages=_languages(keys),
        constants=keys.map("constants").constants(),
        allow_file_writing=keys.flag("allow_file_writing", False),
        embargo_until=_embargo(keys),
        uuid=keys.text("uuid"),
    )


def _embargo(keys: YamlMap) -> str | None:
    """The time from which the problem may be shown, in UTC and the format of RFC 3339. A date alone means the
    beginning of that day."""
    text = keys.text("embargo_until")
    try:
        moment = datetime.fromisoformat(text) if text else None
        known = moment if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        keys.fault("embargo_until", "must be a date such as 2026-01-31, or 2026-01-31T12:00:00Z")
        return None
    return None if known is None else known.strftime("%Y-%m-%dT%H:%M:%SZ")


def _type_2023(keys: YamlMap) -> ProblemType:
    words = " ".join(keys.texts("type") or ("pass-fail",)).split()
    known = ("pass-fail", "scoring", "multi-pass", "interactive", "submit-answer")
    for word in words:
        if word not in known:
            keys.fault("type", f"must be some of {', '.join(known)}, not {word!r}")
    for one, other in (
        ("pass-fail", "scoring"),
        ("submit-answer", "multi-pass"),
        ("submit-answer", "interactive"),
    ):
        if one in words and other in words:
            keys.fault("type", f"{one} and {other} exclude each other")
    return ProblemType(
        "scoring" in words, "interactive" in words, "multi-pass" in words, "submit-answer" in words
    )


def _names(keys: YamlMap) -> dict[str, str]:
    if keys.is_map("name"):
        return keys.map("name").scalars()
    name = keys.text("name")
    return {"en": name} if name else {}


def _source(keys: YamlMap) -> str | None:
    """The names of one or several sources. Each is a text or a map with a name."""
    return ", ".join(keys.people("source") or ()) or None


def _license(keys: YamlMap) -> str:
    license = (keys.text("license", "unknown") or "unknown").lower()
    if license not in _LICENSES:
        keys.fault("license", f"{license!r} is none of {', '.join(_LICENSES)}", warning=True)
    return license


def _languages(keys: YamlMap) -> tuple[str, ...]:
    found = keys.texts("languages") or ("all",)
    split = tuple(word for text in found for word in text.replace(",", " ").split())
    for name in split:
        if name != "all" and not languages_named(name):
            keys.fault("languages", f"{name[:80]!r} means no language here", warning=True)
    return () if "all" in split else split


LEGACY_LIMITS = (
    "memory",
    "output",
    "code",
    "compilation_time",
    "compilation_memory",
    "validation_time",
    "validation_memory",
    "validation_output",
)
"""The limits of the legacy format that are whole numbers."""
_WHOLE_LIMITS = (*LEGACY_LIMITS, "validation_passes")


def _limits(keys: YamlMap, version: Format) -> ProblemLimits:
    defaults = ProblemLimits()
    legacy = version is Format.LEGACY
    multipliers = keys.map("time_multipliers") if not legacy else keys
    to_limit, to_tle = (
        ("time_multiplier", "time_safety_margin") if legacy else ("ac_to_time_limit", "time_limit_to_tle")
    )
    whole = {name: keys.integer(name, getattr(defaults, name), LIMITS[name]) for name in _WHOLE_LIMITS}
    limits = ProblemLimits(
        **whole,
        time=keys.optional_number("time_limit", TIME),
        time_resolution=keys.number("time_resolution", 1.0, LIMITS["time_resolution"]),
        ac_to_time_limit=multipliers.number(to_limit, 5.0 if legacy else 2.0, LIMITS[to_limit]),
        time_limit_to_tle=multipliers.number(to_tle, 2.0 if legacy else 1.5, LIMITS[to_tle]),
    )
    keys.ignore("time_factors", "memory_extras")
    multipliers.close()
    keys.close()
    return limits


_MULTIPLIERS = ("time_multipliers", "time_multiplier", "time_safety_margin")


def _extras(keys: YamlMap, folder: Path) -> LanguageExtras:
    """Reads Gavel's own keys ``time_factors`` and ``memory_extras`` of ``limits``. Any name of a language is
    accepted in them.

    If a package sets its own multipliers, its time limit counts as chosen for all languages alike.
    """
    factors, extras = keys.map("time_factors"), keys.map("memory_extras")
    return LanguageExtras(
        {
            id: factors.number(name, 1.0, LIMITS["time_factors"])
            for name in factors
            for id in _named(factors, name)
        },
        {
            id: extras.integer(name, 0, LIMITS["memory_extras"])
            for name in extras
            for id in _named(extras, name)
        },
        None if any(name in keys for name in _MULTIPLIERS) else _reference_factor(folder / "submissions"),
    )


def _reference_factor(submissions: Path) -> float | None:
    """The greatest time factor among the languages of these files; ``None`` if no file is in a known
    language."""
    files = (path.name for path in submissions.glob("*/**/*") if path.is_file())
    return max((each.time_factor for name in files if (each := guess_language(name))), default=None)


def _named(keys: YamlMap, name: str) -> tuple[str, ...]:
    found = languages_named(name)
    if not found:
        keys.fault(name, "means no language here", warning=True)
    return found


def _time_limit_of_other_tools(folder: Path, faults: Diagnostics) -> float | None:
    """The time limit in ``.timelimit`` (Kattis) or ``domjudge-problem.ini`` (DOMjudge)."""
    for name, reader in ((".timelimit", _read_timelimit), ("domjudge-problem.ini", _read_domjudge)):
        if not (folder / name).is_file():
            continue
        try:
            text = reader((folder / name).read_text(encoding="utf-8-sig"))
            if text is None:
                continue
            return TIME.parse(text)
        except NumberFault as fault:
            faults.add(Diagnostic(name, str(fault), "time limit"))
        except UnicodeDecodeError:
            faults.error(name, "is not UTF-8")
    return None


def _read_timelimit(text: str) -> str:
    return text.strip()


_INI_LINE = re.compile(
    r"""^[^\S\n]*([\w.-]+)[^\S\n]*=[^\S\n]*(?:"((?:\\.|[^"\\\n])*)"|'([^'\n]*)'|([^;\n]*))""", re.MULTILINE
)
"""A key and its value in an ini file, by the rules of PHP, in which DOMjudge is written. Text after ``;`` is
a comment, except in quotes. A value in quotes of one kind may contain quotes of the other kind."""


def _read_domjudge(text: str, key: str = "timelimit") -> str | None:
    """The value of a key in ``domjudge-problem.ini``. If the key is there several times, its first value
    counts."""
    for hit in _INI_LINE.finditer(text):
        if hit.group(1) == key:
            escaped, quoted, plain = hit.group(2, 3, 4)
            if escaped is not None:
                return re.sub(r'\\(["\\])', r"\1", escaped)
            return quoted if quoted is not None else plain.strip()
    return None


def _read_ini(folder: Path, key: str) -> str | None:
    path = folder / "domjudge-problem.ini"
    try:
        return _read_domjudge(path.read_text(encoding="utf-8-sig"), key) if path.is_file() else None
    except UnicodeDecodeError:
        return None  # a file that cannot be read is reported by the reader of the time limit
