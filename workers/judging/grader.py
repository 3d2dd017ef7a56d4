"""Runs a problem's own grader (``grading: custom`` of the legacy format) in the sandbox.

A grader reads a line ``verdict score`` for each test or group in a group, and prints one such line for that
group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judge_core.model.submission import Verdict
from judge_core.packages import Package, TestGroup
from judge_core.packages.number_bounds import SIGNED_SCORE
from sandbox import Command, Ending, Limits, RunReport, Sandbox
from workers.checkers.programs import PackageProgram, compile_program, validation_limits
from workers.judging.errors import PackageBroken
from workers.judging.strategies.factory import JudgingContext
from workers.judging.verdict import NOTHING, Grade, exact, rounded

_CODES = {
    Verdict.AC: "AC",
    Verdict.WA: "WA",
    Verdict.TLE: "TLE",
    Verdict.RTE: "RTE",
    # The format has no other verdicts, and a grader may fail on an unknown one.
    Verdict.MLE: "RTE",
    Verdict.OLE: "RTE",
}
_VERDICTS = {verdict.value: verdict for verdict in _CODES}


@dataclass(frozen=True, slots=True)
class GraderProgram:
    """Runs the grader. If it prints anything other than one verdict and one score, the package is at
    fault."""

    sandbox: Sandbox
    program: PackageProgram
    limits: Limits

    def grade(self, group: TestGroup, parts: Sequence[Grade]) -> Grade:
        """The grade that the grader gives to a group with these parts."""
        compiled = self.program.program
        lines = "".join(f"{_CODES[part.verdict]} {rounded(part.score)!r}\n" for part in parts)
        command = Command(
            argv=(*compiled.argv, *group.settings.grader_flags),
            limits=self.limits,
            stdin=lines.encode(),
            mounts=(compiled.mount,),
            environment=self.program.environment,
            seccomp_profile=compiled.language.seccomp_profile,
        )
        return self._read(self.sandbox.run(command), group)

    def _read(self, report: RunReport, group: TestGroup) -> Grade:
        printed = report.stdout[:1000].decode("utf-8", errors="replace")
        source = f"{self.program.name} on group {group.name or 'data'}"
        if report.ending is not Ending.EXITED or report.exit_code != 0:
            raise PackageBroken(f"{source}: ended by {report.ending.value}, exit code {report.exit_code}")
        try:
            code, number = printed.split()
            verdict, score = _VERDICTS[code], SIGNED_SCORE.parse(number)
        except (ValueError, KeyError) as error:
            raise PackageBroken(
                f"{source}: printed {printed[:200]!r}, not one verdict and one score"
            ) from error
        return Grade(verdict, exact(score) if verdict is Verdict.AC else NOTHING)


def make_grader(package: Package, context: JudgingContext) -> GraderProgram | None:
    """The package's compiled grader, or ``None`` if no group asks for it."""
    if package.grader is None or not package.data.wants_grader:
        return None
    program = compile_program(package, package.grader, context.compiler, context.languages)
    limits = validation_limits(package, program.program.language, context.settings.memory_mb_at_most)
    return GraderProgram(context.sandbox, program, limits)
