"""Prepares texts of packages and programs for the library rich. Only commands that print by rich import this
module."""

from __future__ import annotations

from rich.markup import escape

from judge_core.terminal_text import written_out


def visible(text: str) -> str:
    """The text for rich, without markup and with its control characters written out."""
    return escape(written_out(text))
