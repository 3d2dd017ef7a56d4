"""Reads a folder of tests in Codeforces' style: ``tests/01`` and ``tests/01.a``, a checker with testlib,
solutions.

This format has no specification. The names are those that Polygon, https://github.com/MikeMirzayanov/testlib
(checkers, validators, generators) and their users give. No file of Codeforces has limits. The package's
author has to add them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from judge_core.languages import guess_language
from judge_core.packages.formats.checkers import USES_TESTLIB, wrapped_interactor
from judge_core.packages.formats.record import (
    Content,
    ForeignGroup,
    ForeignLimits,
    ForeignProblem,
    ForeignProgram,
    ForeignSubmission,
    ForeignTest,
)
from judge_core.packages.formats.source import FileSource, broken

_FOLDERS = ("", "test", "tests", "data", "testdata")
_INPUT_ENDINGS = (".in", ".txt", "")
_ANSWERS = (".a", ".ans", ".out", ".ok")
_CHECKER = r"(?:.*/)?(?:check|checker|chk|check_?er)\.(?:cpp|cc)"
_VALIDATOR = r"(?:.*/)?(?:val|validator|validate)\w*\.(?:cpp|cc)"
_INTERACTOR = r"(?:.*/)?(?:interactor|interact)\.(?:cpp|cc)"
_GENERATOR = r"(?:.*/)?(gen\w*\.(?:cpp|cc|py))"
_HEADER = r"(?:.*/)?([^/]+\.(?:h|hpp))"
_VERDICTS = (
    ("wrong_answer", re.compile(r"(?:^|[_/-])(?:wa|wrong)")),
    ("time_limit_exceeded", re.compile(r"(?:^|[_/-])(?:tl|tle|slow|brute)")),
    ("run_time_error", re.compile(r"(?:^|[_/-])(?:re|rte|ml|mle)(?:$|[_.\d-])")),
    ("accepted", re.compile(r"(?:^|[_/-])(?:ok|ac|main|std|sol|solution|correct|accepted|model|author)")),
)


def read(source: FileSource) -> list[ForeignProblem]:
    """The problem. Raises ``BrokenPackage`` if there are no tests, or if testlib.h is missing."""
    return [_Reader(source).problem()]


def looks_so(source: FileSource) -> bool:
    """Whether the files look like this format: there are tests with answers."""
    return next(_Reader(source).tests(), None) is not None


@dataclass(frozen=True, slots=True)
class _Reader:
    source: FileSource

    def problem(self) -> ForeignProblem:
        tests = tuple(self.tests())
        if not tests:
            raise broken("tests", "has no tests: pairs such as 01 and 01.a, or 1.in and 1.out")
        interactor, checker = self._first(_INTERACTOR), self._first(_CHECKER)
        if interactor is None and checker is None:
            self.source.not_carried("checker", "there is none: outputs are compared word by word")
        validators = [name for name, _ in self.source.matching(_VALIDATOR)]
        self.source.not_carried(
            "limits", "no file names them: set limits.time_limit and limits.memory in problem.yaml"
        )
        return ForeignProblem(
            slug="problem",
            names={"en": "Problem"},
            limits=ForeignLimits(),
            groups=(ForeignGroup(tests),),
            interactive=interactor is not None,
            validator=self._validator(interactor, checker),
            validator_flags=() if checker or interactor else ("case_sensitive",),
            input_validators=tuple(ForeignProgram(self._files(name)) for name in validators),
            submissions=tuple(self._submissions()),
            generators={
                hit.group(1): self.source.path(name) for name, hit in self.source.matching(_GENERATOR)
            },
        )

    def tests(self) -> Iterator[ForeignTest]:
        found = []
        for name in sorted(self.source.files):
            folder, slash, base = name.rpartition("/")
            ending = next(each for each in _INPUT_ENDINGS if base.endswith(each))
            stem = base.removesuffix(ending)
            is_numbered = any(each.isdigit() for each in stem) and (bool(ending) or "." not in stem)
            if folder not in _FOLDERS or not is_numbered:
                continue
            names = (f"{folder}{slash}{stem}{each}" for each in _ANSWERS)
            answer = next((each for each in names if each in self.source), None)
            if answer is not None and answer != name:
                numbers = [int(each) for each in re.findall(r"\d{1,18}", stem)]
                found.append((numbers, name, answer))
        for _, name, answer in sorted(found):
            yield ForeignTest(self.source.path(name), self.source.path(answer))

    def _first(self, pattern: str) -> str | None:
        return next((name for name, _ in self.source.matching(pattern)), None)

    def _files(self, name: str) -> dict[str, Content]:
        files: dict[str, Content] = {name.rsplit("/", 1)[-1]: self.source.path(name)}
        for header, hit in self.source.matching(_HEADER):
            files.setdefault(hit.group(1), self.source.path(header))
        if USES_TESTLIB.search(self.source.read(name)) and "testlib.h" not in files:
            raise broken(name, "includes testlib.h, which is not in the folder: put it there")
        return files

    def _validator(self, interactor: str | None, checker: str | None) -> ForeignProgram | None:
        if interactor is not None:
            files = self._files(interactor) | (self._files(checker) if checker else {})
            return wrapped_interactor(
                interactor.rsplit("/", 1)[-1], checker and checker.rsplit("/", 1)[-1], files, False
            )
        return ForeignProgram(self._files(checker)) if checker else None

    def _submissions(self) -> Iterator[ForeignSubmission]:
        tools = (_CHECKER, _VALIDATOR, _INTERACTOR, _GENERATOR)
        for name in sorted(self.source.files):
            is_tool = any(re.fullmatch(pattern, name) for pattern in tools)
            if is_tool or guess_language(name) is None or name.endswith((".h", ".hpp", ".sh")):
                continue
            folder = next((folder for folder, pattern in _VERDICTS if pattern.search(name.lower())), "mixed")
            yield ForeignSubmission(folder, name, self.source.path(name))
