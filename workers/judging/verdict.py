"""Forms verdicts and scores: of a test, then of groups and of the submission. It does no I/O.

The verdict of a test comes from the sandbox's report of its run, or else from the checker's result.

A group is graded from its parts in order. With ``on_reject: break`` nothing after the first failure counts,
even if it was run. So running all tests changes which results are shown, but never the verdict.

Scores are added up as fractions, so that three times 0.1 is 0.3 and seven sevenths are 1. They are rounded
once, at the end.
"""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

from judge_core.model.language import Language
from judge_core.model.numbers import readable
from judge_core.model.submission import Verdict
from judge_core.packages import TestCase, TestGroup
from judge_core.packages.group_settings import Aggregation, GroupSettings, OnReject, VerdictMode
from sandbox import Ending, RunReport
from workers.checkers.checker import CheckResult
from workers.judging.errors import PackageBroken

_SEVERITY = (Verdict.RTE, Verdict.MLE, Verdict.TLE, Verdict.OLE, Verdict.WA)
BORDERLINE_SHARE = 0.10
"""A run that is over its CPU limit by at most this share of the limit is borderline: see
``is_borderline``."""
MOST_REPEATS = 5
"""How many runs of a submission are repeated, in each slot. There is a bound because a submission must not
occupy a worker for twice the time of its tests."""
DELAY_FACTOR = 4
"""A program may wait for a CPU of a busy host for this many times its wall limit without being stopped."""


@dataclass(frozen=True, slots=True)
class TestVerdict:
    """The verdict of a test and the reason for it."""

    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """The time and memory that a run may use. The reason of a verdict contains them."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int


def verdict_from_report(
    report: RunReport, allowed: Allowance, language: Language | None = None
) -> TestVerdict | None:
    """The verdict that the run alone decides. ``None`` if the run ended well; then the checker decides."""
    if report.ending is Ending.MEMORY:
        return TestVerdict(Verdict.MLE, f"used more than {allowed.memory_bytes >> 20} MiB")
    if report.ending is Ending.CPU or report.cpu_ms > allowed.cpu_seconds * 1000:
        return TestVerdict(Verdict.TLE, f"CPU time: more than {allowed.cpu_seconds:g} s")
    if report.ending is Ending.WALL:
        seconds = min(allowed.wall_seconds, round(report.wall_ms / 1000, 1))
        return TestVerdict(Verdict.TLE, f"wall time: still running after {seconds:g} s")
    if report.ending is Ending.OUTPUT:
        return TestVerdict(Verdict.OLE, "printed more than the output limit")
    if report.ending is Ending.EXITED and report.exit_code == 0:
        return None
    if language is not None and _ran_out_of_memory(report, language):
        return TestVerdict(Verdict.MLE, f"{language.name} ran out of memory")
    return TestVerdict(Verdict.RTE, _exit_reason(report))


def verdict_from_check(check: CheckResult, refusal: str = "the output is not accepted") -> TestVerdict:
    """The verdict by the checker's result. ``refusal`` is the reason for WA."""
    return TestVerdict(Verdict.AC, "") if check.accepted else TestVerdict(Verdict.WA, refusal)


def _ran_out_of_memory(report: RunReport, language: Language) -> bool:
    return any(message.encode() in report.stderr for message in language.out_of_memory)


def _exit_reason(report: RunReport) -> str:
    if report.ending is Ending.SIGNALLED and report.signal is not None:
        return f"killed by signal {report.signal} ({signal_name(report.signal)})"
    return f"exit code {report.exit_code}"


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def is_borderline(report: RunReport, allowed: Allowance) -> bool:
    """Whether a run is over its CPU limit by so little that noise may be the cause. Such a run is repeated
    once, and the lower CPU time counts. Each slot repeats at most MOST_REPEATS runs of a submission.

    The sandbox stops a run only a tenth above its limit, so the time that a borderline run needs is known.
    """
    over = report.cpu_ms / 1000 - allowed.cpu_seconds
    return report.ending is not Ending.CPU and 0 < over <= allowed.cpu_seconds * BORDERLINE_SHARE


