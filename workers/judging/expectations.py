"""Expectations of bundled submissions, from folder names and ``submissions/submissions.yaml`` (2023-07)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from judge_core.model.numbers import NumberFault, readable
from judge_core.model.submission import Outcome, Verdict
from judge_core.packages import Package, Program
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.metadata import Format
from judge_core.packages.number_bounds import SCORES
from judge_core.packages.yaml_reader import YamlMap, open_yaml_map
from workers.judging.errors import PackageBroken

_FILE = "submissions/submissions.yaml"
_WORDS = ("AC", "WA", "TLE", "RTE")
_AS_THE_FORMAT_HAS_IT = {
    Verdict.MLE: frozenset({"RTE"}),
    # A program that prints without end may reach the output limit or the time limit first.
    Verdict.OLE: frozenset({"RTE", "TLE"}),
}
"""Verdicts of Gavel that the format does not have, and the format's verdicts that stand for them. For OLE
both are right."""
_NOT_JUDGED = ("authors", "model_solution")
_SCORE_ROUNDING = 1e-6
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST_CHARACTERS = 100_000
"""The bound on the characters of all patterns that one pattern with braces stands for."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A rule for submissions that match ``submissions``, and for tests that match ``tests`` (empty: all)."""

    submissions: str
    tests: str = ""
    permitted: tuple[str, ...] = _WORDS
    required: tuple[str, ...] = _WORDS
    score: tuple[float, float] | None = None
    message: str = ""
    use_for_time_limit: str = ""

    @property
    def bounds_below(self) -> bool:
        """Whether the time limit must be above the submission's time, because the submission must be accepted
        or ``submissions.yaml`` says so."""
        return self.use_for_time_limit == "lower" or (
            set(self.permitted) == {"AC"} and self.use_for_time_limit in ("", "true")
        )

    @property
    def bounds_above(self) -> bool:
        """Whether the submission must be too slow on a test, so that the time limit is below its time."""
        return self.use_for_time_limit == "upper" or (
            set(self.required) == {"TLE"} and self.use_for_time_limit in ("", "true")
        )

    def covers(self, test: str) -> bool:
        return not self.tests or matches(self.tests, test)

    def is_for(self, name: str) -> bool:
        return matches(self.submissions, name)

    def faults(self, outcome: Outcome, groups: Mapping[str, float] | None = None) -> Iterator[str]:
        """One line for each broken expectation. ``groups`` are the scores of groups."""
        place = f" in {self.tests}" if self.tests else ""
        tests = [test for test in outcome.tests if self.covers(test.name)]
        found = {test.verdict for test in tests}
        refused = sorted(verdict.value for verdict in found if not _words(verdict) & set(self.permitted))
        if refused:
            yield f"{', '.join(refused)} is not permitted{place}"
        if tests and not any(_words(verdict) & set(self.required) for verdict in found):
            yield f"no test{place} is {' or '.join(self.required)}"
        if self.message and not any(self.message in (test.message or "") for test in tests):
            yield f"no judgemessage.txt{place} has {self.message!r}"
        for name, score in self._scored(outcome, groups or {}):
            if self.score and not self.score[0] - _SCORE_ROUNDING <= score <= self.score[1] + _SCORE_ROUNDING:
                low, high = map(readable, self.score)
                yield f"the score{name} is {readable(score)}, not from {low} to {high}"

    def _scored(self, outcome: Outcome, groups: Mapping[str, float]) -> Iterator[tuple[str, float]]:
        """The scores that the expectation is about: the submission's score, or the scores of the named
        groups."""
        if not self.tests:
            yield "", outcome.score or 0.0
        for pattern in _regexes(self.tests) if self.tests else ():
            yield from (
                (f" of {name}", score) for name, score in groups.items() if re.fullmatch(pattern, name)
            )


def _words(verdict: Verdict) -> frozenset[str]:
    return _AS_THE_FORMAT_HAS_IT.get(verdict, frozenset({verdict.value}))


DEFAULTS = (
    Expectation("accepted", permitted=("AC",)),
    Expectation("rejected", required=("RTE", "TLE", "WA")),
    Expectation("wrong_answer", permitted=("AC", "WA"), required=("WA",)),
    Expectation("time_limit_exceeded", permitted=("AC", "TLE"), required=("TLE",)),
    Expectation("run_time_error", permitted=("AC", "RTE"), required=("RTE",)),
    Expectation("brute_force", permitted=("AC", "RTE", "TLE"), required=("RTE", "TLE")),
)
"""The expectations of folder names in 2023-07, which ``submissions.yaml`` may replace."""


