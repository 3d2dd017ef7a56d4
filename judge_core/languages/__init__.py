"""The known languages, read from one TOML file each.

The files do not say whether a language works on a host. Each worker asks each toolchain for its version in a
sandbox, and reports the answers when it registers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from judge_core.languages.reader import BrokenLanguage, read_language
from judge_core.model.language import Language

__all__ = [
    "BrokenLanguage",
    "UnknownLanguage",
    "find_language",
    "guess_language",
    "languages_named",
    "load_languages",
    "parse_offered",
    "read_language",
    "read_own_languages",
    "use_own_languages",
]
FOLDER = Path(__file__).parent


@dataclass(slots=True)
class _OwnFolder:
    """The operator's folder of languages, set once when a process starts."""

    path: Path | None = None


_own = _OwnFolder()


def use_own_languages(folder: Path | None) -> None:
    """Add the languages of this folder to the catalog of this process; ``None`` adds none.

    A language with the id of a built-in one replaces it. If ``BrokenLanguage`` is raised, nothing is changed.
    """
    _load(FOLDER, folder)
    _own.path = folder
    languages_named.cache_clear()


def read_own_languages(folder: Path) -> dict[str, Language]:
    """The languages of an operator's folder by id, without adding them to the catalog. Raises
    ``BrokenLanguage``."""
    _load(FOLDER, folder)
    return _read_own(folder)


class UnknownLanguage(ValueError):
    """A list of languages names one that Gavel does not know. The message suggests others."""


def parse_offered(text: str, own: Path | None = None) -> frozenset[str]:
    """The ids of a list such as ``python3,cpp20``, from the catalog or the operator's folder.

    Empty means every language. Raises ``UnknownLanguage``, or ``BrokenLanguage`` for a fault in the folder.
    """
    wanted = frozenset(each.strip() for each in text.split(",") if each.strip())
    known = _load(FOLDER, own)
    for id in sorted(wanted - known.keys()):
        near = get_close_matches(id, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(sorted(known))}"
        raise UnknownLanguage(f"no language {id!r}; {hint}")
    return wanted


def load_languages() -> dict[str, Language]:
    """Every language of the catalog and of the operator's folder, by id. Of several languages with the same
    extension, the most likely one is first."""
    return dict(_load(FOLDER, _own.path))


@lru_cache(maxsize=4)
def _load(folder: Path, own: Path | None) -> Mapping[str, Language]:
    languages = {**_read_folder(folder), **(_read_own(own) if own is not None else {})}
    found = sorted(languages.values(), key=lambda language: (-language.rank, language.id))
    _refuse_double_names(found, own)
    return {language.id: language for language in found}


def _read_folder(folder: Path) -> dict[str, Language]:
    return {each.id: each for each in (read_language(path) for path in sorted(folder.glob("*.toml")))}


def _read_own(folder: Path) -> dict[str, Language]:
    if not folder.is_dir():
        raise BrokenLanguage(f"{folder} is not a folder")
    found = _read_folder(folder)
    for path in sorted(folder.glob("*.toml")):
        if path.stem not in found:
            raise BrokenLanguage(f"{path.name}: id must be {path.stem!r}, as the file is named")
    return found


def _refuse_double_names(languages: Iterable[Language], own: Path | None) -> None:
    """Refuse a name that two languages share. If the operator's file has the name, the message names that
    file."""
    seen: dict[str, str] = {}
    for language in languages:
        for name in (language.id, *language.aliases):
            if name in seen:
                one, other = sorted(
                    (language.id, seen[name]), key=lambda id: not (own and (own / f"{id}.toml").is_file())
                )
                raise BrokenLanguage(
                    f"{one}.toml: the name {name} already means {other}; take it out of id and aliases"
                )
            seen[name] = language.id


def find_language(name: str, languages: Mapping[str, Language] | None = None) -> Language | None:
    """The language that has this id or alias, in upper or lower case; ``None`` if there is none."""
    known = languages if languages is not None else load_languages()
    wanted = name.strip().lower()
    if wanted in known:
        return known[wanted]
    return next((each for each in known.values() if wanted in each.aliases), None)


_FAMILIES = {
    **dict.fromkeys(("c++", "cxx", "g++"), "cpp"),
    **dict.fromkeys(("py", "py3", "python"), "python3"),
    "gcc": "c",
}
_CPP_STANDARD = re.compile(r"(?:c|g|gnu|std=c|std=gnu)(?:\+\+|pp|xx)-?\d\w?\w?")
_C_STANDARD = re.compile(r"(?:c|gnu)-?\d\d\w?")
_DOMJUDGE_NAMES = {"f95": "fortran", "adb": "ada", "erl": "erlang"}


@lru_cache(maxsize=1024)
def languages_named(name: str) -> tuple[str, ...]:
    """The ids of all languages that a package means by a name of Gavel, Kattis, DOMjudge or a standard.

    ``cpp`` and ``c++14`` mean every C++, ``c++17`` only the C++ of that standard, and ``pypy`` only PyPy.
    """
    wanted, known = name.strip().lower(), load_languages().values()
    wanted = _DOMJUDGE_NAMES.get(wanted, wanted)
    family = _FAMILIES.get(wanted, wanted)
    found = [each.id for each in known if each.kattis_id == family]
    found = found or [each.id for each in known if wanted in (each.id, *each.aliases)]
    for pattern, code in ((_CPP_STANDARD, "cpp"), (_C_STANDARD, "c")):
        if not found and pattern.fullmatch(wanted):
            found = [each.id for each in known if each.kattis_id == code]
    return tuple(found)


def guess_language(file_name: str, languages: Mapping[str, Language] | None = None) -> Language | None:
    """The language that a file's extension means. Of several languages, the one with the greatest rank."""
    known = languages if languages is not None else load_languages()
    suffix = Path(file_name).suffix
    ranked = sorted(known.values(), key=lambda language: -language.rank)
    exact = next((each for each in ranked if suffix in each.extensions), None)
    return exact or next((each for each in ranked if suffix.lower() in each.extensions), None)
