"""The source files of a submission, or of a package's own submission, as the compiler gets them: with names,
a main file and the package's driver.

A program on the JVM is started by the name of a class. This class is chosen by the compiled class files and
not by the source.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from judge_core.languages import guess_language, languages_named
from judge_core.model.language import Language
from judge_core.packages import Package, Program
from workers.judging.class_files import MainMethod, main_methods

_COMMENTS_AND_STRINGS = re.compile(
    r"//[^\n]*"
    r"|/\*.*?(?:\*/|\Z)"
    r'|"""(?:\\.|[^\\])*?(?:"""|\\?\Z)'
    r'|"(?:\\.|[^"\\\n])*"?'
    r"|'(?:\\[^\n][^'\n]{0,8}|[^'\\\n])'",
    re.DOTALL,
)
"""Java's comments and strings. No alternative backtracks, so no source takes more than linear time."""
_UNICODE_ESCAPE = re.compile(r"\\(?:\\|u+([0-9a-fA-F]{4}))")
_BRACES_AND_ENDS = re.compile(r"[{};]")
_TYPE = re.compile(r"(?<![.\w$])(?:class|interface|enum|record)\s+([\w$]+)")
_PUBLIC = re.compile(r"\bpublic\b")
_MAIN = re.compile(r"(?<![.\w$])void\s+main\s*\(")
_QUOTED_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_LONGEST_NAME = 200
"""Linux' usual file systems allow names of 255 bytes, and a class's file has a longer ending."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One source file. An empty ``name`` means the name by the language's convention."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SourceBundle:
    """All files of a program. ``units`` are the files that the compiler gets, and ``main`` is the file that
    is started. ``entrypoint`` is the file or class that the request names."""

    files: tuple[SourceFile, ...]
    units: tuple[str, ...]
    main: str
    entrypoint: str = ""


def make_bundle(
    language: Language,
    files: Iterable[SourceFile],
    driver: Iterable[SourceFile] = (),
    entrypoint: str = "",
) -> SourceBundle:
    """The program that consists of a submission's files and the problem's own files for this language (the
    driver).

    ``entrypoint`` names the file to start if there are several, or the class in it. A file of the driver
    replaces the submission's file of the same name. A file that another file includes is no unit, so a driver
    in C++ can include the class that the submitter wrote.
    """
    named = {file.name or _conventional_name(language, file.content): file.content for file in files}
    own = {file.name: file.content for file in driver}
    together = {**named, **own}
    if len(together) == 1:
        [(name, content)] = together.items()
        return SourceBundle((SourceFile(name, content),), (name,), name, entrypoint)
    units = tuple(sorted(name for name in together if _is_unit(language, name, together)))
    choice = units or tuple(sorted(together))
    main = _named_entry(entrypoint, choice) or _entry(language, choice, own)
    return SourceBundle(
        files=tuple(SourceFile(name, content) for name, content in sorted(together.items())),
        units=units or (main,),
        main=main,
        entrypoint=entrypoint,
    )


def not_a_text(bundle: SourceBundle) -> str | None:
    """The reason why a source file is no text, which is a NUL byte in it. ``None`` if all files are texts."""
    for file in bundle.files:
        if file.name in (*bundle.units, bundle.main) and b"\0" in file.content:
            line = file.content.count(b"\n", 0, file.content.index(b"\0")) + 1
            where = f"{file.name}:{line}: the file holds a NUL byte."
            return f"{where} Files that are saved as UTF-16 have NUL bytes. Save the file as UTF-8."
    return None


def _named_entry(entrypoint: str, names: Iterable[str]) -> str | None:
    wanted = {entrypoint, entrypoint.rsplit(".", 1)[-1]}
    exact = next((name for name in names if name == entrypoint), None)
    return exact or next((name for name in names if PurePosixPath(name).stem in wanted), None)


def _conventional_name(language: Language, content: bytes) -> str:
    """The name for a file without a name. In Java it must be the name of the public type. Other languages
    accept any name."""
    if language.id != "java":
        return language.source_name
    parts = list(_outer_parts(_without_comments_and_strings(content)))
    types = list(_outer_types(parts))
    if _is_compact(parts):
        return _name_of_no_type(language, {name for name, _ in types})
    public = [name for name, is_public in types if is_public]
    name = f"{(public or [types[0][0]])[0]}.java" if types else language.source_name
    return name if len(name.encode()) <= _LONGEST_NAME else language.source_name


def _is_compact(parts: Iterable[str]) -> bool:
    """Whether a main method is outside of every type, as Java 25 allows. The file then is a class of its own
    (a compact source file), and its types are members of that class."""
    return any(_MAIN.search(part) is not None and _TYPE.search(part) is None for part in parts)


def _name_of_no_type(language: Language, types: Collection[str]) -> str:
    """The name of a compact source file. Its class has that name, which no type in it may have."""
    stem = language.source_name.removesuffix(".java")
    while stem in types:
        stem += "_"
    return f"{stem}.java"


def _outer_parts(text: str) -> Iterator[str]:
    """The parts of a Java file outside of all braces, cut at braces and semicolons."""
    depth = start = 0
    for hit in (*_BRACES_AND_ENDS.finditer(text), None):
        if depth == 0:
            yield text[start : hit.start() if hit else len(text)]
        start = hit.end() if hit else len(text)
        mark = hit.group() if hit else ""
        depth = max(0, depth + (mark == "{") - (mark == "}"))


def _outer_types(parts: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The names of the outermost types of a Java file, in order, and whether each is public."""
    for part in parts:
        if named := _TYPE.search(part):
            yield named.group(1), _PUBLIC.search(part, 0, named.start()) is not None


def _without_comments_and_strings(content: bytes) -> str:
    """The text of a Java file without comments and without the content of strings. As in Java, Unicode
    escapes are replaced first."""
    text = content.decode("utf-8", errors="replace")
    text = _UNICODE_ESCAPE.sub(lambda hit: chr(int(hit[1], 16)) if hit[1] else hit[0], text)
    return _COMMENTS_AND_STRINGS.sub(lambda hit: '""' if hit.group(0)[0] in "\"'" else " ", text)


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
    """The file to start: a driver with the name of the language's main file, else the only file, else
    ``main.*``, else the first file by name. Files in a folder come after the files beside the folder.

    Other files of the problem's driver are started only if the submission has none.
    """
    if language.main_name in driver:
        return language.main_name
    units = tuple(name for name in units if name not in driver) or units
    if len(units) == 1:
        return units[0]
    units = tuple(sorted(units, key=lambda name: (name.count("/"), name)))
    named = [name for name in units if PurePosixPath(name).stem.lower() in ("main", "__main__")]
    return named[0] if named else units[0]


_PYTHON_2 = re.compile(rb"#!.*python2")


def included_files(package: Package, language: Language) -> tuple[SourceFile, ...]:
    """The files that a package adds to every submission in a language, with its constants filled in."""
    root = package.include_folder(language.id)
    paths: Iterable[Path] = sorted(path for path in root.rglob("*") if path.is_file()) if root else ()
    return tuple(
        SourceFile(path.relative_to(root).as_posix(), package.source(path)) for path in paths if root
    )


def main_language(program: Program, languages: Mapping[str, Language], named: str = "") -> Language | None:
    """The named language, else the language of most files. If two languages have equally many, it is the one
    with the higher rank."""
    if named:
        matching = [each for each in languages.values() if each.id in languages_named(named)]
        return max(matching, key=lambda language: language.rank, default=None)
    files = [path for path in program.files if not _is_of_python_2(path)]
    found = [language for path in files if (language := guess_language(path.name, languages))]
    ranked = sorted(found, key=lambda language: (-found.count(language), -language.rank))
    return ranked[0] if ranked else None


def _is_of_python_2(path: Path) -> bool:
    """Whether the first line says that the file is in Python 2, as the format describes. The catalog has no
    Python 2."""
    if path.suffix != ".py":
        return False
    with path.open("rb") as file:
        return _PYTHON_2.match(file.readline(200)) is not None


def bundled_files(package: Package, program: Program, language: Language) -> tuple[SourceFile, ...]:
    """The files of a bundled submission. If there is a driver, a single file gets the name that a
    submission's file would get."""
    root = _root(program)
    driver = {file.name for file in included_files(package, language)}
    if len(program.files) == 1 and language.main_name in driver:
        return (SourceFile("", package.source(program.files[0])),)
    return tuple(
        SourceFile(path.relative_to(root).as_posix(), package.source(path)) for path in program.files
    )


def _root(program: Program) -> Path:
    return program.path if program.path.is_dir() else program.path.parent


_RULE = "class files 1"
"""The version of the rule that chooses a class. It is a part of the compile cache's key, since another rule
may choose another class."""
_NAME = re.compile(r"(?:[^\W\d]|\$)[\w$]*(?:\.(?:[^\W\d]|\$)[\w$]*)*")
_NO_MAIN = "The program compiles, but it has no main method, so there is nothing to start."


class NoEntryPoint(ValueError):
    """No class has a main method. The message is for the submitter."""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """The class to start, and a note for the submitter if there was a choice."""

    class_name: str
    note: str = ""


def starts_class(language: Language) -> bool:
    """Whether a program in this language is started by the name of a class."""
    return any("{class}" in word for word in language.run)


def entry_wish(language: Language, bundle: SourceBundle) -> str:
    """A part of the compile cache's key: what decides which class is started, apart from the compiled files.
    Empty if the language starts no class."""
    return f"{_RULE}:{bundle.main}:{bundle.entrypoint}" if starts_class(language) else ""


def find_entry_point(language: Language, bundle: SourceBundle, compiled: Path) -> EntryPoint:
    """The class to start, among those with a main method. Raises NoEntryPoint if there is none. It is the
    class that the request names, else a class of the main file, else a public class, else a class that is in
    no other class, else the first class in the source."""
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
