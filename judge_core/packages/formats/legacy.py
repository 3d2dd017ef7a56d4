"""Converts a package of the legacy format, as Kattis and DOMjudge write it, to 2023-07.

https://github.com/Kattis/problem-package-format (spec/legacy.md, spec/2023-07-draft.md),
https://github.com/DOMjudge/domjudge (doc/manual/problem-format.rst). If a legacy grading has no counterpart
in 2023-07, the package is not converted, since the judge reads both formats.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from judge_core.packages.file_list import FileList, copy_files
from judge_core.packages.formats.source import FileSource
from judge_core.packages.formats.writer import score_of
from judge_core.packages.group_settings import Aggregation, GroupSettings, OnReject, VerdictMode
from judge_core.packages.metadata import Format
from judge_core.packages.package import Package, TestGroup
from judge_core.packages.reader import inspect_package

_GROUP_FILES = ("testdata.yaml", "test_group.yaml")
_STATEMENT = re.compile(
    r"(?:problem_statement/|statement/|)problem(?:\.([a-zA-Z-]{2,8}))?\.(tex|md|html|pdf)"
)
_RENAMED = {
    "problem_statement": "statement",
    "input_format_validators": "input_validators",
    "input_validator": "input_validators",
}
_GONE = (".timelimit", "domjudge-problem.ini", "problem.yaml")
_WHOLE_LIMITS = ("memory", "output", "code", "compilation_time", "compilation_memory", "validation_time",
                 "validation_memory", "validation_output", "validation_passes")  # fmt: skip


def convert(source: FileSource, folder: Path, slug: str) -> None:
    """Write the package into ``folder``: converted if it is legacy, else unchanged.

    Raises ``BrokenPackage`` if the package cannot be read.
    """
    copied = source.place / "legacy" / slug
    copy_files(FileList(tuple(source.files.items())), copied)
    package, faults = inspect_package(copied, slug)
    faults.raise_errors()
    if package.metadata.format is not Format.LEGACY:
        copy_files(FileList(tuple(source.files.items())), folder)
        return
    reason = _not_expressible(package)
    if reason is not None:
        source.not_carried("data", f"{reason}; the package stays in the legacy format")
        copy_files(FileList(tuple(source.files.items())), folder)
        return
    _Writer(package, source, folder).write()


@dataclass(frozen=True, slots=True)
class _Writer:
    package: Package
    source: FileSource
    folder: Path

    def write(self) -> None:
        renamed = {
            self._new_name(name): path for name, path in self.source.files.items() if not self._is_gone(name)
        }
        copy_files(FileList(tuple(sorted(renamed.items()))), self.folder)
        self._yaml("problem.yaml", self._metadata())
        self._groups()

    def _is_gone(self, name: str) -> bool:
        if name.rsplit("/", 1)[-1] in _GROUP_FILES and name.startswith("data/"):
            return True
        unused = self.package.metadata.custom_validator is False and name.startswith("output_validator")
        return name in _GONE or unused

    def _new_name(self, name: str) -> str:
        hit = _STATEMENT.fullmatch(name)
        if hit is not None:
            return f"statement/problem.{hit.group(1) or 'en'}.{hit.group(2)}"
        top, slash, rest = name.partition("/")
        return f"{_RENAMED.get(top, top)}{slash}{rest}"

    def _metadata(self) -> dict[str, object]:
        metadata = self.package.metadata
        kind = metadata.type
        kinds = ["scoring" if kind.scoring else "pass-fail"]
        kinds += [
            word
            for word, meant in (("interactive", kind.interactive), ("multi-pass", kind.multi_pass))
            if meant
        ]
        optional: dict[str, object] = {
            "credits": {"authors": list(metadata.authors)} if metadata.authors else None,
            "source": metadata.source,
            "rights_owner": metadata.rights_owner,
            "keywords": list(metadata.keywords) or None,
            "languages": list(metadata.languages) or None,
            "validator_protocol": metadata.validator_protocol and metadata.validator_protocol.value,
            "required_files": list(metadata.required_files),
        }
        return {
            "problem_format_version": "2023-07-draft",
            "name": self._names(),
            "uuid": metadata.uuid or str(uuid.uuid5(uuid.NAMESPACE_URL, self.package.slug)),
            "type": kinds if len(kinds) > 1 else kinds[0],
            "license": metadata.license,
            **{key: value for key, value in optional.items() if value},
            "limits": self._limits(),
            "allow_file_writing": True,
        }

    def _names(self) -> dict[str, str]:
        """A name for each language of a statement."""
        names = dict(self.package.metadata.names)
        languages = {
            hit.group(1) or "en" for name in self.source.files if (hit := _STATEMENT.fullmatch(name))
        }
        default = names.get("en") or next(iter(names.values()), self.package.slug)
        return {code: names.get(code, default) for code in sorted(languages)} or {"en": default}

    def _limits(self) -> dict[str, object]:
        limits = self.package.metadata.limits
        found: dict[str, object] = {name: getattr(limits, name) for name in _WHOLE_LIMITS}
        if not self.package.metadata.type.multi_pass:
            found.pop("validation_passes")
        if limits.time is not None:
            found["time_limit"] = limits.time
        else:
            found["time_multipliers"] = {
                "ac_to_time_limit": limits.ac_to_time_limit, "time_limit_to_tle": limits.time_limit_to_tle
            }  # fmt: skip
        extras = self.package.metadata.extras
        if extras.time_factors:
            found["time_factors"] = dict(extras.time_factors)
        if extras.memory_extras:
            found["memory_extras"] = dict(extras.memory_extras)
        return found

    def _groups(self) -> None:
        """Write a settings file for each group, with its flags and, if it is scored, its scores."""
        flags = {group.name: _flags(group) for group in self.package.data.groups()}
        for group in self.package.data.groups():
            settings: dict[str, object] = {}
            above = "" if "/" not in group.name else group.name.rsplit("/", 1)[0]
            if flags[group.name] != (flags.get(above) if group.name else ((), ())):
                output, given = flags[group.name]
                settings |= {"output_validator_args": list(output)} if output else {}
                settings |= {"input_validator_args": _plain(given)} if given else {}
            if self.package.metadata.type.scoring and group.name.startswith("secret"):
                settings["scoring"] = _scoring(group)
            if settings:
                self._yaml(f"data/{group.name}/test_group.yaml".replace("//", "/"), settings)

    def _yaml(self, name: str, value: dict[str, object]) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _flags(group: TestGroup) -> tuple[tuple[str, ...], object]:
    """The flags of a group's tests if all tests have the same, else none."""
    cases = list(group.cases())
    output = {case.settings.validator_flags for case in cases}
    given = [case.settings.input_validator_flags for case in cases]
    same = given[0] if given and all(each == given[0] for each in given) else ()
    return (next(iter(output)) if len(output) == 1 else ()), same


