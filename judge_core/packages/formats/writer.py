"""Writes a problem as a package of the format's version 2023-07."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from judge_core.model.numbers import readable
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.formats.record import (
    Aggregation,
    Content,
    ForeignGroup,
    ForeignProblem,
    ForeignSubmission,
    ForeignTest,
)

_CHUNK = 1 << 20
_LESS = 0.001
"""A score that is smaller by at least this is not the full score."""
_ODD_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(slots=True)
class PackageWriter:
    """Writes one package into an empty folder. The line ends of tests become those of Linux."""

    folder: Path
    faults: Diagnostics
    converted: int = 0

    def write(self, problem: ForeignProblem) -> None:
        self._yaml("problem.yaml", _metadata(problem))
        self._statements(problem)
        self._data(problem)
        self._programs(problem)
        self._submissions(problem)
        for top, files in (
            ("include", problem.include),
            ("attachments", problem.attachments),
            ("generators", problem.generators),
        ):
            self._files(top, files)
        if self.converted:
            self.faults.warn("data", f"{self.converted} files had Windows' line ends, and have Linux' now")

    def _statements(self, problem: ForeignProblem) -> None:
        for each in problem.statements:
            self._file(f"statement/problem.{each.language}.{each.ending}", each.content)
            self._files("statement", each.files)

    def _data(self, problem: ForeignProblem) -> None:
        for number, test in enumerate(problem.samples, 1):
            self._test(f"data/sample/{number:02d}", test)
        if problem.validator_flags:
            self._yaml("data/test_group.yaml", {"output_validator_args": list(problem.validator_flags)})
        if not problem.scoring:
            self._tests("data/secret", _without_samples(problem))
            return
        groups = _ScoredGroups.of(problem)
        total = sum(group.points for group in groups.groups)
        self._yaml("data/secret/test_group.yaml", {"scoring": _scoring(total, Aggregation.SUM)})
        for at, group in enumerate(groups.groups):
            if at not in groups.names:
                continue
            required = [name for each in group.requires for name in groups.required(each)]
            self._group(f"data/secret/{groups.names[at]}", group, required)

    def _group(self, folder: str, group: ForeignGroup, required: list[str]) -> None:
        scoring = _scoring(group.points, group.aggregation)
        if required:
            scoring["require_pass"] = required
        self._yaml(f"{folder}/test_group.yaml", {"scoring": scoring})
        if not has_test_groups(group):
            self._tests(folder, group.tests)
            return
        for number, test in enumerate(group.tests, 1):
            inner = f"{folder}/{number:03d}"
            self._yaml(f"{inner}/test_group.yaml", {"scoring": _scoring(test.points or 0.0, Aggregation.SUM)})
            self._test(f"{inner}/1", test)

    def _tests(self, folder: str, tests: Iterable[ForeignTest]) -> None:
        for number, test in enumerate(tests, 1):
            self._test(f"{folder}/{number:03d}", test)

    def _test(self, stem: str, test: ForeignTest) -> None:
        self._lines(f"{stem}.in", test.input)
        self._lines(f"{stem}.ans", b"" if test.answer is None else test.answer)
        if test.open and not stem.startswith("data/sample/"):
            self._yaml(f"{stem}.yaml", {"full_feedback": True})

    def _programs(self, problem: ForeignProblem) -> None:
        if problem.validator is not None:
            self._files("output_validator", problem.validator.files)
        for number, program in enumerate(problem.input_validators, 1):
            self._files(f"input_validators/validator{number}", program.files)

    def _submissions(self, problem: ForeignProblem) -> None:
        taken: set[str] = set()
        rules: dict[str, dict[str, object]] = {}
        best = sum(group.points for group in problem.groups)
        for given in problem.submissions:
            each = _partial(given) if problem.scoring else given
            name = _free_name(f"{each.folder}/{plain_name(each.name)}", taken)
            self._file(f"submissions/{name}", each.content)
            wanted: dict[str, object] = {
                "permitted": list(each.permitted),
                "required": list(each.required),
                "score": [0, score_of(max(0.0, best - _LESS))] if each.not_full else None,
            }
            if any(wanted.values()):
                rules[name] = {key: value for key, value in wanted.items() if value}
        if rules:
            self._yaml("submissions/submissions.yaml", rules)

    def _files(self, top: str, files: Mapping[str, Content]) -> None:
        for name, content in files.items():
            self._file(f"{top}/{name}", content)

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _file(self, name: str, content: Content) -> None:
        if isinstance(content, bytes):
            self._path(name).write_bytes(content)
        else:
            shutil.copyfile(content, self._path(name))

    def _yaml(self, name: str, value: Mapping[str, object]) -> None:
        self._path(name).write_text(
            yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True), encoding="utf-8"
        )

    def _lines(self, name: str, content: Content) -> None:
        """Write a file of test data with the line ends of Linux."""
        path = self._path(name)
        if isinstance(content, bytes):
            plain = content.replace(b"\r\n", b"\n")
            path.write_bytes(plain)
            self.converted += plain != content
            return
        changed, held = False, b""
        with content.open("rb") as file, path.open("wb") as out:
            while chunk := file.read(_CHUNK):
                chunk = held + chunk
                held = b"\r" if chunk.endswith(b"\r") else b""
                chunk = chunk[: len(chunk) - len(held)]
                plain = chunk.replace(b"\r\n", b"\n")
                changed = changed or len(plain) != len(chunk)
                out.write(plain)
            out.write(held)
        self.converted += changed


def _partial(submission: ForeignSubmission) -> ForeignSubmission:
    """The submission with the expectations of a scoring problem. There, a failed test costs points, and the
    submission may still be accepted."""
    if submission.folder in ("accepted", "mixed", "compile_error"):
        return submission
    too_slow = ("TLE",) if submission.folder == "time_limit_exceeded" else ()
    return replace(submission, folder="mixed", required=too_slow, not_full=True)


def _with_parts(group: ForeignGroup) -> ForeignGroup:
    """The group for a validator that may give a part of a test's points. Since a pass-fail group does not
    allow that, its score becomes the least score of its tests."""
    if group.aggregation is not Aggregation.PASS_FAIL:
        return group
    return replace(group, aggregation=Aggregation.MIN)


def _without_samples(problem: ForeignProblem) -> list[ForeignTest]:
    """The tests of a pass-fail problem that are no samples. If all are samples, all of them."""
    shown = {(sample.input, sample.answer) for sample in problem.samples}
    tests = [test for group in problem.groups for test in group.tests]
    return [test for test in tests if (test.input, test.answer) not in shown] or tests


@dataclass(frozen=True, slots=True)
class _ScoredGroups:
    """The groups of a scoring problem, and the folder names of the groups that are written below
    ``data/secret``."""

    groups: tuple[ForeignGroup, ...]
    names: Mapping[int, str]

    @classmethod
    def of(cls, problem: ForeignProblem) -> _ScoredGroups:
        """Name the groups by number, since they are judged in the order of their names. A group that has only
        samples and no points is not written."""
        groups = tuple(_with_parts(group) if problem.validator else group for group in problem.groups)
        shown = {(sample.input, sample.answer) for sample in problem.samples}
        kept = [
            at
            for at, group in enumerate(groups)
            if group.points or any((test.input, test.answer) not in shown for test in group.tests)
        ]
        return cls(groups, {at: f"group{number:02d}" for number, at in enumerate(kept, 1)})

    def required(self, at: int) -> list[str]:
        """The names for ``require_pass``: the group itself if it is pass-fail, else all of its tests. A group
        that is not written has only samples, so its name is ``sample``."""
        if at not in self.names:
            return ["sample"]
        group, name = self.groups[at], f"secret/{self.names[at]}"
        if group.aggregation is Aggregation.PASS_FAIL:
            return [name]
        inner = "/1" if has_test_groups(group) else ""
        return [f"{name}/{number:03d}{inner}" for number in range(1, len(group.tests) + 1)]


def has_test_groups(group: ForeignGroup) -> bool:
    """Whether each test needs its own group, since the format gives each test of a group an equal share of
    the points."""
    own = {test.points for test in group.tests}
    return group.aggregation is Aggregation.SUM and len(own) > 1


def plain_name(name: str) -> str:
    """A file's name without its folders and without odd characters."""
    return _ODD_IN_NAMES.sub("_", name.rsplit("/", 1)[-1]).lstrip(".") or "solution"


