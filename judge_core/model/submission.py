"""A submission's verdicts and stages, its outcome, and the status that every client gets.

LeetCode's codes and messages for verdicts are here, too, since each status has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from judge_core.model.account import Tier
from judge_core.model.json_records import (
    MAX_COUNT,
    InvalidField,
    Parser,
    flag,
    integer,
    items,
    mapping,
    member,
    number,
    optional,
    plain_object,
    record,
    shallow_dict,
    text,
)


class Verdict(StrEnum):
    """The result of judging a submission. A fault of the judge is never a verdict."""

    AC = "AC"
    WA = "WA"
    TLE = "TLE"
    MLE = "MLE"
    OLE = "OLE"
    RTE = "RTE"
    CE = "CE"

    @property
    def status_code(self) -> int:
        return _STATUS[self][0]

    @property
    def status_msg(self) -> str:
        return _STATUS[self][1]


_STATUS: dict[Verdict, tuple[int, str]] = {
    Verdict.AC: (10, "Accepted"),
    Verdict.WA: (11, "Wrong Answer"),
    Verdict.MLE: (12, "Memory Limit Exceeded"),
    Verdict.OLE: (13, "Output Limit Exceeded"),
    Verdict.TLE: (14, "Time Limit Exceeded"),
    Verdict.RTE: (15, "Runtime Error"),
    Verdict.CE: (20, "Compile Error"),
}

INTERNAL_ERROR: tuple[int, str] = (16, "Internal Error")
CANCELLED: tuple[int, str] = (21, "Cancelled")


MOST_TESTS = 100_000
"""The largest number of tests in an outcome. A package may have a tenth of that."""


class Stage(StrEnum):
    """The stage of a submission; it never goes back to an earlier one within an attempt."""

    QUEUED = "QUEUED"
    COMPILING = "COMPILING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def rank(self) -> int:
        return _RANK[self]

    @property
    def is_final(self) -> bool:
        return self in (Stage.DONE, Stage.FAILED, Stage.CANCELLED)

    @property
    def state(self) -> str:
        """LeetCode's state: PENDING, STARTED, SUCCESS (judged, whatever the verdict) or FAILURE."""
        return _STATE[self]


_RANK = {
    Stage.QUEUED: 0,
    Stage.COMPILING: 1,
    Stage.RUNNING: 2,
    Stage.DONE: 3,
    Stage.FAILED: 3,
    Stage.CANCELLED: 3,
}
_STATE = {
    Stage.QUEUED: "PENDING",
    Stage.COMPILING: "STARTED",
    Stage.RUNNING: "STARTED",
    Stage.DONE: "SUCCESS",
    Stage.FAILED: "FAILURE",
    Stage.CANCELLED: "FAILURE",
}


class Kind(StrEnum):
    """A submission counts for a problem; a run (own input) does not."""

    SUBMISSION = "submission"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class TestResult:
    """The result of one test. The worker truncates the texts. It leaves out input, output, expected output
    and standard error if the submitter may not see the test's data.

    ``exit_code`` and ``signal`` are set for runs with own input only, since they could reveal a secret test.
    ``output_base64`` and ``stderr_base64`` are set for such runs if the texts alone would lose bytes.
    ``interaction`` is the dialogue of an interactive test: ``>`` begins a line of the program, ``<`` a line
    of the judge.
    """

    __test__ = False  # for pytest: this is not a test case

    name: str
    verdict: Verdict
    cpu_ms: int
    wall_ms: int
    memory_kb: int
    sample: bool = False
    score: float | None = None
    detail: str | None = None
    input: str | None = None
    output: str | None = None
    expected: str | None = None
    stderr: str | None = None
    message: str | None = None
    exit_code: int | None = None
    signal: int | None = None
    output_base64: str | None = None
    stderr_base64: str | None = None
    interaction: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in shallow_dict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: Any) -> TestResult:
        """The inverse of :meth:`to_json`. Raises ``InvalidField``."""
        return parse_test_result(data)


_COMPILE_CACHED, _COMPILER = "compile_cached", "compiler"
_SCORING, _OWN_CHECKER = "scoring", "own_checker"
_FACTS = frozenset((_COMPILE_CACHED, _COMPILER, _SCORING, _OWN_CHECKER))
"""Facts of an outcome that are members of ``Outcome.sandbox``. There, a main server of release 0.2.0
stores them, too."""
_LONGEST_COMPILER = 200
SCORE_ERROR = 1e-6
"""Two scores are equal if they differ by less than this. Scores are rounded to six digits."""


def is_full_score(score: float | None, max_score: float | None) -> bool:
    """Whether a score is full marks. If the score or the greatest score is not known, it counts as full
    marks."""
    return score is None or max_score is None or score >= max_score - SCORE_ERROR


@dataclass(frozen=True, slots=True)
class GroupScore:
    """The score of one test group. ``max_score`` is the greatest score that the group can give, if that is
    known."""

    name: str
    score: float
    max_score: float | None = None


