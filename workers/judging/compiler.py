"""Compiles source files in the sandbox. If the same files were compiled before, the program comes from the
compile cache."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from judge_core.model.language import Language
from judge_core.model.problem import ProblemLimits
from sandbox import MIB, Command, Ending, InputFile, Limits, Mount, RunReport, Sandbox
from workers.judging.class_archives import ClassArchives, with_archive
from workers.judging.compile_cache import CompileCache, CompileInputs, CompileResult, UnstorableProgram
from workers.judging.errors import FilesChanged
from workers.judging.shared_cache_folder import FolderLock, VerifiedFolder
from workers.judging.sources import (
    EntryPoint,
    NoEntryPoint,
    SourceBundle,
    entry_wish,
    find_entry_point,
    not_a_text,
    starts_class,
)
from workers.judging.toolchain_cache import CACHE_MOUNT, PrecompiledHeaders, ToolchainCache
from workers.judging.toolchains import Toolchains, plain_version
from workers.judging.verdict import DELAY_FACTOR

PROGRAM_MOUNT = "/p"
"""The folder at which a compiled program is mounted, read-only, when it runs."""

_SRC, _OUT = "/w/src", "/w/out"
_RELATIVE_SOURCE = re.compile(r"^src/", re.MULTILINE)
"""tsc prints the paths of files relative to the folder in which it was started."""
_OUTPUT_BYTES = 64 * 1024
_MAX_WALL_SECONDS = 300.0
"""The longest time for which a compiler may run on a busy host, unless twice its time limit is longer. It is
far below the time that a worker gives an attempt."""
_FORMAT_DEFAULTS = ProblemLimits()
_MAX_FILE_BYTES = 256 * MIB
"""The greatest size of the program and of each intermediate file."""
_PROGRAM = "program"
"""The file that a linker makes."""
_CANNOT_START = b"exit 126\n"
"""Stored instead of a program that cannot be started. The kernel cannot execute it, which the launcher
reports as exit code 126. A shell that reads it ends with this exit code, too."""
_FILE_LIMIT = re.compile(rb"File size limit exceeded|File too large|No space left on device")
_TOO_LARGE = f"The program is larger than {_MAX_FILE_BYTES // MIB} MiB, so it cannot be started."
_SKIPPED_FILES = "it is too large, or the path of a file in it is longer than 1024 bytes"


_MOST_MB = 4096
"""The most memory for compiling, even if a package asks for more."""


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """A program to run. ``folder`` must be mounted at PROGRAM_MOUNT, and ``argv`` starts the program.

    ``output`` is what the compiler printed. ``entry`` is the class to start, if the language needs one. The
    folder stays in the cache while this object or its ``lock`` exists. ``from_cache`` says that the compile
    cache had the program. ``unchecked`` is the request if its syntax was not checked: see
    :class:`workers.judging.syntax_check.SyntaxCheck`.
    """

    language: Language
    folder: Path
    argv: tuple[str, ...]
    output: str = ""
    entry: str = ""
    from_cache: bool = False
    lock: FolderLock | None = field(default=None, repr=False, compare=False)
    unchecked: CompileRequest | None = field(default=None, repr=False, compare=False)

    @property
    def mount(self) -> Mount:
        return Mount(self.folder, PROGRAM_MOUNT)


@dataclass(frozen=True, slots=True)
class CompileError:
    """The source does not compile. ``output`` is what the compiler printed. ``from_cache`` says that the
    error was cached."""

    output: str
    from_cache: bool = False


@dataclass(frozen=True, slots=True)
class CompileLimits:
    """The compiler's limits that a package sets. ``None`` means the language's own limit."""

    seconds: float | None = None
    memory_bytes: int | None = None

    @classmethod
    def of(cls, limits: ProblemLimits) -> CompileLimits:
        """A package's limits. The format's defaults count as not set, since some compilers need more."""
        seconds, memory = limits.compilation_time, min(limits.compilation_memory, _MOST_MB)
        return cls(
            None if seconds == _FORMAT_DEFAULTS.compilation_time else seconds,
            None if memory == _FORMAT_DEFAULTS.compilation_memory else memory * MIB,
        )


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """Source files to compile. ``arguments`` are for the compiler. ``memory_mb`` is the memory limit of a run
    of the program."""

    language: Language
    bundle: SourceBundle
    memory_mb: int
    arguments: tuple[str, ...] = ()
    limits: CompileLimits = CompileLimits()


class Compiler:
    """Compiles with the commands of the language files, in the worker's sandbox slot."""

    def __init__(
        self, sandbox: Sandbox, cache: CompileCache, toolchains: Toolchains, toolchain_cache: ToolchainCache
    ) -> None:
        self._sandbox = sandbox
        self._cache = cache
        self._toolchains = toolchains
        self._toolchain_cache = toolchain_cache
        self._headers = PrecompiledHeaders(toolchain_cache, toolchains)
        self._archives = ClassArchives(toolchain_cache)
        self._versions: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self.used: list[VerifiedFolder] = []
        """The verified files that compiling has used since the judgement began: programs, headers and
        archives."""
        self._locks: list[FolderLock] = []

    def forget_used(self) -> None:
        """Begin a judgement. Other workers may evict the headers and archives that the previous one used."""
        self.used.clear()
        self._locks.clear()

    def compile(
        self, request: CompileRequest, on_start: Callable[[], None] | None = None
    ) -> CompiledProgram | CompileError:
        """Compile a request, or find its program in the cache. Raises LanguageUnavailable if the compiler is
        not on this host.

        ``on_start`` is called before the compiler starts, but not if the cache has the program.
        """
        return self._compile(request, on_start, may_defer=True)

    def check(self, request: CompileRequest) -> CompileError | None:
        """Check the syntax of a request whose check was deferred. ``None`` if the syntax is right."""
        checked = self._compile(request, None, may_defer=False)
        return checked if isinstance(checked, CompileError) else None

    def _compile(
        self, request: CompileRequest, on_start: Callable[[], None] | None, *, may_defer: bool
    ) -> CompiledProgram | CompileError:
        not_text = not_a_text(request.bundle)
        if not_text is not None:
            return CompileError(not_text)
        argv = self._command(request)
        inputs = self._inputs(request, argv)
        cached = self._cache.get(inputs)
        if cached is not None:
            return self._program(request, cached, from_cache=True)
        if may_defer and _can_check_after_failure(request):
            return self._unchecked_program(request, replace(inputs, command=()))
        if on_start is not None:
            on_start()
        return self._program(request, self._run_compiler(request, argv, inputs), from_cache=False)

    def _unchecked_program(
        self, request: CompileRequest, inputs: CompileInputs
    ) -> CompiledProgram | CompileError:
        """The program that consists of the sources. It is taken from the cache, or stored in it."""
        cached = self._cache.get(inputs)
        kept = cached or self._store(inputs, _sources(request), "")
        program = self._program(request, kept, from_cache=cached is not None)
        return replace(program, unchecked=request) if isinstance(program, CompiledProgram) else program

    def _program(
        self, request: CompileRequest, compiled: CompileResult, *, from_cache: bool
    ) -> CompiledProgram | CompileError:
        if compiled.folder is None:
            return CompileError(compiled.output, from_cache)
        if compiled.verified is not None:
            self.used.append(compiled.verified)
        run = self._run_command(request, compiled.entry)
        return CompiledProgram(
            request.language,
            compiled.folder,
            run,
            compiled.output,
            compiled.entry,
            from_cache,
            compiled.lock,
        )

    def _command(self, request: CompileRequest) -> tuple[str, ...]:
        if not request.language.compile:
            return ()
        argv = fill_placeholders(request.language.compile, request, _SRC)
        flags = {"{linker}": self._toolchains.linker_flags, "{node_types}": self._toolchains.node_types_flags}
        words = (flags[word]() if word in flags else (word,) for word in argv)
        return (*self._toolchains.resolve(tuple(chain.from_iterable(words))), *request.arguments)

    def _run_command(self, request: CompileRequest, entry: str) -> tuple[str, ...]:
        argv = fill_placeholders(request.language.run, request, PROGRAM_MOUNT, entry)
        return self._toolchains.resolve(argv)

    def _inputs(self, request: CompileRequest, argv: tuple[str, ...]) -> CompileInputs:
        files = tuple((f.name, hashlib.sha256(f.content).hexdigest()) for f in request.bundle.files)
        limits = repr(request.limits)
        language = request.language
        entry = entry_wish(language, request.bundle)
        return CompileInputs(self._version(language), argv, language.environment, files, limits, entry)

    def forget_versions(self) -> None:
        """Forget the compilers' versions, since toolchains have changed. Programs that are compiled from now
        on are cached by the present versions."""
        self._versions.clear()
        self._names.clear()

    def name_of(self, language: Language) -> str | None:
        """The compiler of a language with its version, such as ``g++ 12.2.0``. ``None`` before it is first
        used."""
        return self._names.get(language.id)

    def _version(self, language: Language) -> str:
        """The compiler's version. It is asked for once, and cached until ``forget_versions``. Failures are
        not cached."""
        if language.id not in self._versions:
            version = self._toolchains.version(self._sandbox, language)
            self._versions[language.id] = f"{version} {language.keep_sources}"
            self._names[language.id] = f"{Path(language.version_command[0]).name} {plain_version(version)}"
        return self._versions[language.id]

    def _run_compiler(
        self, request: CompileRequest, argv: tuple[str, ...], inputs: CompileInputs
    ) -> CompileResult:
        sources = _sources(request)
        if not argv:
            return self._store(inputs, sources, "")
        with self._cache.draft() as draft:
            report = self._sandbox.run(replace(self._compile_command(request, argv), collect_to=draft))
            output = _compiler_output(report)
            if report.ending is not Ending.EXITED or report.exit_code != 0 or report.skipped_files:
                if _is_program_too_large(request.language, report):
                    return self._store(inputs, {_PROGRAM: _CANNOT_START}, f"{_TOO_LARGE}\n{output}".strip())
                return self._refuse(inputs, report, output)
            # Code that runs at compile time (Perl's BEGIN) must not replace the source.
            program = {**_output_files(draft / "out"), **(sources if request.language.keep_sources else {})}
            if not program:
                return self._cache.put(inputs, None, f"the compiler made no program\n{output}".strip())
            try:
                entry = self._entry_point(request, draft / "out")
            except NoEntryPoint as reason:
                return self._cache.put(inputs, None, f"{reason}\n{output}".strip())
            if request.language.check_after_failure:
                # "syntax OK" is left out, since programs that needed no check do not have it either.
                output = ""
            return self._store(inputs, program, f"{entry.note}\n{output}".strip(), entry.class_name)

    def _entry_point(self, request: CompileRequest, compiled: Path) -> EntryPoint:
        if not starts_class(request.language):
            return EntryPoint("")
        return find_entry_point(request.language, request.bundle, compiled)

    def _refuse(self, inputs: CompileInputs, report: RunReport, output: str) -> CompileResult:
        """Store a refusal in the cache if it does not depend on the host. That is so if the compiler refused
        the source, or printed too much.

        If time, memory or a signal ended the compiler, the host may be the cause. Then the refusal is not
        cached, and the same source is compiled again next time.

        To cache these refusals too would not bound the cost of sources that are slow to compile, since one
        more space makes another source. The account's quota bounds that cost.
        """
        if not all(verified.is_intact for verified in self.used):
            raise FilesChanged("files of the compiler were removed or changed while it ran")
        refusal = _refusal(report, output)
        if report.ending in (Ending.EXITED, Ending.OUTPUT):
            return self._cache.put(inputs, None, refusal)
        return CompileResult(None, refusal)

    def _store(
        self, inputs: CompileInputs, program: Mapping[str, bytes | Path], output: str, entry: str = ""
    ) -> CompileResult:
        """Store the program in the cache. If its files cannot be stored, the source is refused like one that
        does not compile."""
        try:
            return self._cache.put(inputs, program, output, entry)
        except UnstorableProgram as reason:
            return self._cache.put(inputs, None, f"the program cannot be stored: {reason}\n{output}".strip())

    def _compile_command(self, request: CompileRequest, argv: tuple[str, ...]) -> Command:
        language = request.language
        argv, mounts = self._with_cached_files(request, argv)
        files = [InputFile(f"src/{file.name}", file.content) for file in request.bundle.files]
        return Command(
            argv=argv,
            limits=_limits(request),
            files=(*files, InputFile("out/.keep", b"")),
            mounts=mounts,
            collect=("out",),
            environment=dict(language.environment),
            seccomp_profile=language.compile_seccomp_profile,
            merge_stderr=True,
        )

    def _with_cached_files(
        self, request: CompileRequest, argv: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[Mount, ...]]:
        """The command, with a precompiled header or class archive if there is one. The program that it makes
        is the same.

        There is none for a request with compiler arguments, since each set of arguments would need its own
        files.
        """
        if request.arguments:
            return argv, ()
        headers = self._headers.find(request.language, argv, request.bundle)
        if headers is not None:
            self._use(headers)
            return (argv[0], f"-I{CACHE_MOUNT}", *argv[1:]), (Mount(headers, CACHE_MOUNT),)
        archive = self._archives.find(request.language, argv)
        if archive is not None:
            self._use(archive)
            return with_archive(argv), (Mount(archive, CACHE_MOUNT),)
        return argv, ()

    def _use(self, cached: Path) -> None:
        """Use a header or class archive. It is not evicted before the next judgement begins."""
        self.used.append(self._toolchain_cache.verified(cached))
        with suppress(FileNotFoundError):  # It was removed a moment ago, which the judgement notices.
            self._locks.append(FolderLock(cached))


