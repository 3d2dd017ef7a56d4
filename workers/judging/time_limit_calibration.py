"""Calibrates the time limit of a package that declares none, by its own submissions, as the format says.

The limit is the smallest multiple of the resolution with the required margin above the slowest accepted
submission. It is found once per version, and stored for all workers. Wrong submissions do not count.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from judge_core.model.numbers import readable
from judge_core.model.problem import ProblemLimits
from judge_core.model.submission import Outcome, Verdict
from judge_core.packages import Package, Program
from judge_core.packages.expected_verdicts import TOO_SLOW
from judge_core.packages.number_bounds import TIME
from workers.judging.errors import LanguageUnavailable, PackageBroken
from workers.judging.expectations import Expectation, expectations_for
from workers.judging.progress import Deadline, NoProgress, OutOfTime, ProgressListener
from workers.judging.settings import FALLBACK_SECONDS

GENEROUS_SECONDS = 20.0
"""The time limit of submissions while the real limit is being found."""
_BUDGET_SECONDS = 120.0
_REMEMBERED_SECONDS = 600.0

JudgeBundled = Callable[[Package, Program, ProgressListener], Outcome | None]


def _factor_of_one(package: Package, program: Program) -> float:
    return 1.0


@dataclass(frozen=True, slots=True)
class FoundLimit:
    """A calibrated limit, or ``None`` if none was found, with a line about each submission that was
    judged."""

    seconds: float | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Need:
    """The time that a submission needs for its slowest test, divided by its language's time factor."""

    seconds: float
    program: str
    test: str
    factor: float = 1.0

    def __str__(self) -> str:
        by = f" (the time factor of its language is {readable(self.factor)})" if self.factor != 1 else ""
        return f"{self.program} needs {self.seconds * self.factor:.3f} s on {self.test}{by}"


class TimeLimitStore(Protocol):
    """Stores the limit of each package version. Only one worker of a host at a time finds the limit of a
    version."""

    def get_or_find(self, package: Package, find: Callable[[], float | None]) -> float | None:
        """The stored limit of a package. If there is none, the limit that ``find`` returns is stored and
        returned."""
        ...


def time_limit(limits: ProblemLimits, slowest_accepted: float) -> float:
    """The time limit in seconds. ``slowest_accepted`` is the time of the slowest submission that must not be
    too slow."""
    needed = max(slowest_accepted, 0.001) * limits.ac_to_time_limit
    return round(math.ceil(needed / limits.time_resolution - 1e-9) * limits.time_resolution, 6)


def with_time_limit(package: Package, seconds: float) -> Package:
    """The same package with a time limit."""
    metadata = package.metadata
    return replace(package, metadata=replace(metadata, limits=replace(metadata.limits, time=seconds)))