def with_both_times(decision: TestVerdict, first: RunReport, second: RunReport) -> TestVerdict:
    """The verdict of a repeated run, with a note of both times."""
    times = f"run twice, with {first.cpu_ms / 1000:.3f} s and {second.cpu_ms / 1000:.3f} s of CPU time"
    return replace(decision, detail=f"{decision.detail}; {times}" if decision.detail else times)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The most severe verdict, in the format's order. AC if all are AC."""
    return next((verdict for verdict in _SEVERITY if verdict in verdicts), Verdict.AC)


NOTHING = Fraction(0)
_DIGITS = 6
"""The number of digits after the point with which a score is shown and recorded."""


@lru_cache(maxsize=1024)
def exact(score: float) -> Fraction:
    """The fraction that a person means by a decimal number."""
    return Fraction(repr(score))


def rounded(score: Fraction) -> float:
    """A score as it is shown and recorded."""
    return float(round(score, _DIGITS))


@dataclass(frozen=True, slots=True)
class Grade:
    """A verdict with the score that goes with it."""

    verdict: Verdict
    score: Fraction = NOTHING

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.AC


@dataclass(frozen=True, slots=True)
class CaseGrade:
    """The result of a test for its group's grade. ``score`` and ``multiplier`` are ``None`` if the validator
    wrote none."""

    verdict: Verdict
    score: float | None = None
    multiplier: float | None = None

    @property
    def is_scored(self) -> bool:
        return self.score is not None or self.multiplier is not None


class GroupGrader(Protocol):
    """A package's own grader. Raises PackageBroken if its output is no grade."""

    def grade(self, group: TestGroup, parts: Sequence[Grade]) -> Grade: ...


def pass_fail(group: TestGroup, results: Mapping[str, CaseGrade], grader: GroupGrader | None = None) -> Grade:
    """The verdict of a group of a pass-fail problem. Tests that were not run do not count."""
    return _Legacy(results, False, grader).grade(group)


def grade_legacy(
    group: TestGroup, results: Mapping[str, CaseGrade], grader: GroupGrader | None = None
) -> Grade:
    """The grade of a group of a scoring problem in the legacy format. A group without results is accepted
    with the score 0."""
    return _Legacy(results, True, grader).grade(group)


@dataclass(frozen=True, slots=True)
class _Legacy:
    """Grades with the default grader, or with the package's own grader for groups that ask for it."""

    results: Mapping[str, CaseGrade]
    scored: bool
    grader: GroupGrader | None

    def grade(self, group: TestGroup) -> Grade:
        parts = self._parts(group)
        if not group.settings.custom_grader or not parts:
            return _by_default(group, parts, self.scored)
        if self.grader is None:
            raise PackageBroken(f"group {group.name or 'data'} asks for a grader, and graders/ has none")
        graded = self.grader.grade(group, parts)
        return _within_range(group, graded) if self.scored and graded.accepted else graded

    def _parts(self, group: TestGroup) -> list[Grade]:
        """The parts of a group that count, in order, up to the failure that ends the group."""
        settings = group.settings
        parts: list[Grade] = []
        for part in group.parts:
            grade = self._part(part, settings)
            if grade is None or (settings.ignore_sample and part.name == "sample"):
                continue
            parts.append(grade)
            if not grade.accepted and settings.on_reject is OnReject.BREAK:
                break
        return parts

    def _part(self, part: TestCase | TestGroup, settings: GroupSettings) -> Grade | None:
        if isinstance(part, TestGroup):
            reached = any(case.name in self.results for case in part.cases())
            return self.grade(part) if reached else None
        result = self.results.get(part.name)
        if result is None:
            return None
        standard = settings.accept_score if result.verdict is Verdict.AC else settings.reject_score
        return Grade(result.verdict, exact(standard if result.score is None else result.score))


def _by_default(group: TestGroup, parts: list[Grade], scored: bool) -> Grade:
    score = _combine([grade.score for grade in parts], group.settings.aggregation)
    grade = Grade(_verdict(parts, group.settings), score)
    return _within_range(group, grade) if scored and parts else grade