def _sources(request: CompileRequest) -> dict[str, bytes]:
    return {file.name: file.content for file in request.bundle.files}


def _can_check_after_failure(request: CompileRequest) -> bool:
    """Whether the check can wait until a run has failed. A program of several files is checked before its
    first run, since a run may not read the file with the error."""
    return request.language.check_after_failure and len(request.bundle.files) == 1


def _output_files(folder: Path) -> dict[str, bytes | Path]:
    """The files that the compiler made, by their path in its output folder."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path != folder / ".keep"]
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _limits(request: CompileRequest) -> Limits:
    language = request.language
    default_memory = max(_FORMAT_DEFAULTS.compilation_memory, language.compile_memory_mb) * MIB
    seconds = request.limits.seconds or max(_FORMAT_DEFAULTS.compilation_time, language.compile_seconds)
    wall = 2 * seconds
    return Limits(
        cpu_seconds=seconds,
        wall_seconds=wall,
        delay_seconds=max(0.0, min(DELAY_FACTOR * wall, _MAX_WALL_SECONDS - wall)),
        memory_bytes=request.limits.memory_bytes or default_memory,
        processes=language.compile_processes,
        output_bytes=_OUTPUT_BYTES * 16,
        file_bytes=_MAX_FILE_BYTES,
        workspace_bytes=512 * MIB,
        open_files=1024,
    )


def fill_placeholders(
    argv: tuple[str, ...], request: CompileRequest, folder: str, entry: str = ""
) -> tuple[str, ...]:
    """A command of a language file with its placeholders filled in, one word per file for ``{sources}``."""
    bundle = request.bundle
    main_folder = bundle.main.rpartition("/")[0]
    in_folder = f"{folder}/{bundle.main}" if folder == _SRC else bundle.main
    values = {
        "{src}": _SRC,
        "{main_folder}": f"{_SRC}/{main_folder}".removesuffix("/"),
        "{out}": _OUT,
        "{program}": PROGRAM_MOUNT,
        "{main}": in_folder,
        "{stem}": bundle.main.rsplit(".", 1)[0],
        "{class}": entry,
        "{memory_mb}": str(request.memory_mb),
    }
    words: list[str] = []
    for word in argv:
        if word == "{sources}":
            words += [f"{folder}/{name}" for name in bundle.units]
        elif word == "{package}":
            folders = (name.rpartition("/") for name in bundle.units)
            words += [name for parent, _, name in folders if parent == main_folder]
        else:
            words.append(_replaced(word, values) if "{" in word else word)
    return tuple(words)


def _replaced(word: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        word = word.replace(placeholder, value)
    return word


def _is_program_too_large(language: Language, report: RunReport) -> bool:
    """Whether the linked program is too large because of its static data.

    Such a program would not fit into the memory of a run either, so it counts as a program that cannot be
    started.
    """
    if language.run[0] != f"{{program}}/{_PROGRAM}" or report.stdout_bytes >= _OUTPUT_BYTES * 16:
        return False
    was_stopped = report.ending is Ending.OUTPUT or bool(_FILE_LIMIT.search(report.stdout))
    return was_stopped or (report.ending is Ending.EXITED and report.exit_code == 0)


def _compiler_output(report: RunReport) -> str:
    """The compiler's output without the sandbox's paths, cut to size."""
    text = report.stdout[:_OUTPUT_BYTES].decode("utf-8", errors="replace").replace(f"{_SRC}/", "")
    text = _RELATIVE_SOURCE.sub("", text)
    return text if report.stdout_bytes <= _OUTPUT_BYTES else f"{text}\n[cut at {_OUTPUT_BYTES // 1024} KiB]"


def _refusal(report: RunReport, output: str) -> str:
    reasons = {
        Ending.CPU: "the compiler took too much time",
        Ending.WALL: "the compiler took too much time",
        Ending.MEMORY: "the compiler needed too much memory",
        Ending.OUTPUT: "the compiler printed too much",
    }
    reason = (
        f"the program cannot be stored: {_SKIPPED_FILES}"
        if report.skipped_files
        else reasons.get(report.ending)
    )
    return (
        f"{reason}\n{output}".strip()
        if reason
        else output or f"the compiler ended with {report.ending.value}"
    )
