"""Adds to the OpenAPI document what the views declare: error responses, authentication and headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from apiflask import APIBlueprint
from flask import current_app
from pydantic import BaseModel

from judge_api.container import services
from judge_api.http.error_responses import BY_STATUS, CONTENT_TYPE
from judge_api.http.openapi_examples import add_examples
from judge_api.http.openapi_names import use_plain_names
from judge_api.schemas.responses import ProblemDetails, ReadyOut
from judge_api.schemas.tier_name import FORMAT as TIER_FORMAT

View = TypeVar("View", bound=Callable[..., Any])
SECURITY: list[str | dict[str, list[Any]]] = ["ApiKey", "Session"]
_REFS = "#/components/schemas/{model}"
_BATCH_ITEMS = {
    ("SubmissionBatchIn", "submissions"): "SubmissionIn",
    ("RunBatchIn", "runs"): "RunIn",
}
_REQUESTS_WITH_TIERS = ("AccountIn", "AccountChange", "ManyAccountsIn")
_NO_BODY = ("204", "304")
_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_IDEMPOTENCY = ("Idempotency-Key", "The same key with the same body gives the same submission.")
_BATCH_IDEMPOTENCY = (
    "Idempotency-Key",
    "One key for the whole batch. If the batch is sent again with it, nothing is made twice.",
)
_HEADERS: dict[tuple[str, str], tuple[str, str]] = {
    ("/submissions", "post"): _IDEMPOTENCY,
    ("/runs", "post"): _IDEMPOTENCY,
    ("/submissions/batch", "post"): _BATCH_IDEMPOTENCY,
    ("/runs/batch", "post"): _BATCH_IDEMPOTENCY,
    ("/status/{id}", "get"): (
        "If-None-Match",
        "The ETag of the known answer. While nothing has changed, the answer is 304.",
    ),
    ("/events/{id}", "get"): (
        "Last-Event-ID",
        "The id of the last event that the client got. The stream goes on after it.",
    ),
}


def error_responses(*statuses: int) -> dict[int | str, Any]:
    """Responses with problem details, in the form of ``doc(responses=…)``."""
    return {status: _problem(_title(status)) for status in (*statuses, 500, 503)}


def _title(status: int) -> str:
    return BY_STATUS[status].title if status in BY_STATUS else "A part of the server is down"


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {CONTENT_TYPE: {"schema": schema_ref(ProblemDetails)}}}


def schema_ref(model: type[BaseModel]) -> dict[str, Any]:
    """A reference to a model that :func:`complete_spec` adds to the components."""
    return {"$ref": _REFS.format(model=model.__name__)}


def authenticated(blueprint: APIBlueprint, *statuses: int, **also: Any) -> Callable[[View], View]:
    """Document a view that needs credentials. It may also answer 401 and 403."""
    responses = {**error_responses(401, 403, *statuses), **also.pop("responses", {})}
    decorate: Callable[[View], View] = blueprint.doc(security=SECURITY, responses=responses, **also)
    return decorate


def public(blueprint: APIBlueprint, *statuses: int, **also: Any) -> Callable[[View], View]:
    """Document a view that needs no credentials."""
    responses = {**error_responses(*statuses), **also.pop("responses", {})}
    decorate: Callable[[View], View] = blueprint.doc(responses=responses, **also)
    return decorate


def complete_spec(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """Complete the generated document.

    Add the models that only errors use, the types of batches' items, operation ids, header parameters, tiers
    and examples. Give the schemas plain names. Responses without a body get no content.
    """
    if isinstance(spec, str):
        raise TypeError("the document is made as JSON")
    for model in (ProblemDetails, ReadyOut):
        _add_model(spec["components"]["schemas"], model)
    for (batch, field), item in _BATCH_ITEMS.items():
        spec["components"]["schemas"][batch]["properties"][field]["items"] = {
            "$ref": _REFS.format(model=item)
        }
    spec["tags"] = list({tag["name"]: tag for tag in spec.get("tags", [])}.values())
    names = _view_names()
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            operation["operationId"] = names[path, method]
            _add_header(operation, _HEADERS.get((path, method)))
            for status in _NO_BODY:
                operation["responses"].get(status, {}).pop("content", None)
    _name_tiers(spec)
    use_plain_names(spec)
    add_examples(spec)
    return spec


def _name_tiers(spec: dict[str, Any]) -> None:
    """List the tiers of this installation for requests. Responses may name other tiers, from earlier
    settings."""
    requests = [
        schema for name, schema in spec["components"]["schemas"].items() if name in _REQUESTS_WITH_TIERS
    ]
    parameters = [each for path in spec["paths"].values() for each in path.values()]
    for place in (requests, [each.get("parameters") for each in parameters]):
        for schema in _marked(place):
            schema["enum"] = [tier.value for tier in services().settings.tiers]


def _marked(place: Any) -> Iterator[dict[str, Any]]:
    if isinstance(place, list):
        for each in place:
            yield from _marked(each)
    elif isinstance(place, dict):
        if place.get("format") == TIER_FORMAT:
            yield place
        for each in place.values():
            yield from _marked(each)


def _view_names() -> dict[tuple[str, str], str]:
    """The name of the view for each path and method. Generated clients name the operation after it."""
    return {
        (_PARAMETER.sub(r"{\1}", rule.rule), method.lower()): rule.endpoint.rsplit(".", 1)[-1]
        for rule in current_app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def _add_model(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=_REFS)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema


def _add_header(operation: dict[str, Any], header: tuple[str, str] | None) -> None:
    if header is None:
        return
    name, meaning = header
    known = {"name": name, "in": "header", "required": False, "description": meaning}
    operation.setdefault("parameters", []).append({**known, "schema": {"type": "string"}})