@dataclass(frozen=True, slots=True)
class TimeLimitCalibration:
    """Finds limits by judging a package's submissions. After ``budget`` seconds it stops at the end of the
    current test.

    ``time_factor`` gives the factor by which a submission's language multiplies the limit.
    """

    store: TimeLimitStore
    judge_bundled: JudgeBundled
    time_factor: Callable[[Package, Program], float] = _factor_of_one
    budget: float = _BUDGET_SECONDS
    _without: dict[Path, float] = field(default_factory=dict)

    def complete(self, package: Package) -> Package:
        """The package with a time limit: its own limit, the stored one, one that is found now, or the
        fallback."""
        if package.metadata.limits.time is not None:
            return package
        if time.monotonic() - self._without.get(package.folder, -math.inf) < _REMEMBERED_SECONDS:
            return with_time_limit(package, FALLBACK_SECONDS)
        seconds = self.store.get_or_find(package, lambda: self.find(package).seconds)
        if seconds is None:
            self._without[package.folder] = time.monotonic()
        return with_time_limit(package, seconds or FALLBACK_SECONDS)

    def find(
        self, package: Package, listener_for: Callable[[str], ProgressListener] | None = None
    ) -> FoundLimit:
        """Find the limit from the accepted submissions. ``listener_for`` is called with the name of each
        submission that begins."""
        deadline = time.monotonic() + self.budget
        generous = with_time_limit(package, GENEROUS_SECONDS)
        needs: list[_Need] = []
        reasons: list[str] = []
        for program in package.submissions:
            below = [rule for rule in _rules(package, program) if rule.bounds_below]
            if not below:
                continue
            listener = listener_for(program.name) if listener_for else NoProgress()
            found = self._need(generous, program, below, Deadline(deadline, listener))
            if isinstance(found, _Need):
                needs.append(found)
            reasons.append(str(found))
        slowest = max(needs, key=lambda need: need.seconds, default=None)
        if slowest is None:
            return FoundLimit(
                None,
                tuple(reasons)
                or ("the package has no accepted submission: add one, or set limits.time_limit",),
            )
        limits = package.metadata.limits
        seconds = min(time_limit(limits, slowest.seconds), TIME.high)
        margin = f"{readable(limits.ac_to_time_limit)} times the slowest"
        step = readable(limits.time_resolution)
        return FoundLimit(seconds, (*reasons, f"{margin}, in steps of {step} s, is {readable(seconds)} s"))

    def _need(
        self, package: Package, program: Program, below: list[Expectation], progress: ProgressListener
    ) -> _Need | str:
        """The time that a submission needs, or the reason why the submission does not count."""
        try:
            outcome = self.judge_bundled(package, program, progress)
        except (OutOfTime, PackageBroken, LanguageUnavailable) as fault:
            return f"{program.name} does not count: {fault.reason}"
        if outcome is None:
            return f"{program.name} cannot be judged on this host: its language is not installed"
        if outcome.verdict is Verdict.CE:
            return f"{program.name} does not compile"
        why = _why_it_does_not_count(outcome, below)
        tests = [test for test in outcome.tests if any(rule.covers(test.name) for rule in below)]
        if why or not tests:
            return f"{program.name} does not count: {why or 'it ran no test'}"
        factor = self.time_factor(package, program)
        slowest = max(tests, key=lambda test: test.cpu_ms)
        return _Need(slowest.cpu_ms / 1000 / factor, program.name, slowest.name, factor)

    def faults(self, package: Package) -> Iterator[str]:
        """One line for each submission that should be too slow, but is not slower than the limit by the
        format's margin. When ``budget`` is over, the remaining submissions are not checked."""
        limits = package.metadata.limits
        if limits.time is None:
            return
        deadline = time.monotonic() + self.budget
        seconds = min(limits.time * limits.time_limit_to_tle, max(limits.time, self.budget))
        margin = with_time_limit(package, seconds)
        for program in package.submissions:
            if not any(rule.bounds_above for rule in _rules(package, program)):
                continue
            try:
                outcome = self.judge_bundled(margin, program, Deadline(deadline, NoProgress()))
            except OutOfTime:
                return
            if outcome is not None and all(test.verdict not in TOO_SLOW for test in outcome.tests):
                yield (
                    f"{program.name} is not {limits.time_limit_to_tle:g} times slower than the time limit of "
                    f"{limits.time:g} s: make it slower, or change "
                    "limits.time_limit or the multipliers in problem.yaml"
                )


def _why_it_does_not_count(outcome: Outcome, below: list[Expectation]) -> str | None:
    """The reason why a submission does not count, or ``None``.

    A submission counts if its verdict is accepted, even if a test failed that its group does not require.
    """
    slow = next((test for test in outcome.tests if test.verdict is Verdict.TLE), None)
    if slow is not None:
        return (
            f"it is too slow for {readable(GENEROUS_SECONDS)} s on {slow.name}: name a limit in problem.yaml"
        )
    if outcome.verdict is Verdict.AC and all(not rule.tests for rule in below):
        return None
    return next((fault for rule in below for fault in rule.faults(outcome)), None)


def _rules(package: Package, program: Program) -> tuple[Expectation, ...]:
    """The expectations of a submission. In the legacy format only accepted and slow submissions have any."""
    return expectations_for(package, program, legacy=("accepted", "time_limit_exceeded"))
