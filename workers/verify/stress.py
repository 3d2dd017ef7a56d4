"""Stress testing: random inputs of a generator, on which a program is compared with the reference solution.

It stops at the first input that a validator refuses, on which the reference fails, or on which a candidate is
not accepted. Every program runs in the sandbox.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.model.submission import Verdict
from judge_core.packages import Package, Program, TestCase
from sandbox import Command, Ending, InputFile
from workers.checkers.programs import PackageProgram, compile_program, validation_limits
from workers.judging.compiler import CompileError
from workers.judging.errors import PackageBroken
from workers.judging.judge import Judge
from workers.judging.strategies.batch import BatchStrategy
from workers.judging.strategies.factory import JudgingContext, make_strategy
from workers.judging.verdict import verdict_from_report
from workers.verify.input_validators import InputValidation
from workers.verify.shrink import shrink
from workers.verify.submissions import solution_of

_MOST_INPUT_BYTES = 64 * 1024 * 1024
_MOST_SHRUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Generator:
    """A program that writes an input. It gets ``arguments`` and then the seed. If an argument contains
    ``{seed}``, the seed replaces that instead."""

    source: Program
    arguments: tuple[str, ...] = ()

    def argv(self, seed: int) -> tuple[str, ...]:
        if any("{seed}" in each for each in self.arguments):
            return tuple(each.replace("{seed}", str(seed)) for each in self.arguments)
        return (*self.arguments, str(seed))


@dataclass(frozen=True, slots=True)
class Difference:
    """An input that shows a fault. ``answer`` is the reference's output; ``candidate`` got ``verdict`` on
    this input."""

    seed: int
    input: bytes
    answer: bytes
    candidate: str
    verdict: Verdict
    message: str
    output: bytes = b""
    shrunk: bool = False


class StressFault(Exception):
    """The generator, a validator or the reference is at fault, or a named program is missing. If an input
    shows the fault, the message names its seed."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A compiled program of the package with the strategy that runs and checks it."""

    name: str
    strategy: BatchStrategy


