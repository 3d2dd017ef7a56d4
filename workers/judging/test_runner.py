"""Runs a problem's tests group by group, stops a group at a failure if the package says so, and grades the
results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from judge_core.packages import Package, TestCase, TestGroup
from judge_core.packages.group_settings import GroupSettings, OnReject
from workers.judging.results import CaseRun
from workers.judging.verdict import (
    CaseGrade,
    Grade,
    GroupGrader,
    grade_2023,
    grade_legacy,
    is_passed,
    pass_fail,
)


class JudgingStrategy(Protocol):
    """Runs one submission on a test. Raises a JudgingFault if the package, the host or the sandbox fails."""

    def run_test(self, case: TestCase) -> CaseRun: ...


def samples_only(package: Package) -> TestGroup:
    """The test data of a package reduced to its samples."""
    samples = tuple(part for part in package.data.parts if part.name == "sample")
    return TestGroup(package.data.name, samples, GroupSettings())


@dataclass(slots=True)
class TestRunner:
    """Runs the groups in order. A group whose ``on_reject`` is break ends with its first failure."""

    package: Package
    root: TestGroup
    strategy: JudgingStrategy
    on_result: Callable[[CaseRun], None]
    run_all: bool = False
    grader: GroupGrader | None = None
    results: dict[str, CaseGrade] = field(default_factory=dict)

    def run(self) -> Grade:
        """Run the tests that have to be run, and grade them all."""
        self._run_group(self.root)
        return self._grade(self.root)

    def _run_group(self, group: TestGroup) -> None:
        for part in group.parts:
            accepted = self._run_test(part) if isinstance(part, TestCase) else self._run_unless_skipped(part)
            if not accepted and group.settings.on_reject is OnReject.BREAK and not self.run_all:
                return

    def _run_unless_skipped(self, group: TestGroup) -> bool:
        """Run a group, unless a test or group that it requires has failed. A skipped group counts as
        accepted."""
        required = group.settings.require_pass
        if required and not all(is_passed(name, self.results) for name in required):
            return True
        self._run_group(group)
        return self._grade(group).accepted

    def _run_test(self, case: TestCase) -> bool:
        run = self.strategy.run_test(case)
        check = run.check
        self.results[case.name] = CaseGrade(
            run.verdict, check.score if check else None, check.multiplier if check else None
        )
        self.on_result(run)
        return run.accepted

    def _grade(self, group: TestGroup) -> Grade:
        metadata = self.package.metadata
        if not metadata.type.scoring:
            return pass_fail(group, self.results, self.grader)
        if metadata.is_graded_as_legacy:
            return grade_legacy(group, self.results, self.grader)
        secret = next((part for part in group.parts if part.name == "secret"), None)
        if group.name == "" and isinstance(secret, TestGroup):
            return grade_2023(secret, self.results)
        return pass_fail(group, self.results)
