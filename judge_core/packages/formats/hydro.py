"""Reads a problem that Hydro exported: ``problem.yaml``, statements in Markdown, ``testdata/`` with
``config.yaml``.

https://github.com/hydro-dev/Hydro (packages/common/types.ts, packages/common/subtask.ts,
packages/hydrojudge/src/checkers.ts, packages/hydrooj/src/model/problem.ts).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from judge_core.model.numbers import Bounds, NumberFault
from judge_core.packages.formats.checkers import (
    CheckerKind,
    ForeignChecker,
    wrapped,
    wrapped_interactor,
)
from judge_core.packages.formats.keys import Keys, has_half_pair, yaml_keys
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
from judge_core.packages.number_bounds import LIMITS, SCORE, TIME
from judge_core.packages.package import propose_slug

FILE = "problem.yaml"
_CONFIG = ("testdata/config.yaml", "testdata/config.yml", "testdata/Config.yaml")
_KINDS = {
    "hustoj": CheckerKind.HUSTOJ,
    "qduoj": CheckerKind.QDUOJ,
    "lemon": CheckerKind.LEMON,
    "syzoj": CheckerKind.SYZOJ,
    "testlib": CheckerKind.SHARE,
}
_SAMPLE = re.compile(r"^```(input|output)(\d+)[^\n]*\n(.*?)^```[^\n]*\n?", re.MULTILINE | re.DOTALL)
_SAMPLE_WORDS = ("样例", "sample", "example")
_PICTURE = re.compile(r"file://([\w.%-]+)")
_TIME = re.compile(r"([\d.]+)\s*(m?s)?", re.IGNORECASE)
_MEMORY = re.compile(r"([\d.]+)\s*([kmg])?i?b?", re.IGNORECASE)
_MIB = {"k": 1 / 1024, "m": 1.0, "g": 1024.0}
_INPUT_ENDINGS = (".in.txt", ".IN.TXT", ".in", ".IN", ".txt", ".TXT")
_OUTPUT_ENDINGS = ("out", "OUT", "out.txt", "OUT.TXT", "ans", "ANS", "ans.txt", "ANS.TXT")
_LAST_NUMBERS = re.compile(r"(?:(?P<subtask>\d{1,9})[-_])?(?P<test>\d{1,18})$")
_NUMBERED_ENDING = re.compile(r"(?P<stem>\D*)\.(?P<ending>in|IN)(?P<test>\d{1,18})")
_FIRST_NUMBER = re.compile(r"(?P<test>\d{1,18})[-_].*")
_NOT_DONE = {
    "objective": "an objective problem: its answers are chosen, not programmed",
    "remote_judge": "its tests are at another judge: import it from there",
    "communication": "submissions that talk to each other",
}
_LEFT_OUT = ("user_extra_files", "time_limit_rate", "memory_limit_rate", "num_processes", "template")


def read(source: FileSource) -> list[ForeignProblem]:
    """The problem. Raises ``BrokenPackage`` if its tests or its checker cannot be carried over."""
    name = next((each for each in _CONFIG if each in source), None)
    config = yaml_keys(source.text(name) or "{}", name) if name else Keys({}, _CONFIG[0])
    reader = _Reader(source, yaml_keys(source.text(FILE), FILE), config)
    return [reader.problem()]


@dataclass(frozen=True, slots=True)
class _Place:
    """The subtask and the number in an input's name, and the names that its output may have. ``subtask`` is
    ``None`` if the name has none."""

    subtask: int | None
    test: int
    outputs: tuple[str, ...]


def _place_of(name: str) -> _Place | None:
    """The place of an input in ``testdata/`` by its name; ``None`` if it is no input's name.

    Hydro knows names that end with a number (``1-2.in``, ``input3.txt``), numbered endings (``data.in1``)
    and names that begin with a number (``1-small.in``).
    """
    if hit := _NUMBERED_ENDING.fullmatch(name):
        return _Place(None, int(hit["test"]), _numbered_outputs(hit["stem"], hit["ending"], hit["test"]))
    ending = next((each for each in _INPUT_ENDINGS if name.endswith(each)), None)
    if ending is None:
        return None
    stem = name.removesuffix(ending)
    if hit := _LAST_NUMBERS.search(stem[-40:]):
        subtask = int(hit["subtask"]) if hit["subtask"] else None
        return _Place(subtask, int(hit["test"]), _outputs_of(stem))
    if ending in (".in", ".IN") and (hit := _FIRST_NUMBER.fullmatch(stem)):
        return _Place(None, int(hit["test"]), _outputs_of(stem))
    return None


def _outputs_of(stem: str) -> tuple[str, ...]:
    renamed = _renamed(stem)
    names = [f"{each}.{ending}" for each in dict.fromkeys((stem, renamed)) for ending in _OUTPUT_ENDINGS]
    return (*names, f"{renamed}.txt") if renamed != stem else tuple(names)


def _numbered_outputs(stem: str, ending: str, number: str) -> tuple[str, ...]:
    short = "ou" if ending == "in" else "OU"
    long = "out" if ending == "in" else "OUT"
    return tuple(f"{each}.{out}{number}" for each in (stem, _renamed(stem)) for out in (long, short))


def _renamed(stem: str) -> str:
    return stem.replace("input", "output").replace("INPUT", "OUTPUT")


@dataclass(frozen=True, slots=True)
class _Reader:
    source: FileSource
    keys: Keys
    config: Keys

    def problem(self) -> ForeignProblem:
        kind = self.config.text("type", "default")
        if kind in _NOT_DONE:
            raise self.config.fault("type", _NOT_DONE[kind])
        self._note_keys()
        texts = dict(self._texts())
        samples, statements = self._statements(texts)
        groups = tuple(self._groups())
        scoring = len(groups) > 1 or any(group.aggregation is not Aggregation.PASS_FAIL for group in groups)
        title = self.keys.text("title") or self.keys.text("pid", "problem")
        return ForeignProblem(
            slug=propose_slug(self.keys.text("pid") or title),
            names={each.language: title for each in statements} or {"en": title},
            limits=ForeignLimits(self._seconds(self.config, "time"), self._memory(self.config)),
            groups=groups,
            samples=tuple(samples),
            scoring=scoring,
            interactive=kind == "interactive",
            answers_only=kind == "submit_answer",
            statements=tuple(statements),
            validator=self._interactor(scoring) if kind == "interactive" else self._validator(scoring),
            validator_flags=() if kind == "interactive" else self._flags(),
            input_validators=tuple(self._input_validators()),
            submissions=tuple(self._submissions()),
            attachments=self._attachments(texts),
            keywords=self.keys.texts("tag"),
            languages=self._languages(),
        )

    def _note_keys(self) -> None:
        for key in _LEFT_OUT:
            if key in self.config:
                self.source.not_carried(f"{self.config.file} {key}", "it has no counterpart")
        if "filename" in self.config:
            self.source.not_carried(self.config.file, "filename: submissions use stdin and stdout")

    def _seconds(self, keys: Keys, key: str) -> float | None:
        text = keys.text(key) or ("1000ms" if keys is self.config else "")
        hit = _TIME.fullmatch(text.strip())
        if not text:
            return None
        if hit is None:
            raise keys.fault(key, f"{text[:40]!r} is no time such as 1s or 1000ms")
        try:
            seconds = float(hit.group(1)) / (1000 if (hit.group(2) or "ms").lower() == "ms" else 1)
            return TIME.parse(str(seconds))
        except (NumberFault, ValueError) as fault:
            raise keys.fault(key, str(fault)) from fault

    def _memory(self, keys: Keys) -> int:
        text = keys.text("memory") or "256m"
        hit = _MEMORY.fullmatch(text.strip())
        if hit is None:
            raise keys.fault("memory", f"{text[:40]!r} is no size such as 256m")
        try:
            return max(
                1, int(LIMITS["memory"].parse(str(float(hit.group(1)) * _MIB[(hit.group(2) or "m").lower()])))
            )
        except (NumberFault, ValueError) as fault:
            raise keys.fault("memory", str(fault)) from fault

    def _groups(self) -> Iterator[ForeignGroup]:
        given = list(self.config.maps("subtasks"))
        if len(given) > MOST_GROUPS:
            raise self.config.fault("subtasks", f"has more than {MOST_GROUPS} subtasks")
        if not given and "cases" in self.config:
            tests = tuple(self._tests(self.config))
            yield _one_group(tests, "sum")
            return
        if not any("cases" in each for each in given):
            yield from self._found_groups(given)
            return
        ids = [int(each.number("id", Bounds(0, 10_000)) or at) for at, each in enumerate(given, 1)]
        shares = _shared([each.number("score", SCORE) for each in given])
        for at, each in enumerate(given):
            requires = tuple(self._requires(each, {id: before for before, id in enumerate(ids[:at])}))
            yield _one_group(tuple(self._tests(each)), self._kind(each), shares[at], requires)

    def _kind(self, subtask: Keys) -> str:
        """How the points of a subtask follow from its tests."""
        kind = subtask.text("type", "min")
        if kind == "max":
            self.source.not_carried(
                subtask.file, f"{subtask.prefix}type max: the points of its tests are added up"
            )
        return kind

    def _requires(self, keys: Keys, earlier: Mapping[int, int]) -> Iterator[int]:
        """The positions of the earlier subtasks that must pass. ``earlier`` has the positions by number."""
        for each in keys.integers("if", MOST_GROUPS):
            if each in earlier:
                yield earlier[each]
            else:
                self.source.not_carried(keys.file, f"{keys.prefix}if: subtask {each} is judged later")

    def _tests(self, keys: Keys) -> Iterator[ForeignTest]:
        for case in keys.maps("cases"):
            if "time" in case or "memory" in case:
                self.source.not_carried(case.file, f"{case.prefix}time and memory: limits hold for all tests")
            given = self._data_or_nothing(case, "input")
            answer = self._data_or_nothing(case, "output")
            yield ForeignTest(b"" if given is None else given, answer, case.number("score", SCORE))

    def _data(self, name: str) -> Content:
        return self.source.path(f"testdata/{name.lstrip('/')}")

    def _data_or_nothing(self, case: Keys, key: str) -> Content | None:
        """A file of a test. ``None`` if the test has none, which Hydro also writes as /dev/null."""
        name = case.text(key)
        return None if name in ("", "/dev/null") else self._data(name)

    def _found_groups(self, given: list[Keys]) -> Iterator[ForeignGroup]:
        """Tests that are found only by their file names. ``given`` may have the points of a subtask by its
        number."""
        found: dict[int, list[tuple[int, ForeignTest]]] = {}
        named: set[int] = set()
        for name in sorted(self.source.below("testdata").files):
            place = _place_of(name)
            if place is None:
                continue
            output = next((each for each in place.outputs if self._is_output(each, name)), None)
            if output is not None:
                test = ForeignTest(self._data(name), self._data(output))
                found.setdefault(1 if place.subtask is None else place.subtask, []).append((place.test, test))
                named |= {place.subtask} if place.subtask is not None else set()
        if not found:
            raise broken("testdata", "has no tests: pairs such as 1.in and 1.out")
        settings = {int(each.number("id", Bounds(0, 10_000)) or at): each for at, each in enumerate(given, 1)}
        order = sorted(found)
        scores = [settings[id].number("score", SCORE) if id in settings else None for id in order]
        for at, id in enumerate(order):
            tests = tuple(test for _, test in sorted(found[id], key=lambda pair: pair[0]))
            keys = settings.get(id)
            kind = self._kind(keys) if keys else ("min" if id in named else "sum")
            yield _one_group(tests, kind, _shared(scores)[at])

    def _is_output(self, name: str, given: str) -> bool:
        return name != given and f"testdata/{name}" in self.source

    def _program(self, key: str) -> tuple[str, dict[str, Content]]:
        """The main file of a jury's program, and all of its files."""
        value = self.config.data.get(key)
        name = self.config.map(key).text("file") if isinstance(value, dict) else self.config.text(key)
        main = name.rsplit("/", 1)[-1]
        files = {main: self._data(name)}
        for extra in (*self.config.texts("judge_extra_files"), "testlib.h"):
            if f"testdata/{extra}" in self.source:
                files[extra.rsplit("/", 1)[-1]] = self._data(extra)
        return main, files

    def _validator(self, scoring: bool) -> ForeignProgram | None:
        kind = self.config.text("checker_type", "testlib" if "checker" in self.config else "default")
        if kind in ("default", "strict") or "checker" not in self.config:
            return None
        main, files = self._program("checker")
        if kind == "kattis":
            return ForeignProgram(files)
        checker = ForeignChecker(main, files, _KINDS.get(kind, CheckerKind.SHARE), scoring)
        if kind not in _KINDS or checker.language is None:
            raise self.config.fault(
                "checker_type", f"a checker of type {kind!r} in {main} cannot be carried over"
            )
        self._require_testlib("checker", files, kind)
        return wrapped(checker)

    def _require_testlib(self, key: str, files: Mapping[str, Content], kind: str = "testlib") -> None:
        if kind == "testlib" and "testlib.h" not in files:
            raise self.config.fault(
                key, "needs testlib.h, which Hydro has on its host: put it into testdata/"
            )

    def _interactor(self, scoring: bool) -> ForeignProgram:
        main, files = self._program("interactor")
        self._require_testlib("interactor", files)
        return wrapped_interactor(main, None, files, scoring)

    def _flags(self) -> tuple[str, ...]:
        if self.config.text("checker_type", "default") == "strict":
            return ("case_sensitive", "space_change_sensitive")
        return ("case_sensitive",) if "checker" not in self.config else ()

    def _input_validators(self) -> Iterator[ForeignProgram]:
        if "validator" in self.config:
            _, files = self._program("validator")
            self._require_testlib("validator", files)
            yield ForeignProgram(files)

    def _submissions(self) -> Iterator[ForeignSubmission]:
        for name, _ in self.source.matching(
            r"(?:testdata|additional_file|solution)/(?:std|solution|sol)\.\w+"
        ):
            yield ForeignSubmission("accepted", name, self.source.path(name))

    def _texts(self) -> Iterator[tuple[str, str]]:
        """The texts of the statement by language."""
        for name, hit in self.source.matching(r"problem(?:_([a-zA-Z_]+))?\.md"):
            yield (hit.group(1) or "zh").split("_")[0].lower()[:2], self.source.text(name)
        content = self.keys.text("content")
        if content:
            try:
                inner = json.loads(content)
            except (ValueError, RecursionError):
                inner = content
            if has_half_pair(inner):
                raise self.keys.fault("content", "has half a surrogate pair: write the character itself")
            named = inner if isinstance(inner, dict) else {"zh": content}
            yield from ((str(code)[:2], str(text)) for code, text in named.items())

    def _statements(self, texts: Mapping[str, str]) -> tuple[list[ForeignTest], list[ForeignStatement]]:
        """The samples of the first statement, and the statements without samples. The pages show samples
        separately."""
        samples: list[ForeignTest] = []
        statements = []
        for code, text in texts.items():
            shown = {(kind, number): body for kind, number, body in _SAMPLE.findall(text)}
            if not samples:
                numbers = sorted((number for kind, number in shown if kind == "input"), key=int)
                for number in numbers:
                    answer = shown.get(("output", number), "")
                    samples.append(ForeignTest(shown["input", number].encode(), answer.encode()))
            plain = _without_empty_headings(_PICTURE.sub(r"\1", _SAMPLE.sub("", text)))
            statements.append(ForeignStatement(code, "md", plain.encode(), self._pictures(text)))
        if not statements:
            self.source.not_carried("statement", "there is none")
        return samples, statements

    def _pictures(self, text: str) -> dict[str, Content]:
        named = set(_PICTURE.findall(text))
        return {
            name: self.source.path(f"additional_file/{name}")
            for name in named
            if f"additional_file/{name}" in self.source
        }

    def _attachments(self, texts: Mapping[str, str]) -> dict[str, Content]:
        shown = {name for text in texts.values() for name in self._pictures(text)}
        return {
            name: path
            for name, path in self.source.below("additional_file").files.items()
            if name not in shown and not name.startswith(("std.", "solution.", "sol."))
        }

    def _languages(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                each.split(".")[0].replace("cc", "cpp").replace("py", "python3")
                for each in self.config.texts("langs")
            )
        )


