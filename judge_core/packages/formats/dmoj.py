"""Reads a problem folder of DMOJ: ``init.yml`` and its data, as files or in a zip.

https://github.com/DMOJ/docs (problem_format.md and custom_checkers.md of its folder problem_format),
https://github.com/DMOJ/judge-server (dmoj/checkers, dmoj/contrib, testsuite). Limits and statements are in
the site's database and not in the folder. The judge's own test suite has solutions in ``tests/*/test.yml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from judge_core.model.numbers import Bounds, NumberFault
from judge_core.packages.formats.checkers import (
    USES_TESTLIB,
    CheckerKind,
    ForeignChecker,
    comparison,
    wrapped,
    wrapped_interactor,
)
from judge_core.packages.formats.keys import Keys, yaml_keys
from judge_core.packages.formats.record import (
    MOST_GROUPS,
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

FILE = "init.yml"
_NOT_DONE = {
    "generator": "its tests are made by a generator: run it and put the files into the archive",
    "signature_grader": "a signature grader: write a driver into include/ (docs: function problems)",
    "custom_judge": "a grader in Python: write it as an interactor",
    "handler": "a grader in Python: write it as an interactor",
    "grader": "a grader in Python: write it as an interactor",
}
_ONE_CHECKER = "one case or batch has a checker of its own: the format has one for all tests of a problem"
_LEFT_OUT = (
    "hints", "meta", "symlinks", "output_limit_length", "output_prefix_length", "unbuffered",
    "binary_data", "short_circuit", "wall_time_factor", "file_io",
)  # fmt: skip
_COMPARED: Mapping[str, tuple[str, ...]] = {
    "standard": ("case_sensitive",),
    "identical": ("case_sensitive", "space_change_sensitive"),
    "identical_with_pe": ("case_sensitive", "space_change_sensitive"),
}
_FLOATS = {
    "default": "float_tolerance",
    "relative": "float_relative_tolerance",
    "absolute": "float_absolute_tolerance",
}
_OUTCOMES = {
    "AC": "accepted",
    "WA": "wrong_answer",
    "TLE": "time_limit_exceeded",
    "RTE": "run_time_error",
    "IR": "run_time_error",
    "MLE": "run_time_error",
    "CE": "compile_error",
    "OLE": "output_limit_exceeded",
}
_BRIDGES = {"default": CheckerKind.EXIT_CODE, "coci": CheckerKind.COCI}
_PYTHON_CHECKER = '''"""Calls the check function of a DMOJ checker, and answers as the format has it."""

import sys
import types
from pathlib import Path


class CheckerResult:
    def __init__(self, passed, points, feedback="", extended_feedback=""):
        self.passed, self.points, self.feedback = passed, points, feedback


for name in ("dmoj", "dmoj.result", "dmoj.utils", "dmoj.utils.unicode"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["dmoj.result"].CheckerResult = CheckerResult
texts = sys.modules["dmoj.utils.unicode"]
texts.utf8bytes = lambda text: text.encode() if isinstance(text, str) else text
texts.utf8text = lambda text: text if isinstance(text, str) else text.decode(errors="replace")

from dmoj_checker import check  # noqa: E402

output = sys.stdin.buffer.read()
given = {"judge_input": Path(sys.argv[1]).read_bytes(), "point_value": 1.0, "case_position": 1, "batch": 0,
         "submission_source": b"", "submission_language": "", "binary_data": False, "execution_time": 0.0,
         "problem_id": "", "result": None}
answer = check(output, Path(sys.argv[2]).read_bytes(), **given)
feedback = Path(sys.argv[3])
if isinstance(answer, CheckerResult):
    (feedback / "judgemessage.txt").write_text(str(answer.feedback or ""))
    share = min(1.0, max(0.0, float(answer.points)))
    if answer.passed and SCORING and share < 1:
        (feedback / "score_multiplier.txt").write_text(str(share))
    sys.exit(42 if answer.passed and (SCORING or share >= 1) else 43)
sys.exit(42 if answer else 43)
'''
_NUMBER = re.compile(r"\d{1,18}")
_ANY = Bounds(0, 1e9)


def read(source: FileSource) -> list[ForeignProblem]:
    """The problem. Raises ``BrokenPackage`` if its data or its checker cannot be carried over."""
    keys = yaml_keys(source.text(FILE), FILE)
    for key, why in _NOT_DONE.items():
        if key in keys:
            raise broken(FILE, why, key)
    for key in _LEFT_OUT:
        if key in keys:
            source.not_carried(f"{FILE} {key}", "it has no counterpart")
    data = source.opened_zip(keys.text("archive")) if "archive" in keys else source
    return [_Reader(source, data, keys).problem()]


def _points_of(given: object, keys: Keys) -> float:
    """The points of one case. A value that is no number is an error."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise keys.fault("case_points", "must be numbers")
    try:
        return SCORE.parse(repr(given))
    except NumberFault as fault:
        raise keys.fault("case_points", str(fault)) from fault


