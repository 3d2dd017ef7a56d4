"""Judges one submission. Read this first, then compiler, test_runner, strategies, checkers and verdict.

A request is a submission for a problem or a custom run. Both are compiled (or found in the compile cache),
run test by test in the worker's sandbox slot, and checked. The result is an Outcome, or a JudgingFault if the
package, the host or the sandbox fails. A fault never counts against the submission.
"""

from __future__ import annotations

import base64
import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from judge_core.messages import PACKAGE_CHECK, PICTURE, JudgeRequest, PackageRef
from judge_core.model.language import Language
from judge_core.model.submission import GroupScore, Outcome, Scoring, TestResult, Verdict
from judge_core.packages import BrokenPackage, Package, TestGroup, read_package
from judge_core.packages import Program as SourceProgram
from judge_core.packages.spec import best_score
from sandbox import IsolationMode, Sandbox, SandboxError
from sandbox.api import FILE_PAGES
from workers.judging.compile_cache import CompileCache
from workers.judging.compiler import CompiledProgram, CompileError, CompileLimits, Compiler, CompileRequest
from workers.judging.custom_run import CustomRunner
from workers.judging.errors import (
    FilesChanged,
    JudgingFault,
    LanguageUnavailable,
    PackageBroken,
    sandbox_errors_as_faults,
)
from workers.judging.expectations import build_settings
from workers.judging.grader import make_grader
from workers.judging.jury_submission_check import JurySubmissionCheck
from workers.judging.live_run import LiveClients, LiveRunner
from workers.judging.progress import ProgressListener
from workers.judging.results import CaseRun, Picture, describe_test, outcome_of, public_names
from workers.judging.settings import JudgingSettings
from workers.judging.shared_cache_folder import FileStamp, VerifiedFolder, stamp_of
from workers.judging.side_by_side import NO_SIDE_SLOTS, Lane, SideSlots, side_by_side
from workers.judging.sources import (
    SourceBundle,
    SourceFile,
    bundled_files,
    included_files,
    main_language,
    make_bundle,
)
from workers.judging.strategies.factory import JudgingContext, make_strategy, make_submit_answer_strategy
from workers.judging.syntax_check import CheckedStrategy, SyntaxCheck, SyntaxRefused
from workers.judging.test_runner import JudgingStrategy, TestRunner, samples_only
from workers.judging.time_limit_calibration import TimeLimitCalibration
from workers.judging.time_limit_store import HostTimeLimitStore, ServerTimeLimits
from workers.judging.toolchain_cache import FileBuilder, ImmediateBuilder, ToolchainCache
from workers.judging.toolchains import Toolchains, required_programs
from workers.judging.verdict import group_maxima, group_scores, rounded, top_group_scores


class PackageSource(Protocol):
    """Provides problem packages."""

    def fetch(self, ref: PackageRef) -> VerifiedFolder:
        """The unpacked folder of a package, with verified files. Raises PackageUnavailable."""
        ...


class PackageCheck(Protocol):
    """Runs the validators of a package."""

    def __call__(
        self, package: Package, context: JudgingContext, progress: ProgressListener
    ) -> Iterator[str]:
        """One line for each fault. ``progress`` is called for each test, and may raise to stop the check."""
        ...


class TestDrawing(Protocol):
    """Runs the input visualizer of a package."""

    def __call__(self, package: Package, context: JudgingContext, test: str) -> Picture | str:
        """The picture of the test with this name, or the reason why there is none."""
        ...


_MOST_FAULTS, _FAULT_CHARACTERS = 50, 500


@dataclass(frozen=True, slots=True)
class Solution:
    """The source files of a submission, or of a bundled submission, to be judged by a package.

    For the package's author, ``reveal`` puts the inputs and outputs of every test into the outcome, and
    ``show_names`` the names of secret tests.
    """

    language: Language
    files: tuple[SourceFile, ...]
    run_all: bool = False
    samples_only: bool = False
    reveal: bool = False
    show_names: bool = False
    entrypoint: str = ""


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """The parts that only a worker of a server needs. ``gavel problems verify`` judges without them.

    ``server_limits`` shares calibrated time limits among workers. ``builder`` prepares toolchains in the
    background. ``side_slots`` run further tests of a submission. ``package_check`` and ``draw_test`` serve
    requests of authors.
    """

    server_limits: ServerTimeLimits | None = None
    builder: FileBuilder | None = None
    side_slots: SideSlots = NO_SIDE_SLOTS
    package_check: PackageCheck | None = None
    draw_test: TestDrawing | None = None


