"""Forms the verdict of one test: from the sandbox's report of its run, then from the checker's result. Pure.

:mod:`workers.judging.scoring` combines the verdicts of tests into those of groups and of the submission.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace

from judge_core.model.language import Language
from judge_core.model.submission import Verdict
from sandbox import Ending, RunReport
from workers.checkers.checker import CheckResult

_SEVERITY = (Verdict.RTE, Verdict.MLE, Verdict.TLE, Verdict.OLE, Verdict.WA)
BORDERLINE_SHARE = 0.10
"""A run that is over its CPU limit by at most this part of it is repeated."""
MOST_REPEATS = 5
"""How many runs of a submission are repeated: its tests must not hold a worker for twice their time."""
DELAY_FACTOR = 4
"""How many times its wall limit a program may wait for a CPU of a busy host without being stopped."""


@dataclass(frozen=True, slots=True)
class TestVerdict:
    """The verdict of a test and the reason for it."""

    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """The time and memory that a run may use; the reason of a verdict names them."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int


def verdict_from_report(
    report: RunReport, allowed: Allowance, language: Language | None = None
) -> TestVerdict | None:
    """The verdict that the run alone decides. ``None`` when it ended well: then the checker decides."""
    if report.ending is Ending.MEMORY:
        return TestVerdict(Verdict.MLE, f"used more than {allowed.memory_bytes >> 20} MiB")
    if report.ending is Ending.CPU or report.cpu_ms > allowed.cpu_seconds * 1000:
        return TestVerdict(Verdict.TLE, f"CPU time: more than {allowed.cpu_seconds:g} s")
    if report.ending is Ending.WALL:
        seconds = min(allowed.wall_seconds, round(report.wall_ms / 1000, 1))
        return TestVerdict(Verdict.TLE, f"wall time: still there after {seconds:g} s")
    if report.ending is Ending.OUTPUT:
        return TestVerdict(Verdict.OLE, "printed more than the output limit")
    if report.ending is Ending.EXITED and report.exit_code == 0:
        return None
    if language is not None and _ran_out_of_memory(report, language):
        return TestVerdict(Verdict.MLE, f"{language.name} ran out of memory")
    return TestVerdict(Verdict.RTE, _exit_reason(report))


def verdict_from_check(check: CheckResult, refusal: str = "the output is not accepted") -> TestVerdict:
    """The verdict that the checker decides; ``refusal`` is the reason given for WA."""
    return TestVerdict(Verdict.AC, "") if check.accepted else TestVerdict(Verdict.WA, refusal)


def _ran_out_of_memory(report: RunReport, language: Language) -> bool:
    return any(message.encode() in report.stderr for message in language.out_of_memory)


def _exit_reason(report: RunReport) -> str:
    if report.ending is Ending.SIGNALLED and report.signal is not None:
        return f"killed by signal {report.signal} ({signal_name(report.signal)})"
    return f"exit code {report.exit_code}"


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def is_borderline(report: RunReport, allowed: Allowance) -> bool:
    """Whether a run is over its CPU limit by so little that noise may have decided. It is repeated once, and
    the lower CPU time counts.

    The sandbox stops a run only a tenth beyond its limit, so that the time it really needs is known here.
    """
    over = report.cpu_ms / 1000 - allowed.cpu_seconds
    return report.ending is not Ending.CPU and 0 < over <= allowed.cpu_seconds * BORDERLINE_SHARE


def with_both_times(decision: TestVerdict, first: RunReport, second: RunReport) -> TestVerdict:
    """The verdict of a repeated run, with a note that says so."""
    times = f"run twice, with {first.cpu_ms / 1000:.3f} s and {second.cpu_ms / 1000:.3f} s of CPU time"
    return replace(decision, detail=f"{decision.detail}; {times}" if decision.detail else times)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The most severe verdict, in the format's order; AC when all are AC."""
    return next((verdict for verdict in _SEVERITY if verdict in verdicts), Verdict.AC)