def _free_name(name: str, taken: set[str]) -> str:
    folder, file = name.split("/", 1)
    stem, dot, ending = file.rpartition(".")
    number, free = 2, name
    while free in taken:
        free, number = f"{folder}/{stem}{number}{dot}{ending}", number + 1
    taken.add(free)
    return free


def score_of(points: float) -> int | float:
    """Points as a whole number if possible, else rounded."""
    return int(points) if points == int(points) else round(points, 9)


def _scoring(points: float, aggregation: Aggregation) -> dict[str, object]:
    return {"score": score_of(points), "aggregation": aggregation.value}


def _metadata(problem: ForeignProblem) -> dict[str, object]:
    kinds = ["scoring" if problem.scoring else "pass-fail"]
    kinds += ["interactive"] if problem.interactive else []
    kinds += ["submit-answer"] if problem.answers_only else []
    names = dict(problem.names) or {"en": problem.slug}
    limits: dict[str, object] = {}
    if problem.limits.seconds is not None:
        limits["time_limit"] = float(readable(problem.limits.seconds))
    if problem.limits.memory_mb is not None:
        limits["memory"] = max(1, int(problem.limits.memory_mb))
    optional: dict[str, object] = {
        "credits": {"authors": list(problem.authors)} if problem.authors else None,
        "source": problem.source or None,
        "keywords": list(problem.keywords) or None,
        "languages": list(problem.languages) or None,
        "limits": limits or None,
        # Foreign judges let submissions write files into their working folder.
        "allow_file_writing": True,
    }
    return {
        "problem_format_version": "2023-07-draft",
        "name": names,
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{problem.slug}\n{sorted(names.items())}")),
        "type": kinds if len(kinds) > 1 else kinds[0],
        "license": "unknown",
        **{key: value for key, value in optional.items() if value is not None},
    }
