"""A call of the API in curl, Python and JavaScript, for the page of its documentation."""

from __future__ import annotations

import json
import re
from typing import Any

_JSON = "application/json"
_PARAMETER = re.compile(r"\{(\w+)\}")


def call_examples(method: str, path: str, body: Any, needs_key: bool) -> tuple[tuple[str, str], ...]:
    """The same call in three languages. ``GAVEL`` stands for the server's address, ``KEY`` for an API key,
    and a name in capitals for a parameter of the path."""
    path = _PARAMETER.sub(lambda found: found[1].upper(), path)
    return (
        ("curl", _curl(method, path, body, needs_key)),
        ("Python", _python(method, path, body, needs_key)),
        ("JavaScript", _javascript(method, path, body, needs_key)),
    )


def _curl(method: str, path: str, body: Any, needs_key: bool) -> str:
    lines = [f'curl -X {method} "$GAVEL{path}"']
    if needs_key:
        lines.append('-H "Authorization: Bearer $KEY"')
    if body is not None:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False).replace("'", "'\\''")
        lines += [f"-H 'Content-Type: {_JSON}'", f"-d '{text}'"]
    return " \\\n  ".join(lines)


def _python(method: str, path: str, body: Any, needs_key: bool) -> str:
    parts = [f'f"{{GAVEL}}{path}"']
    if needs_key:
        parts.append('headers={"Authorization": f"Bearer {KEY}"}')
    if body is not None:
        parts.append(f"json={body!r}")
    return f"requests.{method.lower()}({', '.join(parts)})"


def _javascript(method: str, path: str, body: Any, needs_key: bool) -> str:
    headers = ['"Authorization": `Bearer ${KEY}`'] if needs_key else []
    if body is not None:
        headers.append(f'"Content-Type": "{_JSON}"')
    shown = ", ".join(headers)
    options = [f'method: "{method}"', *([f"headers: {{ {shown} }}"] if shown else [])]
    if body is not None:
        options.append(f"body: JSON.stringify({json.dumps(body, ensure_ascii=False, allow_nan=False)})")
    return f"await fetch(`${{GAVEL}}{path}`, {{ {', '.join(options)} }})"
