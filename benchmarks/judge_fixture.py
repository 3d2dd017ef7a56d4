"""A judge on a sandbox slot of its own, for benchmarks of judging without a queue."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from judge_core.languages import load_languages
from judge_core.messages import PackageRef
from sandbox import Sandbox
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig
from workers.judging.compile_cache import CompileCache
from workers.judging.compiler import Compiler
from workers.judging.errors import PackageUnavailable
from workers.judging.judge import Judge
from workers.judging.settings import JudgingSettings
from workers.judging.toolchains import folders_there, search_path_with, with_search_path
from workers.judging.verified_files import VerifiedFolder


class _NoPackages:
    def fetch(self, ref: PackageRef) -> VerifiedFolder:
        raise PackageUnavailable(ref.slug)


@dataclass(frozen=True, slots=True)
class JudgeFixture:
    """A judge on a sandbox slot, for measuring."""

    root: Path
    sandbox: Sandbox
    judge: Judge
    compiler: Compiler


@contextmanager
def open_judge(toolchains: tuple[Path, ...] = ()) -> Iterator[JudgeFixture]:
    """``toolchains`` are folders of toolchains outside /usr."""
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as place:
        root = Path(place)
        root.chmod(0o755)
        slot = SlotConfig(80, (root,), root / "slot", extra_roots=folders_there(toolchains))
        sandbox = open_sandbox(slot)
        search_path = search_path_with(toolchains)
        settings = JudgingSettings(root / "scratch", root / "prepared", search_path=search_path)
        languages = with_search_path(load_languages(), search_path)
        cache = CompileCache(root / "compiled")
        judge = Judge(sandbox, _NoPackages(), languages, cache, settings)
        compiler = Compiler(sandbox, cache, judge.toolchains, judge.toolchain_cache)
        try:
            yield JudgeFixture(root, sandbox, judge, compiler)
        finally:
            sandbox.close()
