"""Parses numbers in untrusted texts, within finite bounds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_LONGEST = 50
_NUMBER = re.compile(r"[+-]?(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_SHOWN = 40


class NumberFault(ValueError):
    """A text that is no number within its bounds. The message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the greatest value that a number may have. ``unit`` is only shown in messages."""

    low: float
    high: float
    unit: str = ""

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high  # NaN is within no bounds

    def __str__(self) -> str:
        return f"from {readable(self.low)} to {readable(self.high)}{f' {self.unit}' if self.unit else ''}"

    def parse(self, text: str) -> float:
        """The number in a text. Raises ``NumberFault``."""
        word = text.strip()
        if len(word) > _LONGEST or not _NUMBER.fullmatch(word):
            raise NumberFault(f"must be a number {self}, not {_shown(word)}")
        value = float(word.replace("_", ""))
        if value not in self:
            raise NumberFault(f"must be {self}, not {_shown(word)}")
        return value


def _shown(word: str) -> str:
    return repr(word) if len(word) <= _SHOWN else f"{word[:_SHOWN]!r}… ({len(word)} characters)"


def readable(value: float) -> str:
    """A number as people write it: whole numbers without an exponent or a point."""
    if not math.isfinite(value):
        return str(value)
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e16 else repr(value)
