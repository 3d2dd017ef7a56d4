"""Converts between LeetCode's ids and Gavel's: languages, question numbers and run ids."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from judge_core.model.submission import Kind, Status

_OURS: Mapping[str, str] = {
    "golang": "go",
    "python": "python3",
    "pythondata": "python3",
    "cpp": "cpp20",
    "c": "c17",
}
_THEIRS: Mapping[str, tuple[str, str]] = {
    "bash": ("bash", "Bash"),
    "c17": ("c", "C"),
    "c17-clang": ("c", "C"),
    "cpp17": ("cpp", "C++"),
    "cpp20": ("cpp", "C++"),
    "cpp20-clang": ("cpp", "C++"),
    "cpp23": ("cpp", "C++"),
    "csharp": ("csharp", "C#"),
    "elixir": ("elixir", "Elixir"),
    "erlang": ("erlang", "Erlang"),
    "go": ("golang", "Go"),
    "java": ("java", "Java"),
    "javascript": ("javascript", "JavaScript"),
    "kotlin": ("kotlin", "Kotlin"),
    "php": ("php", "PHP"),
    "pypy3": ("python3", "Python3"),
    "python3": ("python3", "Python3"),
    "python3-scientific": ("python3", "Python3"),
    "racket": ("racket", "Racket"),
    "ruby": ("ruby", "Ruby"),
    "rust": ("rust", "Rust"),
    "scala": ("scala", "Scala"),
    "swift": ("swift", "Swift"),
    "typescript": ("typescript", "TypeScript"),
}
RUN = "runcode_"
EXPECTED = "runcode_expected_"


def our_language(lang: str) -> str:
    """Gavel's id of LeetCode's language. A name that LeetCode does not have is returned unchanged."""
    return _OURS.get(lang, lang)


def their_language(language: str) -> tuple[str, str]:
    """LeetCode's id of a language, and its display name."""
    return _THEIRS.get(language, (language, language))


def question_id(slug: str | None) -> int:
    """A number for a problem. It is always the same for a slug, and fits into 32 bits, which clients use."""
    digest = hashlib.sha256((slug or "").encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def interpret_id(status: Status, prefix: str = RUN) -> str:
    """The id of a run. Clients look for ``runcode`` in it. Its last part is the serial number."""
    return f"{prefix}{status.submitted_at.timestamp():.3f}_{status.serial}"


def serial_in(id: str) -> int | None:
    """The serial number in the id of a submission or run."""
    last = id.rpartition("_")[2] if id.startswith(RUN) else id
    return int(last) if last.isascii() and last.isdigit() and len(last) < 19 else None


def displayed_id(status: Status) -> str:
    """The id that ``/check`` returns. It is always a text."""
    return interpret_id(status) if status.kind is Kind.RUN else str(status.serial)
