"""Calibrates the time limit of a package that names none, from its own submissions as the format says.

The limit is the smallest multiple of the resolution that leaves the slowest submission that must be in time
its margin. It is found once per version and stored for all workers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from judge_core.model.problem import ProblemLimits
from judge_core.model.submission import Outcome
from judge_core.packages import Package, Program
from judge_core.packages.expected_verdicts import TOO_SLOW
from workers.judging.expectations import Expectation, expectations_for

GENEROUS_SECONDS = 20.0
"""The time limit while the real one is being found."""

JudgeBundled = Callable[[Package, Program], Outcome | None]


class TimeLimitStore(Protocol):
    """Stores the limit of each package version. One worker of a host at a time uses it."""

    def get_or_find(self, package: Package, find: Callable[[], float | None]) -> float | None:
        """The stored limit of a package, else the one that ``find`` returns, which is stored."""
        ...


def time_limit(limits: ProblemLimits, slowest_accepted: float) -> float:
    """Seconds, given those of the slowest submission that must not be too slow."""
    needed = max(slowest_accepted, 0.001) * limits.ac_to_time_limit
    return round(math.ceil(needed / limits.time_resolution - 1e-9) * limits.time_resolution, 6)


def with_time_limit(package: Package, seconds: float) -> Package:
    """The same package with a time limit."""
    metadata = package.metadata
    return replace(package, metadata=replace(metadata, limits=replace(metadata.limits, time=seconds)))


@dataclass(frozen=True, slots=True)
class TimeLimitCalibration:
    """Finds limits by judging a package's submissions."""

    store: TimeLimitStore
    judge_bundled: JudgeBundled

    def complete(self, package: Package) -> Package:
        """The package with its time limit: its own, the stored one, or one found now.

        Unchanged when no limit can be found, because the package has no accepted submission or its language
        is not on this host. The worker's default applies then.
        """
        if package.metadata.limits.time is not None:
            return package
        seconds = self.store.get_or_find(package, lambda: self.find(package))
        return package if seconds is None else with_time_limit(package, seconds)

    def find(self, package: Package) -> float | None:
        """The limit from the submissions that bound it from below."""
        slowest = self._slowest(package)
        return None if slowest is None else time_limit(package.metadata.limits, slowest)

    def faults(self, package: Package) -> Iterator[str]:
        """One line for each submission that should be too slow and is not by the format's margin."""
        limits = package.metadata.limits
        if limits.time is None:
            return
        margin = with_time_limit(package, limits.time * limits.time_limit_to_tle)
        for program in package.submissions:
            if not any(rule.bounds_above for rule in _rules(package, program)):
                continue
            outcome = self.judge_bundled(margin, program)
            if outcome is not None and all(test.verdict not in TOO_SLOW for test in outcome.tests):
                yield (
                    f"{program.name} is not {limits.time_limit_to_tle:g} times slower than the time limit of "
                    f"{limits.time:g} s: no limit leaves both the accepted and the slow ones their margin"
                )

    def _slowest(self, package: Package) -> float | None:
        """Seconds of the slowest test that bounds the limit, of submissions that are judged as expected."""
        generous = with_time_limit(package, GENEROUS_SECONDS)
        times: list[int] = []
        for program in package.submissions:
            below = [rule for rule in _rules(package, program) if rule.bounds_below]
            outcome = self.judge_bundled(generous, program) if below else None
            if outcome is None or any(fault for rule in below for fault in rule.faults(outcome)):
                continue
            names = {test.name: test.cpu_ms for test in outcome.tests}
            times += [ms for name, ms in names.items() if any(rule.covers(name) for rule in below)]
        return max(times) / 1000 if times else None


def _rules(package: Package, program: Program) -> tuple[Expectation, ...]:
    """The expectations of a submission; the legacy format has only those of accepted and of slow ones."""
    return expectations_for(package, program, legacy=("accepted", "time_limit_exceeded"))