class Judge:
    """Judges one submission at a time, in one sandbox slot or with side slots for its further tests."""

    def __init__(
        self,
        sandbox: Sandbox,
        packages: PackageSource,
        languages: Mapping[str, Language],
        cache: CompileCache,
        settings: JudgingSettings,
        options: JudgeOptions = JudgeOptions(),
    ) -> None:
        self._options = options
        self.live_clients: LiveClients = lambda _: None
        """Opens the streams to the client of a live run. The worker's process sets it."""
        self._packages = packages
        self._settings = settings
        self.toolchains = Toolchains(settings.search_path, settings.host_path)
        self.toolchain_cache = ToolchainCache(settings.prepared, options.builder or ImmediateBuilder(sandbox))
        self._compiler = Compiler(sandbox, cache, self.toolchains, self.toolchain_cache)
        self._context = JudgingContext(sandbox, self._compiler, languages, settings)
        limit_store = HostTimeLimitStore(settings.limits_folder, options.server_limits)
        self.calibration = TimeLimitCalibration(limit_store, self._judge_bundled, self._bundled_time_factor)
        self._jury_submission_check = JurySubmissionCheck(self._judge_bundled)
        self._read_packages: dict[Path, Package] = {}
        self._package_in_use: VerifiedFolder | None = None
        self._scratch_mark = settings.scratch / "in-use"

    @property
    def context(self) -> JudgingContext:
        """The sandbox, compiler, languages and settings. Creates the scratch folder if it is missing."""
        self._settings.scratch.mkdir(parents=True, exist_ok=True)
        return self._context

    def judge(self, request: JudgeRequest, progress: ProgressListener) -> Outcome:
        """Judge a request. Raises JudgingFault, and any exception that ``progress`` raises.

        Raises FilesChanged instead of a verdict if files were removed or changed meanwhile.
        """
        self._compiler.forget_used()
        self._package_in_use = None
        self._scratch_in_use = self._mark_scratch()
        try:
            outcome = self._judge(request, progress)
        except (JudgingFault, SandboxError, OSError) as fault:
            self._require_intact_files(fault)
            raise
        self._require_intact_files(None)
        return outcome

    def _mark_scratch(self) -> tuple[Path, FileStamp]:
        """Make sure that the scratch folder and a file in it exist. If the file is missing after the
        judgement, another program has emptied the folder."""
        mark = self._scratch_mark
        try:
            return mark, stamp_of(mark)
        except FileNotFoundError:
            self._settings.scratch.mkdir(parents=True, exist_ok=True)
            mark.touch()
            return mark, stamp_of(mark)

    def _require_intact_files(self, fault: Exception | None) -> None:
        """Raise FilesChanged if a file that the judgement depends on was changed or removed since it was
        verified."""
        mark, stamp = self._scratch_in_use
        changed = [str(verified.folder) for verified in self._compiler.used if not verified.is_intact]
        if self._package_in_use is not None and not self._package_in_use.is_intact:
            changed.append(str(self._package_in_use.folder))
        try:
            if stamp_of(mark) != stamp:
                changed.append(str(mark.parent))
        except FileNotFoundError:
            changed.append(str(mark.parent))
        if changed:
            reason = f"files were removed or changed while it was judged: {', '.join(changed)}"
            raise FilesChanged(reason) from fault

    def _judge(self, request: JudgeRequest, progress: ProgressListener) -> Outcome:
        language = self._language(request.language)
        try:
            with sandbox_errors_as_faults():
                return self._judge_kind(request, language, progress)
        except LanguageUnavailable as fault:
            fault.is_submissions = not self._has_language(request.language)
            raise

    def _judge_kind(self, request: JudgeRequest, language: Language, progress: ProgressListener) -> Outcome:
        """Judge by the request's kind: a check or a drawing of a package, a custom run, or a submission."""
        files, entry_point = _source_files(request)
        if request.run is not None and request.run.checks_package and request.package is not None:
            return self._check_package(request.package, progress)
        if request.run is not None and request.run.draws is not None and request.package is not None:
            return self._draw(request.package, request.run.draws, progress)
        if request.run is not None:
            return self._run_custom(request, language, progress)
        if request.package is None:
            raise PackageBroken("the request names neither a package nor a run of its own")
        solution = Solution(
            language,
            files,
            request.run_all,
            request.samples_only,
            show_names=request.show_test_names,
            entrypoint=entry_point,
        )
        return self._judge_by_package(request.package, solution, progress)

    def _judge_by_package(self, ref: PackageRef, solution: Solution, progress: ProgressListener) -> Outcome:
        """Judge by a package. If the package is broken, the error says whether it is unusable for every
        submission."""
        package = self._package(ref)
        try:
            return self.judge_solution(package, solution, progress)
        except PackageBroken as fault:
            fault.is_unusable = self._jury_submission_check.fails(package)
            raise

    def _check_package(self, ref: PackageRef, progress: ProgressListener) -> Outcome:
        """Run the validators of a package. Each fault that they find becomes a failed test."""
        if self._options.package_check is None:
            raise JudgingFault("this process checks no packages")
        package = self._package(ref)
        progress.running(1)
        lines = islice(self._options.package_check(package, self.context, progress), _MOST_FAULTS)
        faults = [
            TestResult(PACKAGE_CHECK, Verdict.WA, 0, 0, 0, message=line[:_FAULT_CHARACTERS]) for line in lines
        ]
        tests = faults or [TestResult(PACKAGE_CHECK, Verdict.AC, 0, 0, 0)]
        found = outcome_of(tests[0].verdict, tests, len(tests))
        return replace(found, sandbox=self._isolation())

    def _draw(self, ref: PackageRef, test: str, progress: ProgressListener) -> Outcome:
        """Draw a test with the package's input visualizer. If there is no picture, the outcome is WA with the
        reason."""
        if self._options.draw_test is None:
            raise JudgingFault("this process draws no tests")
        package = self._package(ref)
        progress.running(1)
        found = self._options.draw_test(package, self.context, test)
        if isinstance(found, str):
            drawn = TestResult(PICTURE, Verdict.WA, 0, 0, 0, message=found[:_FAULT_CHARACTERS])
        else:
            encoded = base64.b64encode(found.content).decode()
            drawn = TestResult(PICTURE, Verdict.AC, 0, 0, 0, output=found.name, output_base64=encoded)
        return replace(outcome_of(drawn.verdict, [drawn], 1), sandbox=self._isolation())

    def forget_versions(self) -> None:
        """Ask each compiler for its version again before its next use, since toolchains have changed."""
        self._compiler.forget_versions()

    def cancel(self) -> None:
        """Stop the programs that are running now, from another thread."""
        self._context.sandbox.cancel()
        self._options.side_slots.cancel()

    def judge_solution(self, package: Package, solution: Solution, progress: ProgressListener) -> Outcome:
        """Judge a solution, of one file or several, by a package that has been read."""
        if package.metadata.type.submit_answer:
            strategy = make_submit_answer_strategy(package, solution.files, self.context)
            return self._run_tests(package, solution, strategy, progress)
        outcome = self._compile_and_run(package, solution, progress)
        return outcome.with_compiler(self._compiler.name_of(solution.language))

    def _compile_and_run(self, package: Package, solution: Solution, progress: ProgressListener) -> Outcome:
        if package.metadata.limits.time is None:
            package = self.calibration.complete(package)
        request = self._compile_request(package, solution)
        program = self._compiler.compile(request, progress.compiling)
        if isinstance(program, CompileError):
            refused = Outcome(Verdict.CE, compile_output=program.output, sandbox=self._isolation())
            return refused.with_compile_cached(program.from_cache)
        check = SyntaxCheck(self._compiler, program) if program.unchecked is not None else None
        try:
            with self._strategy(package, solution, program, request.bundle) as strategy:
                checked = CheckedStrategy(strategy, check) if check is not None else strategy
                outcome = self._run_tests(package, solution, checked, progress)
            if check is not None:
                check.now()
        except SyntaxRefused as refused:
            return Outcome(Verdict.CE, compile_output=refused.error.output, sandbox=self._isolation())
        if program.output:
            outcome = replace(outcome, compile_output=program.output)
        return outcome.with_compile_cached(program.from_cache)

    @contextlib.contextmanager
    def _strategy(
        self, package: Package, solution: Solution, program: CompiledProgram, bundle: SourceBundle
    ) -> Iterator[JudgingStrategy]:
        """The strategy that runs the tests in the worker's own slot, and in its side slots if there are any.

        The tests of an interactive problem need two cores each, so they run one after another.
        """
        own, scratch = self.context, self._settings.scratch
        strategy = make_strategy(package, program, bundle, own)
        if not self._options.side_slots.sandboxes or package.metadata.type.interactive:
            yield strategy
            return
        lanes = [Lane(strategy, scratch / "kept")]
        for number, sandbox in enumerate(self._options.side_slots.sandboxes):
            folder = scratch / f"side-{number}"
            folder.mkdir(exist_ok=True)
            side = replace(own, sandbox=sandbox, settings=replace(own.settings, scratch=folder))
            lanes.append(Lane(make_strategy(package, program, bundle, side), folder / "kept"))
        with side_by_side(
            lanes, list(_tests_of(package, solution).cases()), self._options.side_slots
        ) as shared:
            yield shared

    def _run_tests(
        self, package: Package, solution: Solution, strategy: JudgingStrategy, progress: ProgressListener
    ) -> Outcome:
        """Run the tests in their order, and report each result at once."""
        root = _tests_of(package, solution)
        total = sum(1 for _ in root.cases())
        tests: list[TestResult] = []
        names = {} if solution.reveal or solution.show_names else public_names(root)

        def add_result(run: CaseRun) -> None:
            result = describe_test(run, self._settings.text_bytes, solution.reveal)
            name = names.get(result.name, result.name)
            tests.append(result if name == result.name else replace(result, name=name))
            progress.tested(len(tests), total)

        run_all = solution.run_all or self._settings.run_all
        grader = make_grader(package, self._context) if package.grader is not None else None
        runner = TestRunner(package, root, strategy, add_result, run_all, grader)
        progress.running(total)
        grade = runner.run()
        found = outcome_of(grade.verdict, tests, total)
        if package.metadata.type.scoring:
            found = replace(found, score=rounded(grade.score), groups=_subtasks(package, runner))
        found = replace(found, sandbox=self._isolation())
        found = found.with_own_checker() if package.output_validators else found
        return found.with_scoring(_scoring(package, found)) if found.score is not None else found

    def compiled(
        self, package: Package, solution: Solution
    ) -> tuple[CompiledProgram | CompileError, SourceBundle]:
        """Compile a solution as a submission to the package. Returns the program and its files."""
        request = self._compile_request(package, solution)
        return self._compiler.compile(request), request.bundle

    def _compile_request(self, package: Package, solution: Solution) -> CompileRequest:
        limits, language = package.metadata.limits, solution.language
        driver = included_files(package, language)
        return CompileRequest(
            language=language,
            bundle=make_bundle(language, solution.files, driver, solution.entrypoint),
            memory_mb=min(limits.memory, self._settings.memory_mb_at_most),
            limits=CompileLimits.of(limits),
        )

    def _run_custom(self, request: JudgeRequest, language: Language, progress: ProgressListener) -> Outcome:
        """Judge a custom run. If the run names a problem, it is compiled with the problem's driver."""
        assert request.run is not None
        driver = included_files(self._package(request.package), language) if request.package else ()
        files, entry_point = _source_files(request)
        bundle = make_bundle(language, files, driver, entry_point)
        outcome = self._run_alone_or_live(request, language, bundle, progress)
        outcome = replace(outcome, sandbox={**(outcome.sandbox or {}), **self._isolation()})
        return outcome.with_compiler(self._compiler.name_of(language))

    def _run_alone_or_live(
        self, request: JudgeRequest, language: Language, bundle: SourceBundle, progress: ProgressListener
    ) -> Outcome:
        """Run the program with the client of a live run, or on the request's inputs if there is no such
        client."""
        assert request.run is not None
        sandbox, compiler, settings = self._context.sandbox, self._compiler, self._settings
        client = self.live_clients(request) if request.run.live else None
        if client is None:
            return CustomRunner(sandbox, compiler, settings).run(request.run, language, bundle, progress)
        try:
            return LiveRunner(sandbox, compiler, settings, client).run(
                request.run, language, bundle, progress
            )
        finally:
            client.close()

    def _bundled_language(self, package: Package, program: SourceProgram) -> Language | None:
        build = build_settings(package, program.name)
        return main_language(program, self._context.languages, build.language)

    def _bundled_time_factor(self, package: Package, program: SourceProgram) -> float:
        """The factor by which the language of a package's own submission multiplies the time limit."""
        language = self._bundled_language(package, program)
        return package.metadata.extras.time_factor(language) if language is not None else 1.0

    def _judge_bundled(
        self, package: Package, program: SourceProgram, progress: ProgressListener
    ) -> Outcome | None:
        """Judge one of the package's own submissions. ``None`` if its language is not on this host."""
        language = self._bundled_language(package, program)
        if language is None or not self._has_language(language.id):
            return None
        files = bundled_files(package, program, language)
        entrypoint = build_settings(package, program.name).entrypoint
        solution = Solution(language, files, run_all=True, entrypoint=entrypoint)
        return self.judge_solution(package, solution, progress)

    def _has_language(self, name: str) -> bool:
        """Whether all programs of a language are on this host."""
        language = self._context.languages.get(name)
        return language is not None and all(
            self.toolchains.find(program) is not None for program in required_programs(language)
        )

    def _language(self, name: str) -> Language:
        language = self._context.languages.get(name)
        if language is None:
            raise LanguageUnavailable(f"the language {name!r} is not in this worker's catalog")
        return language

    def _package(self, ref: PackageRef) -> Package:
        """Fetch and read a package. Packages that were read are cached, since the files of a version never
        change."""
        self._package_in_use = self._packages.fetch(ref)
        folder = self._package_in_use.folder
        if folder not in self._read_packages:
            if len(self._read_packages) >= 64:
                self._read_packages.clear()
            try:
                self._read_packages[folder] = read_package(folder, ref.slug)
            except BrokenPackage as error:
                fault = PackageBroken(f"package {ref.slug}: {error}")
                fault.is_unusable = True
                raise fault from error
        return self._read_packages[folder]

    def _isolation(self) -> dict[str, Any]:
        """The sandbox's mode, for the outcome. Unless the mode is full, it also says what enforces each
        limit. It says in every mode if boxes share pages of files."""
        isolation = self._context.sandbox.isolation
        described: dict[str, Any] = {"mode": isolation.mode.value, "backend": isolation.backend}
        enforced_by = {each.limit: each.enforced_by for each in isolation.guarantees}
        if isolation.mode is not IsolationMode.FULL:
            described["enforced_by"] = enforced_by
        elif enforced_by.get(FILE_PAGES) == "nothing":
            described["enforced_by"] = {FILE_PAGES: "nothing"}
        return described