@dataclass(frozen=True, slots=True)
class Scoring:
    """The parts of a scoring problem's score."""

    max_score: float | None = None
    groups: tuple[GroupScore, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"max_score": self.max_score, "groups": [asdict(group) for group in self.groups]}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an attempt that was judged to the end."""

    verdict: Verdict
    tests: tuple[TestResult, ...] = ()
    tests_total: int = 0
    cpu_ms: int | None = None
    wall_ms: int | None = None
    memory_kb: int | None = None
    score: float | None = None
    compile_output: str | None = None
    sandbox: dict[str, Any] | None = None
    groups: dict[str, float] | None = None
    """The scores of the top test groups of a scoring problem. Only events read them, when the outcome is
    recorded."""

    def to_json(self) -> dict[str, Any]:
        body = {
            **shallow_dict(self),
            "verdict": self.verdict.value,
            "tests": [t.to_json() for t in self.tests],
        }
        if self.groups is None:  # most problems have none, and every status would carry it
            del body["groups"]
        return body

    @classmethod
    def from_json(cls, data: Any) -> Outcome:
        """The inverse of :meth:`to_json`. Raises ``InvalidField``."""
        return parse_outcome(data)

    @classmethod
    def from_stored(cls, data: Mapping[str, Any]) -> Outcome:
        """The outcome of stored columns. Invalid parts are left out. Releases before 0.3 stored everything
        that a worker reported, and the rest of the record must stay readable."""
        try:
            return parse_outcome({**data, "tests": list(data["tests"] or ())})
        except (InvalidField, TypeError):
            return _readable_part(data)

    @property
    def compile_cached(self) -> bool | None:
        """Whether the program had been compiled for an earlier submission; ``None`` if not known."""
        found = (self.sandbox or {}).get(_COMPILE_CACHED)
        return found if isinstance(found, bool) else None

    def with_compile_cached(self, cached: bool) -> Outcome:
        """The same outcome, with :attr:`compile_cached`."""
        return replace(self, sandbox={**(self.sandbox or {}), _COMPILE_CACHED: cached})

    @property
    def compiler(self) -> str | None:
        """The compiler or interpreter with its version, such as ``g++ 12.2.0``; ``None`` if not known."""
        found = (self.sandbox or {}).get(_COMPILER)
        return found[:_LONGEST_COMPILER] if isinstance(found, str) else None

    def with_compiler(self, compiler: str | None) -> Outcome:
        """The same outcome, with :attr:`compiler`."""
        if compiler is None:
            return self
        return replace(self, sandbox={**(self.sandbox or {}), _COMPILER: compiler[:_LONGEST_COMPILER]})

    @property
    def scoring(self) -> Scoring | None:
        """The parts of the score; ``None`` if not known."""
        found = (self.sandbox or {}).get(_SCORING)
        if found is None:
            return None
        try:
            scoring: Scoring = _parse_scoring(found)
        except InvalidField:
            return None
        return scoring

    @property
    def max_score(self) -> float | None:
        """The greatest score of the problem at the time of judging; ``None`` if not known."""
        scoring = self.scoring
        return scoring.max_score if scoring else None

    @property
    def has_full_marks(self) -> bool:
        """Whether the verdict is accepted and, in a scoring problem, the score is the greatest one."""
        return self.verdict is Verdict.AC and is_full_score(self.score, self.max_score)

    @property
    def has_own_checker(self) -> bool:
        """Whether a program of the problem checked the answers. Then several answers to one test may be
        right."""
        return (self.sandbox or {}).get(_OWN_CHECKER) is True

    def with_own_checker(self) -> Outcome:
        """The same outcome, with :attr:`has_own_checker` true."""
        return replace(self, sandbox={**(self.sandbox or {}), _OWN_CHECKER: True})

    def with_scoring(self, scoring: Scoring) -> Outcome:
        """The same outcome, with :attr:`scoring`."""
        return replace(self, sandbox={**(self.sandbox or {}), _SCORING: scoring.to_json()})

    def without_group_scores(self) -> Outcome:
        """The same outcome, with only the greatest score of :attr:`scoring`."""
        scoring = self.scoring
        return self if scoring is None else self.with_scoring(replace(scoring, groups=()))

    @property
    def isolation(self) -> dict[str, Any] | None:
        """The sandbox's mode, as clients get it."""
        found = self.sandbox
        if found is None or _FACTS.isdisjoint(found):
            return found
        return {name: value for name, value in found.items() if name not in _FACTS}

    def with_texts_cut(self, longest: int) -> Outcome:
        """The same outcome, with each text cut after ``longest`` characters."""
        tests = tuple(replace(test, **_cut_texts(test, longest)) for test in self.tests)
        return replace(self, **{**_cut_texts(self, longest), "tests": tests})


def _cut_texts(of: TestResult | Outcome, longest: int) -> dict[str, Any]:
    texts = {name: getattr(of, name, None) for name in _TEXTS}
    return {name: value[:longest] for name, value in texts.items() if value is not None}


