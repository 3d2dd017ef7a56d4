"""Compiles a bundle in a box, once per content: the cache answers whatever was compiled before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from judge_core.model.language import Language
from judge_core.model.problem import ProblemLimits
from sandbox import MIB, Command, Ending, InputFile, Limits, Mount, RunReport, Sandbox
from workers.judging.class_archives import ClassArchives, with_archive
from workers.judging.compile_cache import CompileCache, CompileInputs, CompileResult, UnstorableProgram
from workers.judging.locked_cache import FolderLock
from workers.judging.precompiled_headers import CACHE_MOUNT, PrecompiledHeaders
from workers.judging.sources import SourceBundle
from workers.judging.toolchain_cache import ToolchainCache
from workers.judging.toolchains import Toolchains
from workers.judging.verdict import STARVED_WALL_FACTOR, is_starved

PROGRAM_MOUNT = "/p"
"""Where a compiled program stands, read-only, in the box of its runs."""

_SRC, _OUT = "/w/src", "/w/out"
_OUTPUT_BYTES = 64 * 1024
_LONGEST_WAIT = 300.0
"""Seconds on the clock that a starved compiler gets at most, well within what a worker gives an attempt."""
_USUAL = ProblemLimits()
_LEFT_OUT = "it is too large, or the path of a file in it is longer than 1024 bytes"


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """Something that can be run: mount ``folder`` at PROGRAM_MOUNT and start ``argv``; ``output`` are the
    compiler's words. Whoever has it, or its ``hold``, can be sure of the folder."""

    language: Language
    folder: Path
    argv: tuple[str, ...]
    output: str = ""
    hold: FolderLock | None = field(default=None, repr=False, compare=False)

    @property
    def mount(self) -> Mount:
        return self.mount_at(PROGRAM_MOUNT)

    def mount_at(self, place: str) -> Mount:
        """The program shown somewhere else, to whoever looks at it instead of running it."""
        return Mount(self.folder, place)


@dataclass(frozen=True, slots=True)
class CompileError:
    """The compiler refused; ``output`` is what it said."""

    output: str


@dataclass(frozen=True, slots=True)
class CompileLimits:
    """What the compiler may use, where a package says it; ``None`` leaves it to the language."""

    seconds: float | None = None
    memory_bytes: int | None = None

    @classmethod
    def of(cls, limits: ProblemLimits) -> CompileLimits:
        """Those of a package. The format's usual ones are as good as none: some compilers need more."""
        seconds, memory = limits.compilation_time, limits.compilation_memory
        return cls(
            None if seconds == _USUAL.compilation_time else seconds,
            None if memory == _USUAL.compilation_memory else memory * MIB,
        )


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """What to compile and how: ``arguments`` are added to the compiler's, ``memory_mb`` is for the run."""

    language: Language
    bundle: SourceBundle
    memory_mb: int
    arguments: tuple[str, ...] = ()
    limits: CompileLimits = CompileLimits()


