"""Makes file names for programs of which another judge gives only the language."""

from __future__ import annotations

import re

from judge_core.languages import find_language, languages_named, load_languages

_NAMES = {
    "c": ".c", "gcc": ".c", "cc": ".cpp", "c++": ".cpp", "g++": ".cpp", "gxx": ".cpp", "cpp": ".cpp",
    "python": ".py", "python2": "", "python3": ".py", "pypy2": "", "pypy3": ".py", "java": ".java",
    "golang": ".go", "go": ".go", "c#": ".cs", "csharp": ".cs", "javascript": ".js", "javascriptnode": ".js",
    "pascal": ".pas", "php": ".php", "ruby": ".rb", "rust": ".rs", "bash": ".sh",
    "lua": ".lua", "perl": ".pl",
}  # fmt: skip


def file_name(stem: str, language: str) -> str | None:
    """``stem`` with the file ending of a language. ``language`` may be any judge's name for it. ``None`` if
    the language is unknown."""
    plain = re.sub(r"\swith\s.*|\(.*?\)|\s+|^gnu\s", "", language.strip().lower()[:50])
    plain = re.sub(r"^(c\+\+|g\+\+|cpp|python3|c)[-_.]?\d[\w.]*$", r"\1", plain)
    if plain in _NAMES:
        return stem + _NAMES[plain] if _NAMES[plain] else None
    found = languages_named(plain)
    known = find_language(plain) or (load_languages()[found[0]] if found else None)
    return stem + known.extensions[0] if known and known.extensions else None