def _without_empty_headings(text: str) -> str:
    """The text without headings that had nothing but samples below them."""
    kept: list[str] = []
    following = "#"  # the end of the text counts as another heading
    for line in reversed(text.splitlines(keepends=True)):
        about_samples = any(word in line.lower() for word in _SAMPLE_WORDS)
        if line.startswith("#") and about_samples and following.startswith("#"):
            continue
        kept.append(line)
        following = line if line.strip() else following
    return "".join(reversed(kept))


def _one_group(
    tests: tuple[ForeignTest, ...], kind: str, points: float = 100.0, requires: tuple[int, ...] = ()
) -> ForeignGroup:
    if kind == "max":
        kind = "sum"
    if kind != "sum":
        return ForeignGroup(tests, points, Aggregation.PASS_FAIL, requires)
    shares = _shared([test.points for test in tests], points)
    shared = tuple(
        ForeignTest(test.input, test.answer, share) for test, share in zip(tests, shares, strict=True)
    )
    return ForeignGroup(shared, sum(shares), Aggregation.SUM, requires)


def _shared(given: list[float | None], total: float = 100.0) -> list[float]:
    """The points of each part. Parts without points share equally what the others leave."""
    left = max(0.0, total - sum(each for each in given if each is not None))
    open_parts = given.count(None)
    return [left / open_parts if each is None else each for each in given]
