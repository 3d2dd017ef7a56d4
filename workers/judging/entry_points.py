"""Chooses the class that starts a program on the JVM, by the compiled class files and not by the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from judge_core.model.language import Language
from workers.judging.class_files import MainMethod, main_methods
from workers.judging.sources import SourceBundle

_RULE = "class files 1"
"""The version of the rule, which the compile cache compares: another rule may choose another class."""
_NAME = re.compile(r"(?:[^\W\d]|\$)[\w$]*(?:\.(?:[^\W\d]|\$)[\w$]*)*")
_NO_MAIN = "The program compiles, but it has no main method, so there is nothing to start."


class NoEntryPoint(ValueError):
    """No class has a main method; the message is for the author."""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """The class to start, and a note for the author when there was a choice."""

    class_name: str
    note: str = ""


def starts_class(language: Language) -> bool:
    """Whether a program in this language is started by the name of a class."""
    return any("{class}" in word for word in language.run)


def entry_wish(language: Language, bundle: SourceBundle) -> str:
    """Everything but the compiled files that decides the choice, for the compile cache; empty without one."""
    return f"{_RULE}:{bundle.main}:{bundle.entrypoint}" if starts_class(language) else ""


def find_entry_point(language: Language, bundle: SourceBundle, compiled: Path) -> EntryPoint:
    """The class to start, of all that have a main method. Raises NoEntryPoint. It is the one that was asked
    for by name, else one of the main file, else a public one, else the first in the source.
    """
    found = [main for main in main_methods(compiled) if _NAME.fullmatch(main.class_name)]
    if not found:
        raise NoEntryPoint(f"{_NO_MAIN} {language.main_hint}".strip())
    first, *rest = [main.class_name for main in sorted(found, key=lambda main: _order(main, bundle))]
    others = ", ".join(rest[:5])
    return EntryPoint(
        first, f"Several classes have a main method: {first} is started, not {others}." if others else ""
    )


def _order(main: MainMethod, bundle: SourceBundle) -> tuple[bool, bool, bool, bool, str, int, str]:
    return (
        bundle.entrypoint not in (main.class_name, main.class_name.rpartition(".")[2]),
        main.source != PurePosixPath(bundle.main).name,
        not main.is_public,
        main.is_nested,
        main.source,
        main.line,
        main.class_name,
    )
