"""Judges small packages in the real sandbox. Each test writes the files of its package."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from judge_core.messages import CustomRun, JudgeRequest, PackageRef
from judge_core.model.account import Tier
from judge_core.model.program_files import ProgramFiles
from judge_core.model.submission import Outcome
from judge_core.packages import read_package
from sandbox import Sandbox
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig
from workers.judging.compile_cache import CompileCache
from workers.judging.judge import Judge, Solution
from workers.judging.progress import NoProgress
from workers.judging.settings import JudgingSettings
from workers.judging.shared_cache_folder import VerifiedFolder, stamps_below
from workers.judging.sources import SourceFile


class FolderPackages:
    """Finds packages by slug in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, ref: PackageRef) -> VerifiedFolder:
        return VerifiedFolder(self.folder / ref.slug, stamps_below(self.folder / ref.slug))


@dataclass(frozen=True)
class JudgeFixture:
    """A judge on a sandbox slot, with packages below ``root`` and compiled programs below ``caches``."""

    root: Path
    caches: Path
    sandbox: Sandbox
    judge: Judge

    def write(self, slug: str, files: dict[str, str]) -> Path:
        folder = self.root / "packages" / slug
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    def submit(self, folder: Path, source: str, language: str = "python3", run_all: bool = False) -> Outcome:
        package = read_package(folder)
        solution = Solution(load_languages()[language], (SourceFile("", source.encode()),), run_all)
        return self.judge.judge_solution(package, solution, NoProgress())

    def run(self, source: str, run: CustomRun, language: str = "python3") -> Outcome:
        request = JudgeRequest("id", 1, Tier.NORMAL, language, source, run=run)
        return self.judge.judge(request, NoProgress())

    def run_files(self, files: ProgramFiles, run: CustomRun, language: str) -> Outcome:
        request = JudgeRequest("id", 1, Tier.NORMAL, language, files.main_text, run=run, files=files)
        return self.judge.judge(JudgeRequest.load(request.dump()), NoProgress())


@pytest.fixture(scope="session")
def judging(shared_folder: Path) -> Iterator[JudgeFixture]:
    """A judge. All test processes share its compiled programs, as the workers of a host do."""
    with open_judging(shared_folder) as opened:
        yield opened


@contextmanager
def open_judging(caches: Path | None = None) -> Iterator[JudgeFixture]:
    """Opens a judge. Without ``caches`` its caches are empty at first, and no other process uses them."""
    with tempfile.TemporaryDirectory(prefix="gavel-golden-") as place:
        root = Path(place)
        root.chmod(0o755)
        (root / "packages").mkdir()
        caches = caches or root
        sandbox = open_sandbox(SlotConfig(index=90, shares=(root, caches), scratch=root / "slot"))
        settings = JudgingSettings(scratch=root / "scratch", prepared=caches / "prepared")
        cache = CompileCache(caches / "compiled")
        packages = FolderPackages(root / "packages")
        try:
            judge = Judge(sandbox, packages, load_languages(), cache, settings)
            yield JudgeFixture(root, caches, sandbox, judge)
        finally:
            sandbox.close()


Judged = Callable[..., Outcome]


@pytest.fixture
def package(judging: JudgeFixture, request: pytest.FixtureRequest) -> Callable[[dict[str, str]], Path]:
    """Writes a package with the given files. If they have no secret test, it gets one (input 2, answer 4)."""

    def write(files: dict[str, str]) -> Path:
        base = {"problem.yaml": "name: X\nlimits: {time_limit: 1, memory: 256}\n"}
        if not any(name.startswith("data/secret/") and name.endswith(".in") for name in files):
            base |= {"data/secret/1.in": "2\n", "data/secret/1.ans": "4\n"}
        name = request.node.name
        words = "".join(char for char in name.lower() if char.isalnum())[:40]
        slug = f"{words}{hashlib.sha256(name.encode()).hexdigest()[:12]}"
        return judging.write(slug, {**base, **files})

    return write
