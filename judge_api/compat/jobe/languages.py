"""Jobe's names of languages, and the compiler's arguments that it uses by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from judge_core.model.language import OfferedLanguage

NAMES: Mapping[str, str] = {
    "c": "c17",
    "cpp": "cpp17",
    "java": "java",
    "nodejs": "javascript",
    "octave": "octave",
    "pascal": "pascal",
    "php": "php",
    "python3": "python3",
}
"""Jobe's own names of languages. All other available languages are listed by Gavel's id."""
DEFAULT_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "c17": ("-Wall", "-Werror", "-std=c99"),
    "cpp17": ("-Wall", "-Werror"),
}
REFUSES_WARNINGS = frozenset(("c17", "cpp17", "java", "python3"))
"""In these languages, any output of the compiler makes the result a compilation error, as in Jobe."""


def listed(offered: Iterable[OfferedLanguage]) -> list[list[str]]:
    """The answer of ``/languages``: the name and version of each language."""
    versions = {each.language.id: each.version or "Unknown" for each in offered if each.available}
    named = [[name, versions[id]] for name, id in NAMES.items() if id in versions]
    own = [[id, version] for id, version in versions.items() if id not in NAMES.values()]
    return named + own


def language_id(name: str, offered: Iterable[OfferedLanguage]) -> str | None:
    """Gavel's id of a language that ``/languages`` lists. Case is ignored."""
    available = {each.language.id for each in offered if each.available}
    id = NAMES.get(name.lower(), name.lower())
    return id if id in available else None
