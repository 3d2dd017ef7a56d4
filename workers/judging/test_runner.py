"""The course of a judgement over a problem's tests: which is run next, when it ends, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from judge_core.model.verdict import Verdict
from judge_core.packages import Package, TestCase, TestGroup
from judge_core.packages.group_settings import GroupSettings, OnReject
from workers.judging.results import CaseRun
from workers.judging.scoring import CaseGrade, Grade, GroupGrader, grade_2023, grade_legacy, pass_fail
from workers.judging.strategies.batch import JudgingStrategy


class Audience(Protocol):
    """Who is told of every test as it ends."""

    def tested(self, run: CaseRun) -> None: ...


def samples_only(package: Package) -> TestGroup:
    """The data of a package with nothing but its samples."""
    samples = tuple(part for part in package.data.parts if part.name == "sample")
    return TestGroup(package.data.name, samples, GroupSettings())


@dataclass(slots=True)
class TestRunner:
    """Walks the groups in order. A group whose ``on_reject`` is break ends with its first failure."""

    package: Package
    root: TestGroup
    trial: JudgingStrategy
    audience: Audience
    run_all: bool = False
    grader: GroupGrader | None = None
    results: dict[str, CaseGrade] = field(default_factory=dict)

    def run(self) -> Grade:
        """Try every test that has to be tried, and grade the whole."""
        self._walk(self.root)
        return self._grade(self.root)

    def _walk(self, group: TestGroup) -> None:
        for part in group.parts:
            accepted = self._try(part) if isinstance(part, TestCase) else self._walk_group(part)
            if not accepted and group.settings.on_reject is OnReject.BREAK and not self.run_all:
                return

    def _walk_group(self, group: TestGroup) -> bool:
        """Walk a group unless one that it requires has failed."""
        required = group.settings.require_pass
        if required and not all(self._has_passed(name) for name in required):
            return True
        self._walk(group)
        return self._grade(group).accepted

    def _try(self, case: TestCase) -> bool:
        run = self.trial.attempt(case)
        check = run.check
        self.results[case.name] = CaseGrade(
            run.verdict, check.score if check else None, check.multiplier if check else None
        )
        self.audience.tested(run)
        return run.accepted

    def _has_passed(self, name: str) -> bool:
        found = [grade for key, grade in self.results.items() if key == name or key.startswith(f"{name}/")]
        return bool(found) and all(grade.verdict is Verdict.AC for grade in found)

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
