"""Says in plain words what a request field must be, after a validator has refused its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from judge_core.model.account import NAME_PATTERN
from judge_core.model.errors import FieldFault

Context = Mapping[str, Any]

_KINDS = {
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "json_invalid": "must be JSON",
    "missing": "is missing",
    "timezone_aware": "needs a time zone, such as Z at the end",
}
_PATTERNS = {
    NAME_PATTERN: "must begin with a letter or digit, and have only letters, digits, dots, @, - and _",
    r"^[0-9]{1,18}$": "must be the cursor of the page before",
    "^[0-9a-f]{64}$": "must be a version of the problem: 64 characters from 0 to 9 and a to f",
}
_OF_APIFLASK = {"Not a valid file.": "must be a file"}
"""Replaces the texts of APIFlask's validators. They arrive in the same way as those of Gavel's validators."""
_TIMES = "must be a time, such as 2026-11-29T14:00:00Z"


def _too_short(context: Context) -> str:
    least = context["min_length"]
    return "must not be empty" if least == 1 else f"must have at least {least} characters"


def _too_few(context: Context) -> str:
    least = context["min_length"]
    return "must not be empty" if least == 1 else f"must have at least {least} entries"


def _kind_of(kind: str, context: Context) -> str:
    """The kind by which a fault's text and code are looked up. If a text has a validator of its own, pydantic
    reports its length as that of a ``Value``."""
    is_text = context.get("field_type") == "Value" and kind in ("too_short", "too_long")
    return f"string_{kind}" if is_text else kind


_BOUNDS: dict[str, tuple[str, Callable[[Context], str]]] = {
    "string_too_short": ("min_length", _too_short),
    "string_too_long": ("max_length", lambda bound: f"must have at most {bound['max_length']} characters"),
    "too_short": ("min_length", _too_few),
    "too_long": ("max_length", lambda bound: f"must have at most {bound['max_length']} entries"),
    "greater_than": ("gt", lambda bound: f"must be more than {bound['gt']:g}"),
    "greater_than_equal": ("ge", lambda bound: f"must be at least {bound['ge']:g}"),
    "less_than": ("lt", lambda bound: f"must be less than {bound['lt']:g}"),
    "less_than_equal": ("le", lambda bound: f"must be at most {bound['le']:g}"),
}
_CODES = {
    "string_too_short": "too-short",
    "string_too_long": "too-long",
    "too_short": "too-few",
    "too_long": "too-many",
    "greater_than": "too-small",
    "greater_than_equal": "too-small",
    "less_than": "too-great",
    "less_than_equal": "too-great",
    "string_pattern_mismatch": "wrong-characters",
    "missing": "missing",
}


def plain_fault(field: str, kind: str, context: Context, message: str) -> FieldFault:
    """The fault of one field; ``kind``, ``context`` and ``message`` come from the validator."""
    kind = _kind_of(kind, context)
    if kind in _BOUNDS and (name := _BOUNDS[kind][0]) in context:
        return FieldFault(field, _BOUNDS[kind][1](context), _CODES[kind], context[name])
    return FieldFault(field, _words(kind, context, message), _CODES.get(kind))


def _words(kind: str, context: Context, message: str) -> str:
    if kind in _KINDS:
        return _KINDS[kind]
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(context.get("pattern")), "has characters that are not allowed here")
    if kind in ("enum", "literal_error"):
        return f"must be {context.get('expected', 'one of the known words')}"
    if kind.startswith(("datetime", "date_", "time_")):
        return _TIMES
    if kind == "value_error":  # Gavel's own validators raise this kind.
        text = message.removeprefix("Value error, ")
        return _OF_APIFLASK.get(text, text)
    return "has a value that is not allowed here"
