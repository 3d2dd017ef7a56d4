"""The interface of all checkers: the token comparison and a problem's own programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from judge_core.packages import TestCase


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A checker's decision on one output.

    ``message`` is for judges, ``team_message`` for the submitter. A scoring problem's validator may set
    ``score`` or ``multiplier``. ``next_input`` is the next pass's input. It stays in the feedback folder
    until the next request.
    """

    accepted: bool
    message: str = ""
    team_message: str = ""
    score: float | None = None
    multiplier: float | None = None
    next_input: Path | None = None


class Checker(Protocol):
    """Checks one output. A checker that fails raises a JudgingFault and never gives a verdict."""

    def check(self, case: TestCase, output: Path) -> CheckResult: ...
