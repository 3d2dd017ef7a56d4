"""The commit that a result was measured on."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_CODE = ("judge_api", "judge_core", "workers", "sandbox")


@cache
def current_commit() -> str:
    """The commit of this tree, with ``+`` if its code was changed since. Empty outside of git."""
    try:
        head = _git("rev-parse", "--short=10", "HEAD").strip()
        return head + ("+" if _git("status", "--porcelain", "--", *_CODE) else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    return subprocess.run(
        ("git", *arguments), cwd=_ROOT, check=True, capture_output=True, text=True, timeout=60
    ).stdout
