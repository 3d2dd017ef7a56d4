"""Reads an export of HOJ: ``problem_1000.json`` beside the folder ``problem_1000/`` with its tests.

https://github.com/HimitZH/HOJ (import-problem.md of its documentation,
hoj-springboot/DataBackup/src/main/java/top/hcode/hoj/manager/file/ProblemFileManager.java).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from judge_core.model.numbers import Bounds
from judge_core.packages.formats.checkers import USES_TESTLIB, CheckerKind, ForeignChecker, wrapped
from judge_core.packages.formats.keys import Keys, json_keys
from judge_core.packages.formats.languages import file_name
from judge_core.packages.formats.record import (
    Aggregation,
    Content,
    ForeignGroup,
    ForeignLimits,
    ForeignProblem,
    ForeignProgram,
    ForeignStatement,
    ForeignTest,
)
from judge_core.packages.formats.source import FileSource, broken
from judge_core.packages.number_bounds import LIMITS, SCORE, TIME
from judge_core.packages.package import propose_slug

_MILLISECONDS = Bounds(TIME.low * 1000, TIME.high * 1000, "ms")
_DIFFICULTIES = {"0": "easy", "1": "medium", "2": "hard"}


def read(source: FileSource) -> list[ForeignProblem]:
    """Every problem of the export. Raises ``BrokenPackage`` if one cannot be carried over."""
    names = [
        (name, hit.group(1))
        for name, hit in source.matching(r"([^/]+)\.json")
        if source.below(hit.group(1)).files
    ]
    return [
        _one(source.below(folder).apart(), json_keys(source.text(name), name), folder)
        for name, folder in names
    ]


def _one(source: FileSource, keys: Keys, folder: str) -> ForeignProblem:
    problem = _Reader(source, keys, folder).problem()
    return replace(problem, notes=source.faults.warnings)


def _examples(text: str) -> Iterator[ForeignTest]:
    """The examples of a statement. HOJ stores them as one text with tags."""
    for part in text.split("<input>")[1:]:
        given, closed, rest = part.partition("</input>")
        _, opened, answer = rest.partition("<output>")
        if closed and opened:
            yield ForeignTest(given.encode(), answer.partition("</output>")[0].encode())


@dataclass(frozen=True, slots=True)
class _Reader:
    source: FileSource
    keys: Keys
    folder: str

    @property
    def _inner(self) -> Keys:
        return self.keys.map("problem")

    def problem(self) -> ForeignProblem:
        inner = self._inner
        scoring = inner.text("type", "0") == "1"
        milliseconds = inner.number("timeLimit", _MILLISECONDS)
        memory = inner.number("memoryLimit", LIMITS["memory"])
        title = inner.text("title") or inner.text("problemId", self.folder)
        self._refuse_other_modes()
        difficulty = _DIFFICULTIES.get(inner.text("difficulty"))
        return ForeignProblem(
            slug=propose_slug(inner.text("problemId") or title),
            names={"zh": title},
            limits=ForeignLimits(None if milliseconds is None else milliseconds / 1000, memory),
            groups=tuple(self._groups(scoring)),
            samples=tuple(_examples(inner.text("examples"))),
            scoring=scoring,
            statements=(ForeignStatement("zh", "md", self._statement().encode()),),
            validator=self._validator(scoring),
            validator_flags=() if inner.text("spjCode").strip() else ("case_sensitive",),
            attachments=dict(self._templates()),
            keywords=(*self.keys.texts("tags"), *([difficulty] if difficulty else [])),
            source=re.sub(r"<[^>]*>", "", inner.text("source")[:500]),
        )

    def _refuse_other_modes(self) -> None:
        mode = self.keys.text("judgeMode", "default")
        if mode == "interactive":
            raise self.keys.fault(
                "judgeMode", "HOJ's interactors cannot be carried over: write an output validator"
            )
        for key in ("userExtraFile", "judgeExtraFile"):
            if key in self.keys:
                self.source.not_carried(f"{self.keys.file} {key}", "extra files have no counterpart")
        self.source.not_carried(
            self.keys.file, "an export of HOJ brings no solutions: add some to submissions/"
        )

    def _groups(self, scoring: bool) -> Iterator[ForeignGroup]:
        by_group: dict[str, list[ForeignTest]] = {}
        case_mode = self._inner.text("judgeCaseMode", "default")
        for each in self.keys.maps("samples"):
            name = each.text("groupNum") if case_mode.startswith("subtask") else ""
            test = ForeignTest(
                self._file(each, "input"), self._file(each, "output"), each.number("score", SCORE)
            )
            by_group.setdefault(name, []).append(test)
        if not by_group:
            raise self.keys.fault("samples", "names no tests")
        if case_mode == "subtask_average":
            self.source.not_carried(
                self.keys.file, "subtask_average: the tests of a subtask share its points"
            )
        for tests in by_group.values():
            points = [test.points or 0.0 for test in tests]
            if scoring and case_mode == "subtask_lowest":
                yield ForeignGroup(tuple(tests), min(points))
            else:
                yield ForeignGroup(
                    tuple(tests), sum(points), Aggregation.SUM if scoring else Aggregation.PASS_FAIL
                )

    def _file(self, case: Keys, key: str) -> Content:
        """A file of a test. Older exports name it by its whole path on the exporting host."""
        name = case.text(key).replace("\\", "/").rsplit("/", 1)[-1]
        if name not in self.source:
            raise broken(f"{self.folder}/{name}", f"is missing; {self.keys.file} names it", key)
        return self.source.path(name)

    def _statement(self) -> str:
        inner = self._inner
        parts = [inner.text("description")]
        for heading, key in (("Input", "input"), ("Output", "output"), ("Hint", "hint")):
            if inner.text(key).strip():
                parts.append(f"## {heading}\n\n{inner.text(key)}")
        return "\n\n".join(parts) + "\n"

    def _validator(self, scoring: bool) -> ForeignProgram | None:
        code = self._inner.text("spjCode").encode()
        if not code.strip():
            return None
        language = self._inner.text("spjLanguage", "C++")
        name = file_name("checker", language)
        files: dict[str, Content] = {name or "checker": code}
        if USES_TESTLIB.search(code):
            if "testlib.h" not in self.source:
                raise self._inner.fault("spjCode", f"includes testlib.h: put that into {self.folder}/")
            files["testlib.h"] = self.source.path("testlib.h")
        checker = ForeignChecker(name or "checker", files, CheckerKind.HOJ, scoring)
        if checker.language is None:
            raise self._inner.fault("spjLanguage", f"a checker in {language[:40]!r} cannot be carried over")
        return wrapped(checker)

    def _templates(self) -> Iterator[tuple[str, Content]]:
        for each in self.keys.maps("codeTemplates"):
            name = file_name("starter", each.text("language"))
            if name and each.text("code").strip():
                yield name, each.text("code").encode()
