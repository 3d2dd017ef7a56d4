"""Writes a package in the legacy format, for Kattis or DOMjudge.

https://github.com/Kattis/problem-package-format (spec/legacy.md), https://github.com/DOMjudge/domjudge
(doc/manual/problem-format.rst).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from judge_core.model.numbers import readable
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import list_files
from judge_core.packages.formats.writer import score_of
from judge_core.packages.group_settings import Aggregation
from judge_core.packages.metadata import LEGACY_LIMITS, Format
from judge_core.packages.package import Package, TestCase, TestGroup

_RENAMED = {"statement": "problem_statement", "output_validator": "output_validators/validator"}
_FOLDERS = ("accepted", "partially_accepted", "wrong_answer", "time_limit_exceeded", "run_time_error")
_NO_WORDS = ("submissions/submissions.yaml", "static_validator/", "include/")
_GROUP_FILES = ("test_group.yaml", "testdata.yaml")


@dataclass(frozen=True, slots=True)
class LegacyWriter:
    """Writes one package into ``folder``. ``notes`` collects what the format cannot express."""

    package: Package
    folder: Path
    notes: Diagnostics
    domjudge: bool = False

    def write(self) -> None:
        is_new = self.package.metadata.format is not Format.LEGACY
        self._copy(is_new)
        if is_new:
            self._yaml("problem.yaml", self._metadata())
            self._groups()
        self._time_limit()

    def _copy(self, is_new: bool) -> None:
        """Copy the files, except those with settings, to their legacy names.

        Constants are filled in outside of ``data/``.
        """
        for name, path in list_files(self.package.folder, Diagnostics()).files:
            if is_new and (name == "problem.yaml" or name.rsplit("/", 1)[-1] in _GROUP_FILES):
                continue
            if name in (".timelimit", "domjudge-problem.ini"):
                continue
            if is_new and name.startswith(_NO_WORDS):
                self.notes.warn(name, "the legacy format does not have this file: judges may not read it")
            target = self.folder / (_legacy_name(name) if is_new else name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if self.package.metadata.constants and not name.startswith("data/"):
                target.write_bytes(self.package.source(path))
            else:
                shutil.copyfile(path, target)
            target.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        for program in self.package.submissions if is_new else ():
            if program.name.split("/")[0] not in _FOLDERS:
                self.notes.warn(
                    f"submissions/{program.name}", "has no expected verdict that the format knows"
                )

    def _metadata(self) -> dict[str, object]:
        metadata, kind = self.package.metadata, self.package.metadata.type
        words = ["custom" if self.package.output_validators else "default"]
        words += ["score"] if kind.scoring and self.package.output_validators else []
        words += [
            word
            for word, meant in (("interactive", kind.interactive), ("multi-pass", kind.multi_pass))
            if meant
        ]
        limits: dict[str, object] = {name: getattr(metadata.limits, name) for name in LEGACY_LIMITS}
        for key, extras in (
            ("time_factors", metadata.extras.time_factors),
            ("memory_extras", metadata.extras.memory_extras),
        ):
            limits |= {key: dict(extras)} if extras else {}
        flags = self._problem_flags()
        optional: dict[str, object] = {
            "uuid": metadata.uuid,
            "author": ", ".join(metadata.authors),
            "source": metadata.source,
            "rights_owner": metadata.rights_owner,
            "keywords": " ".join(word.replace(" ", "-") for word in metadata.keywords),
            "validator_flags": " ".join(flags),
            "languages": " ".join(metadata.languages),
            "validator_protocol": metadata.validator_protocol and metadata.validator_protocol.value,
            "required_files": list(metadata.required_files),
        }
        return {
            "problem_format_version": "legacy",
            "name": metadata.names.get("en") or next(iter(metadata.names.values()), self.package.slug),
            "type": "scoring" if kind.scoring else "pass-fail",
            "license": metadata.license,
            "validation": " ".join(words),
            **{key: value for key, value in optional.items() if value},
            "limits": limits,
            **({"grading": {"show_test_data_groups": True}} if kind.scoring else {}),
        }

    def _problem_flags(self) -> tuple[str, ...]:
        flags = {case.settings.validator_flags for case in self.package.cases if not case.static}
        if len(flags) > 1:
            self.notes.warn("data", "validator flags that differ between tests are left out")
        return next(iter(flags)) if len(flags) == 1 else ()

    def _groups(self) -> None:
        if not self.package.metadata.type.scoring:
            return
        self._yaml("data/testdata.yaml", {"on_reject": "continue", "grader_flags": "ignore_sample"})
        secret = next((each for each in self.package.data.groups() if each.name == "secret"), None)
        if secret is not None and secret.parts:
            self._group(secret, secret.settings.secret_maximum)

    def _group(self, group: TestGroup, points: float) -> None:
        """Write the settings of a group. Its parts add up, or it gives all points or none."""
        settings, name = group.settings, f"data/{group.name}/testdata.yaml"
        if settings.require_pass:
            names = ", ".join(settings.require_pass)
            self.notes.warn(name, f"the legacy format cannot say that {names} must pass first (require_pass)")
        shares = _shares(group, points)
        inner = [part for part in group.parts if isinstance(part, TestGroup)]
        written: dict[str, object] = {"range": f"0 {readable(points)}"}
        if settings.aggregation is Aggregation.SUM or inner:
            written |= {"on_reject": "continue", "grader_flags": "sum"}
            written |= {"accept_score": score_of(shares[group.parts[-1].name])} if not inner else {}
        else:
            written |= {"on_reject": "break", "grader_flags": "min", "accept_score": score_of(points)}
        self._yaml(name, written)
        for part in inner:
            self._group(part, shares[part.name])

    def _time_limit(self) -> None:
        seconds = self.package.metadata.limits.time
        if self.domjudge:
            name = self.package.metadata.names.get("en") or self.package.slug
            lines = [f"name = '{name}'"] if "'" not in name else [f'name = "{name}"']
            lines += [f"timelimit = {readable(seconds)}"] if seconds is not None else []
            (self.folder / "domjudge-problem.ini").write_text("\n".join([*lines, ""]), encoding="utf-8")
        elif seconds is not None:
            (self.folder / ".timelimit").write_text(f"{readable(seconds)}\n")

    def _yaml(self, name: str, value: dict[str, object]) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _legacy_name(name: str) -> str:
    top, slash, rest = name.partition("/")
    return f"{_RENAMED.get(top, top)}{slash}{rest}"


def _shares(group: TestGroup, points: float) -> dict[str, float]:
    """The points of each part of a group, by its name.

    They are the part's own points, or an even share of the points that the other parts leave.
    """
    own = {part.name: _own(part) for part in group.parts}
    left = points - sum(each for each in own.values() if each is not None)
    open_parts = sum(1 for each in own.values() if each is None)
    return {name: left / open_parts if each is None else each for name, each in own.items()}


def _own(part: TestCase | TestGroup) -> float | None:
    return part.settings.max_score if isinstance(part, TestGroup) else part.max_score
