"""Reads and checks one language file. Each message names the file, the key and the fix."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from judge_core.model.language import Language, SelfTest

_FIELD_OF_KEY = {"needs": "seccomp_profile", "compile_needs": "compile_seccomp_profile"}
"""Keys of the published file format whose field has another name."""
_SELF_TEST = ("source", "stdin", "stdout")
_PLACEHOLDERS = (
    "sources", "main", "src", "main_folder", "package", "out", "program", "stem", "memory_mb", "linker",
    "node_types", "class",
)  # fmt: skip
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "processes": (1, 1024),
    "compile_processes": (1, 1024),
    "memory_overhead_mb": (0, 16_384),
    "compile_memory_mb": (16, 65_536),
    "compile_seconds": (1, 300),
    "time_factor": (0.1, 100),
    "rank": (0, 1_000_000),
}
_ID = re.compile(r"[a-z0-9][a-z0-9._+-]{0,47}")
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text in quotes",
    "str | None": "a text in quotes",
    "tuple[str, ...]": 'a list of texts, such as ["gcc", "-O2"]',
}


class BrokenLanguage(Exception):
    """A language file is not valid. The message names the file, the key and the fix."""


def read_language(path: Path) -> Language:
    """One language from its file. Raises ``BrokenLanguage``."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenLanguage(f"{path.name}: {error}") from error
    self_test = data.pop("self_test", None)
    if not _are_texts(self_test) or set(self_test) != set(_SELF_TEST):
        raise BrokenLanguage(f"{path.name}: [self_test] needs exactly source, stdin and stdout, all texts")
    environment = data.pop("environment", {})
    if not _are_texts(environment):
        raise BrokenLanguage(f'{path.name}: [environment] must hold texts, such as LANG = "C.UTF-8"')
    _check_keys(path.name, data)
    values: dict[str, Any] = {
        _FIELD_OF_KEY.get(key, key): tuple(value) if isinstance(value, list) else value
        for key, value in data.items()
    }
    pairs = tuple(sorted(environment.items()))
    language = Language(**values, environment=pairs, self_test=SelfTest(**self_test))
    for fault in _faults(language):
        raise BrokenLanguage(f"{path.name}: {fault}")
    return language


def _are_texts(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) for value in table.values())


def _check_keys(name: str, data: Mapping[str, object]) -> None:
    known = _known_keys()
    for key in sorted(set(data) - set(known)):
        similar = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {similar[0]}?" if similar else f"the known keys are {', '.join(sorted(known))}"
        raise BrokenLanguage(f"{name}: unknown key {key}; {hint}")
    missing = {key for key, field in known.items() if field.default is MISSING} - set(data)
    if missing:
        raise BrokenLanguage(f"{name}: missing key {', '.join(sorted(missing))}")
    for key, value in data.items():
        annotation = str(known[key].type)
        if not _fits(annotation, value):
            raise BrokenLanguage(f"{name}: {key} must be {_KINDS[annotation]}, not {value!r}")


def _known_keys() -> dict[str, Field[Any]]:
    key_of_field = {field: key for key, field in _FIELD_OF_KEY.items()}
    tables = {"self_test", "environment"}
    return {key_of_field.get(f.name, f.name): f for f in fields(Language) if f.name not in tables}


def _fits(annotation: str, value: object) -> bool:
    if annotation.startswith("tuple"):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(value, bool):
        return annotation == "bool"
    kinds: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "bool": bool}
    return isinstance(value, kinds.get(annotation, str))


def _faults(language: Language) -> Iterable[str]:
    if not _ID.fullmatch(language.id):
        yield f"id = {language.id!r} must be small letters, digits and . _ + -, at most 48"
    for alias in language.aliases:
        if alias != alias.strip().lower() or not alias:
            yield f"aliases: {alias!r} must be in small letters"
    for extension in language.extensions:
        if not extension.startswith(".") or "/" in extension:
            yield f"extensions: {extension!r} must begin with a dot"
    for key in ("source_name", "main_name"):
        if "/" in getattr(language, key):
            yield f"{key} must be a file's name without folders"
    if not language.source_name:
        yield "source_name must not be empty"
    for key, (least, most) in _BOUNDS.items():
        if not least <= getattr(language, key) <= most:
            yield f"{key} must be from {least:g} to {most:g}"
    yield from _command_faults(language)


def _command_faults(language: Language) -> Iterable[str]:
    for key in ("version_command", "run"):
        if not getattr(language, key):
            yield f"{key} must name a program"
    for key in ("version_command", "compile", "run"):
        for word in getattr(language, key):
            if re.fullmatch(r"\{\w*\}", word) and word[1:-1] not in _PLACEHOLDERS:
                known = ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
                yield f"{key}: {word} is not known; the worker fills in {known}"
