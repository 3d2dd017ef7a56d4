"""Custom runs: a program on the submitter's own inputs, without a problem's tests and with limits of its
own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from judge_core.messages import CustomRun, RunLimits
from judge_core.model.byte_texts import text_and_base64
from judge_core.model.language import Language
from judge_core.model.submission import Outcome, TestResult, Verdict
from judge_core.packages.token_rules import TokenRules
from sandbox import KIB, MIB, Command, Ending, InputFile, Limits, RunReport, Sandbox
from workers.checkers.line_compare import compare_lines
from workers.checkers.token_compare import compare_texts
from workers.judging.compiler import CompiledProgram, CompileError, Compiler, CompileRequest
from workers.judging.program_runner import environment_of
from workers.judging.progress import ProgressListener
from workers.judging.results import cut, outcome_of, tail
from workers.judging.settings import JudgingSettings
from workers.judging.sources import SourceBundle
from workers.judging.syntax_check import SyntaxCheck, SyntaxRefused
from workers.judging.verdict import (
    DELAY_FACTOR,
    Allowance,
    TestVerdict,
    verdict_from_check,
    verdict_from_report,
    worst,
)


@dataclass(frozen=True, slots=True)
class CustomRunner:
    """Runs programs on the inputs of a request. The outcome does not name the sandbox's mode."""

    sandbox: Sandbox
    compiler: Compiler
    settings: JudgingSettings

    def run(
        self, run: CustomRun, language: Language, bundle: SourceBundle, progress: ProgressListener
    ) -> Outcome:
        """Compile the program and run it on every case. A case without an expected output is AC if the
        program exits with code 0."""
        limits = custom_run_limits(run.limits, language, self.settings)
        request = compile_request(run, language, bundle, limits)
        program = self.compiler.compile(request, progress.compiling)
        if isinstance(program, CompileError):
            refused = Outcome(Verdict.CE, compile_output=program.output)
            return refused.with_compile_cached(program.from_cache)
        progress.running(len(run.cases))
        check = SyntaxCheck(self.compiler, program)
        command = run_command(program, run, limits, data_files(bundle))
        tests = []
        try:
            for number, (stdin, expected) in enumerate(run.case_bytes(), 1):
                case = (f"run/{number}", stdin, expected)
                tests.append(self._run_case(check, run, command, case))
                progress.tested(number, len(run.cases))
            check.now()
        except SyntaxRefused as refused:
            return Outcome(Verdict.CE, compile_output=refused.error.output)
        verdict = worst([test.verdict for test in tests])
        outcome = replace(outcome_of(verdict, tests, len(tests)), compile_output=program.output or None)
        return outcome.with_compile_cached(program.from_cache)

    def _run_case(
        self, check: SyntaxCheck, run: CustomRun, command: Command, case: tuple[str, bytes, bytes | None]
    ) -> TestResult:
        """Run one case as often as the request says. Times are means of the repeats, as in Judge0."""
        name, stdin, expected = case
        program, limits = check.program, command.limits
        command = replace(command, stdin=stdin)
        reports = [self.sandbox.run(command) for _ in range(max(1, min(run.repeat, 20)))]
        check.after_run(reports[0])
        decision = self._verdict(reports[-1], limits, program, (expected, run.exact_lines))
        return describe_run(name, (stdin, expected), reports, decision, limits)

    def _verdict(
        self,
        report: RunReport,
        limits: Limits,
        program: CompiledProgram,
        wanted: tuple[bytes | None, bool],
    ) -> TestVerdict:
        expected, exact_lines = wanted
        allowed = Allowance(limits.cpu_seconds, limits.wall_seconds, limits.memory_bytes)
        decision = verdict_from_report(report, allowed, program.language)
        if decision is not None and report.ending is Ending.CPU and limits.process_cpu_seconds is not None:
            return replace(decision, detail=_process_time(limits, decision.detail))
        if decision is not None:
            return decision
        if expected is None:
            return TestVerdict(Verdict.AC, "")
        if exact_lines:
            check = compare_lines(expected, report.stdout)
        else:
            check = compare_texts(expected, report.stdout, TokenRules(case_sensitive=True))
        return verdict_from_check(check, check.message)


