"""On a host that enforces less, every verdict says so, limit by limit."""

from __future__ import annotations

from judge_core.languages import load_languages
from judge_core.messages import CustomRun
from sandbox.factory import open_backend
from sandbox.slot import SlotConfig
from tests.golden.conftest import FolderPackages, JudgeFixture
from workers.judging.compile_cache import CompileCache
from workers.judging.judge import Judge
from workers.judging.settings import JudgingSettings

RUN = CustomRun((("20 22\n", "42"),))
SUM = "print(sum(map(int, input().split())))"


def test_without_cgroups_a_verdict_says_what_enforces_each_limit(judging: JudgeFixture) -> None:
    sandbox = open_backend(
        SlotConfig(97, (judging.root,), judging.root / "weak"), "launcher", with_cgroups=False
    )
    settings = JudgingSettings(judging.root / "weak-scratch", judging.root / "weak-prepared")
    cache = CompileCache(judging.root / "weak-compiled")
    judge = Judge(sandbox, FolderPackages(judging.root / "packages"), load_languages(), cache, settings)
    try:
        outcome = JudgeFixture(judging.root, judging.root, sandbox, judge).run(SUM, RUN)
    finally:
        sandbox.close()
    assert outcome.verdict == "AC"
    assert outcome.sandbox is not None
    assert outcome.sandbox["mode"] == "no-cgroup"
    assert outcome.sandbox["enforced_by"]["memory"] == "sampling, RLIMIT_DATA"
    assert outcome.sandbox["enforced_by"]["cpu time"] == "sampling, RLIMIT_CPU"


def test_in_full_mode_a_verdict_says_no_more_than_that(judging: JudgeFixture) -> None:
    assert judging.run(SUM, RUN).isolation == {"mode": "full", "backend": "launcher"}
