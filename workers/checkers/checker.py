"""What a checker is asked and what it answers, whoever it is: our own comparison or a problem's program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from judge_core.packages import TestCase


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a checker thinks of an output.

    ``message`` is for judges, ``team_message`` for the author. ``score`` and ``multiplier`` are what a
    scoring problem's validator wrote, ``next_input`` what the next pass is to read: it lies in the feedback
    folder until the next question is asked.
    """

    accepted: bool
    message: str = ""
    team_message: str = ""
    score: float | None = None
    multiplier: float | None = None
    next_input: Path | None = None


class Checker(Protocol):
    """Judges one output. A checker that cannot do its work raises a JudgingFault: never a verdict."""

    def check(self, case: TestCase, output: Path) -> CheckResult: ...