def _process_time(limits: Limits, detail: str) -> str:
    seconds = limits.process_cpu_seconds or 0.0
    return f"CPU time of a process: more than {seconds:g} s" if seconds < limits.cpu_seconds else detail


def describe_run(
    name: str,
    case: tuple[bytes, bytes | None],
    reports: Sequence[RunReport],
    decision: TestVerdict,
    limits: Limits,
) -> TestResult:
    """The result of a case, with everything that the submitter may see. Times are means of the repeats."""
    stdin, expected = case
    last = reports[-1]
    return TestResult(
        name=name,
        verdict=decision.verdict,
        cpu_ms=round(sum(report.cpu_ms for report in reports) / len(reports)),
        wall_ms=round(sum(report.wall_ms for report in reports) / len(reports)),
        memory_kb=max(report.memory_kb for report in reports),
        sample=True,
        detail=decision.detail or None,
        input=text_and_base64(stdin)[0],
        output=cut(last.stdout, limits.output_bytes),
        expected=None if expected is None else text_and_base64(expected)[0],
        stderr=tail(last.stderr, limits.stderr_bytes) or None,
        exit_code=last.exit_code,
        signal=last.signal,
        output_base64=text_and_base64(last.stdout[: limits.output_bytes])[1],
        stderr_base64=text_and_base64(last.stderr[-limits.stderr_bytes :])[1],
    )


def data_files(bundle: SourceBundle) -> tuple[InputFile, ...]:
    """The files of a program that its compiler does not get. They are put into the work folder before each
    run."""
    if len(bundle.files) == 1:
        return ()
    sources = {*bundle.units, bundle.main}
    return tuple(InputFile(file.name, file.content) for file in bundle.files if file.name not in sources)


def compile_request(
    run: CustomRun, language: Language, bundle: SourceBundle, limits: Limits
) -> CompileRequest:
    memory_mb = max(16, limits.memory_bytes // MIB - language.memory_overhead_mb)
    return CompileRequest(language, bundle, memory_mb, run.compiler_arguments)


def run_command(
    program: CompiledProgram, run: CustomRun, limits: Limits, files: tuple[InputFile, ...]
) -> Command:
    return Command(
        argv=(*program.argv, *run.arguments),
        limits=limits,
        files=files,
        mounts=(program.mount,),
        environment=environment_of(program.language),
        seccomp_profile=program.language.seccomp_profile,
        merge_stderr=run.merge_stderr,
    )


def custom_run_limits(requested: RunLimits, language: Language, settings: JudgingSettings) -> Limits:
    """The requested limits, reduced to the greatest that the settings allow for a custom run.

    Time factors of languages are only for problems. A custom run has the same time in every language.
    """
    cpu = min(requested.cpu_seconds or settings.custom_seconds, settings.custom_seconds_at_most)
    wall = min(requested.wall_seconds or 2 * cpu + 1, 2 * settings.custom_seconds_at_most)
    max_kb = settings.custom_memory_mb_at_most * 1024
    memory_kb = min(requested.memory_kb or settings.custom_memory_mb * 1024, max_kb)
    return Limits(
        cpu_seconds=cpu,
        wall_seconds=wall,
        delay_seconds=DELAY_FACTOR * wall,
        memory_bytes=memory_kb * KIB + language.memory_overhead_mb * MIB,
        processes=min(requested.processes or language.processes, settings.custom_processes_at_most),
        output_bytes=min(requested.output_kb or settings.custom_output_kb, settings.custom_output_kb) * KIB,
        stack_bytes=requested.stack_kb * KIB if requested.stack_kb else None,
        process_cpu_seconds=requested.process_cpu_seconds or None,
        process_address_bytes=int(requested.process_memory_kb * KIB) if requested.process_memory_kb else None,
    )
