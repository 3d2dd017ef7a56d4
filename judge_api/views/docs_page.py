"""``/docs``: shows the OpenAPI document as a page, without scripts and without files of other servers.

The calls and the models on the page come from the document, so they agree with ``/openapi.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from apiflask import APIBlueprint
from flask import Response, current_app, render_template

from judge_api.views.docs_examples import call_examples

blueprint = APIBlueprint("docs_page", __name__, enable_openapi=False)
_STYLE = Path(__file__).parent / "templates" / "docs.css"
_BOUNDS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matching {}",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A parameter, field, body or response: its name, its type and its meaning."""

    name: str
    kind: str
    meaning: str
    required: bool = False
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the API."""

    method: str
    path: str
    tag: str
    summary: str
    description: str
    needs_key: bool
    parameters: tuple[Item, ...]
    bodies: tuple[Item, ...]
    answers: tuple[Item, ...]
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path.strip('/').replace('/', '-')}"


@dataclass(frozen=True, slots=True)
class Model:
    """One JSON object, or one enumeration."""

    name: str
    meaning: str
    values: str
    fields: tuple[Item, ...]


@blueprint.get("/docs")
def show_docs() -> str:
    """The page that describes each call of the document with its parameters, bodies and answers."""
    spec = cast("dict[str, Any]", current_app.spec)  # type: ignore[attr-defined]
    groups: dict[str, list[Operation]] = {}
    for operation in read_operations(spec):
        groups.setdefault(operation.tag, []).append(operation)
    return render_template("docs.html", info=spec["info"], groups=groups, models=list(read_models(spec)))


@blueprint.get("/docs/style.css")
def show_style() -> Response:
    """The style sheet of the page. It is a file because the Content-Security-Policy forbids inline styles."""
    return Response(
        _STYLE.read_bytes(), mimetype="text/css", headers={"Cache-Control": "public, max-age=600"}
    )


def read_operations(spec: dict[str, Any]) -> Iterator[Operation]:
    """The calls, in the order of the document."""
    for path, methods in spec["paths"].items():
        for method, found in methods.items():
            yield _operation(method.upper(), path, found)


def _operation(method: str, path: str, found: dict[str, Any]) -> Operation:
    body = found.get("requestBody", {}).get("content", {})
    needs_key = bool(found.get("security"))
    is_file = bool(body) and "application/json" not in body
    sent = body.get("application/json", {}).get("example")
    return Operation(
        method=method,
        path=path,
        tag=found.get("tags", ["Other"])[0],
        summary=found.get("summary", ""),
        description=found.get("description", ""),
        needs_key=needs_key,
        parameters=tuple(_parameter(each) for each in found.get("parameters", [])),
        bodies=tuple(_content(kind, media) for kind, media in body.items()),
        answers=tuple(item for status, each in found["responses"].items() for item in _answers(status, each)),
        examples=() if is_file else call_examples(method, path, sent, needs_key),
    )


def _parameter(found: dict[str, Any]) -> Item:
    schema = found.get("schema", {})
    kind = f"{found['in']}: {describe(schema)}"
    meaning = found.get("description") or schema.get("description", "")
    return Item(found["name"], kind, meaning, found.get("required", False))


def _content(kind: str, media: dict[str, Any]) -> Item:
    schema = media.get("schema", {})
    return Item(kind, describe(schema), "", model=_model_name(schema))


def _answers(status: str, found: dict[str, Any]) -> Iterator[Item]:
    meaning = found.get("description", "")
    for kind, media in found.get("content", {}).items():
        schema = media.get("schema", {})
        yield Item(status, kind, meaning, model=_model_name(schema))
    if not found.get("content"):
        yield Item(status, "", meaning)


def _model_name(schema: dict[str, Any]) -> str | None:
    reference = schema.get("$ref")
    return reference.rsplit("/", 1)[1] if isinstance(reference, str) else None


def read_models(spec: dict[str, Any]) -> Iterator[Model]:
    """The models of bodies and responses, by name."""
    for name, schema in sorted(spec["components"].get("schemas", {}).items()):
        needed = schema.get("required", [])
        fields = tuple(
            Item(field, describe(each), each.get("description", ""), field in needed, _model_inside(each))
            for field, each in schema.get("properties", {}).items()
        )
        values = "" if fields else describe(schema)
        yield Model(name, schema.get("description", ""), values, fields)


def _model_inside(schema: dict[str, Any]) -> str | None:
    inside = [schema, schema.get("items", {}), *schema.get("anyOf", []), *schema.get("allOf", [])]
    return next((name for each in inside if (name := _model_name(each))), None)


def describe(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if name := _model_name(schema):
        return name
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return " or ".join(describe(each) for each in schema[choice])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    return _plain(schema)


def _plain(schema: dict[str, Any]) -> str:
    kind = str(schema.get("const") or schema.get("type") or "anything")
    if kind == "array":
        kind = f"list of {describe(schema.get('items', {}))}"
    bounds = [words.format(schema[name]) for name, words in _BOUNDS.items() if name in schema]
    if schema.get("default") not in (None, "", []):
        bounds.append(f"default {schema['default']}")
    return ", ".join([f"{kind} ({schema['format']})" if "format" in schema else kind, *bounds])
