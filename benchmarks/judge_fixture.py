"""A judge on a sandbox slot of its own, for benchmarks of judging without a queue."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.languages import load_languages
from judge_core.messages import PackageRef
from sandbox import Sandbox
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig
from workers.judging.compile_cache import CompileCache
from workers.judging.compiler import Compiler
from workers.judging.errors import PackageUnavailable
from workers.judging.judge import Judge, JudgeOptions
from workers.judging.settings import JudgingSettings
from workers.judging.shared_cache_folder import VerifiedFolder
from workers.judging.side_by_side import SideSlots
from workers.judging.toolchains import folders_there, search_path_with, with_search_path


class _NoPackages:
    def fetch(self, ref: PackageRef) -> VerifiedFolder:
        raise PackageUnavailable(ref.slug)


@dataclass(frozen=True, slots=True)
class JudgeFixture:
    """A judge on a sandbox slot, and ``judge_beside``, a second judge that also uses side slots."""

    root: Path
    sandbox: Sandbox
    judge: Judge
    judge_beside: Judge
    compiler: Compiler


@contextmanager
def open_judge(toolchains: tuple[Path, ...] = (), side_slots: int = 0) -> Iterator[JudgeFixture]:
    """Opens the slots and the judges. ``toolchains`` are folders of toolchains outside /usr."""
    with contextlib.ExitStack() as opened, tempfile.TemporaryDirectory(prefix="gavel-bench-") as place:
        root = Path(place)
        root.chmod(0o755)
        slot = SlotConfig(80, (root,), root / "slot", extra_roots=folders_there(toolchains))
        sandboxes = []
        for number in range(1 + side_slots):
            sandboxes.append(open_sandbox(replace(slot, scratch=root / f"slot-{number}")))
            opened.callback(sandboxes[-1].close)
        sandbox, *side = sandboxes
        search_path = search_path_with(toolchains)
        settings = JudgingSettings(root / "scratch", root / "prepared", search_path=search_path)
        languages = with_search_path(load_languages(), search_path)
        cache = CompileCache(root / "compiled")
        judge = Judge(sandbox, _NoPackages(), languages, cache, settings)
        beside = Judge(
            sandbox,
            _NoPackages(),
            languages,
            cache,
            settings,
            JudgeOptions(side_slots=SideSlots(tuple(side))),
        )
        compiler = Compiler(sandbox, cache, judge.toolchains, judge.toolchain_cache)
        yield JudgeFixture(root, sandbox, judge, beside, compiler)