def _plain(flags: object) -> object:
    if isinstance(flags, dict):
        return {name: list(words) for name, words in flags.items()}
    return list(flags) if isinstance(flags, tuple) else flags


def _not_expressible(package: Package) -> str | None:
    """The first part of a legacy package that 2023-07 cannot express; ``None`` if there is none."""
    if package.grader is not None or package.data.wants_grader:
        return "2023-07 does not allow a package its own grader"
    if len(package.output_validators) > 1:
        return "2023-07 allows only one output validator"
    groups = list(package.data.groups())
    if not package.metadata.type.scoring:
        odd = next((group for group in groups if group.settings.accept_if_any_accepted
                    or group.settings.verdict_mode is VerdictMode.ALWAYS_ACCEPT), None)  # fmt: skip
        return f"group {odd.name or 'data'} is accepted although a test fails" if odd else None
    if package.metadata.minimize:
        return "2023-07 cannot say that a low score is the aim (grading.objective: min)"
    if package.metadata.custom_validator:
        return "its validator may write scores, and 2023-07 reads scores differently"
    return next(filter(None, (_odd_group(group, package.data.settings) for group in groups)), None)


def _odd_group(group: TestGroup, root: GroupSettings) -> str | None:
    """Why a scored group cannot be written in 2023-07."""
    settings, name = group.settings, group.name or "data"
    inner = [part for part in group.parts if isinstance(part, TestGroup)]
    tests = len(group.parts) - len(inner)
    if settings.accept_if_any_accepted or settings.verdict_mode is VerdictMode.ALWAYS_ACCEPT:
        return f"group {name} is accepted although a test fails"
    if settings.reject_score:
        return f"group {name} gives points to refused submissions"
    if group.name == "sample" or group.name.startswith("sample/"):
        scored = settings.accept_score and not root.ignore_sample
        return f"group {name} gives points" if scored and group.parts else None
    if settings.aggregation not in (Aggregation.SUM, Aggregation.MIN):
        return f"the score of group {name} is the {settings.aggregation.value} of its parts"
    if inner and (tests or settings.aggregation is not Aggregation.SUM):
        return f"group {name} has both groups and tests, or its score is the least of its groups"
    if (
        settings.aggregation is Aggregation.SUM
        and settings.on_reject is OnReject.BREAK
        and len(group.parts) > 1
    ):
        return f"group {name} keeps the points before its first failure (on_reject: break)"
    total = sum(score_of_group(group))
    if settings.high < total or settings.low > 0:
        return f"the range of group {name} excludes some of its possible scores"
    return None


def score_of_group(group: TestGroup) -> Iterator[float]:
    """The points of a legacy group's parts. Their sum is the group's score."""
    inner = [
        part for part in group.parts if isinstance(part, TestGroup) and part.name.split("/")[0] != "sample"
    ]
    if inner:
        for part in inner:
            yield from score_of_group(part)
    elif group.settings.aggregation is Aggregation.MIN:
        yield group.settings.accept_score
    else:
        yield group.settings.accept_score * len(group.parts)


def _scoring(group: TestGroup) -> dict[str, object]:
    settings = group.settings
    total = score_of(sum(score_of_group(group)))
    if any(isinstance(part, TestGroup) for part in group.parts) or settings.aggregation is Aggregation.SUM:
        return {"score": total, "aggregation": "sum"}
    return {"score": total, "aggregation": "pass-fail"}
