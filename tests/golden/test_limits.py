"""If a package has no time limit, its submissions decide the limit. All hosts use the same limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from judge_core.messages import JudgeRequest, PackageRef
from judge_core.model.account import Tier
from judge_core.model.submission import Outcome, TestResult, Verdict
from judge_core.packages import read_package
from judge_core.packages.package import Package, Program
from tests.golden.conftest import JudgeFixture
from workers.judging.errors import PackageBroken
from workers.judging.progress import NoProgress, ProgressListener
from workers.judging.settings import FALLBACK_SECONDS
from workers.judging.time_limit_calibration import TimeLimitCalibration
from workers.judging.time_limit_store import HostTimeLimitStore

Write = Callable[[dict[str, str]], Path]
V2023 = "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_resolution: 0.5}\n"


@dataclass
class Memory:
    """Stands in for the main server, which stores the limits."""

    limits: dict[str, float] = field(default_factory=dict)

    def known_time_limit(self, version: str) -> float | None:
        return self.limits.get(version)

    def record_limit(self, version: str, seconds: float) -> float:
        return self.limits.setdefault(version, seconds)


def said(verdict: Verdict, seconds: float, test: str = "secret/1") -> Outcome:
    return Outcome(verdict, (TestResult(test, verdict, round(seconds * 1000), 0, 0),))


def calibration(
    tmp_path: Path, outcomes: dict[str, Outcome], server: Memory | None = None
) -> TimeLimitCalibration:
    return TimeLimitCalibration(
        HostTimeLimitStore(tmp_path / "notes", server),
        lambda package, program, progress: outcomes.get(program.name),
    )


def bundled(package: Write, yaml: str, *names: str, rules: str = "") -> Package:
    files = {"problem.yaml": yaml, **{f"submissions/{name}": "" for name in names}}
    return read_package(package({**files, **({"submissions/submissions.yaml": rules} if rules else {})}))


@pytest.mark.parametrize(
    ("yaml", "rules", "limit"),
    [
        (V2023, "", 1.0),  # 2 × the time of accepted submissions; wrong answers do not count
        (V2023, "wrong_answer/*: {use_for_time_limit: lower}\n", 2.5),
        (V2023, "accepted: {use_for_time_limit: false}\nbrute_force: {use_for_time_limit: lower}\n", 4.5),
        (V2023, "brute_force/c.py: {use_for_time_limit: lower}\n", 4.5),
        ("name: X\n", "", 2.0),  # legacy: 5 × the time of accepted submissions
    ],
    ids=["default", "opted-in-by-pattern", "replaced", "opted-in", "legacy"],
)
def test_submissions_yaml_can_choose_the_submissions_for_the_time_limit(
    package: Write, tmp_path: Path, yaml: str, rules: str, limit: float
) -> None:
    found = bundled(package, yaml, "accepted/a.py", "wrong_answer/b.py", "brute_force/c.py", rules=rules)
    outcomes = {
        "accepted/a.py": said(Verdict.AC, 0.4),
        "wrong_answer/b.py": said(Verdict.WA, 1.2),
        "brute_force/c.py": said(Verdict.RTE, 2.2),
    }
    assert calibration(tmp_path, outcomes).complete(found).metadata.limits.time == limit


def test_no_time_limit_is_found_if_no_submission_is_accepted(package: Write, tmp_path: Path) -> None:
    found = bundled(package, V2023, "accepted/a.py")
    refused = calibration(tmp_path, {"accepted/a.py": said(Verdict.WA, 0.4)})
    limit = refused.find(found)
    assert (limit.seconds, limit.reasons) == (None, ("accepted/a.py does not count: WA is not permitted",))
    assert refused.complete(found).metadata.limits.time == FALLBACK_SECONDS


def test_a_slow_submission_within_the_margin_is_reported(package: Write, tmp_path: Path) -> None:
    found = bundled(package, V2023, "accepted/a.py", "time_limit_exceeded/t.py")
    quick = {"accepted/a.py": said(Verdict.AC, 0.4), "time_limit_exceeded/t.py": said(Verdict.AC, 1.2)}
    slow = {**quick, "time_limit_exceeded/t.py": said(Verdict.TLE, 1.6)}
    complete = calibration(tmp_path, quick).complete(found)
    (line,) = calibration(tmp_path, quick).faults(complete)
    assert line.startswith("time_limit_exceeded/t.py is not 1.5 times slower than the time limit of 1 s")
    assert list(calibration(tmp_path, slow).faults(complete)) == []


def test_a_time_limit_calibrated_on_a_fast_host_is_used_on_a_slow_host(
    package: Write, tmp_path: Path
) -> None:
    found, server = bundled(package, V2023, "accepted/a.py"), Memory()
    fast = calibration(tmp_path / "fast", {"accepted/a.py": said(Verdict.AC, 0.2)}, server)
    slow = calibration(tmp_path / "slow", {"accepted/a.py": said(Verdict.AC, 2.0)}, server)
    limits = [each.complete(found).metadata.limits.time for each in (fast, slow, fast)]
    assert limits == [0.5, 0.5, 0.5]


def test_a_second_host_uses_the_time_limit_that_the_first_host_published(
    package: Write, tmp_path: Path
) -> None:
    found, server = bundled(package, V2023, "accepted/a.py"), Memory()

    def meanwhile(package: Package, program: object, progress: object) -> Outcome:
        server.record_limit(found.folder.parent.name, 7.0)
        return said(Verdict.AC, 0.2)

    late = replace(calibration(tmp_path, {}, server), judge_bundled=meanwhile)
    assert late.complete(found).metadata.limits.time == 7.0


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        pytest.param("compilation_time: 1", "the compiler took too much time", marks=pytest.mark.slow),
        ("compilation_memory: 64", "the compiler needed too much memory"),
        pytest.param("memory: 256", None, marks=pytest.mark.slow),
    ],
)
def test_a_compiler_gets_the_time_and_memory_that_the_package_allows(
    judging: JudgeFixture, package: Write, limits: str, words: str | None
) -> None:
    """This program computes while it is compiled. So its compiler needs time and memory, and the program
    itself needs none."""
    source = f"""
    #include <bits/stdc++.h>
    template <int K> constexpr long spin() {{
        long sum = K;
        for (int i = 0; i < 3; i++) for (int j = 0; j < 200000; j++) sum ^= j;
        return sum;
    }}
    constexpr long one = spin<1>(), two = spin<2>(), three = spin<3>(), four = spin<4>();
    constexpr long more = spin<5>() + 0, most = spin<6>();
    // {limits}
    int main() {{ std::printf("%d", one != two && three != four && more != most ? 4 : 5); }}
    """
    folder = package({"problem.yaml": f"limits: {{{limits}, time_limit: 5}}\n"})
    outcome = judging.submit(folder, source, "cpp20")
    assert outcome.verdict is (Verdict.CE if words else Verdict.AC), outcome.compile_output
    assert (words or "") in (outcome.compile_output or "")


@pytest.mark.parametrize(
    ("yaml", "reason"),
    [
        (f"args: [{', '.join(['x'] * 2000)}]\n", "no sandbox can do"),
        ('args: ["a\\0b"]\n', "cannot be stored"),
    ],
    ids=["two-thousand-arguments", "a-nul-in-an-argument"],
)
def test_a_test_that_no_sandbox_can_run_is_a_fault_of_the_package(
    judging: JudgeFixture, package: Callable[..., Path], yaml: str, reason: str
) -> None:
    text = "problem_format_version: 2023-07\nname: X\nuuid: 1\nlimits: {time_limit: 1}\n"
    folder = package(
        {
            "problem.yaml": text,
            "data/secret/1.yaml": yaml,
            "data/secret/1.in": "2\n",
            "data/secret/1.ans": "4\n",
        }
    )
    request = JudgeRequest("id", 1, Tier.NORMAL, "python3", "print(4)", PackageRef(folder.name, "0" * 64))
    with pytest.raises(PackageBroken, match=reason):
        judging.judge.judge(request, NoProgress())


def test_a_calibrated_time_limit_has_a_reason_for_each_figure(package: Write, tmp_path: Path) -> None:
    found = bundled(
        package, "name: X\n", "accepted/a.py", "accepted/b.py", "accepted/c.py", "wrong_answer/d.py"
    )
    outcomes = {
        "accepted/a.py": said(Verdict.AC, 0.4),
        "accepted/b.py": said(Verdict.RTE, 0.9),
        "wrong_answer/d.py": said(Verdict.TLE, 20.0),
    }
    assert calibration(tmp_path, outcomes).find(found).reasons == (
        "accepted/a.py needs 0.400 s on secret/1",
        "accepted/b.py does not count: RTE is not permitted",
        "accepted/c.py cannot be judged on this host: its language is not installed",
        "5 times the slowest, in steps of 1 s, is 2 s",
    )


@pytest.mark.parametrize(
    ("verdict", "counts"), [(Verdict.AC, True), (Verdict.WA, False), (Verdict.TLE, False)]
)
def test_an_accepted_submission_counts_for_the_limit_although_a_test_fails(
    package: Write, tmp_path: Path, verdict: Verdict, counts: bool
) -> None:
    found = bundled(package, "name: X\ntype: scoring\n", "accepted/a.py")
    tests = (*said(Verdict.AC, 1.0, "secret/g1/1").tests, *said(Verdict.WA, 3.0, "secret/g2/1").tests)
    outcome = replace(said(verdict, 0), tests=tests)
    limit = calibration(tmp_path, {"accepted/a.py": outcome}).find(found).seconds
    assert (limit == 15.0) is counts


def test_a_calibrated_time_limit_is_divided_by_the_time_factor_of_the_language(
    package: Write, tmp_path: Path
) -> None:
    found = bundled(package, "name: X\n", "accepted/a.java")
    plain = calibration(tmp_path, {"accepted/a.java": said(Verdict.AC, 1.0)})
    by_two = replace(plain, time_factor=lambda package, program: 2.0)
    assert (plain.find(found).seconds, by_two.find(found).seconds) == (5.0, 3.0)


def test_the_search_for_a_time_limit_ends_when_its_time_is_used_up(package: Write, tmp_path: Path) -> None:
    found = bundled(package, "name: X\n", "accepted/a.py", "accepted/b.py")

    def judge(package: Package, program: Program, progress: ProgressListener) -> Outcome:
        progress.tested(1, 2)
        return said(Verdict.AC, 0.4)

    over = replace(calibration(tmp_path, {}), judge_bundled=judge, budget=-1.0)
    limit = over.find(found)
    assert limit.seconds is None
    assert limit.reasons[0] == "accepted/a.py does not count: not measured: no time was left"


def test_a_package_without_a_time_limit_is_measured_once_for_three_submissions(
    package: Write, tmp_path: Path
) -> None:
    found, judged = bundled(package, "name: X\n", "accepted/a.py"), []

    def judge(package: Package, program: Program, progress: object) -> Outcome:
        judged.append(program.name)
        return said(Verdict.WA, 0.4)

    refused = replace(calibration(tmp_path, {}), judge_bundled=judge)
    limits = {refused.complete(found).metadata.limits.time for _ in range(3)}
    assert (limits, judged) == ({FALLBACK_SECONDS}, ["accepted/a.py"])
