"""A worker with side slots gives the same verdict, tests and texts as a worker with one slot."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from judge_core.model.submission import Outcome, Verdict
from judge_core.packages import TestCase, read_package
from sandbox import Cancelled, Command, PairReport, RunReport, Sandbox
from sandbox.factory import open_sandbox
from sandbox.slot import JudgingMark, SlotConfig
from tests.golden.conftest import FolderPackages, JudgeFixture
from workers.judging.compile_cache import CompileCache
from workers.judging.errors import PackageBroken
from workers.judging.judge import Judge, JudgeOptions, Solution
from workers.judging.progress import NoProgress
from workers.judging.results import NOT_RUN, CaseRun
from workers.judging.settings import JudgingSettings
from workers.judging.side_by_side import Lane, SideSlots, side_by_side
from workers.judging.sources import SourceFile
from workers.judging.verdict import TestVerdict as Decision

YAML = "name: X\nlimits: {time_limit: 1, memory: 256}\n"
BUSY = (
    "import time\nn = int(input())\nend = time.process_time() + 0.02\nwhile time.process_time() < end: pass\n"
)
DOUBLE = BUSY + "print(2 * n)\n"
WRONG_AT_5 = BUSY + "print(2 * n + (n == 5))\n"
CRASHES_AT_7 = BUSY + "assert n != 7\nprint(2 * n)\n"
ENDLESS_AFTER_3 = BUSY + "while n > 3: pass\nprint(2 * n + (n == 3))\n"
TESTS = {
    f"data/secret/{n:02}.{kind}": f"{value}\n"
    for n in range(1, 13)
    for kind, value in (("in", n), ("ans", 2 * n))
}
SAMPLES = {"data/sample/1.in": "21\n", "data/sample/1.ans": "42\n"}


@dataclass
class CountedSandbox:
    """A sandbox that counts its runs."""

    sandbox: Sandbox
    runs: int = 0

    @property
    def isolation(self) -> object:
        return self.sandbox.isolation

    def run(self, command: Command) -> RunReport:
        self.runs += 1
        return self.sandbox.run(command)

    def run_pair(
        self, first: Command, second: Command, *, ordered: bool = False, record_bytes: int = 0
    ) -> PairReport:
        self.runs += 1
        return self.sandbox.run_pair(first, second, ordered=ordered, record_bytes=record_bytes)

    def cancel(self) -> None:
        self.sandbox.cancel()

    def close(self) -> None:
        self.sandbox.close()


@dataclass
class TwoSlots:
    """A judge with one side slot. ``may_run`` decides whether the side slot is used."""

    judge: Judge
    side: CountedSandbox
    may_run: bool = True

    def submit(self, folder: Path, source: str, run_all: bool = False) -> Outcome:
        solution = Solution(load_languages()["python3"], (SourceFile("", source.encode()),), run_all)
        return self.judge.judge_solution(read_package(folder), solution, NoProgress())


@pytest.fixture(scope="module")
def two_slots(judging: JudgeFixture) -> Iterator[TwoSlots]:
    config = SlotConfig(index=91, shares=(judging.root,), scratch=judging.root / "side-slot")
    side = CountedSandbox(open_sandbox(config))
    settings = JudgingSettings(judging.root / "scratch", judging.root / "prepared")
    cache = CompileCache(judging.root / "compiled")
    packages = FolderPackages(judging.root / "packages")
    slots = SideSlots((side,), lambda: fixture.may_run)  # type: ignore[arg-type]
    judge = Judge(
        judging.sandbox, packages, load_languages(), cache, settings, JudgeOptions(side_slots=slots)
    )
    fixture = TwoSlots(judge, side)
    yield fixture
    side.close()


Package = Callable[[dict[str, str]], Path]


def comparable(outcome: Outcome) -> Outcome:
    """The outcome without times, memory and the mark of the compile cache, which may differ."""
    tests = tuple(replace(test, cpu_ms=0, wall_ms=0, memory_kb=0) for test in outcome.tests)
    found = replace(outcome, tests=tests, cpu_ms=0, wall_ms=0, memory_kb=0)
    return found.with_compile_cached(False)


@pytest.mark.slow_on("endless")
@pytest.mark.parametrize(
    "source",
    [
        pytest.param(DOUBLE, id="accepted"),
        pytest.param(WRONG_AT_5, id="wrong-answer"),
        pytest.param(CRASHES_AT_7, id="runtime-error"),
        pytest.param(ENDLESS_AFTER_3, id="wrong-answer-before-endless-tests"),
        pytest.param("print(int(input()) * 2", id="syntax-error"),
    ],
)
@pytest.mark.parametrize("run_all", [False, True], ids=["to-the-first-failure", "all-tests"])
def test_two_slots_give_the_same_outcome_as_a_single_slot(
    judging: JudgeFixture, two_slots: TwoSlots, package: Package, source: str, run_all: bool
) -> None:
    if run_all and source is ENDLESS_AFTER_3:
        source = source.replace("while n > 3: pass", "while n == 4: pass")
    folder = package({"problem.yaml": YAML, **SAMPLES, **TESTS})
    expected = comparable(judging.submit(folder, source, run_all=run_all))
    assert comparable(two_slots.submit(folder, source, run_all)) == expected


def test_the_side_slot_runs_some_of_the_tests(two_slots: TwoSlots, package: Package) -> None:
    folder = package({"problem.yaml": YAML, **TESTS})
    before = two_slots.side.runs
    assert two_slots.submit(folder, DOUBLE).verdict is Verdict.AC
    assert two_slots.side.runs > before


def test_the_side_slot_runs_no_test_while_another_worker_judges(
    two_slots: TwoSlots, package: Package
) -> None:
    folder = package({"problem.yaml": YAML, **TESTS})
    before, two_slots.may_run = two_slots.side.runs, False
    try:
        assert two_slots.submit(folder, DOUBLE).verdict is Verdict.AC
    finally:
        two_slots.may_run = True
    assert two_slots.side.runs == before


def test_a_group_whose_required_group_failed_is_not_run_in_two_slots(
    judging: JudgeFixture, two_slots: TwoSlots, package: Package
) -> None:
    groups = {
        f"data/secret/{group}/{n}.{kind}": f"{value}\n"
        for group, base in (("a", 0), ("b", 10), ("c", 20))
        for n in range(1, 5)
        for kind, value in (("in", base + n), ("ans", 2 * (base + n)))
    }
    folder = package(
        {
            "problem.yaml": "problem_format_version: 2023-07\nname: X\nuuid: 1\ntype: scoring\n"
            "limits: {time_limit: 1, memory: 256}\n",
            "data/secret/a/test_group.yaml": "scoring: {score: 30, aggregation: pass-fail}\n",
            "data/secret/b/test_group.yaml": "scoring: {score: 30, aggregation: pass-fail, "
            "require_pass: secret/a}\n",
            "data/secret/c/test_group.yaml": "scoring: {score: 40, aggregation: pass-fail}\n",
            **groups,
        }
    )
    wrong_in_a = BUSY + "print(2 * n + (n == 3))\n"
    expected = comparable(judging.submit(folder, wrong_in_a))
    found = comparable(two_slots.submit(folder, wrong_in_a))
    assert found == expected
    assert found.score == 40


def test_with_two_slots_each_sample_shows_its_own_output(two_slots: TwoSlots, package: Package) -> None:
    samples = {
        f"data/sample/{n}.{kind}": f"{value}\n"
        for n in range(1, 9)
        for kind, value in (("in", n), ("ans", 2 * n))
    }
    outcome = two_slots.submit(package({"problem.yaml": YAML, **samples}), DOUBLE)
    assert [test.output for test in outcome.tests if test.sample] == [f"{2 * n}\n" for n in range(1, 9)]


def test_validators_may_run_in_two_slots_at_the_same_time(two_slots: TwoSlots, package: Package) -> None:
    echoes = (
        "import sys\n"
        "open(sys.argv[3] + '/teammessage.txt', 'w').write(open(sys.argv[1]).read().strip())\n"
        "sys.exit(42)\n"
    )
    folder = package(
        {
            "problem.yaml": YAML + "validation: custom\n",
            "output_validators/check.py": echoes,
            **TESTS,
        }
    )
    outcome = two_slots.submit(folder, DOUBLE)
    assert outcome.verdict is Verdict.AC
    assert [test.message for test in outcome.tests] == [str(n) for n in range(1, 13)]


@pytest.mark.parametrize("at", [3, 12])
def test_a_fault_of_a_later_test_counts_only_if_the_test_is_reached(
    two_slots: TwoSlots, package: Package, at: int
) -> None:
    folder = package(
        {
            "problem.yaml": YAML + "validation: custom\n",
            "output_validators/check.py": "import sys\n"
            f"n = int(open(sys.argv[1]).read())\nsys.exit(7 if n == {at} else 42 + (n == 5))\n",
            **TESTS,
        }
    )
    if at > 5:
        assert two_slots.submit(folder, DOUBLE).verdict is Verdict.WA
        return
    with pytest.raises(PackageBroken, match="exit code 7"):
        two_slots.submit(folder, DOUBLE)


def test_after_a_cancelled_judgement_both_slots_judge_the_next_submission(
    two_slots: TwoSlots, package: Package
) -> None:
    folder = package({"problem.yaml": YAML.replace("time_limit: 1", "time_limit: 60"), **TESTS})
    over = threading.Event()
    runs = two_slots.side.runs

    def cancel_when_both_run() -> None:
        while two_slots.side.runs == runs and not over.wait(0.01):
            pass
        while not over.wait(0.01):
            two_slots.judge.cancel()

    thread = threading.Thread(target=cancel_when_both_run)
    thread.start()
    try:
        with pytest.raises(Cancelled):
            two_slots.submit(folder, BUSY + "while n > 1: pass\nprint(2)\n")
    finally:
        over.set()
        thread.join()
    assert two_slots.submit(folder, DOUBLE).verdict is Verdict.AC


@dataclass
class FakeStrategy:
    """Runs no program. If ``is_broken``, it raises an error for every test but the first."""

    is_broken: bool = False

    def run_test(self, case: TestCase) -> CaseRun:
        if self.is_broken and case.name != "0":
            raise RuntimeError("a bug")
        report = replace(NOT_RUN, wall_ms=50.0)
        return CaseRun(case, report, Decision(Verdict.AC, ""))


def test_an_exception_in_the_worker_s_own_slot_ends_the_judgement(tmp_path: Path) -> None:
    cases = [TestCase(str(n), tmp_path, None) for n in range(5)]
    lanes = [Lane(FakeStrategy(is_broken=True), tmp_path / "own"), Lane(FakeStrategy(), tmp_path / "side")]
    slots = SideSlots(may_run=lambda: False)
    with pytest.raises(RuntimeError, match="a bug"), side_by_side(lanes, cases, slots) as shared:
        for case in cases:
            shared.run_test(case)


def _judge_until_killed(marked: Event) -> None:
    mark = JudgingMark()
    with mark.held():
        marked.set()
        signal.pause()


def test_the_judging_mark_of_a_killed_worker_does_not_last() -> None:
    context = multiprocessing.get_context("spawn")
    marked = context.Event()
    other = context.Process(target=_judge_until_killed, args=(marked,), daemon=True)
    mark = JudgingMark()
    other.start()
    try:
        assert marked.wait(60)
        with mark.held():
            assert not mark.is_alone()
    finally:
        assert other.pid is not None
        os.kill(other.pid, signal.SIGKILL)
        other.join()
        mark.close()
