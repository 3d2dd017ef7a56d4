"""A package's own programs (validators, graders): compiled as the format says and run in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from judge_core.languages import guess_language
from judge_core.model.language import Language, SelfTest
from judge_core.packages import Package
from judge_core.packages import Program as SourceProgram
from judge_core.packages.metadata import ValidatorProtocol
from sandbox import MIB, Limits
from workers.checkers import checktestdata
from workers.judging.compiler import CompiledProgram, CompileError, CompileLimits, Compiler, CompileRequest
from workers.judging.errors import PackageBroken
from workers.judging.sources import SourceFile, make_bundle
from workers.judging.verdict import DELAY_FACTOR

_SCRIPTED = Language(
    id="scripted",
    name="build and run scripts",
    aliases=(),
    extensions=(),
    source_name="run",
    version_command=("sh", "-c", "echo 1"),
    compile=(
        "sh",
        "-c",
        "cd src && chmod +x build run 2>/dev/null; "
        "if [ -f build ]; then ./build || exit 1; fi; [ -x run ] && cp -r . ../out",
    ),
    run=("{program}/run",),
    self_test=SelfTest("", "", ""),
    seccomp_profile="compiler",
    processes=64,
)
"""Programs with POSIX scripts: ``build`` makes ``run``, which is the program."""

_EMPTY_HOME = {"HOME": "/tmp", "PYTHONNOUSERSITE": "1"}
_TESTLIB = re.compile(rb'#\s*include\s*[<"](?:[\w./-]*/)?testlib\.h[">]')
_KATTIS_EXIT = re.compile(rb"OK_EXIT_CODE\s+42")


@dataclass(frozen=True, slots=True)
class PackageProgram:
    """A compiled program of a package. ``testlib`` says that it uses testlib's exit codes and order of
    arguments. ``folder_files`` are the files of its folder if there are several."""

    name: str
    program: CompiledProgram
    testlib: bool = False
    folder_files: tuple[SourceFile, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the program's language, and an empty home folder. Runtimes load code from the home
        folder. By default that is the working folder, which has the submission's files."""
        return {**dict(self.program.language.environment), **_EMPTY_HOME}


def compile_program(
    package: Package, source: SourceProgram, compiler: Compiler, languages: Mapping[str, Language]
) -> PackageProgram:
    """Compile a program of the package. Every failure raises PackageBroken with the program's name."""
    language, files = _language_and_files(package, source, languages)
    limits = package.metadata.limits
    request = CompileRequest(
        language,
        make_bundle(language, files, entrypoint=source.path.name if source.path.is_file() else ""),
        memory_mb=limits.validation_memory,
        limits=CompileLimits.of(limits),
    )
    compiled = compiler.compile(request)
    if isinstance(compiled, CompileError):
        raise PackageBroken(f"{source.name} does not compile: {compiled.output[:2000]}")
    folder_files = tuple(files) if len(source.files) > 1 else ()
    testlib = _speaks_testlib(package.metadata.validator_protocol, language, files)
    return PackageProgram(source.name, compiled, testlib, folder_files)


def _language_and_files(
    package: Package, source: SourceProgram, languages: Mapping[str, Language]
) -> tuple[Language, list[SourceFile]]:
    if source.path.suffix == checktestdata.ENDING:
        return languages["python3"], checktestdata.as_program(package.source(source.path))
    root = source.path if source.path.is_dir() else source.path.parent
    files = [SourceFile(path.relative_to(root).as_posix(), package.source(path)) for path in source.files]
    return _language(source, languages), files


def _language(source: SourceProgram, languages: Mapping[str, Language]) -> Language:
    if source.path.is_dir() and {"build", "run"} & {path.name for path in source.path.iterdir()}:
        return _SCRIPTED
    files = (source.path,) if source.path.is_file() else source.files
    found = [language for path in files if (language := guess_language(path.name, languages))]
    if not found:
        raise PackageBroken(f"{source.name}: no language has its files' extension: rename the files")
    return max(found, key=lambda language: (found.count(language), language.rank))


def _speaks_testlib(protocol: ValidatorProtocol | None, language: Language, files: list[SourceFile]) -> bool:
    """Whether the program needs testlib's arguments and exit codes.

    The package may say so. If it does not, a port of testlib and a ``run`` script count as programs that use
    the arguments and exit codes of the format.
    """
    if protocol is not None:
        return protocol is ValidatorProtocol.TESTLIB
    if language is _SCRIPTED:
        return False
    uses = any(_TESTLIB.search(file.content) for file in files)
    ported = any(_KATTIS_EXIT.search(file.content) for file in files)
    return uses and not ported


def validation_limits(package: Package, language: Language, max_mb: int) -> Limits:
    """The limits of a validator."""
    limits = package.metadata.limits
    wall = 2 * limits.validation_time + 1
    return Limits(
        cpu_seconds=limits.validation_time,
        wall_seconds=wall,
        delay_seconds=DELAY_FACTOR * wall,
        memory_bytes=(min(limits.validation_memory, max_mb) + language.memory_overhead_mb) * MIB,
        processes=max(language.processes, 16),
        output_bytes=limits.validation_output * MIB,
        file_bytes=max(limits.validation_output, limits.output, 64) * MIB,
    )