def _readable_part(data: Mapping[str, Any]) -> Outcome:
    found = {name: value for name, value in data.items() if _is_valid(_OUTCOME_FIELDS[name], value)}
    tests = data["tests"] if isinstance(data["tests"], list) else []
    found["tests"] = [test for test in tests if _is_valid(parse_test_result, test)]
    return parse_outcome(found)


def _is_valid(parse: Parser, value: Any) -> bool:
    try:
        parse(value)
    except InvalidField:
        return False
    return True


_TEXTS = (
    *(
        "detail",
        "input",
        "output",
        "expected",
        "stderr",
        "message",
        "output_base64",
        "stderr_base64",
        "interaction",
    ),
    "compile_output",
)
_SCORE = optional(number())
_LONG_TEXT = optional(text())
parse_test_result = record(
    TestResult,
    {
        "name": text(1_000),
        "verdict": member(Verdict),
        "cpu_ms": integer(),
        "wall_ms": integer(),
        "memory_kb": integer(),
        "sample": flag,
        "score": _SCORE,
        **dict.fromkeys(_TEXTS[:-1], _LONG_TEXT),
        "exit_code": optional(integer(-MAX_COUNT, MAX_COUNT)),
        "signal": optional(integer(-MAX_COUNT, MAX_COUNT)),
    },
)
_OUTCOME_FIELDS: dict[str, Parser] = {
    "verdict": member(Verdict),
    "tests": items(parse_test_result, MOST_TESTS),
    "tests_total": integer(0, MOST_TESTS),
    "cpu_ms": optional(integer()),
    "wall_ms": optional(integer()),
    "memory_kb": optional(integer()),
    "score": _SCORE,
    "compile_output": _LONG_TEXT,
    "sandbox": optional(plain_object(depth=6)),
    "groups": optional(mapping(number(), 1_000)),
}
parse_outcome = record(Outcome, _OUTCOME_FIELDS)
_parse_group_score = record(GroupScore, {"name": text(1_000), "score": number(), "max_score": _SCORE})
_parse_scoring = record(Scoring, {"max_score": _SCORE, "groups": items(_parse_group_score, 1_000)})


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a submission, as ``GET /status``, SSE and WebSocket send it.

    ``order`` sorts the statuses of one submission. Of two statuses the greater one is kept, so that a client
    never gets an earlier status after a later one. ``owner`` is for access control and is not sent.
    """

    id: str
    serial: int
    owner: str
    kind: Kind
    stage: Stage
    queue: Tier
    problem: str | None
    language: str
    attempt: int
    submitted_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    tests_done: int = 0
    tests_total: int = 0
    outcome: Outcome | None = None
    reason: str | None = None

    @property
    def order(self) -> tuple[int, int, int, int]:
        return (int(self.stage.is_final), self.attempt, self.stage.rank, self.tests_done)

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the native API."""
        code, message = self._code_and_message()
        done = self.outcome
        body: dict[str, Any] = {
            "id": self.id,
            "serial": self.serial,
            "state": self.stage.state,
            "stage": self.stage.value,
            "queue": self.queue.value,
            "problem": self.problem,
            "language": self.language,
            "verdict": done.verdict.value if done else None,
            "status_code": code,
            "status_msg": message,
            "tests_done": self.tests_done,
            "tests_total": self.tests_total,
            "attempt": self.attempt,
            "cpu_ms": done.cpu_ms if done else None,
            "memory_kb": done.memory_kb if done else None,
            "score": done.score if done else None,
            "compile_output": done.compile_output if done else None,
            "submitted_at": rfc3339(self.submitted_at),
            "started_at": rfc3339(self.started_at),
            "finished_at": rfc3339(self.finished_at),
        }
        if self.stage.is_final:
            body["reason"] = self.reason
            body["tests"] = [t.to_json() for t in done.tests] if done else []
            body["sandbox"] = done.isolation if done else None
            body["compile_cached"] = done.compile_cached if done else None
            body["compiler"] = done.compiler if done else None
            if done is not None and (scoring := done.scoring):
                body |= scoring.to_json()
            if done is not None and done.has_own_checker:
                body["own_checker"] = True
        return body

    def _code_and_message(self) -> tuple[int | None, str | None]:
        if self.outcome is not None:
            return self.outcome.verdict.status_code, self.outcome.verdict.status_msg
        if self.stage is Stage.FAILED:
            return INTERNAL_ERROR
        if self.stage is Stage.CANCELLED:
            return CANCELLED
        return None, None


def rfc3339(moment: datetime | None) -> str | None:
    """UTC with milliseconds and ``Z``, as in the API; ``None`` stays ``None``."""
    if moment is None:
        return None
    return f"{moment.astimezone(UTC).isoformat('T', 'milliseconds')[:-6]}Z"


def from_rfc3339(text: str | None) -> datetime | None:
    """The inverse of :func:`rfc3339`."""
    return None if text is None else datetime.fromisoformat(text)