def expectations_for(
    package: Package, program: Program, legacy: tuple[str, ...] = ()
) -> tuple[Expectation, ...]:
    """All expectations of a submission, from its folder's name and from ``submissions.yaml``.

    In the legacy format only the folders named in ``legacy`` have these expectations.
    """
    own = tuple(rule for rule in read_expectations(package) if rule.is_for(program.name))
    folder = program.name.split("/")[0]
    if any(rule.submissions == folder and not rule.tests for rule in own):
        return own
    counts = package.metadata.format is not Format.LEGACY or folder in legacy
    return (*(rule for rule in DEFAULTS if counts and rule.submissions == folder), *own)


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How ``submissions.yaml`` wants a submission built. If a field is empty, the files' names decide."""

    language: str = ""
    entrypoint: str = ""


def read_build_settings(package: Package) -> tuple[tuple[str, BuildSettings], ...]:
    """The patterns of submissions in ``submissions.yaml``, and how these submissions are built."""
    keys = open_yaml_map(package.folder / _FILE, _FILE, Diagnostics(), package.metadata.constants)
    maps = ((pattern, keys.map(pattern)) for pattern in keys)
    return tuple(
        (pattern, BuildSettings(each.text("language") or "", each.text("entrypoint") or ""))
        for pattern, each in maps
    )


def build_settings(package: Package, name: str) -> BuildSettings:
    """How a submission is to be built. Later patterns fill in fields that are empty in earlier ones."""
    build = BuildSettings()
    for pattern, each in read_build_settings(package):
        if matches(pattern, name):
            build = BuildSettings(build.language or each.language, build.entrypoint or each.entrypoint)
    return build


def read_expectations(package: Package) -> tuple[Expectation, ...]:
    """All expectations in ``submissions.yaml``; empty without this file. Raises PackageBroken if the file is
    wrong."""
    faults = Diagnostics()
    keys = open_yaml_map(package.folder / _FILE, _FILE, faults, package.metadata.constants)
    found = tuple(chain.from_iterable(_expectations(pattern, keys.map(pattern)) for pattern in keys))
    if faults.errors:
        raise PackageBroken("; ".join(str(fault) for fault in faults.errors))
    return found


def _expectations(pattern: str, keys: YamlMap) -> Iterator[Expectation]:
    keys.ignore("language", "entrypoint")
    yield _expectation(pattern, "", keys)
    for name in keys:
        if keys.is_map(name):
            yield _expectation(pattern, name, keys.map(name))


def _expectation(pattern: str, tests: str, keys: YamlMap) -> Expectation:
    keys.ignore(*_NOT_JUDGED)
    plain = next(
        (each for each in DEFAULTS if each.submissions == pattern and not tests), Expectation(pattern)
    )
    return Expectation(
        pattern,
        tests,
        _verdicts(keys, "permitted", plain.permitted),
        _verdicts(keys, "required", plain.required),
        _score(keys),
        keys.text("message") or "",
        (keys.text("use_for_time_limit") or "").lower(),
    )


def _verdicts(keys: YamlMap, key: str, plain: tuple[str, ...]) -> tuple[str, ...]:
    words = keys.texts(key) or plain
    for word in words:
        if word not in _WORDS:
            keys.fault(key, f"must be one of {', '.join(_WORDS)}, not {word!r}")
    return words


def _score(keys: YamlMap) -> tuple[float, float] | None:
    words = keys.texts("score")
    try:
        numbers = [SCORES["score"].parse(word) for word in words or ()]
    except NumberFault as fault:
        keys.fault("score", f"must be one or two numbers; a number {fault}")
        return None
    if words is not None and len(numbers) not in (1, 2):
        keys.fault("score", "must be one or two numbers")
    return (numbers[0], numbers[-1]) if len(numbers) in (1, 2) else None


def matches(pattern: str, path: str) -> bool:
    """Whether the pattern matches the path or a folder above it. ``*`` matches within one name only; braces
    list alternatives."""
    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(re.fullmatch(one, each) for one in _regexes(pattern) for each in above)


def _regexes(pattern: str) -> list[str]:
    """The regular expressions of a pattern, one for each choice in its braces. Raises PackageBroken if there
    are too many."""
    open_ones, plain = [pattern], list[str]()
    while open_ones:
        one = open_ones.pop()
        hit = _BRACES.search(one)
        options = hit.group(1).split(",") if hit else []
        if len(one) * (len(open_ones) + len(plain) + len(options)) > _MOST_CHARACTERS:
            raise PackageBroken(f"{_FILE}: {pattern[:80]!r} stands for too many names")
        if hit is None:
            plain.append(_regex(one))
        else:
            open_ones += [one[: hit.start()] + word + one[hit.end() :] for word in reversed(options)]
    return plain


def _regex(pattern: str) -> str:
    """A regular expression for the pattern. Every star but the last matches as little as possible and does
    not backtrack, since a longer match could not help the rest."""
    first, *rest = (re.escape(part) for part in pattern.split("*"))
    inner = "".join(f"(?>[^/]*?{part})" for part in rest[:-1])
    return first + inner + (f"[^/]*{rest[-1]}" if rest else "")