def _tests_of(package: Package, solution: Solution) -> TestGroup:
    return samples_only(package) if solution.samples_only else package.data


def _source_files(request: JudgeRequest) -> tuple[tuple[SourceFile, ...], str]:
    """The source files of a request, and its entry point, which may be empty."""
    if request.files is None:
        return (SourceFile("", request.source.encode()),), ""
    files = tuple(SourceFile(file.name, file.content) for file in request.files.files)
    return files, request.files.entry_point


def _subtasks(package: Package, runner: TestRunner) -> dict[str, float] | None:
    """The scores of the groups directly below the secret data. ``None`` if the package has its own grader,
    which gives no such scores, or if only the samples were run."""
    if runner.grader is not None or runner.root is not package.data:
        return None
    scores = group_scores(runner.root, runner.results, package.metadata.is_graded_as_legacy)
    return top_group_scores(scores) or None


def _scoring(package: Package, found: Outcome) -> Scoring:
    most = group_maxima(package.data, package.metadata.is_graded_as_legacy)
    groups = (GroupScore(name, score, most.get(name)) for name, score in (found.groups or {}).items())
    max_score = None if package.metadata.minimize else best_score(package)
    return Scoring(max_score, tuple(groups))


def clear_scratch(settings: JudgingSettings) -> None:
    """Empty this worker's scratch folder of files of earlier judgements."""
    shutil.rmtree(settings.scratch, ignore_errors=True)
    settings.scratch.mkdir(parents=True, exist_ok=True)
