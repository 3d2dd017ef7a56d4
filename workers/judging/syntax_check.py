"""Checks the syntax of a source after its first run, and only if that run did not end with exit code 0.

An interpreter that refuses a source runs no line of it and ends with another exit code. So a run with exit
code 0 proves the syntax, and most submissions need one start of the interpreter less. The check reads only
the source, so a program's output or exit code cannot cause a compile error.
"""

from __future__ import annotations

from dataclasses import dataclass

from judge_core.packages import TestCase
from sandbox import Ending, RunReport
from workers.judging.compiler import CompiledProgram, CompileError, Compiler
from workers.judging.results import CaseRun
from workers.judging.test_runner import JudgingStrategy


class SyntaxRefused(Exception):
    """The source of a program that was run has wrong syntax. ``error`` is its compile error."""

    def __init__(self, error: CompileError) -> None:
        super().__init__(error.output)
        self.error = error


@dataclass(slots=True)
class SyntaxCheck:
    """Checks a program at most once, and not at all if it was compiled or checked before its run."""

    compiler: Compiler
    program: CompiledProgram
    _is_done: bool = False

    def after_run(self, report: RunReport) -> None:
        """Check the syntax if this run did not prove it. Call it after each run. Raises SyntaxRefused."""
        if self._is_done:
            return
        if report.ending is Ending.EXITED and report.exit_code == 0:
            self._is_done = True
        else:
            self.now()

    def now(self) -> None:
        """Check the syntax now, unless a run or an earlier check has proved it. Raises SyntaxRefused."""
        if self._is_done:
            return
        self._is_done = True
        request = self.program.unchecked
        error = self.compiler.check(request) if request is not None else None
        if error is not None:
            raise SyntaxRefused(error)


@dataclass(frozen=True, slots=True)
class CheckedStrategy:
    """Runs tests by another strategy. If the first run fails, the program's syntax is checked."""

    strategy: JudgingStrategy
    check: SyntaxCheck

    def run_test(self, case: TestCase) -> CaseRun:
        run = self.strategy.run_test(case)
        self.check.after_run(run.report)
        return run
