"""Makes an example of each body and response of the OpenAPI document, from the examples of its fields.

A field's own ``examples`` come first, then the first of its permitted values, its default, or a small value
of its type. So each example is valid by its schema. It has the required fields, and those with an example of
their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_BY_TYPE: dict[str, Any] = {"integer": 1, "number": 1.0, "boolean": False, "null": None}
_BY_FORMAT = {"date-time": "2026-01-31T12:00:00Z", "binary": "…"}
_ID = "01936b1e-7c00-7000-8000-000000000001"
_BY_NAME: dict[str, Any] = {
    "account": "ada",
    "detail": "language: there is no language 'cobol'",
    "email": "ada@example.org",
    "events_url": f"/events/{_ID}",
    "group": "course-1",
    "id": _ID,
    "instance": "/submissions",
    "language": "python3",
    "name": "ada",
    "owner": "author",
    "password": "a long enough one",
    "new_password": "a long enough one",
    "problem": "aplusb",
    "request_id": "4f2c1d9a8b7e6f50",
    "slug": "aplusb",
    "status_url": f"/status/{_ID}",
    "submission": _ID,
    "title": "No such language here",
}
"""Examples of fields by their names. A made-up text would not help a reader of these fields."""


def add_examples(spec: dict[str, Any]) -> None:
    """Give every JSON body and response of the document an example."""
    schemas: dict[str, Schema] = spec["components"]["schemas"]
    for operations in spec["paths"].values():
        for operation in operations.values():
            places = [operation.get("requestBody", {}), *operation["responses"].values()]
            for place in places:
                for kind, media in place.get("content", {}).items():
                    if kind.endswith("json") and media.get("schema"):
                        media.setdefault("example", example_of(media["schema"], schemas))


def example_of(schema: Schema, schemas: Mapping[str, Schema], name: str = "") -> Any:
    """A value that is valid by the schema."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, name)
    for known in ("examples", "enum"):
        if schema.get(known):
            return schema[known][0]
    if "const" in schema or schema.get("default") is not None:
        return schema.get("const", schema.get("default"))
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example_of(schema[choice][0], schemas, name)
    return _of_type(schema, schemas, name)


def _of_type(schema: Schema, schemas: Mapping[str, Schema], name: str) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return _object(schema, schemas)
    if kind == "array":
        return [example_of(schema.get("items", {}), schemas, name.removesuffix("s"))]
    if kind == "string":
        return _text(schema, name)
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + _BY_TYPE.get(str(kind), 0) or 0)
    return least if kind in ("integer", "number") else _BY_TYPE.get(str(kind))


def _object(schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    """An object with the required fields, and with those that have their own example."""
    needed = schema.get("required", [])
    return {
        name: example_of(field, schemas, name)
        for name, field in schema.get("properties", {}).items()
        if name in needed or any("examples" in each for each in (field, *field.get("anyOf", ())))
    }


def _text(schema: Schema, name: str) -> str:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    text = str(_BY_NAME.get(name, name or "text"))
    return text.ljust(schema.get("minLength", 0), "0")[: schema.get("maxLength", len(text) + 64)]
