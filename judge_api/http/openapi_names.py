"""Gives the schemas of the OpenAPI document plain names, because client generators make classes of them.

The framework names a model inside another model ``Outer.Inner``, once for each outer model. If all models
with one inner name are the same, this module makes one of them. Otherwise each is named ``OuterInner``.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

_REFERENCE = re.compile(r'"#/components/schemas/([\w.]+)"')
_SCHEMAS = "#/components/schemas/"


def use_plain_names(spec: dict[str, Any]) -> None:
    """Rename the schemas and all references to them."""
    schemas: dict[str, Any] = spec["components"]["schemas"]
    names = _plain_names(schemas)
    spec["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}
    _rename(spec, {f"{_SCHEMAS}{old}": f"{_SCHEMAS}{new}" for old, new in names.items()})


def _plain_names(schemas: Mapping[str, Any]) -> dict[str, str]:
    """The plain name of each schema. It is the inner name if all schemas with this inner name are of one
    kind. Otherwise the name of the outer model is put before it."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for name, kind in _kinds(schemas).items():
        kinds[kind].append(name)
    inner = Counter(_inner(names[0]) for names in kinds.values())
    found = {}
    for names in kinds.values():
        last, first = _inner(names[0]), min(names)
        plain = last if inner[last] == 1 or last in names else first.replace(".", "")
        found.update(dict.fromkeys(names, plain))
    return found


def _kinds(schemas: Mapping[str, Any]) -> dict[str, str]:
    """The kind of each schema. Schemas of one kind have the same inner name and content, and refer to the
    same kinds."""
    texts = {name: json.dumps(schema, sort_keys=True, allow_nan=False) for name, schema in schemas.items()}
    kinds = {name: _inner(name) for name in schemas}
    while True:
        finer = {name: f"{_inner(name)} {_with_kinds(text, kinds)}" for name, text in texts.items()}
        names = {
            text: f"{_inner(text.partition(' ')[0])}#{number}" for number, text in enumerate(finer.values())
        }
        found = {name: names[text] for name, text in finer.items()}
        if len(set(found.values())) == len(set(kinds.values())):
            return found
        kinds = found


def _with_kinds(text: str, kinds: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda found: f'"{kinds.get(found[1], found[1])}"', text)


def _inner(name: str) -> str:
    return name.rpartition(".")[2]


def _rename(place: Any, names: Mapping[str, str]) -> None:
    if isinstance(place, list):
        for each in place:
            _rename(each, names)
    elif isinstance(place, dict):
        for key, value in place.items():
            if key == "$ref" and isinstance(value, str):
                place[key] = names.get(value, value)
            else:
                _rename(value, names)
