"""The known languages, read from one TOML file each.

Whether a language works is not known here: each worker tests it in a sandbox and reports it when it
registers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from judge_core.model.language import Language, SelfTest

FOLDER = Path(__file__).parent
_FIELD_OF_KEY = {"needs": "seccomp_profile", "compile_needs": "compile_seccomp_profile"}
"""Keys of the published file format whose field has another name."""


class BrokenLanguage(Exception):
    """A language file is not valid; the message names the file and the key."""


def load_languages(folder: Path = FOLDER) -> dict[str, Language]:
    """Every language of the catalog by id, the likeliest meaning of an extension first."""
    return dict(_load(folder))


@lru_cache(maxsize=4)
def _load(folder: Path) -> Mapping[str, Language]:
    found = [read_language(path) for path in sorted(folder.glob("*.toml"))]
    found.sort(key=lambda language: (-language.rank, language.id))
    _refuse_double_names(found)
    return {language.id: language for language in found}


def read_language(path: Path) -> Language:
    """One language from its file; BrokenLanguage names the key that is missing, unknown or mistyped."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenLanguage(f"{path.name}: {error}") from error
    self_test = data.pop("self_test", None)
    if not isinstance(self_test, dict) or set(self_test) != {"source", "stdin", "stdout"}:
        raise BrokenLanguage(f"{path.name}: [self_test] needs exactly source, stdin and stdout")
    environment = tuple(sorted(data.pop("environment", {}).items()))
    _check_keys(path.name, data)
    values: dict[str, Any] = {
        _FIELD_OF_KEY.get(key, key): tuple(value) if isinstance(value, list) else value
        for key, value in data.items()
    }
    return Language(**values, environment=environment, self_test=SelfTest(**self_test))


def _check_keys(name: str, data: dict[str, Any]) -> None:
    key_of_field = {field: key for key, field in _FIELD_OF_KEY.items()}
    known = {key_of_field.get(f.name, f.name): f for f in fields(Language)}
    missing = {n for n, f in known.items() if f.default is MISSING} - {"self_test"} - set(data)
    for problem, keys in (("unknown", set(data) - set(known)), ("missing", missing)):
        if keys:
            raise BrokenLanguage(f"{name}: {problem} key {', '.join(sorted(keys))}")
    for key, value in data.items():
        if not _fits(str(known[key].type), value):
            raise BrokenLanguage(f"{name}: {key} must be {known[key].type}, not {value!r}")


def _fits(annotation: str, value: object) -> bool:
    if annotation.startswith("tuple"):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    kinds: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "bool": bool}
    return isinstance(value, kinds.get(annotation, str))


def _refuse_double_names(languages: Iterable[Language]) -> None:
    seen: dict[str, str] = {}
    for language in languages:
        for name in (language.id, *language.aliases):
            if name in seen:
                raise BrokenLanguage(f"{language.id}: the name {name} already means {seen[name]}")
            seen[name] = language.id


def find_language(name: str, languages: Mapping[str, Language] | None = None) -> Language | None:
    """The language that a person means by an id or an alias, in any case; ``None`` when there is none."""
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
    """The ids of all languages that a package means by a name: ours, Kattis', DOMjudge's, or a standard's.

    ``cpp`` and ``c++14`` mean every C++, ``c++17`` the one of that standard, ``pypy`` PyPy alone.
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
    """The language that a file's extension means; of several the one with the greatest rank."""
    known = languages if languages is not None else load_languages()
    suffix = Path(file_name).suffix
    ranked = sorted(known.values(), key=lambda language: -language.rank)
    exact = next((each for each in ranked if suffix in each.extensions), None)
    return exact or next((each for each in ranked if suffix.lower() in each.extensions), None)
