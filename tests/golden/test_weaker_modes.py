"""If a host enforces a limit less well, each verdict names the limit and what enforces it."""

from __future__ import annotations

from judge_core.languages import load_languages
from judge_core.messages import CustomRun
from judge_core.model.submission import Outcome
from sandbox.api import FILE_PAGES
from sandbox.factory import open_backend
from sandbox.slot import OwnFiles, SlotConfig
from tests.golden.conftest import FolderPackages, JudgeFixture
from workers.judging.compile_cache import CompileCache
from workers.judging.judge import Judge
from workers.judging.settings import JudgingSettings

RUN = CustomRun((("20 22\n", "42"),))
SUM = "print(sum(map(int, input().split())))"


def run_in_slot(judging: JudgeFixture, name: str, with_cgroups: bool) -> Outcome:
    """The outcome of a run in a slot of its own. The boxes of this slot share the pages of files."""
    config = SlotConfig(97, (judging.root,), judging.root / name, own_files=OwnFiles.NO)
    sandbox = open_backend(config, "launcher", with_cgroups=with_cgroups)
    settings = JudgingSettings(judging.root / f"{name}-scratch", judging.root / f"{name}-prepared")
    cache = CompileCache(judging.root / f"{name}-compiled")
    judge = Judge(sandbox, FolderPackages(judging.root / "packages"), load_languages(), cache, settings)
    try:
        return JudgeFixture(judging.root, judging.root, sandbox, judge).run(SUM, RUN)
    finally:
        sandbox.close()


def test_without_cgroups_a_verdict_says_what_enforces_each_limit(judging: JudgeFixture) -> None:
    outcome = run_in_slot(judging, "weak", with_cgroups=False)
    assert outcome.verdict == "AC"
    assert outcome.sandbox is not None
    assert outcome.sandbox["mode"] == "no-cgroup"
    assert outcome.sandbox["enforced_by"]["memory"] == "sampling, RLIMIT_DATA"
    assert outcome.sandbox["enforced_by"]["cpu time"] == "sampling, RLIMIT_CPU"


def test_in_full_mode_a_verdict_names_the_mode_and_the_backend(judging: JudgeFixture) -> None:
    """On a host where boxes share the pages of files, the verdict says that too."""
    pages = {each.limit: each.enforced_by for each in judging.sandbox.isolation.guarantees}[FILE_PAGES]
    shared = {} if pages == "FUSE" else {"enforced_by": {FILE_PAGES: pages}}
    assert judging.run(SUM, RUN).isolation == {"mode": "full", "backend": "launcher"} | shared


def test_a_verdict_says_that_boxes_share_the_pages_of_files(judging: JudgeFixture) -> None:
    outcome = run_in_slot(judging, "shared", with_cgroups=True)
    assert outcome.verdict == "AC"
    assert outcome.sandbox is not None
    assert outcome.sandbox["enforced_by"] == {FILE_PAGES: "nothing"}
