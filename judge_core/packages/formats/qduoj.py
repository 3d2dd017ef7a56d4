"""Reads an export of QDUOJ. It has a folder for each problem, with ``problem.json`` and ``testcase/``.

https://github.com/QingdaoU/OnlineJudge (problem/views/admin.py, problem/serializers.py).
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace

from judge_core.model.numbers import Bounds
from judge_core.packages.formats.checkers import CheckerKind, ForeignChecker, wrapped
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
    ForeignSubmission,
    ForeignTest,
)
from judge_core.packages.formats.source import FileSource, broken
from judge_core.packages.number_bounds import LIMITS, SCORE, TIME
from judge_core.packages.package import propose_slug

FILE = "problem.json"
_MILLISECONDS = Bounds(TIME.low * 1000, TIME.high * 1000, "ms")
_PARTS = (
    ("", "description"),
    ("Input", "input_description"),
    ("Output", "output_description"),
    ("Hint", "hint"),
)
MOST_PROBLEMS = 500


def read(source: FileSource) -> list[ForeignProblem]:
    """Every problem of the export. Raises ``BrokenPackage`` if one cannot be carried over."""
    folders = [hit.group(1) for _, hit in source.matching(r"((?:[^/]+/)*)problem\.json")]
    if len(folders) > MOST_PROBLEMS:
        raise broken(
            FILE,
            f"is in the folders of {len(folders)} problems; at most {MOST_PROBLEMS} are imported at once",
        )
    return [
        _one(source.below(each).apart(), json_keys(source.text(f"{each}{FILE}"), f"{each}{FILE}"))
        for each in folders
    ]


def _one(source: FileSource, keys: Keys) -> ForeignProblem:
    problem = _Reader(source, keys).problem()
    return replace(problem, notes=source.faults.warnings)


@dataclass(frozen=True, slots=True)
class _Reader:
    source: FileSource
    keys: Keys

    def problem(self) -> ForeignProblem:
        scoring = self.keys.text("rule_type", "ACM") == "OI"
        milliseconds = self.keys.number("time_limit", _MILLISECONDS)
        memory = self.keys.number("memory_limit", LIMITS["memory"])
        title = self.keys.text("title") or self.keys.text("display_id", "problem")
        return ForeignProblem(
            slug=propose_slug(self.keys.text("display_id") or title),
            names={"en": title},
            limits=ForeignLimits(None if milliseconds is None else milliseconds / 1000, memory),
            groups=(self._group(scoring),),
            samples=tuple(
                ForeignTest(each.text("input").encode(), each.text("output").encode())
                for each in self.keys.maps("samples")
            ),
            scoring=scoring,
            statements=(self._statement(),),
            validator=self._validator(scoring),
            validator_flags=() if "spj" in self.keys else ("case_sensitive",),
            submissions=tuple(self._submissions()),
            attachments=dict(self._templates()),
            keywords=self.keys.texts("tags"),
            source=self.keys.text("source"),
        )

    def _group(self, scoring: bool) -> ForeignGroup:
        tests = []
        for each in self.keys.maps("test_case_score"):
            output = each.text("output_name")
            answer = self.source.path(f"testcase/{output}") if output and output != "-" else None
            tests.append(
                ForeignTest(
                    self.source.path(f"testcase/{each.text('input_name')}"),
                    answer,
                    each.number("score", SCORE),
                )
            )
        if not tests:
            tests = list(self._named_tests())
        if not tests:
            raise broken(f"{self.keys.file}", "names no tests, and testcase/ has none")
        total = sum(test.points or 0.0 for test in tests)
        return ForeignGroup(tuple(tests), total, Aggregation.SUM if scoring else Aggregation.PASS_FAIL)

    def _named_tests(self) -> Iterator[ForeignTest]:
        found = sorted(self.source.matching(r"testcase/(\d+)\.in"), key=lambda each: int(each[1].group(1)))
        for name, hit in found:
            output = f"testcase/{hit.group(1)}.out"
            yield ForeignTest(
                self.source.path(name), self.source.path(output) if output in self.source else None, 1.0
            )

    def _statement(self) -> ForeignStatement:
        """The statement: Markdown if all of its parts are Markdown, else HTML."""
        parts = [(heading, *self._part(key)) for heading, key in _PARTS]
        written = [(heading, format, text) for heading, format, text in parts if text.strip()]
        if written and all(format == "markdown" for _, format, _ in written):
            texts = [f"## {heading}\n\n{text}" if heading else text for heading, _, text in written]
            return ForeignStatement("en", "md", "\n\n".join(texts).encode())
        lines = []
        for heading, format, text in written:
            lines += [f"<h2>{heading}</h2>"] if heading else []
            lines.append(text if format == "html" else f"<pre>{html.escape(text)}</pre>")
            if format != "html":
                self.source.not_carried(self.keys.file, "Markdown beside HTML is shown as it was written")
        return ForeignStatement("en", "html", "\n".join(lines).encode())

    def _part(self, key: str) -> tuple[str, str]:
        """The format and the text of a part of the statement. Older exports have only the text."""
        if not isinstance(self.keys.data.get(key), dict):
            return "html", self.keys.text(key)
        part = self.keys.map(key)
        return part.text("format", "html"), part.text("value")

    def _validator(self, scoring: bool) -> ForeignProgram | None:
        if "spj" not in self.keys:
            return None
        spj = self.keys.map("spj")
        name = file_name("checker", spj.text("language"))
        files: dict[str, Content] = {name or "checker": spj.text("code").encode()}
        checker = ForeignChecker(name or "checker", files, CheckerKind.QDUOJ, scoring)
        if checker.language is None:
            raise spj.fault("language", f"a checker in {spj.text('language')[:40]!r} cannot be carried over")
        return wrapped(checker)

    def _submissions(self) -> Iterator[ForeignSubmission]:
        for at, answer in enumerate(self.keys.maps("answers"), 1):
            name = file_name(f"answer{at}", answer.text("language"))
            if name is None:
                self.source.not_carried(
                    f"{self.keys.file} answers[{at - 1}]", f"no language {answer.text('language')[:40]!r}"
                )
            else:
                yield ForeignSubmission("accepted", name, answer.text("code").encode())

    def _templates(self) -> Iterator[tuple[str, Content]]:
        for language in self.keys.map("template").data:
            template = self.keys.map("template").map(language)
            if template.text("prepend").strip() or template.text("append").strip():
                raise template.fault(
                    "prepend",
                    "code around the submission cannot be carried over: write a driver into include/",
                )
            name = file_name("starter", language)
            if name and template.text("template").strip():
                yield name, template.text("template").encode()
