"""The result of one test: the run, its verdict, and the part that the submitter may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judge_core.model.submission import Outcome, TestResult, Verdict
from judge_core.packages import TestCase, TestGroup
from sandbox import Ending, RunReport
from workers.checkers.checker import CheckResult
from workers.judging.verdict import TestVerdict

NOT_RUN = RunReport(Ending.EXITED, 0, None, 0.0, 0.0, 0, b"", 0, b"")
"""The report of a test for which no program was run."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a visualizer has drawn: its file's name, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CaseRun:
    """The run of one test: the report, the verdict, and the checker's result if the checker ran."""

    case: TestCase
    report: RunReport
    decision: TestVerdict
    check: CheckResult | None = None
    output: Path | None = None
    interaction: str | None = None
    """The transcript of a failed interactive test, if the submitter may see it."""

    @property
    def verdict(self) -> Verdict:
        return self.decision.verdict

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.AC


def describe_test(run: CaseRun, text_bytes: int, reveal: bool = False) -> TestResult:
    """The result that is reported. Input, output, stderr and the judge message are included only if
    :func:`is_shown`, or for the package's author (``reveal``)."""
    shown = reveal or is_shown(run)
    check = run.check or CheckResult(run.accepted)
    return TestResult(
        name=run.case.name,
        verdict=run.verdict,
        cpu_ms=round(run.report.cpu_ms),
        wall_ms=round(run.report.wall_ms),
        memory_kb=run.report.memory_kb,
        sample=run.case.is_sample,
        score=check.score,
        detail=run.decision.detail or None,
        input=_head(run.case.input, text_bytes) if shown else None,
        output=_head(run.output, text_bytes) if shown else None,
        expected=_head(run.case.answer, text_bytes) if shown else None,
        stderr=tail(run.report.stderr, text_bytes) or None if shown else None,
        message=_message(check, shown, run.case),
        interaction=run.interaction if shown else None,
    )


def is_shown(run: CaseRun) -> bool:
    """Whether the submitter sees this test's data. True for a sample, and for a failed test with full
    feedback."""
    return run.case.is_sample or (run.case.settings.full_feedback and not run.accepted)


def public_names(root: TestGroup) -> dict[str, str]:
    """The names under which contestants see the secret tests: a number in the group.

    The name of a test's file may reveal what the test is about.
    """
    names: dict[str, str] = {}
    for group in root.groups():
        cases = [part for part in group.parts if isinstance(part, TestCase)]
        for number, case in enumerate(cases, 1):
            if not case.is_sample:
                names[case.name] = f"{group.name}/{number}".lstrip("/")
    return names


def outcome_of(verdict: Verdict, tests: Sequence[TestResult], total: int) -> Outcome:
    """The outcome of a judgement with the largest figures of its tests."""
    return Outcome(
        verdict=verdict,
        tests=tuple(tests),
        tests_total=total,
        cpu_ms=max((test.cpu_ms for test in tests), default=0),
        wall_ms=max((test.wall_ms for test in tests), default=0),
        memory_kb=max((test.memory_kb for test in tests), default=0),
    )


def _message(check: CheckResult, shown: bool, case: TestCase) -> str | None:
    """The validator's messages: the team message in any case, the judge message if the test's data are shown,
    and a hint after a failure."""
    parts = [check.team_message, check.message if shown else ""]
    if not check.accepted and case.settings.hint:
        parts.append(f"Hint: {case.settings.hint}")
    return "\n".join(part for part in parts if part) or None


def _head(path: Path | None, size: int) -> str | None:
    if path is None or not path.is_file():
        return None
    with path.open("rb") as file:
        return cut(file.read(size + 1), size)


def cut(content: bytes, size: int) -> str:
    """The first ``size`` bytes of a text. If the text is longer, a note says so."""
    text = content[:size].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    return text if len(content) <= size else f"{text}\n[cut at {size} bytes]"


def tail(content: bytes, size: int) -> str:
    """The last ``size`` bytes of a text, where a crash's reason is. If the text is longer, a note says so."""
    text = content[-size:].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    return text if len(content) <= size else f"[the last {size} bytes]\n{text}"
