"""A submission's source files as the compiler gets them: names, entry point, the problem's driver."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from judge_core.model.language import Language

_BLOCKS = {"java": r'"""(?:\\.|[^\\])*?(?:"""|\\?\Z)'}
_RAW_BLOCK = r'""".*?(?:"{3,}|\Z)'
_COMMENTS_AND_STRINGS = (
    r"//[^\n]*"
    r"|/\*.*?(?:\*/|\Z)"
    r"|%s"
    r'|"(?:\\.|[^"\\\n])*"?'
    r"|'(?:\\[^\n][^'\n]{0,8}|[^'\\\n])'"
)
"""Each ends somewhere wherever it begins, or within a few characters: nothing is looked at twice, whatever an
author writes. Text blocks know escapes in Java alone, and Scala's symbols have one quote only."""
_PUBLIC_TYPE = re.compile(
    r"\bpublic\s+(?:(?:final|abstract|strictfp|sealed)\s+)*(?:class|interface|enum|record)\s+(\w+)"
)
_ANY_TYPE = re.compile(r"\b(?:class|interface|enum|record|object)\s+(\w+)")
_JAVA_MAIN = re.compile(r"\bstatic\s+(?:final\s+)?void\s+main\s*\(|\bdef\s+main\s*\(")
_PACKAGE = re.compile(r"^[^\S\n]*package\s+([\w.]{1,1000})", re.MULTILINE)
_QUOTED_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_LONGEST_NAME = 200
"""No file system takes a name of more than 255 bytes; a class is a file with a longer ending."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file. An empty ``name`` means the name that the language's convention gives."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SourceBundle:
    """All files of a program. ``units`` are those that the compiler is given, ``main`` the entry among
    them."""

    files: tuple[SourceFile, ...]
    units: tuple[str, ...]
    main: str
    main_class: str


def make_bundle(
    language: Language,
    files: Iterable[SourceFile],
    driver: Iterable[SourceFile] = (),
    entrypoint: str = "",
) -> SourceBundle:
    """The program made of a submission and, on top of it, the problem's own files for this language.

    ``entrypoint`` names the file to start with, where there are several, or the class in it. A driver's file
    replaces the submission's of the same name. A file that another one includes is no unit of its own: so
    can a driver in C++ include the class that the author wrote.
    """
    named = {file.name or _conventional_name(language, file.content): file.content for file in files}
    own = {file.name: file.content for file in driver}
    together = {**named, **own}
    if len(together) == 1:
        return _single_file(language, together)
    units = tuple(sorted(name for name in together if _is_unit(language, name, together)))
    choice = units or tuple(sorted(together))
    main = _named_entry(entrypoint, choice) or _entry(language, choice, own)
    return SourceBundle(
        files=tuple(SourceFile(name, content) for name, content in sorted(together.items())),
        units=units or (main,),
        main=main,
        main_class=_entry_class(language, main, together),
    )


def _single_file(language: Language, files: Mapping[str, bytes]) -> SourceBundle:
    """A bundle of one file, the usual submission."""
    [(name, content)] = files.items()
    main_class = _entry_class(language, name, files)
    return SourceBundle((SourceFile(name, content),), (name,), name, main_class)


def _named_entry(entrypoint: str, names: Iterable[str]) -> str | None:
    wanted = {entrypoint, entrypoint.rsplit(".", 1)[-1]}
    exact = next((name for name in names if name == entrypoint), None)
    return exact or next((name for name in names if PurePosixPath(name).stem in wanted), None)


def _conventional_name(language: Language, content: bytes) -> str:
    if language.id != "java":
        return language.source_name
    text = _without_comments_and_strings(language, content)
    hit = _PUBLIC_TYPE.search(text) or _main_type(text) or _ANY_TYPE.search(text)
    name = f"{hit.group(1)}.java" if hit else language.source_name
    return name if len(name.encode()) <= _LONGEST_NAME else language.source_name


def _main_type(text: str) -> re.Match[str] | None:
    """The last type that opens before the first ``main``."""
    main = _JAVA_MAIN.search(text)
    before = list(_ANY_TYPE.finditer(text, 0, main.start())) if main else []
    return before[-1] if before else None


def _without_comments_and_strings(language: Language, content: bytes) -> str:
    """The text with comments and the content of strings removed."""
    text = content.decode("utf-8", errors="replace")
    pattern = _COMMENTS_AND_STRINGS % _BLOCKS.get(language.id, _RAW_BLOCK)
    return re.sub(pattern, lambda hit: '""' if hit.group(0)[0] in "\"'" else " ", text, flags=re.DOTALL)


def _is_unit(language: Language, name: str, files: Mapping[str, bytes]) -> bool:
    return PurePosixPath(name).suffix in language.extensions and not _is_included(name, files)


def _is_included(name: str, files: Mapping[str, bytes]) -> bool:
    wanted = PurePosixPath(name).name.encode()
    return any(
        PurePosixPath(hit.decode("utf-8", errors="replace")).name.encode() == wanted
        for other, content in files.items()
        if other != name
        for hit in _QUOTED_INCLUDE.findall(content)
    )


def _entry(language: Language, units: tuple[str, ...], driver: Mapping[str, bytes]) -> str:
    """A driver named as the language's main file, the only file, ``main.*``, or the first by name.

    Files that a problem puts beside every submission are started only by the first of these rules.
    """
    if language.main_name in driver:
        return language.main_name
    units = tuple(name for name in units if name not in driver) or units
    if len(units) == 1:
        return units[0]
    named = [name for name in units if PurePosixPath(name).stem.lower() in ("main", "__main__")]
    return named[0] if named else units[0]


def _entry_class(language: Language, main: str, files: Mapping[str, bytes]) -> str:
    stem = PurePosixPath(main).stem
    if language.id == "kotlin":
        return _qualified(language, files[main], stem[:1].upper() + stem[1:] + "Kt")
    if language.id not in ("java", "scala"):
        return stem
    hit = _main_type(_without_comments_and_strings(language, files[main]))
    return _qualified(language, files[main], hit.group(1) if hit else stem)


def _qualified(language: Language, content: bytes, name: str) -> str:
    package = _PACKAGE.search(_without_comments_and_strings(language, content))
    return f"{package.group(1)}.{name}" if package else name