@dataclass(frozen=True, slots=True)
class _Reader:
    source: FileSource
    data: FileSource
    keys: Keys

    def problem(self) -> ForeignProblem:
        groups = tuple(self._groups())
        tests = [test for group in groups for test in group.tests]
        equal = len({group.points for group in groups}) == 1 and all(
            len(group.tests) == 1 for group in groups
        )
        scoring = not equal
        if equal:
            why = "the points of its cases, which are all equal: a submission must pass all of them"
            self.source.not_carried(FILE, why)
        interactive = "interactive" in self.keys
        slug = propose_slug((self.keys.text("archive") or "problem").removesuffix(".zip"))
        statements = tuple(self._statements())
        return ForeignProblem(
            slug=slug,
            names={each.language: slug for each in statements} or {"en": slug},
            limits=self._limits(),
            groups=groups if scoring else (ForeignGroup(tuple(tests)),),
            scoring=scoring,
            interactive=interactive,
            statements=statements,
            validator=self._interactor(scoring) if interactive else self._validator(scoring),
            validator_flags=() if interactive else self._flags(),
            submissions=tuple(self._submissions()),
        )

    def _groups(self) -> Iterator[ForeignGroup]:
        cases = self.keys.data.get("test_cases")
        if not isinstance(cases, list):
            yield from self._matched_groups()
            return
        batches: list[int] = []
        for at, case in enumerate(self.keys.maps("test_cases")):
            points = case.number("points", SCORE)
            points = self.keys.number("points", SCORE) if points is None else points
            points = 1.0 if points is None else points
            self._refuse_own_settings(case)
            if "batched" not in case:
                yield ForeignGroup((self._test(case),), points)
                continue
            tests = tuple(self._test(each) for each in case.maps("batched"))
            requires = tuple(self._dependencies(case, batches))
            batches.append(at)
            yield ForeignGroup(tests, points, requires=requires)

    def _dependencies(self, case: Keys, batches: list[int]) -> Iterator[int]:
        for number in case.integers("dependencies", MOST_GROUPS):
            if not 1 <= number <= len(batches):
                raise case.fault("dependencies", f"{number} is no earlier batch")
            yield batches[number - 1]

    def _refuse_own_settings(self, case: Keys) -> None:
        """Refuse settings by which one case or batch is judged in another way than the rest."""
        for key, why in (("checker", _ONE_CHECKER), *_NOT_DONE.items()):
            if key in case:
                raise case.fault(key, why)

    def _test(self, case: Keys) -> ForeignTest:
        self._refuse_own_settings(case)
        for key in case.data:
            if key.endswith("+"):
                raise case.fault(key, "is a dynamic key, which is Python code: write the names themselves")
        if "in" not in case:
            raise case.fault("in", "is missing")
        answer = self._file(case.text("out")) if "out" in case else None
        return ForeignTest(self._file(case.text("in")), answer)

    def _file(self, name: str) -> Content:
        """A file of the problem's folder, else one of its archive, as DMOJ finds it."""
        return self.source.path(name) if name in self.source else self.data.path(name)

    def _matched_groups(self) -> Iterator[ForeignGroup]:
        """Cases that are found by their file names, with DMOJ's own patterns."""
        named = self.keys.map("test_cases")
        for key in ("input_format", "output_format"):
            if key in named:
                raise named.fault(key, "your own pattern is not run: name the cases one by one")
        inputs, outputs = self._numbered("in"), self._numbered("out")
        points = named.list("case_points")
        batches: dict[int, list[ForeignTest]] = {}
        for (batch, case), name in sorted(inputs.items()):
            answer = outputs.get((batch, case))
            if answer is None:
                raise broken(name, "has no output file with the same numbers in its name")
            batches.setdefault(batch, []).append(ForeignTest(self.data.path(name), self.data.path(answer)))
        for at, (_, tests) in enumerate(sorted(batches.items())):
            yield ForeignGroup(tuple(tests), _points_of(points[at], named) if at < len(points) else 1.0)

    def _numbered(self, kind: str) -> dict[tuple[int, int], str]:
        """The files of one kind by batch and case. Each case without a batch is a batch of its own."""
        found: dict[tuple[int, int], str] = {}
        for name in sorted(self.data.files):
            numbers = list(_NUMBER.finditer(name))
            is_kind = f".{kind}" in name or name.startswith(kind)
            if not is_kind or not numbers or name.endswith((".yml", ".zip")):
                continue
            case, before = int(numbers[-1].group()), numbers[-2] if len(numbers) > 1 else None
            has_batch = before is not None and (before.start() == 0 or not name[before.start() - 1].isalnum())
            batch = int(before.group()) if before is not None and has_batch else None
            place = (case, 0) if batch is None else (batch, case)
            if place in found:
                raise broken(name, f"has the numbers of {found[place]}: name the cases one by one in {FILE}")
            found[place] = name
        return found

    def _checker(self) -> tuple[str, Keys]:
        """The name and the arguments of the checker."""
        value = self.keys.data.get("checker", "standard")
        if isinstance(value, dict):
            inner = self.keys.map("checker")
            return inner.text("name", "standard"), inner.map("args")
        return self.keys.text("checker", "standard"), Keys({}, FILE, "checker.")

    def _flags(self) -> tuple[str, ...]:
        name, args = self._checker()
        if name in ("floats", "floatsabs", "floatsrel"):
            mode = {"floatsabs": "absolute", "floatsrel": "relative"}.get(
                name, args.text("error_mode", "default")
            )
            if mode not in _FLOATS:
                raise args.fault("error_mode", f"must be one of {', '.join(_FLOATS)}")
            given = args.number("precision", Bounds(0, 18))
            precision = 6 if given is None else int(given)
            return ("case_sensitive", _FLOATS[mode], f"1e-{precision}")
        return _COMPARED.get(name, ())

    def _validator(self, scoring: bool) -> ForeignProgram | None:
        name, args = self._checker()
        if name in _COMPARED or name.startswith("floats"):
            return None
        if name == "sorted" and args.text("split_on") == "whitespace":
            name = "unordered"
        if (own := comparison(name)) is not None:
            return own
        if name == "bridged":
            return self._bridged(args, scoring)
        if name.endswith(".py") and name in self.source:
            program = _PYTHON_CHECKER.replace("SCORING", str(scoring)).encode()
            return ForeignProgram({"main.py": program, "dmoj_checker.py": self.source.path(name)})
        raise broken(
            FILE,
            f"the checker {name[:80]!r} cannot be carried over: write it as an output validator",
            "checker",
        )

    def _files(self, args: Keys) -> dict[str, Content]:
        names = args.texts("files")
        if not names:
            raise args.fault("files", "is missing")
        files: dict[str, Content] = {
            hit.group(1): self.source.path(name)
            for name, hit in self.source.matching(r"(?:.*/)?(testlib\.h)")
        }
        return files | {name.rsplit("/", 1)[-1]: self.source.path(name) for name in names}

    def _bridged(self, args: Keys, scoring: bool) -> ForeignProgram:
        files, kind = self._files(args), args.text("type", "default")
        main = args.texts("files")[0].rsplit("/", 1)[-1]
        if "args" in args:
            raise args.fault("args", "arguments in another order cannot be carried over")
        if kind == "testlib":
            self._require_testlib(args, files)
            return ForeignProgram(files)
        checker = ForeignChecker(main, files, _BRIDGES.get(kind, CheckerKind.EXIT_CODE), scoring)
        if kind not in _BRIDGES or checker.language is None:
            raise args.fault("type", f"a checker of type {kind!r} in {main} cannot be carried over")
        return wrapped(checker)

    def _require_testlib(self, args: Keys, files: Mapping[str, Content]) -> None:
        uses = any(USES_TESTLIB.search(self.source.read(name)) for name in args.texts("files"))
        if uses and "testlib.h" not in files:
            raise args.fault("files", "testlib.h is not in the folder: put it there")

    def _interactor(self, scoring: bool) -> ForeignProgram:
        args = self.keys.map("interactive")
        if args.text("type", "default") != "testlib":
            raise args.fault("type", "only interactors of type testlib can be carried over")
        files = self._files(args)
        self._require_testlib(args, files)
        return wrapped_interactor(args.texts("files")[0].rsplit("/", 1)[-1], None, files, scoring)

    def _statements(self) -> Iterator[ForeignStatement]:
        found = [name for name, _ in self.source.matching(r"(?:statement|problem|description)\.md")]
        if found:
            yield ForeignStatement("en", "md", self.source.text(found[0]).encode())
        else:
            self.source.not_carried(
                "statement", "DMOJ keeps it in the site's database: add statement/problem.en.md"
            )

    def _solution_settings(self) -> Iterator[tuple[str, Keys]]:
        for name, hit in self.source.matching(r"(tests/[^/]+/)test\.yml"):
            yield hit.group(1), yaml_keys(self.source.text(name), name)

    def _limits(self) -> ForeignLimits:
        settings = [keys for _, keys in self._solution_settings()]
        seconds = [found for keys in settings if (found := keys.number("time", TIME)) is not None]
        kilobytes = [
            found for keys in settings if (found := keys.number("memory", Bounds(1, 1e9))) is not None
        ]
        if not seconds:
            self.source.not_carried(
                "limits", "DMOJ keeps them in the site's database: set limits in problem.yaml"
            )
        memory = int(min(max(1, max(kilobytes) // 1024), LIMITS["memory"].high)) if kilobytes else None
        return ForeignLimits(max(seconds, default=None), memory)

    def _submissions(self) -> Iterator[ForeignSubmission]:
        for folder, keys in self._solution_settings():
            wanted = keys.text("expect", "AC")
            for name in keys.texts("source"):
                kept = _OUTCOMES.get(wanted, "mixed")
                yield ForeignSubmission(
                    kept, f"{folder.split('/')[1]}_{name}", self.source.path(f"{folder}{name}")
                )
