"""Fills the constants of a package into its texts."""

from __future__ import annotations

import re

MOST_CHARACTERS = 16 * 1024 * 1024
CONSTANT = re.compile(r"\{\{([a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)?)\}\}")


def substitute(text: str, constants: dict[str, str]) -> str:
    """Replace ``{{name}}`` by the constant's value. An undefined name stays as it is.

    Raises ``TooLong``, since a short text can name a long constant many times.
    """
    if not constants:
        return text
    longest = MOST_CHARACTERS - len(text)
    for hit in CONSTANT.finditer(text):
        longest -= len(constants.get(hit.group(1), ""))
        if longest < 0:
            raise TooLong(f"is longer than {MOST_CHARACTERS} characters with its constants")
    return CONSTANT.sub(lambda hit: constants.get(hit.group(1), hit.group(0)), text)


class TooLong(ValueError):
    """A text with its constants filled in is too long."""