def _within_range(group: TestGroup, grade: Grade) -> Grade:
    low, high = group.settings.low, group.settings.high
    is_below = math.isfinite(low) and grade.score < exact(low)
    if is_below or (math.isfinite(high) and grade.score > exact(high)):
        between = f"from {readable(low)} to {readable(high)}"
        raise PackageBroken(
            f"group {group.name or 'data'}: the score {_shown(grade.score)} is outside its range {between}"
        )
    return grade


def _verdict(parts: list[Grade], settings: GroupSettings) -> Verdict:
    if settings.verdict_mode is VerdictMode.ALWAYS_ACCEPT:
        return Verdict.AC
    if settings.accept_if_any_accepted and any(part.accepted for part in parts):
        return Verdict.AC
    verdicts = [part.verdict for part in parts if not part.accepted]
    if settings.verdict_mode is VerdictMode.FIRST_ERROR and verdicts:
        return verdicts[0]
    return worst(verdicts)


def _combine(scores: list[Fraction], aggregation: Aggregation) -> Fraction:
    if not scores:
        return NOTHING
    if len(scores) == 1:
        return scores[0]
    if aggregation is Aggregation.MIN:
        return min(scores)
    if aggregation is Aggregation.MAX:
        return max(scores)
    total = sum(scores, NOTHING)
    return total / len(scores) if aggregation is Aggregation.AVG else total


def grade_2023(secret: TestGroup, results: Mapping[str, CaseGrade]) -> Grade:
    """The grade of a scoring problem of 2023-07. It has the score of the secret group, and is accepted if
    that score is above 0 or no secret test failed. If secret tests were not run because a sample failed,
    the sample's verdict counts too."""
    top = _maximum(secret)
    score = _score_group(secret, results, top)
    verdicts = [results[case.name].verdict for case in secret.cases() if case.name in results]
    if len(verdicts) < sum(1 for _ in secret.cases()):
        verdicts += [grade.verdict for grade in results.values()]
    failed = next((verdict for verdict in verdicts if verdict is not Verdict.AC), Verdict.AC)
    return Grade(Verdict.AC if score > 0 else failed, score)


def group_scores(root: TestGroup, results: Mapping[str, CaseGrade], legacy: bool) -> dict[str, float]:
    """The scores of groups, by their names, from the format's own grading. Groups inside a pass-fail group of
    2023-07 have none."""
    if legacy:
        return {group.name: rounded(grade_legacy(group, results).score) for group in root.groups()}
    secret = next((group for group in root.groups() if group.name == "secret"), None)
    if secret is None:
        return {}
    top = _maximum(secret)
    return dict(_scores_below(secret, results, top))


def group_maxima(root: TestGroup, legacy: bool) -> dict[str, float]:
    """The greatest score of each group directly below the secret data, if the package says it.

    A legacy group without a range inherits the range of ``secret``, which is not its own maximum. So the
    result is empty if one of several groups has the maximum of ``secret``.
    """
    secret = next((group for group in root.groups() if group.name == "secret"), None)
    if secret is None:
        return {}
    if legacy:
        found = {part.name: part.settings.high for part in secret.parts if isinstance(part, TestGroup)}
        is_inherited = len(found) > 1 and any(high == secret.settings.high for high in found.values())
        return {} if is_inherited else {name: high for name, high in found.items() if math.isfinite(high)}
    shares = zip(secret.parts, _shares(secret, _maximum(secret)), strict=True)
    return {
        part.name: rounded(most) for part, most in shares if isinstance(part, TestGroup) and most is not None
    }


