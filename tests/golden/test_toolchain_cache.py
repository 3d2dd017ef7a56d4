"""No submission waits for the toolchain cache. The size of the cache is bounded. A compiled program has the
same files with the cache and without it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from judge_core.model.submission import Verdict
from sandbox import Sandbox
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig
from tests.golden.conftest import JudgeFixture
from workers.judging.compile_cache import CompileCache
from workers.judging.compiler import CompiledProgram, Compiler, CompileRequest
from workers.judging.sources import SourceFile, make_bundle
from workers.judging.toolchain_cache import BackgroundBuilder, BuildTask, ImmediateBuilder, ToolchainCache
from workers.judging.toolchains import Toolchains

CPP = "#include <iostream>\nint main() { std::cout << 4 << '\\n'; }\n"
JAVA = "public class Main { public static void main(String[] a) { System.out.println(4); } }\n"


class QueuedCalls:
    """Keeps the tasks that were requested. A test can run them later."""

    def __init__(self) -> None:
        self.requested: list[BuildTask] = []

    def build(self, task: BuildTask) -> None:
        self.requested.append(task)


def compiler(judging: JudgeFixture, folder: str, cache: ToolchainCache) -> Compiler:
    return Compiler(judging.sandbox, CompileCache(judging.root / folder), Toolchains(), cache)


def compile_request(id: str, text: str) -> CompileRequest:
    language = load_languages()[id]
    return CompileRequest(language, make_bundle(language, [SourceFile("", text.encode())]), memory_mb=256)


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if len(path.name) == 32]


@pytest.mark.slow_on("javac")
@pytest.mark.parametrize(
    ("id", "text", "file"),
    [("cpp20", CPP, "iostream.gch"), ("java", JAVA, "classes.jsa")],
    ids=["gcc", "javac"],
)
def test_a_compilation_does_not_wait_for_the_toolchain_cache(
    judging: JudgeFixture, id: str, text: str, file: str
) -> None:
    later, folder = QueuedCalls(), judging.root / f"later-{id}"
    made = compiler(judging, f"{folder.name}-cache", ToolchainCache(folder, later))
    assert isinstance(made.compile(compile_request(id, text)), CompiledProgram)
    assert isinstance(made.compile(compile_request(id, f"{text}\n")), CompiledProgram)
    assert (len(later.requested), folder.exists()) == (1, False)
    later.requested[0](judging.sandbox)
    (place,) = kept(folder)
    assert (place / file).stat().st_size > 1_000_000
    assert isinstance(made.compile(compile_request(id, f"{text}\n\n")), CompiledProgram)
    assert len(later.requested) == 1


@pytest.mark.slow
def test_a_header_that_was_evicted_is_built_again(judging: JudgeFixture) -> None:
    later, folder = QueuedCalls(), judging.root / "evicted"
    made = compiler(judging, "evicted-cache", ToolchainCache(folder, later))
    made.compile(compile_request("cpp20", CPP))
    later.requested.pop()(judging.sandbox)
    made.compile(compile_request("cpp20", f"{CPP}\n"))
    (place,) = kept(folder)
    shutil.rmtree(place)
    assert isinstance(made.compile(compile_request("cpp20", f"{CPP}\n\n")), CompiledProgram)
    assert len(later.requested) == 1
    later.requested.pop()(judging.sandbox)
    assert kept(folder) == [place]


@pytest.mark.slow_on("javac")
@pytest.mark.parametrize(
    ("id", "text", "argument"), [("cpp20", CPP, "-DX=%d"), ("java", JAVA, "-J-Dx=%d")], ids=["gcc", "javac"]
)
def test_no_header_is_precompiled_for_a_submission_s_own_compiler_arguments(
    judging: JudgeFixture, id: str, text: str, argument: str
) -> None:
    later = QueuedCalls()
    made = compiler(judging, f"own-{id}-cache", ToolchainCache(judging.root / f"own-{id}", later))
    for number in range(2):
        asked = replace(compile_request(id, text), arguments=(argument % number,))
        assert isinstance(made.compile(asked), CompiledProgram)
    assert later.requested == []


@pytest.mark.slow
def test_a_program_has_the_same_files_with_the_toolchain_cache_and_without(
    judging: JudgeFixture, package: Callable[..., Path]
) -> None:
    plain = compiler(judging, "plain-cache", ToolchainCache(judging.root / "nothing", QueuedCalls()))
    helped = compiler(
        judging, "helped-cache", ToolchainCache(judging.root / "something", ImmediateBuilder(judging.sandbox))
    )
    for id, text in (("cpp20", CPP), ("java", JAVA)):
        one, other = plain.compile(compile_request(id, text)), helped.compile(compile_request(id, text))
        assert isinstance(one, CompiledProgram) and isinstance(other, CompiledProgram)
        assert one.argv == other.argv
        files = [{p.name: p.read_bytes() for p in each.folder.iterdir()} for each in (one, other)]
        assert files[0] == files[1]
    assert len(kept(judging.root / "something")) == 2
    assert judging.submit(package({}), JAVA, "java").verdict is Verdict.AC


def test_the_toolchain_cache_is_bounded_and_keeps_entries_in_use(judging: JudgeFixture) -> None:
    folder = judging.root / "bounded"
    cache = ToolchainCache(folder, ImmediateBuilder(judging.sandbox), max_bytes=1)
    made = compiler(judging, "bounded-cache", cache)
    made.compile(compile_request("cpp20", CPP))
    made.compile(compile_request("java", JAVA))
    assert len(kept(folder)) == 2  # both are in use, so they stay although the cache is too large
    old = time.time() - 3600
    litter = folder / ".draft-of-a-dead-worker"
    litter.mkdir()
    for path in (*kept(folder), litter):
        os.utime(path, (old, old))
    cache.sweep()
    assert (len(kept(folder)), litter.exists()) == (2, False), "a long judgement must keep what it uses"
    made.forget_used()
    cache.sweep()
    assert kept(folder) == []


def test_background_builds_open_their_own_slot_and_close_the_slot(judging: JudgeFixture) -> None:
    opened: list[Sandbox] = []

    def open_slot() -> Sandbox:
        opened.append(
            open_sandbox(SlotConfig(index=95, shares=(judging.root,), scratch=judging.root / "background"))
        )
        return opened[-1]

    background, folder = BackgroundBuilder(open_slot), judging.root / "background-cache"
    made = compiler(judging, "background-cache", ToolchainCache(folder, background))
    made.compile(compile_request("cpp20", CPP))
    deadline = time.monotonic() + 60
    while not kept(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    background.close()
    assert (len(kept(folder)), len(opened)) == (1, 1)
    background.build(lambda sandbox: pytest.fail("a closed builder must build no entry"))
    background.close()
