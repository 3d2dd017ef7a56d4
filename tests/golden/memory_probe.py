"""Judges a small package, then a large package, and prints by how much its memory grew. Runs as a process of
its own.

The kernel measures the peak (``VmHWM``), which is reset before the large judgement.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from judge_core.languages import load_languages
from judge_core.messages import PackageRef
from judge_core.packages import read_package
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig
from workers.judging.compile_cache import CompileCache
from workers.judging.errors import PackageUnavailable
from workers.judging.judge import Judge, Solution
from workers.judging.progress import NoProgress
from workers.judging.settings import JudgingSettings
from workers.judging.shared_cache_folder import VerifiedFolder
from workers.judging.sources import SourceFile


class NoPackages:
    def fetch(self, ref: PackageRef) -> VerifiedFolder:
        raise PackageUnavailable("packages are read from folders here")


def resident_kib(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))


def main(root: Path, caches: Path, small: Path, large: Path, language: str, source: Path) -> None:
    sandbox = open_sandbox(SlotConfig(index=100, shares=(root, caches), scratch=root / "probe-slot"))
    settings = JudgingSettings(root / "probe-scratch", caches / "prepared")
    judge = Judge(sandbox, NoPackages(), load_languages(), CompileCache(caches / "compiled"), settings)
    solution = Solution(load_languages()[language], (SourceFile("", source.read_bytes()),))
    try:
        first = judge.judge_solution(read_package(small), solution, NoProgress())
        Path("/proc/self/clear_refs").write_text("5")
        idle = resident_kib("VmRSS")
        second = judge.judge_solution(read_package(large), solution, NoProgress())
        grown = resident_kib("VmHWM") - idle
        verdicts = [first.verdict.value, second.verdict.value]
        print(json.dumps({"grown_kib": grown, "idle_kib": idle, "verdicts": verdicts}))
    finally:
        sandbox.close()


if __name__ == "__main__":
    root, caches, small, large, language, source = sys.argv[1:]
    main(Path(root), Path(caches), Path(small), Path(large), language, Path(source))
