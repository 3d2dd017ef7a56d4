"""The settings by which a group of tests is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OnReject(StrEnum):
    """Decides whether the rest of a group is judged if one of its tests is not accepted."""

    BREAK = "break"
    CONTINUE = "continue"


class Aggregation(StrEnum):
    """How a group's score follows from its parts."""

    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    PASS_FAIL = "pass-fail"


class VerdictMode(StrEnum):
    """How a group's verdict follows from its parts."""

    WORST_ERROR = "worst_error"
    FIRST_ERROR = "first_error"
    ALWAYS_ACCEPT = "always_accept"


FULL_SCORE = 100.0
"""The maximum of a ``secret`` group that sets none."""


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """How a group is judged. ``max_score`` and ``require_pass`` are from 2023-07, the flags from the legacy
    format."""

    on_reject: OnReject = OnReject.BREAK
    verdict_mode: VerdictMode = VerdictMode.WORST_ERROR
    aggregation: Aggregation = Aggregation.SUM
    ignore_sample: bool = False
    accept_if_any_accepted: bool = False
    accept_score: float = 1.0
    reject_score: float = 0.0
    low: float = float("-inf")
    high: float = float("inf")
    max_score: float | None = None
    unbounded: bool = False
    require_pass: tuple[str, ...] = ()
    custom_grader: bool = False
    grader_flags: tuple[str, ...] = ()

    @property
    def secret_maximum(self) -> float:
        """The maximum of a ``secret`` group with these settings, unless it is unbounded. 0 is a maximum
        too."""
        return FULL_SCORE if self.max_score is None else self.max_score


DEFAULT_SETTINGS = GroupSettings()
"""The settings of a group without a settings file."""
