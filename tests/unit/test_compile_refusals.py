"""A compiler's refusal of a source is cached. A failure of the host is not cached."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from judge_core.languages import load_languages
from judge_core.model.language import Language
from sandbox import BoxFault, Cancelled, Ending, RunReport, Sandbox, SandboxError
from tests.support.installed import skip_unless_installed
from tests.support.scripted_sandbox import ScriptedSandbox
from workers.judging.compile_cache import CompileCache
from workers.judging.compiler import CompiledProgram, CompileError, Compiler, CompileRequest
from workers.judging.errors import LanguageUnavailable
from workers.judging.sources import SourceFile, make_bundle
from workers.judging.toolchain_cache import ImmediateBuilder, ToolchainCache
from workers.judging.toolchains import Toolchains


def ended(ending: Ending, exit_code: int | None = None, cpu_ms: float = 10, wall_ms: float = 10) -> RunReport:
    return RunReport(ending, exit_code, None, cpu_ms, wall_ms, 1000, b"words", 5, b"")


VERSION = ended(Ending.EXITED, 0)
FINE = ended(Ending.EXITED, 0)
ASLEEP = ended(Ending.WALL, cpu_ms=10, wall_ms=120_000)
SIPPED = ended(Ending.WALL, cpu_ms=20_000, wall_ms=120_000)


class CompilerFixture:
    """Compiles one Perl source in a scripted sandbox. Perl makes no other file than the source."""

    def __init__(self, folder: Path, *reports: RunReport | SandboxError) -> None:
        self.sandbox = ScriptedSandbox(reports=reports)
        sandbox = cast(Sandbox, self.sandbox)
        toolchain_cache = ToolchainCache(folder / "prepared", ImmediateBuilder(sandbox))
        self.compiler = Compiler(sandbox, CompileCache(folder / "compiled"), Toolchains(), toolchain_cache)

    def compile(self) -> CompiledProgram | CompileError:
        language = replace(load_languages()["perl"], check_after_failure=False)
        return self.compiler.compile(
            CompileRequest(language, make_bundle(language, [SourceFile("", b"print 42")]), 256)
        )


def test_a_compiler_gets_extra_time_on_a_busy_host_up_to_five_minutes_in_all(tmp_path: Path) -> None:
    fixture = CompilerFixture(tmp_path, VERSION, FINE)
    assert isinstance(fixture.compile(), CompiledProgram)
    limits = fixture.sandbox.commands[1].limits
    assert limits.delay_seconds > 0
    assert limits.wall_seconds + limits.delay_seconds <= 300


def test_a_compilation_that_sleeps_past_its_time_is_not_repeated(tmp_path: Path) -> None:
    fixture = CompilerFixture(tmp_path, VERSION, SIPPED)
    assert isinstance(fixture.compile(), CompileError)
    assert len(fixture.sandbox.commands) == 2


@pytest.mark.parametrize(
    ("first", "kept"),
    [
        (ended(Ending.EXITED, 1), True),
        (ended(Ending.OUTPUT), True),
        (ASLEEP, False),
        (ended(Ending.CPU), False),
        (ended(Ending.MEMORY), False),
        (ended(Ending.SIGNALLED), False),
    ],
    ids=["refused", "printed too much", "clock", "cpu", "memory", "signal"],
)
def test_a_compile_error_is_cached_only_if_the_compiler_itself_refused_the_source(
    tmp_path: Path, first: RunReport, kept: bool
) -> None:
    fixture = CompilerFixture(tmp_path, VERSION, first, FINE)
    assert isinstance(fixture.compile(), CompileError)
    assert isinstance(fixture.compile(), CompileError if kept else CompiledProgram)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Cancelled("called off"), Cancelled),
        (BoxFault("broken"), BoxFault),
        (ended(Ending.WALL), LanguageUnavailable),
    ],
    ids=["called off", "broken box", "no answer"],
)
def test_after_the_version_of_a_compiler_could_not_be_read_the_next_compilation_works(
    tmp_path: Path, fault: RunReport | SandboxError, raised: type[Exception]
) -> None:
    fixture = CompilerFixture(tmp_path, fault, VERSION, FINE)
    with pytest.raises(raised):
        fixture.compile()
    assert isinstance(fixture.compile(), CompiledProgram)
    # Another process, in which nothing failed, uses the same entry of the cache.
    fresh = CompilerFixture(tmp_path, VERSION)
    assert isinstance(fresh.compile(), CompiledProgram)


def test_a_cancelled_version_check_does_not_count_as_a_missing_language(tmp_path: Path) -> None:
    languages = [load_languages()["perl"]]
    with pytest.raises(Cancelled):
        Toolchains().offer(cast(Sandbox, ScriptedSandbox(reports=[Cancelled("called off")])), languages)
    offers = Toolchains().offer(cast(Sandbox, ScriptedSandbox(reports=[BoxFault("broken")])), languages)
    assert "could not ask" in (offers["perl"].reason or "")


@pytest.mark.parametrize(("content", "line"), [(b"a\nb\n\0", 3), ("print(1)".encode("utf-16-le"), 1)])
@pytest.mark.parametrize("language", load_languages().values(), ids=lambda language: language.id)
def test_a_nul_byte_in_a_source_is_a_compile_error_in_every_language(
    tmp_path: Path, language: Language, content: bytes, line: int
) -> None:
    compiler = CompilerFixture(tmp_path).compiler
    request = CompileRequest(language, make_bundle(language, [SourceFile("", content)]), 256)
    refused = compiler.compile(request)
    assert isinstance(refused, CompileError)
    assert f":{line}: the file holds a NUL byte. Files that are saved as UTF-16 have" in refused.output


def test_a_data_file_beside_a_program_may_contain_nul_bytes(tmp_path: Path) -> None:
    perl = load_languages()["perl"]
    files = [SourceFile("main.pl", b"print 42"), SourceFile("table.bin", b"\0\1")]
    compiler = CompilerFixture(tmp_path, VERSION, FINE).compiler
    assert isinstance(compiler.compile(CompileRequest(perl, make_bundle(perl, files), 256)), CompiledProgram)


@pytest.mark.parametrize(
    ("language", "report", "is_started"),
    [
        (
            "c17",
            replace(ended(Ending.EXITED, 1), stdout=b"File size limit exceeded signal terminated as"),
            True,
        ),
        ("c17", replace(ended(Ending.EXITED, 1), stdout=b"ld: a.out: No space left on device"), True),
        ("c17-clang", ended(Ending.OUTPUT), True),
        ("c17", replace(ended(Ending.EXITED, 0), skipped_files=1), True),
        ("c17", replace(ended(Ending.OUTPUT), stdout_bytes=64 * 1024 * 16), False),
        ("c17", ended(Ending.EXITED, 1), False),
        ("scala", ended(Ending.OUTPUT), False),
    ],
    ids=["assembler", "linker", "clang", "kept-out", "endless-errors", "refused", "no-linked-program"],
)
def test_a_program_that_is_too_large_to_link_is_not_a_compile_error(
    tmp_path: Path, language: str, report: RunReport, is_started: bool
) -> None:
    skip_unless_installed(language)
    fixture, known = CompilerFixture(tmp_path, VERSION, report), load_languages()[language]
    request = CompileRequest(known, make_bundle(known, [SourceFile("", b"class A {}")]), 256)
    compiled = fixture.compiler.compile(request)
    assert isinstance(compiled, CompiledProgram) is is_started
    assert not is_started or compiled.output.startswith("The program is larger than 256 MiB")
