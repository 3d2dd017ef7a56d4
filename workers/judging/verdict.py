"""From facts to opinions: which verdict a run's report deserves before anybody looked at its output. Pure."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from judge_core.model.language import Language
from judge_core.model.verdict import Verdict
from sandbox import Ending, RunReport

_SEVERITY = (Verdict.RTE, Verdict.MLE, Verdict.TLE, Verdict.OLE, Verdict.WA)
BORDERLINE_SHARE = 0.10
STARVED_CPU_SHARE = 0.10
STARVED_WALL_FACTOR = 5
"""How many times the wall limit a program gets that a busy host has starved."""


@dataclass(frozen=True, slots=True)
class TestVerdict:
    """A verdict and, in words, what it rests on."""

    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """The times a run was allowed, in seconds: what the verdict's words quote."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int


def verdict_from_report(
    report: RunReport, allowed: Allowance, language: Language | None = None
) -> TestVerdict | None:
    """The verdict that the run alone decides; ``None`` when it ended well and its output has to be
    checked."""
    if report.ending is Ending.MEMORY:
        return TestVerdict(Verdict.MLE, f"used more than {allowed.memory_bytes >> 20} MiB")
    if report.ending is Ending.CPU or report.cpu_ms > allowed.cpu_seconds * 1000:
        return TestVerdict(Verdict.TLE, f"CPU time: more than {allowed.cpu_seconds:g} s")
    if report.ending is Ending.WALL:
        return TestVerdict(Verdict.TLE, f"wall time: still there after {allowed.wall_seconds:g} s")
    if report.ending is Ending.OUTPUT:
        return TestVerdict(Verdict.OLE, "printed more than the output limit")
    if report.ending is Ending.EXITED and report.exit_code == 0:
        return None
    if language is not None and _ran_out_of_memory(report, language):
        return TestVerdict(Verdict.MLE, f"{language.name} ran out of memory")
    return TestVerdict(Verdict.RTE, _death(report))


def _ran_out_of_memory(report: RunReport, language: Language) -> bool:
    return any(words.encode() in report.stderr for words in language.out_of_memory)


def _death(report: RunReport) -> str:
    if report.ending is Ending.SIGNALLED and report.signal is not None:
        return f"killed by signal {report.signal} ({signal_name(report.signal)})"
    return f"exit code {report.exit_code}"


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def is_borderline(report: RunReport, allowed: Allowance) -> bool:
    """Too slow by so little that the machine's noise may have decided: to be run again before it counts.

    The box lets a run go on for a tenth beyond its limit, so that what it really needs is known here.
    """
    over = report.cpu_ms / 1000 - allowed.cpu_seconds
    return report.ending is not Ending.CPU and 0 < over <= allowed.cpu_seconds * BORDERLINE_SHARE


def is_starved(report: RunReport) -> bool:
    """Cut by the clock while it was computing: the host had no time for it, or it sleeps on purpose.

    A program that only sleeps uses next to no CPU; one that computes and is still far below its CPU limit
    when the clock runs out has been kept waiting, and the clock must not decide over it.
    """
    return report.ending is Ending.WALL and report.cpu_ms >= report.wall_ms * STARVED_CPU_SHARE


def worst(verdicts: list[Verdict]) -> Verdict:
    """The gravest of several, in the format's order; AC when all are."""
    return next((verdict for verdict in _SEVERITY if verdict in verdicts), Verdict.AC)
