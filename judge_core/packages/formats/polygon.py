"""Reads a full package of Polygon (Codeforces): ``problem.xml`` with tests, testlib programs and tagged
solutions.

The format is not published. This reader follows two other programs:
https://github.com/cn-xcpc-tools/Polygon2DOMjudge (p2d/polygon.py, p2d/asset/config.toml,
p2d/test/test_data/example), https://github.com/cms-dev/cms (cmscontrib/loaders/polygon.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from judge_core.model.numbers import Bounds, NumberFault
from judge_core.packages.formats.checkers import USES_TESTLIB, comparison, wrapped_interactor
from judge_core.packages.formats.polygon_names import LANGUAGES, STANDARD_CHECKERS
from judge_core.packages.formats.record import (
    MOST_GROUPS,
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
from judge_core.packages.formats.xml_tree import parse_xml
from judge_core.packages.number_bounds import LIMITS, SCORE, TIME
from judge_core.packages.package import propose_slug

FILE = "problem.xml"
_MIB = 1 << 20
_MOST_TESTS = 10_000
_MOST_VALIDATORS = 20
_TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "main": ("accepted", ()),
    "accepted": ("accepted", ()),
    "wrong-answer": ("wrong_answer", ()),
    "presentation-error": ("wrong_answer", ()),
    "time-limit-exceeded": ("time_limit_exceeded", ()),
    "memory-limit-exceeded": ("run_time_error", ()),
    "time-limit-exceeded-or-accepted": ("mixed", ("AC", "TLE")),
    "time-limit-exceeded-or-memory-limit-exceeded": ("rejected", ("AC", "TLE", "RTE")),
    "rejected": ("rejected", ()),
    "failed": ("rejected", ()),
}
_PICTURES = r".*\.(?:png|jpe?g|gif|svg|pdf|webp|bmp)"


def read(source: FileSource) -> list[ForeignProblem]:
    """The problem. Raises ``BrokenPackage`` if something that judging needs is missing or invalid."""
    root = parse_xml(source.read(FILE), FILE)
    if root.tag != "problem":
        raise broken(FILE, f"begins with <{root.tag}>, not with <problem>")
    return [_Reader(source, root).problem()]


@dataclass(frozen=True, slots=True)
class _Reader:
    source: FileSource
    root: Element

    def problem(self) -> ForeignProblem:
        testset = self._testset()
        tests, groups = self._groups(testset)
        scoring = any(group.points for group in groups)
        interactor = self._source_of("assets/interactor")
        self._note_files()
        statements = tuple(self._statements())
        return ForeignProblem(
            slug=propose_slug(self.root.get("short-name") or "problem"),
            names=self._names({each.language for each in statements}),
            limits=ForeignLimits(
                self._number(testset, "time-limit", Bounds(1, TIME.high * 1000, "ms")) / 1000,
                max(
                    1,
                    int(self._number(testset, "memory-limit", Bounds(1, LIMITS["memory"].high * _MIB)))
                    // _MIB,
                ),
            ),
            groups=groups if scoring else (ForeignGroup(tuple(tests)),),
            samples=() if interactor else tuple(self._samples(testset)),
            scoring=scoring,
            interactive=interactor is not None,
            statements=statements,
            validator=self._interactor(interactor, scoring) if interactor else self._checker(),
            validator_flags=self._flags() if not interactor else (),
            input_validators=tuple(self._input_validators()),
            submissions=tuple(self._submissions()),
            attachments=self._attachments(),
            generators=self._generators(),
            keywords=tuple(
                each.get("value", "") for each in self.root.iterfind("tags/tag") if each.get("value")
            ),
        )

    def _number(self, element: Element, tag: str, bounds: Bounds) -> float:
        text = (element.findtext(tag) or "").strip()
        try:
            return bounds.parse(text)
        except NumberFault as fault:
            raise broken(FILE, str(fault), f"judging.testset.{tag}") from fault

    def _testset(self) -> Element:
        judging = self.root.find("judging")
        sets = judging.findall("testset") if judging is not None else []
        if judging is None or not sets:
            raise broken(FILE, "has no judging/testset")
        for key in ("input-file", "output-file"):
            if judging.get(key):
                self.source.not_carried(FILE, f"{key} {judging.get(key)!r}: submissions use stdin and stdout")
        chosen = next((each for each in sets if each.get("name") == "tests"), sets[0])
        for each in sets:
            if each is not chosen:
                self.source.not_carried(
                    FILE, f"the test set {each.get('name')!r}: only {chosen.get('name')!r} is judged"
                )
        if judging.get("run-count", "1") not in ("", "1"):
            self.source.not_carried(FILE, f"run-count {judging.get('run-count')}: each test is run once")
        return chosen

    def _groups(self, testset: Element) -> tuple[list[ForeignTest], tuple[ForeignGroup, ...]]:
        """All tests in their order, and the same tests by group. The tests without a group form one group."""
        tests, by_group, order = [], dict[str, list[ForeignTest]](), dict[str, int]()
        for number, element in enumerate(self._test_elements(testset), 1):
            points = self._points(element)
            test = ForeignTest(*self._files_of(testset, number), points)
            tests.append(test)
            name = element.get("group", "")
            order.setdefault(name, len(order))
            by_group.setdefault(name, []).append(test)
        if len(order) > MOST_GROUPS:
            raise broken(FILE, f"has {len(order)} groups; at most {MOST_GROUPS} are allowed")
        settings = {each.get("name", ""): each for each in testset.iterfind("groups/group")}
        return tests, tuple(self._group(by_group[name], settings.get(name), order) for name in order)

    def _test_elements(self, testset: Element) -> list[Element]:
        elements = testset.findall("tests/test")
        if not 0 < len(elements) <= _MOST_TESTS:
            raise broken(FILE, f"has {len(elements)} tests; from 1 to {_MOST_TESTS} are allowed")
        return elements

    def _points(self, element: Element) -> float:
        try:
            return SCORE.parse(element.get("points") or "0")
        except NumberFault as fault:
            raise broken(FILE, str(fault), "test points") from fault

    def _files_of(self, testset: Element, number: int) -> tuple[Content, Content]:
        """The input and the answer of a test. If the package lacks its generated tests, the error names the
        package to download."""
        names = []
        for tag in ("input-path-pattern", "answer-path-pattern"):
            pattern = (testset.findtext(tag) or "").strip()
            if not re.fullmatch(r"[^%]*%0?\d?d[^%]*", pattern):
                raise broken(
                    FILE, f"is {pattern[:80]!r}, and must be a path with one number such as %02d", tag
                )
            names.append(pattern % number)
        if names[0] not in self.source or names[1] not in self.source:
            missing = next(name for name in names if name not in self.source)
            raise broken(
                missing, "is missing: download the full package (Linux) of Polygon, which has all tests"
            )
        return self.source.path(names[0]), self.source.path(names[1])

    def _group(
        self, tests: list[ForeignTest], settings: Element | None, order: Mapping[str, int]
    ) -> ForeignGroup:
        total = sum(test.points or 0.0 for test in tests)
        if settings is None or settings.get("points-policy", "each-test") != "complete-group":
            requires = () if settings is None else tuple(self._requires(settings, order))
            return ForeignGroup(tuple(tests), total, Aggregation.SUM, requires)
        own = settings.get("points")
        try:
            points = SCORE.parse(own) if own else total
        except NumberFault as fault:
            raise broken(FILE, str(fault), "group points") from fault
        return ForeignGroup(tuple(tests), points, requires=tuple(self._requires(settings, order)))

    def _requires(self, settings: Element, order: Mapping[str, int]) -> Iterator[int]:
        name = settings.get("name", "")
        names = dict.fromkeys(each.get("group", "") for each in settings.iterfind("dependencies/dependency"))
        for each in names:
            at = order.get(each)
            if at is not None and at < order[name]:
                yield at
            else:
                self.source.not_carried(FILE, f"group {name!r} depends on {each!r}, which is judged later")

    def _samples(self, testset: Element) -> Iterator[ForeignTest]:
        """The tests that are shown as samples. If the statement has its own text for a test, that text is the
        sample."""
        folder = next((name for name, _ in self._tex_statements()), "").rpartition("/")[0]
        for number, element in enumerate(self._test_elements(testset), 1):
            if element.get("sample", "").lower() in ("true", "1", "yes"):
                shown = [f"{folder}/example.{number:02d}", f"{folder}/example.{number:02d}.a"]
                if all(name in self.source for name in shown):
                    yield ForeignTest(self.source.path(shown[0]), self.source.path(shown[1]))
                else:
                    yield ForeignTest(*self._files_of(testset, number))

    def _tex_statements(self) -> Iterator[tuple[str, Element]]:
        for element in self.root.iterfind("statements/statement"):
            path = element.get("path", "")
            if element.get("type") == "application/x-tex" and path in self.source:
                yield path, element

    def _statements(self) -> Iterator[ForeignStatement]:
        seen = set()
        for path, element in self._tex_statements():
            language = LANGUAGES.get(element.get("language", "").lower())
            if language is None or language in seen:
                self.source.not_carried(path, f"the language {element.get('language')!r} has no code here")
                continue
            seen.add(language)
            folder = path.rpartition("/")[0]
            pictures: dict[str, Content] = {
                hit.group(1): self.source.path(name)
                for name, hit in self.source.matching(rf"{re.escape(folder)}/({_PICTURES})")
            }
            text = self.source.text(path, element.get("charset", ""))
            yield ForeignStatement(language, "tex", text.encode(), pictures)
        if not seen:
            self.source.not_carried("statements", "there is no statement in TeX")

    def _names(self, languages: set[str]) -> dict[str, str]:
        names = {}
        for each in self.root.iterfind("names/name"):
            code = LANGUAGES.get(each.get("language", "").lower())
            if code and (code in languages or not languages):
                names[code] = each.get("value", "")
        first = self.root.find("names/name")
        default = "" if first is None else first.get("value", "")
        return names or {"en": default or self.root.get("short-name", "problem")}

    def _source_of(self, asset: str) -> str | None:
        """The path of an asset's program; ``None`` if there is none. A path without a file is an error."""
        element = self.root.find(f"{asset}/source")
        if element is None:
            return None
        path = element.get("path", "")
        self.source.path(path)
        return path

    def _with_headers(self, path: str) -> dict[str, Content]:
        """A program, the headers of the package, and testlib if the program needs it."""
        files: dict[str, Content] = {path.rsplit("/", 1)[-1]: self.source.path(path)}
        for name, hit in self.source.matching(r"(?:files/)?([^/]+\.(?:h|hpp|hh))"):
            files.setdefault(hit.group(1), self.source.path(name))
        if USES_TESTLIB.search(self.source.read(path)) and "testlib.h" not in files:
            raise broken(path, "includes testlib.h, which is not in the package: put it into files/")
        return files

    def _checker(self) -> ForeignProgram | None:
        path = self._checker_path()
        if path is None:
            return comparison("nyesno") if self._checker_name() == "nyesno.cpp" else None
        return ForeignProgram(self._with_headers(path))

    def _checker_name(self) -> str:
        element = self.root.find("assets/checker")
        return "" if element is None else element.get("name", "").removeprefix("std::")

    def _checker_path(self) -> str | None:
        """The checker's source; ``None`` if it is one of testlib's own checkers and the package does not
        contain it."""
        element = self.root.find("assets/checker/source")
        path = "" if element is None else element.get("path", "")
        if path in self.source:
            return path
        if self.root.find("assets/checker") is None:
            raise broken(FILE, "names no checker (assets/checker)")
        name = self._checker_name()
        if name in STANDARD_CHECKERS or name == "nyesno.cpp":
            return None
        raise broken(path or FILE, "is missing: it is the checker's source")

    def _flags(self) -> tuple[str, ...]:
        return () if self._checker_path() is not None else STANDARD_CHECKERS.get(self._checker_name(), ())

    def _interactor(self, path: str, scoring: bool) -> ForeignProgram:
        checker = self._checker_path() if self.root.find("assets/checker") is not None else None
        files = self._with_headers(path)
        if checker is not None:
            files |= self._with_headers(checker)
        return wrapped_interactor(
            path.rsplit("/", 1)[-1], checker.rsplit("/", 1)[-1] if checker else None, files, scoring
        )

    def _input_validators(self) -> Iterator[ForeignProgram]:
        for element in self.root.findall("assets/validators/validator/source")[:_MOST_VALIDATORS]:
            path = element.get("path", "")
            if path in self.source:
                yield ForeignProgram(self._with_headers(path))
            else:
                self.source.not_carried(path, "the validator's source is missing")

    def _submissions(self) -> Iterator[ForeignSubmission]:
        for element in self.root.iterfind("assets/solutions/solution"):
            tag, program = element.get("tag", ""), element.find("source")
            path = "" if program is None else program.get("path", "")
            if path not in self.source:
                self.source.not_carried(path or "solution", "its source is missing")
                continue
            folder, permitted = _TAGS.get(tag, ("mixed", ()))
            if tag not in _TAGS:
                self.source.not_carried(path, f"the tag {tag!r} is not known, so no verdict is expected")
            yield ForeignSubmission(folder, path, self.source.path(path), permitted)

    def _attachments(self) -> dict[str, Content]:
        paths = [each.get("path", "") for each in self.root.iterfind("files/attachments/file")]
        return {path.rsplit("/", 1)[-1]: self.source.path(path) for path in paths if path in self.source}

    def _generators(self) -> dict[str, Content]:
        """The programs of ``files/`` that are no assets. They are kept for the author, and the judge does not
        run them."""
        used = {each.get("path") for each in self.root.iterfind("assets//source")}
        paths = [each.get("path", "") for each in self.root.iterfind("files/executables/executable/source")]
        return {
            path.rsplit("/", 1)[-1]: self.source.path(path)
            for path in paths
            if path in self.source and path not in used
        }

    def _note_files(self) -> None:
        if any(
            each.get("method") == "generated" for each in self.root.iterfind("judging/testset/tests/test")
        ):
            self.source.not_carried(FILE, "the generators' command lines: the tests are kept as they are")
        if self.root.find("stresses/list/stress") is not None:
            self.source.not_carried(FILE, "stresses: see gavel problems stress")
