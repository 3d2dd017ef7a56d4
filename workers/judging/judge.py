"""Judges one submission: read this first.

A request is a problem's submission or a run on its own input. Both are compiled (or found compiled), run
test by
test in the worker's box, and looked at by a checker. What comes out is an Outcome, or a JudgingFault when
something
of ours broke; the author's program is never blamed for that.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from judge_core.messages import JudgeRequest, PackageRef
from judge_core.model.language import Language
from judge_core.model.submission import Outcome, TestResult
from judge_core.model.verdict import Verdict
from judge_core.packages import BrokenPackage, Package, TestCase, read_package
from judge_core.packages import Program as SourceProgram
from sandbox import BoxFault, IsolationMode, Misuse, Sandbox
from workers.checkers.submission_files import SubmissionFiles
from workers.judging.compile_cache import CompileCache
from workers.judging.compiler import CompileError, CompileLimits, Compiler, CompileRequest
from workers.judging.custom_run import CustomEntry, CustomRunner
from workers.judging.errors import LanguageUnavailable, PackageBroken, SandboxBroken
from workers.judging.grader import make_grader
from workers.judging.package_programs import NoProgress, bundled_files, included_files, main_language
from workers.judging.results import CaseRun, describe_test
from workers.judging.scoring import Grade
from workers.judging.settings import JudgingSettings
from workers.judging.sources import SourceFile, make_bundle
from workers.judging.strategies.batch import JudgingStrategy
from workers.judging.strategies.factory import JudgingContext, make_strategy, make_submit_answer_strategy
from workers.judging.strategies.static import with_static_validator
from workers.judging.test_runner import TestRunner, samples_only
from workers.judging.time_limit import TimeLimitCalibration
from workers.judging.time_limit_store import HostTimeLimitStore, ServerTimeLimits
from workers.judging.toolchain_cache import FileBuilder, ImmediateBuilder, ToolchainCache
from workers.judging.toolchains import Toolchains, required_programs
from workers.verify.expectations import build_settings
from workers.verify.input_validators import InputValidation
from workers.verify.output_validators import answer_faults, output_faults


class PackageSource(Protocol):
    """Where problem packages come from."""

    def fetch(self, ref: PackageRef) -> Path:
        """The unpacked folder of a package. Raises PackageUnavailable."""
        ...


class ProgressListener(Protocol):
    """Who follows a judgement; may raise to stop it."""

    def compiling(self) -> None: ...

    def running(self, tests_total: int) -> None: ...

    def tested(self, tests_done: int, tests_total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Solution:
    """A submission for a package: its files, in one language."""

    language: Language
    files: tuple[SourceFile, ...]
    run_all: bool = False
    samples_only: bool = False
    reveal: bool = False
    entrypoint: str = ""


@dataclass(slots=True)
class _ResultCollector:
    """Collects the results of the tests and passes the progress on."""

    watch: ProgressListener
    total: int
    text_bytes: int
    reveal: bool = False
    results: list[TestResult] = field(default_factory=list)

    def tested(self, run: CaseRun) -> None:
        self.results.append(describe_test(run, self.text_bytes, self.reveal))
        self.watch.tested(len(self.results), self.total)


class Judge:
    """Judges by one sandbox slot, one submission at a time."""

    def __init__(
        self,
        sandbox: Sandbox,
        packages: PackageSource,
        languages: Mapping[str, Language],
        cache: CompileCache,
        settings: JudgingSettings,
        house: ServerTimeLimits | None = None,
        preparer: FileBuilder | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._packages = packages
        self._languages = languages
        self._settings = settings
        self.toolchains = Toolchains(settings.search_path)
        self.prepared = ToolchainCache(settings.prepared, preparer or ImmediateBuilder(sandbox))
        self._compiler = Compiler(sandbox, cache, self.toolchains, self.prepared)
        self.calibration = TimeLimitCalibration(
            HostTimeLimitStore(settings.limit_notes, house), self._try_out
        )
        self._bench = JudgingContext(sandbox, self._compiler, languages, settings)
        self._read: dict[Path, Package] = {}

    def judge(self, request: JudgeRequest, watch: ProgressListener) -> Outcome:
        """Judge a request. Raises JudgingFault; whatever the watcher raises passes through."""
        language = self._language(request.language)
        source = SourceFile("", request.source.encode())
        try:
            if request.run is not None:
                return self._custom_runs().run(self._custom_entry(request, language, source), watch)
            if request.package is None:
                raise PackageBroken("the request names neither a package nor a run of its own")
            entry = Solution(language, (source,), request.run_all, request.samples_only)
            return self.judge_entry(self._package(request.package), entry, watch)
        except (BoxFault, Misuse) as error:
            raise SandboxBroken(f"the sandbox failed: {error}") from error

    def judge_entry(self, package: Package, entry: Solution, watch: ProgressListener) -> Outcome:
        """Judge a submission of any number of files by a package that has been read."""
        bench = self._ready_bench()
        if package.metadata.type.submit_answer:
            trial = make_submit_answer_strategy(package, entry.files, bench)
            return self._follow(package, entry, trial, watch, "")
        package = self.calibration.complete(package)
        order = self._order(package, entry)
        made = self._compiler.compile(order, watch.compiling)
        if isinstance(made, CompileError):
            return Outcome(Verdict.CE, compile_output=made.output, sandbox=self._mode())
        trial = make_strategy(package, made, order.bundle, bench)
        trial = with_static_validator(trial, package, SubmissionFiles(order.bundle, made), bench)
        return self._follow(package, entry, trial, watch, made.output)

    def _follow(
        self, package: Package, entry: Solution, trial: JudgingStrategy, watch: ProgressListener, words: str
    ) -> Outcome:
        """Try every test in its order; ``words`` are the compiler's."""
        root = samples_only(package) if entry.samples_only else package.data
        ledger = _ResultCollector(
            watch, sum(1 for _ in root.cases()), self._settings.text_bytes, entry.reveal
        )
        run_all = entry.run_all or self._settings.run_all
        course = TestRunner(package, root, trial, ledger, run_all, make_grader(package, self._bench))
        watch.running(ledger.total)
        return self._outcome(package, course.run(), ledger, words)

    def input_faults(self, package: Package) -> list[str]:
        """What the package's input validators find wrong with its tests."""
        checks = InputValidation(
            self._sandbox, self._compiler, self._languages, self._settings.memory_mb_at_most
        )
        return list(checks.faults(package))

    def output_faults(self, package: Package) -> list[str]:
        """Which of the outputs that the package calls valid or invalid are judged otherwise."""
        return list(output_faults(package, self._ready_bench()))

    def answer_faults(self, package: Package) -> list[tuple[TestCase, str]]:
        """The tests whose answers the package's own validator refuses."""
        return list(answer_faults(package, self._ready_bench()))

    def _outcome(
        self, package: Package, grade: Grade, ledger: _ResultCollector, compile_output: str
    ) -> Outcome:
        tests = tuple(ledger.results)
        return Outcome(
            verdict=grade.verdict,
            tests=tests,
            tests_total=ledger.total,
            cpu_ms=max((test.cpu_ms for test in tests), default=0),
            wall_ms=max((test.wall_ms for test in tests), default=0),
            memory_kb=max((test.memory_kb for test in tests), default=0),
            score=grade.score if package.metadata.type.scoring else None,
            compile_output=compile_output or None,
            sandbox=self._mode(),
        )

    def _order(self, package: Package, entry: Solution) -> CompileRequest:
        limits = package.metadata.limits
        driver = included_files(package, entry.language)
        return CompileRequest(
            language=entry.language,
            bundle=make_bundle(entry.language, entry.files, driver, entry.entrypoint),
            memory_mb=min(limits.memory, self._settings.memory_mb_at_most),
            limits=CompileLimits.of(limits),
        )

    def _ready_bench(self) -> JudgingContext:
        """The bench with its scratch folder, made anew should somebody have tidied it away."""
        self._settings.scratch.mkdir(parents=True, exist_ok=True)
        return self._bench

    def _custom_runs(self) -> CustomRunner:
        return CustomRunner(self._sandbox, self._compiler, self._settings, self._mode())

    def _try_out(self, package: Package, program: SourceProgram) -> Outcome | None:
        """Judge a bundled submission; ``None`` when its language is not here."""
        build = build_settings(package, program.name)
        language = main_language(program, self._languages, build.language)
        if language is None or any(
            self.toolchains.find(name) is None for name in required_programs(language)
        ):
            return None
        files = bundled_files(package, program, language)
        entry = Solution(language, files, run_all=True, entrypoint=build.entrypoint)
        return self.judge_entry(package, entry, NoProgress())

    def _custom_entry(self, request: JudgeRequest, language: Language, source: SourceFile) -> CustomEntry:
        assert request.run is not None
        driver = included_files(self._package(request.package), language) if request.package else ()
        return CustomEntry(language, source, request.run, driver)

    def _language(self, name: str) -> Language:
        language = self._languages.get(name)
        if language is None:
            raise LanguageUnavailable(f"the language {name!r} is not in this worker's catalog")
        return language

    def _package(self, ref: PackageRef) -> Package:
        """Fetched and read; what was read stays, since a version never changes."""
        folder = self._packages.fetch(ref)
        if folder not in self._read:
            if len(self._read) >= 64:
                self._read.clear()
            try:
                self._read[folder] = read_package(folder, ref.slug)
            except BrokenPackage as error:
                raise PackageBroken(f"package {ref.slug}: {error}") from error
        return self._read[folder]

    def _mode(self) -> dict[str, Any]:
        """What goes into every verdict; where the mode is not the full one, also what holds each limit."""
        isolation = self._sandbox.isolation
        told: dict[str, Any] = {"mode": isolation.mode.value, "backend": isolation.backend}
        if isolation.mode is not IsolationMode.FULL:
            told["enforced_by"] = {each.limit: each.enforced_by for each in isolation.guarantees}
        return told


def clear_scratch(settings: JudgingSettings) -> None:
    """Remove what earlier judgements left in this worker's scratch folder."""
    shutil.rmtree(settings.scratch, ignore_errors=True)
    settings.scratch.mkdir(parents=True, exist_ok=True)
