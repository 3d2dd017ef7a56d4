"""Writes a package in Polygon's layout: ``problem.xml`` with tests, testlib programs and tagged solutions.

It writes what ``polygon.py`` reads. Polygon itself has no documented import. Its users upload such a folder
with their own tools.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from judge_core.model.numbers import readable
from judge_core.packages.diagnostics import BrokenPackage, Diagnostic, Diagnostics
from judge_core.packages.formats.checkers import USES_TESTLIB
from judge_core.packages.formats.polygon_names import LANGUAGES, STANDARD_CHECKERS
from judge_core.packages.group_settings import Aggregation
from judge_core.packages.package import Package, Program, TestCase, TestGroup

_TAGS = {
    "accepted": "accepted",
    "wrong_answer": "wrong-answer",
    "time_limit_exceeded": "time-limit-exceeded",
    "run_time_error": "rejected",
    "rejected": "rejected",
    "partially_accepted": "wrong-answer",
    "brute_force": "time-limit-exceeded",
}
_STATEMENT = re.compile(r"problem\.([a-z]{2})\.(tex|pdf)")
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class PolygonWriter:
    """Writes one package into ``folder``. ``notes`` collects what the layout cannot express."""

    package: Package
    folder: Path
    notes: Diagnostics

    def write(self) -> None:
        """Write the package. Raises ``BrokenPackage`` if the layout cannot express its checker or its
        kind."""
        kind = self.package.metadata.type
        if kind.multi_pass or kind.submit_answer:
            raise _broken(
                "problem.yaml", "a multi-pass or submit-answer problem has no place in Polygon's layout"
            )
        root = Element("problem", {"revision": "1", "short-name": self.package.slug, "url": ""})
        self._names(SubElement(root, "names"))
        self._statements(SubElement(root, "statements"))
        self._tests(SubElement(root, "judging", {"input-file": "", "output-file": ""}))
        files, assets = SubElement(root, "files"), SubElement(root, "assets")
        self._programs(SubElement(files, "executables"), assets)
        self._solutions(SubElement(assets, "solutions"))
        tags = SubElement(root, "tags")
        for word in self.package.metadata.keywords:
            SubElement(tags, "tag", {"value": word})
        indent(root)
        ElementTree(root).write(self._path("problem.xml"), encoding="utf-8", xml_declaration=True)

    def _names(self, names: Element) -> None:
        words = {code: word for word, code in LANGUAGES.items()}
        for code, name in self.package.metadata.names.items():
            SubElement(names, "name", {"language": words.get(code, "english"), "value": name})

    def _statements(self, statements: Element) -> None:
        words = {code: word for word, code in LANGUAGES.items()}
        for folder in ("statement", "problem_statement"):
            for path in sorted((self.package.folder / folder).glob("*")):
                hit = _STATEMENT.fullmatch(path.name)
                if hit is None or hit.group(1) not in words:
                    if path.suffix in (".md", ".html", ".tex"):
                        self.notes.warn(
                            f"{folder}/{path.name}", "statements are LaTeX or PDF there: left out"
                        )
                    continue
                language = words[hit.group(1)]
                target = f"statements/{language}/problem.{hit.group(2)}"
                kind = "application/x-tex" if hit.group(2) == "tex" else "application/pdf"
                place = {"charset": "UTF-8", "language": language, "path": target, "type": kind}
                SubElement(statements, "statement", place)
                shutil.copyfile(path, self._path(target))
                self._pictures(path.parent, f"statements/{language}")

    def _pictures(self, folder: Path, target: str) -> None:
        for path in sorted(folder.glob("*")):
            if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".gif", ".svg"):
                shutil.copyfile(path, self._path(f"{target}/{path.name}"))

    def _tests(self, judging: Element) -> None:
        limits = self.package.metadata.limits
        if limits.time is None:
            raise _broken("problem.yaml", "names no time limit, which Polygon needs", "limits.time_limit")
        testset = SubElement(judging, "testset", {"name": "tests"})
        SubElement(testset, "time-limit").text = str(round(limits.time * 1000))
        SubElement(testset, "memory-limit").text = str(limits.memory * _MIB)
        cases = list(self._cases())
        SubElement(testset, "test-count").text = str(len(cases))
        digits = max(2, len(str(len(cases))))
        SubElement(testset, "input-path-pattern").text = f"tests/%0{digits}d"
        SubElement(testset, "answer-path-pattern").text = f"tests/%0{digits}d.a"
        tests = SubElement(testset, "tests")
        for number, (case, group, points) in enumerate(cases, 1):
            place = {"method": "manual", "sample": "true"} if case.is_sample else {"method": "manual"}
            if self.package.metadata.type.scoring:
                place |= {"group": group, "points": readable(points)}
            SubElement(tests, "test", place)
            shutil.copyfile(case.input, self._path(f"tests/{number:0{digits}d}"))
            if case.answer is not None:
                shutil.copyfile(case.answer, self._path(f"tests/{number:0{digits}d}.a"))
        if self.package.metadata.type.scoring:
            self._groups(SubElement(testset, "groups"))

    def _scored_groups(self) -> Iterator[tuple[TestGroup, float]]:
        """The groups directly below ``secret`` with their points. If there are none, ``secret`` itself."""
        secret = next((each for each in self.package.data.groups() if each.name == "secret"), None)
        if secret is None:
            return
        total = secret.settings.secret_maximum
        inner = [part for part in secret.parts if isinstance(part, TestGroup)]
        own = [part.settings.max_score for part in inner]
        left = total - sum(each for each in own if each is not None)
        for part, points in zip(inner, own, strict=True):
            yield part, left / max(1, own.count(None)) if points is None else points
        if not inner:
            yield secret, total

    def _cases(self) -> Iterator[tuple[TestCase, str, float]]:
        """Every test with its group and its points."""
        for case in self._run_cases(self.package.data):
            if case.is_sample or not self.package.metadata.type.scoring:
                yield case, "0", 0.0
        if not self.package.metadata.type.scoring:
            return
        if self.package.metadata.is_graded_as_legacy:
            raise _broken("data", "make it a package of 2023-07 first: gavel problems import")
        for number, (group, points) in enumerate(self._scored_groups(), 1):
            cases = self._run_cases(group)
            if group.settings.aggregation is Aggregation.SUM:
                yield from (
                    (case, str(number), self._points(case, group, points / len(cases))) for case in cases
                )
            else:
                yield from ((case, str(number), points if case is cases[-1] else 0.0) for case in cases)

    def _run_cases(self, group: TestGroup) -> list[TestCase]:
        """The tests of a group that run the submission. The layout has no static tests."""
        for case in group.cases():
            if case.static:
                self.notes.warn(case.name, "is left out: the layout has no tests that read the source")
        return [case for case in group.cases() if not case.static]

    def _points(self, case: TestCase, group: TestGroup, share: float) -> float:
        """The points of a test that has its own group."""
        own = (each.settings.max_score for each in group.groups() if each is not group and case in each.parts)
        return next((each for each in own if each is not None), share)

    def _groups(self, groups: Element) -> None:
        if any(case.is_sample for case in self.package.cases):
            SubElement(groups, "group", {"name": "0", "points": "0", "points-policy": "complete-group"})
        numbers = {group.name: str(at) for at, (group, _) in enumerate(self._scored_groups(), 1)}
        for group, points in self._scored_groups():
            each_test = group.settings.aggregation is Aggregation.SUM
            policy = {"points-policy": "each-test" if each_test else "complete-group"}
            given = {
                "name": numbers[group.name],
                **policy,
                **({} if each_test else {"points": readable(points)}),
            }
            element = SubElement(groups, "group", given)
            needed = sorted(
                {numbers.get(_top_group(name), "") for name in group.settings.require_pass} - {""}
            )
            if needed:
                dependencies = SubElement(element, "dependencies")
                for name in needed:
                    SubElement(dependencies, "dependency", {"group": name})

    def _programs(self, executables: Element, assets: Element) -> None:
        validators = self.package.output_validators
        kind = self.package.metadata.type
        if not validators:
            first = next((case for case in self.package.cases if not case.static), None)
            flags = first.settings.validator_flags if first else ()
            name = next((name for name, words in STANDARD_CHECKERS.items() if words == flags), None)
            if name is None:
                wanted = " ".join(flags) or "no flags"
                self.notes.warn(
                    "validator_flags", f"testlib has no checker for {wanted}: its wcmp is written instead"
                )
            SubElement(assets, "checker", {"name": f"std::{name or 'wcmp.cpp'}", "type": "testlib"})
        else:
            path = self._testlib_program(validators[0], "interactor" if kind.interactive else "checker")
            asset = SubElement(assets, "interactor" if kind.interactive else "checker", {"type": "testlib"})
            SubElement(asset, "source", {"path": path, "type": "cpp.g++17"})
        listed = SubElement(assets, "validators")
        for program in self.package.input_validators:
            if not self._uses_testlib(program):
                self.notes.warn(program.name, "is no validator of testlib: left out")
                continue
            source = self._testlib_program(program, "validator")
            SubElement(SubElement(listed, "validator"), "source", {"path": source, "type": "cpp.g++17"})
        for generator in sorted((self.package.folder / "generators").glob("*.cpp")):
            shutil.copyfile(generator, self._path(f"files/{generator.name}"))
            executable = SubElement(executables, "executable")
            SubElement(executable, "source", {"path": f"files/{generator.name}", "type": "cpp.g++17"})

    def _uses_testlib(self, program: Program) -> bool:
        return any(USES_TESTLIB.search(path.read_bytes()) for path in program.files if path.suffix == ".cpp")

    def _testlib_program(self, program: Program, what: str) -> str:
        """Copy a program that uses testlib, with its headers, into ``files/``. Returns the path of its
        source."""
        names = {path.name for path in program.files}
        sources = [path for path in program.files if path.suffix in (".cpp", ".cc")]
        if not self._uses_testlib(program) or len(sources) != 1 or "run" in names:
            raise _broken(program.name, f"is no {what} of testlib in one file: Polygon takes no other")
        for each in program.files:
            shutil.copyfile(each, self._path(f"files/{each.name}"))
        return f"files/{sources[0].name}"

    def _solutions(self, solutions: Element) -> None:
        main = True
        for program in self.package.submissions:
            folder, name = program.name.split("/", 1)
            if not program.path.is_file() or folder not in _TAGS:
                self.notes.warn(
                    f"submissions/{program.name}", "is left out: it has several files, or no expected verdict"
                )
                continue
            tag = "main" if folder == "accepted" and main else _TAGS[folder]
            main = main and folder != "accepted"
            target = f"solutions/{folder}_{name}"
            shutil.copyfile(program.path, self._path(target))
            solution = SubElement(solutions, "solution", {"tag": tag})
            SubElement(solution, "source", {"path": target, "type": ""})

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _top_group(name: str) -> str:
    """The group directly below ``secret`` that contains the name in a ``require_pass``."""
    return "/".join(name.split("/")[:2])


def _broken(file: str, message: str, key: str | None = None) -> BrokenPackage:
    return BrokenPackage((Diagnostic(file, message, key),))
