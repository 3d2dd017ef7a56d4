"""Writes control characters out, so that an untrusted text cannot control the reader's terminal."""

from __future__ import annotations

_NOT_SHOWN = (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_VISIBLE = {code: ascii(chr(code))[1:-1] for code in (*_NOT_SHOWN, *range(0xD800, 0xE000))}
"""Control characters, characters that change the direction of text, and halves of surrogate pairs, each with
the text that is printed instead. Line breaks and tabs stay."""


def written_out(text: str) -> str:
    """The text with its control characters written out, such as ``\\x1b``."""
    return text.translate(_VISIBLE)