class StressRun:
    """One package's generator, reference and candidates, compiled once and run seed after seed."""

    def __init__(self, judge: Judge, package: Package, generator: Generator, folder: Path) -> None:
        kind = package.metadata.type
        if kind.interactive or kind.multi_pass or kind.submit_answer:
            raise PackageBroken("only problems that read an input and write an output can be stressed")
        self._judge, self._package, self._generator = judge, package, generator
        self._context: JudgingContext = judge.context
        self._program = self._compiled(generator.source)
        self._validation = InputValidation(self._context)
        self._validators = self._validation.compiled(package)
        self._folder = folder
        for name in ("in", "ans"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name).chmod(0o755)

    @property
    def can_shrink(self) -> bool:
        """Whether inputs can be made smaller. That needs a validator, which says whether the statement allows
        a smaller input."""
        return bool(self._validators)

    def _compiled(self, source: Program) -> PackageProgram:
        return compile_program(self._package, source, self._context.compiler, self._context.languages)

    def first_difference(
        self,
        reference: Program,
        candidates: Sequence[Program],
        seeds: Iterable[int],
        on_seed: Callable[[int], None],
    ) -> Difference | None:
        """The input of the first seed on which a candidate is not accepted, or ``None`` if there is none.
        Raises StressFault."""
        right = self._prepare(reference)
        others = [self._prepare(each) for each in candidates]
        for seed in seeds:
            on_seed(seed)
            content = self._generated(seed)
            refusal = self._refusal(content)
            if refusal is not None:
                raise StressFault(f"seed {seed}: a validator {refusal}\n{_head(content)}")
            found = self._difference(seed, content, right, others)
            if found is not None:
                return self._shrunk(found, right, others)
        return None

    def _prepare(self, program: Program) -> _Prepared:
        solution = solution_of(self._package, program, self._context.languages)
        if solution is None:
            raise PackageBroken(f"{program.name}: no language has its files' extension: rename the files")
        compiled, bundle = self._judge.compiled(self._package, solution)
        if isinstance(compiled, CompileError):
            raise PackageBroken(f"{program.name} does not compile: {compiled.output[:2000]}")
        strategy = make_strategy(self._package, compiled, bundle, self._context)
        if not isinstance(strategy, BatchStrategy):
            raise PackageBroken("a problem with static validation cannot be stressed")
        return _Prepared(program.name, strategy)

    def _generated(self, seed: int) -> bytes:
        compiled = self._program.program
        output = self._context.settings.scratch / "generated"
        report = self._context.sandbox.run(
            Command(
                argv=(*compiled.argv, *self._generator.argv(seed)),
                limits=validation_limits(
                    self._package, compiled.language, self._context.settings.memory_mb_at_most
                ),
                stdin=b"",
                stdout=output,
                files=tuple(InputFile(each.name, each.content) for each in self._program.folder_files),
                mounts=(compiled.mount,),
                environment=self._program.environment,
                seccomp_profile=compiled.language.seccomp_profile,
            )
        )
        if report.ending is not Ending.EXITED or report.exit_code != 0:
            how = f"exit code {report.exit_code}" if report.ending is Ending.EXITED else report.ending.value
            message = report.stderr[-1000:].decode(errors="replace").strip()
            raise StressFault(f"seed {seed}: {self._generator.source.name} ended by {how}. {message}")
        if output.stat().st_size > _MOST_INPUT_BYTES:
            raise StressFault(f"seed {seed}: the generator wrote more than {_MOST_INPUT_BYTES >> 20} MiB")
        return output.read_bytes()

    def _case(self, content: bytes, answer: bytes) -> TestCase:
        input_at, answer_at = self._folder / "in" / "1.in", self._folder / "ans" / "1.ans"
        input_at.write_bytes(content)
        answer_at.write_bytes(answer)
        settings = next((case.settings for case in self._package.cases if not case.is_sample), None)
        settings = settings or self._package.cases[0].settings
        return TestCase("secret/stress", input_at, answer_at, settings)

    def _refusal(self, content: bytes) -> str | None:
        case = self._case(content, b"")
        return self._validation.refusal(self._package, self._validators, case)

    def _answer(self, content: bytes, right: _Prepared) -> bytes | str:
        """The reference's output, or what went wrong."""
        strategy = right.strategy
        run = strategy.runner.run(self._case(content, b""))
        decision = verdict_from_report(run.report, strategy.allowed, strategy.language)
        if decision is not None:
            return f"{decision.verdict.value} {decision.detail}".strip()
        return run.output.read_bytes()

    def _difference(
        self, seed: int, content: bytes, right: _Prepared, others: Sequence[_Prepared]
    ) -> Difference | None:
        answer = self._answer(content, right)
        if isinstance(answer, str):
            raise StressFault(f"seed {seed}: the reference {right.name} got {answer}\n{_head(content)}")
        for other in others:
            run = other.strategy.run_test(self._case(content, answer))
            if not run.accepted:
                message = (run.check.message if run.check else "") or run.decision.detail or ""
                output = run.output.read_bytes()[:_MOST_SHRUNK_BYTES] if run.output else b""
                return Difference(seed, content, answer, other.name, run.verdict, message, output)
        return None

    def _shrunk(self, found: Difference, right: _Prepared, others: Sequence[_Prepared]) -> Difference:
        """The same difference with a smaller input, if there is a validator that says which inputs are
        valid."""
        guilty = [each for each in others if each.name == found.candidate]
        if not self.can_shrink or len(found.input) > _MOST_SHRUNK_BYTES:
            return found
        smallest = [found]

        def still_shows(text: str) -> bool:
            content = text.encode(errors="surrogateescape")
            if self._refusal(content) is not None:
                return False
            try:
                smaller = self._difference(found.seed, content, right, guilty)
            except (StressFault, PackageBroken):
                return False
            if smaller is None:
                return False
            smallest[0] = smaller
            return True

        shrink(found.input.decode(errors="surrogateescape"), still_shows)
        return replace(smallest[0], shrunk=smallest[0].input != found.input)


def add_as_test(folder: Path, found: Difference) -> Path:
    """Write the input and the answer as a new secret test; returns the path without ending."""
    secret = folder / "data" / "secret"
    secret.mkdir(parents=True, exist_ok=True)
    if any(path.is_dir() and not path.name.endswith(".files") for path in secret.iterdir()):
        secret = secret / "stress"
        secret.mkdir(exist_ok=True)
    number = 1
    while (secret / f"stress{number:02d}.in").exists():
        number += 1
    stem = secret / f"stress{number:02d}"
    stem.with_suffix(".in").write_bytes(found.input)
    stem.with_suffix(".ans").write_bytes(found.answer)
    return stem


def copied_in(path: Path, root: Path) -> Program:
    """A program of the author from outside the package, copied to a folder that the sandbox may read. Each
    copy has its own folder, since programs to compare often have the same file name."""
    (root / "outside").mkdir(parents=True, exist_ok=True)
    target = Path(tempfile.mkdtemp(dir=root / "outside")) / path.name
    target.parent.chmod(0o755)
    if path.is_dir():
        shutil.copytree(path, target)
    else:
        shutil.copyfile(path, target)
    return Program(path.as_posix(), target)


def _head(content: bytes) -> str:
    return content[:500].decode(errors="replace")
