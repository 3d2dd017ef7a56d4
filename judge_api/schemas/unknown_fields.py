"""Explains why a request body was refused. It names each wrong field, and for an unknown field the nearest
known name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from judge_api.schemas.plain_faults import plain_fault
from judge_api.schemas.requests import Body
from judge_core.model.errors import UNKNOWN_FIELD, FieldFault

_EXTRA = "extra_forbidden"
_LONGEST_NAME = 64
_MOST_FAULTS = 50
"""The largest number of wrong fields in one answer. A body may have thousands of unknown fields."""
_OTHER_JUDGES_NAMES = {
    "additional_files": "archive",
    "args": "arguments",
    "code": "source",
    "command_line_arguments": "arguments",
    "compiler_options": "compiler_arguments",
    "expected": "expected_output",
    "input": "stdin",
    "lang": "language",
    "language_id": "language",
    "main": "entry_point",
    "output": "expected_output",
    "question_id": "problem",
    "slug": "problem",
    "source_code": "source",
    "typed_code": "source",
    "zip": "archive",
}
"""Field names that clients of other judges use, with the names of the same fields here."""


def faults_of(error: ValidationError) -> tuple[FieldFault, ...]:
    """The wrong fields of a body that one of the request models refused. Each is named by its place in the
    body."""
    model = next((each for each in _models_below(Body) if each.__name__ == error.title), Body)
    faults = islice(error.errors(), _MOST_FAULTS)
    return tuple(_fault(each, model) for each in faults)


def _fault(found: ErrorDetails, model: type[BaseModel]) -> FieldFault:
    kind, place = found["type"], found["loc"]
    field = ".".join(str(part)[:_LONGEST_NAME] for part in place) or "body"
    if kind != _EXTRA:
        return plain_fault(field, kind, found.get("ctx", {}), found["msg"])
    return FieldFault(field, unknown_name(str(place[-1]), _known_names(model, place[:-1])), UNKNOWN_FIELD)


def unknown_name(name: str, known: Iterable[str]) -> str:
    """The message for an unknown field. It names the nearest known field, or else all known fields."""
    names = list(known)
    near = _nearest(name[:_LONGEST_NAME], names)
    hint = f"did you mean {near}?" if near else f"the known fields are {', '.join(names) or 'none'}"
    return f"is not known here; {hint}"


def _nearest(name: str, names: list[str]) -> str | None:
    if (meant := _OTHER_JUDGES_NAMES.get(name.lower())) in names:
        return meant
    close = difflib.get_close_matches(name.lower(), names, n=1)
    return close[0] if close else None


def _models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _models_below(each)


def _known_names(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The fields of the object at this place in the body."""
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models_in(model.model_fields[part].annotation), model)
    return list(model.model_fields)


def _models_in(kind: Any) -> Iterator[type[BaseModel]]:
    """The models in a field's type, such as the model of a list's items."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in get_args(kind):
        yield from _models_in(inner)
