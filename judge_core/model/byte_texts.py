"""Represents bytes in JSON: as a text, and also as base64 if the text alone would lose some of them."""

from __future__ import annotations

import base64
import binascii


def text_and_base64(content: bytes) -> tuple[str, str | None]:
    """A readable text of the bytes, and their base64 if the text alone would lose some of them.

    NUL counts as a loss, since PostgreSQL cannot store it in a text.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("utf-8", errors="replace")
    else:
        if "\x00" not in text:
            return text, None
    return text.replace("\x00", "\ufffd"), base64.b64encode(content).decode()


def bytes_from(text: str | None, encoded: str | None) -> bytes | None:
    """The inverse of :func:`text_and_base64`; ``None`` without a text."""
    if encoded is not None:
        return base64.b64decode(encoded)
    return None if text is None else text.encode()


def is_base64(encoded: str) -> bool:
    """Whether a text is base64 with its padding, as RFC 4648 defines it."""
    try:
        base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