class Compiler:
    """Compiles by the languages' commands, in the worker's own slot."""

    def __init__(
        self, sandbox: Sandbox, cache: CompileCache, toolchains: Toolchains, prepared: ToolchainCache
    ) -> None:
        self._sandbox = sandbox
        self._cache = cache
        self._toolchains = toolchains
        self._headers = PrecompiledHeaders(prepared, toolchains)
        self._archives = ClassArchives(prepared)
        self._versions: dict[str, str] = {}

    def compile(
        self, order: CompileRequest, starting: Callable[[], None] | None = None
    ) -> CompiledProgram | CompileError:
        """The program of an order, or the compiler's words. LanguageUnavailable when there is no compiler.

        ``starting`` is called when the compiler has to be started, and not when the cache knows the answer.
        """
        argv = self._command(order)
        recipe = self._recipe(order, argv)
        compiled = self._cache.get(recipe)
        if compiled is None:
            if starting is not None:
                starting()
            compiled = self._make(order, argv, recipe)
        if compiled.folder is None:
            return CompileError(compiled.output)
        run = self._run_command(order)
        return CompiledProgram(order.language, compiled.folder, run, compiled.output, compiled.hold)

    def _command(self, order: CompileRequest) -> tuple[str, ...]:
        if not order.language.compile:
            return ()
        argv = _fill(order.language.compile, order, _SRC)
        linker = self._toolchains.linker_flag()
        words = (linker if word == "{linker}" else word for word in argv)
        return (*self._toolchains.resolve(tuple(word for word in words if word)), *order.arguments)

    def _run_command(self, order: CompileRequest) -> tuple[str, ...]:
        return self._toolchains.resolve(_fill(order.language.run, order, PROGRAM_MOUNT))

    def _recipe(self, order: CompileRequest, argv: tuple[str, ...]) -> CompileInputs:
        files = tuple((f.name, hashlib.sha256(f.content).hexdigest()) for f in order.bundle.files)
        limits = repr(order.limits)
        return CompileInputs(self._version(order.language), argv, order.language.environment, files, limits)

    def _version(self, language: Language) -> str:
        """Asked once per process: a toolchain does not change under a running worker. An answer that did not
        come is asked for again."""
        if language.id not in self._versions:
            version = self._toolchains.version(self._sandbox, language)
            self._versions[language.id] = f"{version} {language.keep_sources}"
        return self._versions[language.id]

    def _make(self, order: CompileRequest, argv: tuple[str, ...], recipe: CompileInputs) -> CompileResult:
        sources = {file.name: file.content for file in order.bundle.files}
        if not argv:
            return self._keep(recipe, sources, "")
        with self._cache.draft() as draft:
            report, left = self._run(self._compile_command(order, argv), draft)
            output = _words(report)
            if report.ending is not Ending.EXITED or report.exit_code != 0 or report.skipped_files:
                return self._refuse(recipe, report, output)
            # Code that runs while it is checked (Perl's BEGIN) may not lay another text in its place.
            program = {**_made(left / "out"), **(sources if order.language.keep_sources else {})}
            if not program:
                return self._cache.put(recipe, None, f"the compiler made no program\n{output}".strip())
            return self._keep(recipe, program, output)

    def _run(self, command: Command, draft: Path) -> tuple[RunReport, Path]:
        """What the compiler did, and the folder with what it left; a second, patient run if the host starved
        it."""
        first, second = draft / "first", draft / "second"
        first.mkdir()
        report = self._sandbox.run(replace(command, collect_to=first))
        if not is_starved(report):
            return report, first
        second.mkdir()
        wall = command.limits.wall_seconds
        patient = replace(
            command.limits, wall_seconds=max(wall, min(wall * STARVED_WALL_FACTOR, _LONGEST_WAIT))
        )
        return self._sandbox.run(replace(command, limits=patient, collect_to=second)), second

    def _refuse(self, recipe: CompileInputs, report: RunReport, output: str) -> CompileResult:
        """Kept is what the compiler itself has decided. Where a limit or a signal cut it short the host may
        have had its part in it, and whoever hands the same in again has it tried again.

        Keeping those would save nobody from a source that is dear to compile: one more space in it makes
        another recipe. What bounds that is how much an account may hand in.
        """
        refusal = _refusal(report, output)
        if report.ending in (Ending.EXITED, Ending.OUTPUT):
            return self._cache.put(recipe, None, refusal)
        return CompileResult(None, refusal)

    def _keep(self, recipe: CompileInputs, program: Mapping[str, bytes | Path], output: str) -> CompileResult:
        """The program, kept; what cannot be kept under its names is refused as if the compiler had."""
        try:
            return self._cache.put(recipe, program, output)
        except UnstorableProgram as reason:
            return self._cache.put(recipe, None, f"the program cannot be kept: {reason}\n{output}".strip())

    def _compile_command(self, order: CompileRequest, argv: tuple[str, ...]) -> Command:
        language = order.language
        argv, mounts = self._helped(order, argv)
        files = [InputFile(f"src/{file.name}", file.content) for file in order.bundle.files]
        return Command(
            argv=argv,
            limits=_limits(order),
            files=(*files, InputFile("out/.keep", b"")),
            mounts=mounts,
            collect=("out",),
            environment=dict(language.environment),
            seccomp_profile=language.compile_seccomp_profile,
            merge_stderr=True,
        )

    def _helped(
        self, order: CompileRequest, argv: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[Mount, ...]]:
        """The command with what is prepared for it, if there is something: what it makes is the same.

        An author's own arguments would want things prepared for them alone, at nobody's expense.
        """
        if order.arguments:
            return argv, ()
        headers = self._headers.fitting(order.language, argv, order.bundle)
        if headers is not None:
            return (argv[0], f"-I{CACHE_MOUNT}", *argv[1:]), (Mount(headers, CACHE_MOUNT),)
        archive = self._archives.fitting(order.language, argv)
        if archive is not None:
            return with_archive(argv), (Mount(archive, CACHE_MOUNT),)
        return argv, ()


def _made(folder: Path) -> dict[str, bytes | Path]:
    """What the compiler left in its folder, by path below it."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path != folder / ".keep"]
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _limits(order: CompileRequest) -> Limits:
    language = order.language
    usual_memory = max(_USUAL.compilation_memory, language.compile_memory_mb) * MIB
    seconds = order.limits.seconds or max(_USUAL.compilation_time, language.compile_seconds)
    return Limits(
        cpu_seconds=seconds,
        wall_seconds=2 * seconds,
        memory_bytes=order.limits.memory_bytes or usual_memory,
        processes=language.compile_processes,
        output_bytes=_OUTPUT_BYTES * 16,
        file_bytes=256 * MIB,
        workspace_bytes=512 * MIB,
        open_files=1024,
    )


def _fill(argv: tuple[str, ...], order: CompileRequest, folder: str) -> tuple[str, ...]:
    """A command of a language file with its places filled in; ``{sources}`` becomes one word for each."""
    bundle = order.bundle
    in_folder = f"{folder}/{bundle.main}" if folder == _SRC else bundle.main
    values = {
        "{out}": _OUT,
        "{program}": PROGRAM_MOUNT,
        "{main}": in_folder,
        "{stem}": bundle.main.rsplit(".", 1)[0],
        "{class}": bundle.main_class,
        "{memory_mb}": str(order.memory_mb),
    }
    words: list[str] = []
    for word in argv:
        if word == "{sources}":
            words += [f"{folder}/{name}" for name in bundle.units]
        else:
            words.append(_replaced(word, values) if "{" in word else word)
    return tuple(words)


def _replaced(word: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        word = word.replace(place, value)
    return word


def _words(report: RunReport) -> str:
    """What the compiler said, without our folders, cut to size."""
    text = report.stdout[:_OUTPUT_BYTES].decode("utf-8", errors="replace").replace(f"{_SRC}/", "")
    return text if report.stdout_bytes <= _OUTPUT_BYTES else f"{text}\n[cut at {_OUTPUT_BYTES // 1024} KiB]"


def _refusal(report: RunReport, output: str) -> str:
    reasons = {
        Ending.CPU: "the compiler took too much time",
        Ending.WALL: "the compiler took too much time",
        Ending.MEMORY: "the compiler needed too much memory",
        Ending.OUTPUT: "the compiler printed too much",
    }
    reason = (
        f"the program cannot be kept: {_LEFT_OUT}" if report.skipped_files else reasons.get(report.ending)
    )
    return (
        f"{reason}\n{output}".strip()
        if reason
        else output or f"the compiler ended with {report.ending.value}"
    )
