"""Verdicts, and LeetCode's codes and messages for them."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """The result of judging a submission; a fault of the judge is never one of these."""

    AC = "AC"
    WA = "WA"
    TLE = "TLE"
    MLE = "MLE"
    OLE = "OLE"
    RTE = "RTE"
    CE = "CE"

    @property
    def status_code(self) -> int:
        return _STATUS[self][0]

    @property
    def status_msg(self) -> str:
        return _STATUS[self][1]


_STATUS: dict[Verdict, tuple[int, str]] = {
    Verdict.AC: (10, "Accepted"),
    Verdict.WA: (11, "Wrong Answer"),
    Verdict.MLE: (12, "Memory Limit Exceeded"),
    Verdict.OLE: (13, "Output Limit Exceeded"),
    Verdict.TLE: (14, "Time Limit Exceeded"),
    Verdict.RTE: (15, "Runtime Error"),
    Verdict.CE: (20, "Compile Error"),
}

INTERNAL_ERROR: tuple[int, str] = (16, "Internal Error")
CANCELLED: tuple[int, str] = (21, "Cancelled")
