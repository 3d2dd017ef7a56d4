"""What ``submissions/submissions.yaml`` (2023-07) promises of bundled submissions, and what is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from judge_api.catalog.packages import Package
from judge_api.catalog.packages.faults import FaultList
from judge_api.catalog.packages.keys import Keys, open_keys
from judge_api.domain.submission import Outcome
from judge_api.domain.verdict import Verdict
from workers.judging.errors import PackageBroken

_FILE = "submissions/submissions.yaml"
_WORDS = ("AC", "WA", "TLE", "RTE")
_AS_THE_FORMAT_HAS_IT = {Verdict.MLE: "RTE", Verdict.OLE: "RTE"}
_NOT_JUDGED = ("language", "entrypoint", "authors", "model_solution", "message", "use_for_time_limit")
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Expectation:
    """Holds for submissions that match ``submissions``, over tests that match ``tests`` (empty: all)."""

    submissions: str
    tests: str = ""
    permitted: tuple[str, ...] = _WORDS
    required: tuple[str, ...] = _WORDS
    score: tuple[float, float] | None = None

    def is_for(self, name: str) -> bool:
        return matches(self.submissions, name)

    def faults(self, outcome: Outcome) -> Iterator[str]:
        """What the outcome breaks; nothing where no test matches."""
        place = f" in {self.tests}" if self.tests else ""
        tests = [test for test in outcome.tests if not self.tests or matches(self.tests, test.name)]
        found = {_AS_THE_FORMAT_HAS_IT.get(test.verdict, test.verdict.value) for test in tests}
        if not found <= set(self.permitted):
            yield f"{', '.join(sorted(found - set(self.permitted)))} is not permitted{place}"
        if tests and not found & set(self.required):
            yield f"no test{place} is {' or '.join(self.required)}"
        if self.score and not self.tests and not self.score[0] <= (outcome.score or 0.0) <= self.score[1]:
            yield f"the score is not from {self.score[0]:g} to {self.score[1]:g}"


def read_expectations(package: Package) -> tuple[Expectation, ...]:
    """All of a package's; none without the file. Raises PackageBroken when it cannot be read."""
    faults = FaultList()
    keys = open_keys(package.folder / _FILE, _FILE, faults, package.metadata.constants)
    found = tuple(chain.from_iterable(_expectations(pattern, keys.map(pattern)) for pattern in keys))
    if faults.errors:
        raise PackageBroken("; ".join(str(fault) for fault in faults.errors))
    return found


def _expectations(pattern: str, keys: Keys) -> Iterator[Expectation]:
    yield _expectation(pattern, "", keys)
    for name in keys:
        if keys.is_map(name):
            yield _expectation(pattern, name, keys.map(name))


def _expectation(pattern: str, tests: str, keys: Keys) -> Expectation:
    keys.ignore(*_NOT_JUDGED)
    return Expectation(
        pattern, tests, _verdicts(keys, "permitted"), _verdicts(keys, "required"), _score(keys)
    )


def _verdicts(keys: Keys, key: str) -> tuple[str, ...]:
    words = keys.texts(key) or _WORDS
    for word in words:
        if word not in _WORDS:
            keys.fault(key, f"must be of {', '.join(_WORDS)}, not {word!r}")
    return words


def _score(keys: Keys) -> tuple[float, float] | None:
    words = keys.texts("score")
    try:
        numbers = [float(word) for word in words or ()]
    except ValueError:
        numbers = []
    if words is not None and len(numbers) not in (1, 2):
        keys.fault("score", "must be a number or two")
    return (numbers[0], numbers[-1]) if len(numbers) in (1, 2) else None


def matches(pattern: str, path: str) -> bool:
    """Is the path or a folder above it meant? ``*`` stays within a name; braces list alternatives."""
    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(re.fullmatch(one, each) for one in _regexes(pattern) for each in above)


def _regexes(pattern: str) -> list[str]:
    hit = _BRACES.search(pattern)
    if hit is None:
        return [re.escape(pattern).replace(r"\*", "[^/]*")]
    options = hit.group(1).split(",")
    return [one for word in options for one in _regexes(pattern[: hit.start()] + word + pattern[hit.end() :])]
