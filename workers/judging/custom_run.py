"""Runs with the author's own input: nothing is judged by a problem, and the limits are lower."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from judge_core.messages import CustomRun, RunLimits
from judge_core.model.language import Language
from judge_core.model.submission import Outcome, TestResult
from judge_core.model.verdict import Verdict
from sandbox import KIB, MIB, Command, Limits, RunReport, Sandbox
from workers.checkers.token_compare import TokenRules, compare_texts
from workers.judging.compiler import CompiledProgram, CompileError, Compiler, CompileRequest
from workers.judging.results import cut, tail
from workers.judging.settings import JudgingSettings
from workers.judging.sources import SourceFile, make_bundle
from workers.judging.verdict import Allowance, TestVerdict, verdict_from_report, worst


class ProgressListener(Protocol):
    """The part of a watcher that a run tells of."""

    def compiling(self) -> None: ...

    def running(self, tests_total: int) -> None: ...

    def tested(self, tests_done: int, tests_total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class CustomEntry:
    """A program with inputs of its own; ``driver`` are a problem's files for this language, if one was
    named."""

    language: Language
    source: SourceFile
    run: CustomRun
    driver: tuple[SourceFile, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomRunner:
    """Runs programs on inputs that came with the request."""

    sandbox: Sandbox
    compiler: Compiler
    settings: JudgingSettings
    mode: dict[str, Any]

    def run(self, entry: CustomEntry, watch: ProgressListener) -> Outcome:
        """Compile and run on every case. Without an expected output a clean exit is AC."""
        limits = custom_run_limits(entry.run.limits, entry.language, self.settings)
        made = self.compiler.compile(_order(entry, limits), watch.compiling)
        if isinstance(made, CompileError):
            return Outcome(Verdict.CE, compile_output=made.output, sandbox=self.mode)
        watch.running(len(entry.run.cases))
        tests = []
        for number, (stdin, expected) in enumerate(entry.run.cases, 1):
            tests.append(self._case(made, entry.run, limits, (f"run/{number}", stdin, expected)))
            watch.tested(number, len(entry.run.cases))
        return self._outcome(made, tuple(tests))

    def _case(
        self, program: CompiledProgram, run: CustomRun, limits: Limits, case: tuple[str, str, str | None]
    ) -> TestResult:
        """One case, as often as asked; figures are means of the repeats, as Judge0 has them."""
        name, stdin, expected = case
        command = _command(program, run, limits, stdin)
        reports = [self.sandbox.run(command) for _ in range(max(1, min(run.repeat, 20)))]
        opinion = self._opinion(reports[-1], limits, program, expected)
        return TestResult(
            name=name,
            verdict=opinion.verdict,
            cpu_ms=round(sum(report.cpu_ms for report in reports) / len(reports)),
            wall_ms=round(sum(report.wall_ms for report in reports) / len(reports)),
            memory_kb=max(report.memory_kb for report in reports),
            sample=True,
            detail=opinion.detail or None,
            input=stdin,
            output=cut(reports[-1].stdout, limits.output_bytes),
            expected=expected,
            stderr=tail(reports[-1].stderr, limits.stderr_bytes) or None,
            exit_code=reports[-1].exit_code,
            signal=reports[-1].signal,
        )

    def _opinion(
        self, report: RunReport, limits: Limits, program: CompiledProgram, expected: str | None
    ) -> TestVerdict:
        allowed = Allowance(limits.cpu_seconds, limits.wall_seconds, limits.memory_bytes)
        opinion = verdict_from_report(report, allowed, program.language)
        if opinion is not None:
            return opinion
        if expected is None:
            return TestVerdict(Verdict.AC, "")
        check = compare_texts(expected.encode(), report.stdout, TokenRules(case_sensitive=True))
        return TestVerdict(Verdict.AC, "") if check.accepted else TestVerdict(Verdict.WA, check.message)

    def _outcome(self, program: CompiledProgram, tests: tuple[TestResult, ...]) -> Outcome:
        return Outcome(
            verdict=worst([test.verdict for test in tests]),
            tests=tests,
            tests_total=len(tests),
            cpu_ms=max((test.cpu_ms for test in tests), default=0),
            wall_ms=max((test.wall_ms for test in tests), default=0),
            memory_kb=max((test.memory_kb for test in tests), default=0),
            compile_output=program.output or None,
            sandbox=self.mode,
        )


def _order(entry: CustomEntry, limits: Limits) -> CompileRequest:
    language = entry.language
    return CompileRequest(
        language,
        make_bundle(language, (entry.source,), entry.driver),
        memory_mb=max(16, limits.memory_bytes // MIB - language.memory_overhead_mb),
        arguments=entry.run.compiler_arguments,
    )


def _command(program: CompiledProgram, run: CustomRun, limits: Limits, stdin: str) -> Command:
    return Command(
        argv=(*program.argv, *run.arguments),
        limits=limits,
        stdin=stdin.encode(),
        mounts=(program.mount,),
        environment=dict(program.language.environment),
        seccomp_profile=program.language.seccomp_profile,
        merge_stderr=run.merge_stderr,
    )


def custom_run_limits(asked: RunLimits, language: Language, settings: JudgingSettings) -> Limits:
    """What is asked for, within what the settings let a custom run have."""
    cpu = min(asked.cpu_seconds or settings.custom_seconds, settings.custom_seconds_at_most)
    wall = min(asked.wall_seconds or 2 * cpu + 1, 2 * settings.custom_seconds_at_most)
    most_kb = settings.custom_memory_mb_at_most * 1024
    memory_kb = min(asked.memory_kb or settings.custom_memory_mb * 1024, most_kb)
    return Limits(
        cpu_seconds=cpu * language.time_factor,
        wall_seconds=wall * language.time_factor,
        memory_bytes=memory_kb * KIB + language.memory_overhead_mb * MIB,
        processes=min(asked.processes or language.processes, settings.custom_processes_at_most),
        output_bytes=min(asked.output_kb or settings.custom_output_kb, settings.custom_output_kb) * KIB,
        stack_bytes=asked.stack_kb * KIB if asked.stack_kb else None,
    )
