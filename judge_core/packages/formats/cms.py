"""Reads a task in CMS's Italian format: ``task.yaml``, ``input/``, ``output/``, ``gen/GEN``, ``sol/``,
``check/`` or ``cor/``.

https://github.com/cms-dev/cms (cmscontrib/loaders/italy_yaml.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from judge_core.languages import guess_language
from judge_core.model.numbers import Bounds
from judge_core.packages.formats.checkers import CheckerKind, ForeignChecker, wrapped
from judge_core.packages.formats.keys import Keys, yaml_keys
from judge_core.packages.formats.record import (
    Aggregation,
    Content,
    ForeignGroup,
    ForeignLimits,
    ForeignProblem,
    ForeignProgram,
    ForeignStatement,
    ForeignSubmission,
    ForeignTest,
)
from judge_core.packages.formats.source import FileSource, broken
from judge_core.packages.group_settings import FULL_SCORE
from judge_core.packages.number_bounds import LIMITS, SCORE, TIME
from judge_core.packages.package import propose_slug

FILE = "task.yaml"
_CHECKERS = ("check/checker", "cor/correttore")
_MANAGERS = ("check/manager", "cor/manager")
_STATEMENTS = ("statement/statement.pdf", "testo/testo.pdf")
_SOLUTIONS = ("solution", "soluzione", "sol", "correct")
_PROGRAM_ENDINGS = (".cpp", ".cc", ".c", ".pas", ".py")
_DRIVERS = {".cpp": ("cpp", "main.cpp"), ".c": ("c", "main.c")}
_MOST_TESTS = 10_000
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)


def read(source: FileSource) -> list[ForeignProblem]:
    """The task. Raises ``BrokenPackage`` if its kind or its checker cannot be carried over."""
    return [_Reader(source, yaml_keys(source.text(FILE), FILE)).problem()]


@dataclass(frozen=True, slots=True)
class _Reader:
    source: FileSource
    keys: Keys

    def problem(self) -> ForeignProblem:
        if any(
            self.source.below(folder).files and self._program(stem)
            for stem in _MANAGERS
            for folder in [stem.split("/")[0]]
        ):
            raise broken(
                _MANAGERS[0],
                "a communication task: submissions that talk to a manager cannot be carried over",
            )
        name = self.keys.text("name") or self.keys.text("nome_breve", "task")
        title = self.keys.text("title") or self.keys.text("nome", name)
        groups = tuple(self._groups())
        statements = tuple(self._statements())
        answers_only = self.keys.flag("output_only")
        validator = self._validator()
        self._note_keys(answers_only)
        memory = self.keys.number("memory_limit", LIMITS["memory"]) or self.keys.number(
            "memlimit", LIMITS["memory"]
        )
        return ForeignProblem(
            slug=propose_slug(name),
            names={each.language: title for each in statements} or {"en": title},
            limits=ForeignLimits(
                self.keys.number("time_limit", TIME) or self.keys.number("timeout", TIME),
                memory,
            ),
            groups=groups,
            samples=tuple(self._samples()),
            scoring=True,
            answers_only=answers_only,
            statements=statements,
            validator=validator,
            validator_flags=() if validator else ("case_sensitive",),
            submissions=tuple(self._submissions()),
            include=dict(self._drivers()),
            attachments=dict(self.source.below("att").files),
        )

    def _note_keys(self, answers_only: bool) -> None:
        has_driver = any(True for _ in self._drivers())
        for key, default in (("infile", "input.txt"), ("outfile", "output.txt")):
            if self.keys.text(key, default) and not has_driver and not answers_only:
                self.source.not_carried(
                    FILE, f"{key} {self.keys.text(key, default)[:40]!r}: submissions use stdin and stdout"
                )
        for key in self.keys.data:
            if key.startswith("token_") and key != "token_mode":
                self.source.not_carried(f"{FILE} {key}", "tokens have no counterpart")

    def _groups(self) -> Iterator[ForeignGroup]:
        """The subtasks in GEN. If there are none, each test has the same share of ``total_value``."""
        shown = self._public()
        subtasks = list(self._subtasks())
        count = sum(tests for _, tests in subtasks)
        named = self.keys.number("n_input", Bounds(0, _MOST_TESTS))
        if subtasks and named is not None and int(named) != count:
            raise broken("gen/GEN", f"has {count} tests, and {FILE} says n_input: {int(named)}")
        if not subtasks:
            count = int(named or 0)
            subtasks = [(None, count)]
        if not 0 < count <= _MOST_TESTS:
            raise broken(FILE, f"has {count} tests; from 1 to {_MOST_TESTS} are allowed", "n_input")
        at = 0
        for points, tests in subtasks:
            group = tuple(
                self._test(number, number in shown or shown == {-1}) for number in range(at, at + tests)
            )
            at += tests
            if points is None:
                total = self.keys.number("total_value", SCORE)
                yield ForeignGroup(group, FULL_SCORE if total is None else total, Aggregation.SUM)
            else:
                partial = self._program_of(_CHECKERS) is not None
                yield ForeignGroup(group, points, Aggregation.MIN if partial else Aggregation.PASS_FAIL)

    def _test(self, number: int, shown: bool) -> ForeignTest:
        return ForeignTest(
            self.source.path(f"input/input{number}.txt"),
            self.source.path(f"output/output{number}.txt"),
            open=shown,
        )

    def _public(self) -> set[int]:
        """The numbers of the tests whose results are shown. -1 means all."""
        text = self.keys.text("public_testcases") or self.keys.text("risultati")
        if text.strip() == "all":
            return {-1}
        return {int(each) for each in text.split(",") if _WHOLE.fullmatch(each.strip())}

    def _subtasks(self) -> Iterator[tuple[float | None, int]]:
        """The points and the number of tests of each subtask, from the comments in GEN."""
        if "gen/GEN" not in self.source:
            return
        points, tests, lines = None, 0, 0
        for line in self.source.text("gen/GEN").splitlines():
            command, hash_sign, comment = line.partition("#")
            comment = comment.strip()
            if hash_sign and comment.startswith("ST:"):
                if points is not None:
                    yield points, tests
                points, tests = self._subtask_points(comment), 0
            elif command.strip() or (hash_sign and comment.startswith("COPY:")):
                tests += 1
                lines += 1
        if points is not None or lines:
            yield points, tests

    def _subtask_points(self, comment: str) -> float:
        text = comment.removeprefix("ST:").strip()
        if not _WHOLE.fullmatch(text) or int(text) > 1_000_000:
            raise broken("gen/GEN", f"{comment[:60]!r} names no points of a subtask")
        return float(text)

    def _samples(self) -> Iterator[ForeignTest]:
        """The examples that authors put among the attachments of a CMS task."""
        for name, hit in self.source.matching(r"att/(.*?)input(\d*)\.txt"):
            answer = f"att/{hit.group(1)}output{hit.group(2)}.txt"
            if answer in self.source:
                yield ForeignTest(self.source.path(name), self.source.path(answer))

    def _statements(self) -> Iterator[ForeignStatement]:
        language = self.keys.text("primary_language", "it")[:2]
        for name in _STATEMENTS:
            if name in self.source:
                yield ForeignStatement(language, "pdf", self.source.path(name))
                return
        self.source.not_carried("statement", "there is no statement/statement.pdf and no testo/testo.pdf")

    def _program(self, stem: str) -> str | None:
        return next(
            (f"{stem}{ending}" for ending in ("", *_PROGRAM_ENDINGS) if f"{stem}{ending}" in self.source),
            None,
        )

    def _program_of(self, stems: tuple[str, ...]) -> str | None:
        return next((found for stem in stems if (found := self._program(stem))), None)

    def _validator(self) -> ForeignProgram | None:
        """The checker from its source. The format also has a compiled program, which runs on one kind of
        machine only."""
        sources = [f"{stem}{ending}" for stem in _CHECKERS for ending in _PROGRAM_ENDINGS]
        name = next((each for each in sources if each in self.source), None)
        if name is None:
            compiled = next((stem for stem in _CHECKERS if stem in self.source), None)
            if compiled is None:
                return None
            if not self.source.read(compiled).startswith(b"#!/usr/bin/env python"):
                raise broken(
                    compiled, "is a compiled program: put its source beside it (checker.cpp, correttore.cpp)"
                )
            name = compiled
        folder, main = name.rsplit("/", 1)
        files: dict[str, Content] = {main if "." in main else f"{main}.py": self.source.path(name)}
        for header, hit in self.source.matching(rf"{folder}/([^/]+\.(?:h|hpp))"):
            files[hit.group(1)] = self.source.path(header)
        return wrapped(ForeignChecker(next(iter(files)), files, CheckerKind.CMS, scoring=True))

    def _drivers(self) -> Iterator[tuple[str, Content]]:
        """The graders as drivers. CMS compiles them together with the submission."""
        graders = {hit.group(1): name for name, hit in self.source.matching(r"sol/grader(\.\w+)")}
        headers = {hit.group(1): name for name, hit in self.source.matching(r"sol/([^/]+\.(?:h|hpp))")}
        for ending, name in graders.items():
            if ending not in _DRIVERS:
                self.source.not_carried(
                    name, "drivers in this language are written in another way: see docs on function problems"
                )
                continue
            folder, main = _DRIVERS[ending]
            yield f"{folder}/{main}", self.source.path(name)
            yield from ((f"{folder}/{header}", self.source.path(path)) for header, path in headers.items())

    def _submissions(self) -> Iterator[ForeignSubmission]:
        for name, hit in self.source.matching(r"sol/([^/]+)"):
            stem = hit.group(1).rsplit(".", 1)[0].lower()
            if stem in ("grader", "stub") or guess_language(name) is None:
                continue
            folder = "accepted" if stem in _SOLUTIONS else "mixed"
            if folder == "mixed":
                self.source.not_carried(
                    name, "the format names no expected verdict: it is judged without one"
                )
            yield ForeignSubmission(folder, hit.group(1), self.source.path(name))
