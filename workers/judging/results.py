"""One test's result as the author will see it: verdict, figures, and texts where they are not secret."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from judge_core.model.submission import TestResult
from judge_core.model.verdict import Verdict
from judge_core.packages import TestCase
from sandbox import RunReport
from workers.checkers.checker import CheckResult
from workers.judging.verdict import TestVerdict


@dataclass(frozen=True, slots=True)
class CaseRun:
    """All that is known of one test: the facts, the opinion, and what the checker said if it was asked."""

    case: TestCase
    report: RunReport
    opinion: TestVerdict
    check: CheckResult | None = None
    output: Path | None = None

    @property
    def verdict(self) -> Verdict:
        return self.opinion.verdict

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.AC


def describe_test(run: CaseRun, text_bytes: int, reveal: bool = False) -> TestResult:
    """What is told of a test. Input, output and words are for samples and for tests with full feedback
    only, unless it is the package's author who asks (``reveal``)."""
    shown = reveal or run.case.is_sample or (run.case.settings.full_feedback and not run.accepted)
    check = run.check or CheckResult(run.accepted)
    return TestResult(
        name=run.case.name,
        verdict=run.verdict,
        cpu_ms=round(run.report.cpu_ms),
        wall_ms=round(run.report.wall_ms),
        memory_kb=run.report.memory_kb,
        sample=run.case.is_sample,
        score=check.score,
        detail=run.opinion.detail or None,
        input=_head(run.case.input, text_bytes) if shown else None,
        output=_head(run.output, text_bytes) if shown else None,
        expected=_head(run.case.answer, text_bytes) if shown else None,
        stderr=tail(run.report.stderr, text_bytes) or None if shown else None,
        message=_message(check, shown, run.case),
    )


def _message(check: CheckResult, shown: bool, case: TestCase) -> str | None:
    """The validator's words: those for the author always, those for judges with samples; hints on failure."""
    words = [check.team_message, check.message if shown else ""]
    if not check.accepted and case.settings.hint:
        words.append(f"Hint: {case.settings.hint}")
    return "\n".join(word for word in words if word) or None


def _head(path: Path | None, size: int) -> str | None:
    if path is None or not path.is_file():
        return None
    with path.open("rb") as file:
        return cut(file.read(size + 1), size)


def cut(content: bytes, size: int) -> str:
    """A text of at most ``size`` bytes; what was longer says so."""
    text = content[:size].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    return text if len(content) <= size else f"{text}\n[cut at {size} bytes]"


def tail(content: bytes, size: int) -> str:
    """The last of a text, where what ended a program stands; what was longer says so."""
    text = content[-size:].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    return text if len(content) <= size else f"[the last {size} bytes]\n{text}"