def top_group_scores(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores of the groups directly below the secret data. They make up the score."""
    return {
        name: score for name, score in scores.items() if name.startswith("secret/") and name.count("/") == 1
    }


def _scores_below(
    group: TestGroup, results: Mapping[str, CaseGrade], top: Fraction | None
) -> Iterator[tuple[str, float]]:
    yield group.name, rounded(_score_group(group, results, top))
    if group.settings.aggregation is not Aggregation.PASS_FAIL:
        for part, share in zip(group.parts, _shares(group, top), strict=True):
            if isinstance(part, TestGroup):
                yield from _scores_below(part, results, share)


def _score_group(group: TestGroup, results: Mapping[str, CaseGrade], top: Fraction | None) -> Fraction:
    if not group.parts or not all(is_passed(name, results) for name in group.settings.require_pass):
        return NOTHING
    if group.settings.aggregation is Aggregation.PASS_FAIL:
        return _score_pass_fail(group, results, top)
    shares = _shares(group, top)
    scores = [_score_part(part, results, share) for part, share in zip(group.parts, shares, strict=True)]
    score = _combine(scores, group.settings.aggregation)
    if top is not None and score > top:
        raise PackageBroken(
            f"group {group.name}: the score {_shown(score)} is above its maximum {_shown(top)}"
        )
    return score


def _score_pass_fail(group: TestGroup, results: Mapping[str, CaseGrade], top: Fraction | None) -> Fraction:
    if top is None:
        raise PackageBroken(
            f"group {group.name}: pass-fail aggregation needs a bounded score: set the group's maximum"
        )
    scored = next((name for name in _named(group, results) if results[name].is_scored), None)
    if scored is not None:
        raise PackageBroken(f"{scored}: its validator wrote a score, but its group gives all or nothing")
    passed = all(case.name in results and results[case.name].verdict is Verdict.AC for case in group.cases())
    return top if passed else NOTHING


def _named(group: TestGroup, results: Mapping[str, CaseGrade]) -> list[str]:
    """The names of the tests of a group that were run."""
    return [case.name for case in group.cases() if case.name in results]


def _score_part(
    part: TestCase | TestGroup, results: Mapping[str, CaseGrade], top: Fraction | None
) -> Fraction:
    if isinstance(part, TestGroup):
        return _score_group(part, results, top)
    result = results.get(part.name)
    if result is None or result.verdict is not Verdict.AC:
        return NOTHING
    if result.multiplier is not None and top is None:
        raise PackageBroken(
            f"{part.name}: its maximum is unbounded, but the validator wrote score_multiplier.txt"
        )
    if result.multiplier is not None:
        return exact(result.multiplier) * (top or NOTHING)
    if result.score is None and top is None:
        raise PackageBroken(f"{part.name}: its maximum is unbounded, but the validator wrote no score.txt")
    return exact(result.score) if result.score is not None else (top or NOTHING)


def _shares(group: TestGroup, top: Fraction | None) -> list[Fraction | None]:
    """The greatest score of each part: its own, or an even share of the points that the other parts leave. If
    the least score counts, a part without its own may give all points of the group. ``None`` if unbounded."""
    own = [_own_maximum(part) for part in group.parts]
    if top is None:
        return own
    if group.settings.aggregation is Aggregation.MIN:
        return [top if score is None else score for score in own]
    left = top - sum((score for score in own if score is not None), NOTHING)
    if left < 0:
        raise PackageBroken(
            f"group {group.name}: the scores of its parts add up to more than its maximum {_shown(top)}: "
            "lower them, or raise the maximum"
        )
    open_parts = sum(1 for score in own if score is None)
    return [left / open_parts if score is None else score for score in own]


def _own_maximum(part: TestCase | TestGroup) -> Fraction | None:
    score = part.settings.max_score if isinstance(part, TestGroup) else part.max_score
    return None if score is None else exact(score)


def _maximum(secret: TestGroup) -> Fraction | None:
    return None if secret.settings.unbounded else exact(secret.settings.secret_maximum)


def _shown(score: Fraction) -> str:
    return readable(rounded(score))


def is_passed(name: str, results: Mapping[str, CaseGrade]) -> bool:
    """Whether every result of a test, or of the tests below a group, is accepted, and there is at least
    one."""
    found = [grade for key, grade in results.items() if key == name or key.startswith(f"{name}/")]
    return bool(found) and all(grade.verdict is Verdict.AC for grade in found)
