"""Parts of request bodies: bytes as text or base64, and a program of one file or several."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any


def bytes_field(name: str, value: str | bytes) -> dict[str, str]:
    """A field of a body. The value is base64 if it is no UTF-8 or contains NUL, else a text."""
    content = value.encode() if isinstance(value, str) else value
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        return {f"{name}_base64": base64.b64encode(content).decode()}
    return {name: text}


def program_fields(
    source: str, files: Mapping[str, str | bytes] | None, entry_point: str | None
) -> dict[str, Any]:
    """``source``, or ``files`` with their entry point."""
    if files is None:
        return {"source": source}
    listed = [{"name": name, **bytes_field("content", content)} for name, content in files.items()]
    return {"files": listed, **({"entry_point": entry_point} if entry_point else {})}
