"""The flags of the format's default output validator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_FLOAT = re.compile(rb"[+-]?(?:[0-9]*\.[0-9]+|[0-9]+\.|[0-9]+)(?:[Ee][+-]?[0-9]+)?")
_TOLERANCES = {
    "float_tolerance": ("relative", "absolute"),
    "float_relative_tolerance": ("relative",),
    "float_absolute_tolerance": ("absolute",),
}


class FlagFault(ValueError):
    """The default validator does not take these flags. The message names the flag."""


@dataclass(frozen=True, slots=True)
class TokenRules:
    """The flags of the default validator. A tolerance of ``None`` is not set."""

    case_sensitive: bool = False
    space_sensitive: bool = False
    relative: float | None = None
    absolute: float | None = None

    @property
    def has_floats(self) -> bool:
        return self.relative is not None or self.absolute is not None

    @classmethod
    def from_flags(cls, flags: Sequence[str]) -> TokenRules:
        """Read validator flags. Raises ``FlagFault`` for an unknown flag, a missing or invalid number, or a
        tolerance that is set twice."""
        rules, words = cls(), iter(flags)
        for word in words:
            if word == "case_sensitive":
                rules = replace(rules, case_sensitive=True)
            elif word == "space_change_sensitive":
                rules = replace(rules, space_sensitive=True)
            elif word in _TOLERANCES:
                rules = _with_tolerance(rules, word, next(words, ""))
            else:
                raise FlagFault(f"the default validator has no flag {word[:80]!r}")
        return rules


def _with_tolerance(rules: TokenRules, flag: str, text: str) -> TokenRules:
    value = parse_float(text.encode())
    if value is None or value < 0:
        raise FlagFault(f"{flag} needs a number that is not negative, not {text[:80]!r}")
    if any(getattr(rules, name) is not None for name in _TOLERANCES[flag]):
        raise FlagFault(f"{flag} sets a tolerance that is set already")
    return replace(
        rules,
        relative=value if "relative" in _TOLERANCES[flag] else rules.relative,
        absolute=value if "absolute" in _TOLERANCES[flag] else rules.absolute,
    )


def parse_float(token: bytes) -> float | None:
    """The number in a token by the format's grammar. ``None`` if it is no number, or infinite."""
    if not _FLOAT.fullmatch(token):
        return None
    value = float(token)
    return None if value in (float("inf"), float("-inf")) else value
