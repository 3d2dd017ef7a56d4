"""In the OpenAPI document every answer is documented, and real answers fit their models."""

from __future__ import annotations

import io
import os
from collections import Counter
from contextlib import suppress
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Tier
from judge_core.model.worker import LanguageOnWorker, WorkerRecord, WorkerState
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import WORKERS_SET, worker_key
from tests.support.records import finished
from tests.web.app_fixture import PROBLEMS, SUM, AppFixture
from tests.web.packing import zip_folder

CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
ENDLESS = "/admin/stream"
MAY_ANSWER_503 = "/readyz"
SOME = settings(
    max_examples=int(os.environ.get("GAVEL_OPENAPI_EXAMPLES", "8")),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document(app: AppFixture) -> Any:
    return schemathesis.openapi.from_wsgi("/openapi.json", app.flask)


def test_the_document_is_valid_openapi(app: AppFixture) -> None:
    spec = app.client.get("/openapi.json").get_json()
    OpenAPIV31SpecValidator(spec).validate()
    names = [tag["name"] for tag in spec["tags"]]
    assert len(names) == len(set(names))


def test_each_call_has_a_unique_operation_id(app: AppFixture) -> None:
    spec = app.client.get("/openapi.json").get_json()
    names = Counter(call["operationId"] for calls in spec["paths"].values() for call in calls.values())
    assert max(names.values()) == 1
    assert all(name.isidentifier() for name in names)


def test_the_summary_of_each_call_is_a_complete_sentence(app: AppFixture) -> None:
    """A summary is the first line of a view's docstring, so a sentence that is longer than the line would be
    cut."""
    for path, calls in app.client.get("/openapi.json").get_json()["paths"].items():
        for method, call in calls.items():
            assert call["summary"].endswith("."), (method, path, call["summary"])


def test_each_json_body_has_a_valid_example(app: AppFixture) -> None:
    spec = app.client.get("/openapi.json").get_json()
    seen = 0
    for path, calls in spec["paths"].items():
        for method, call in calls.items():
            for place in (call.get("requestBody", {}), *call["responses"].values()):
                for kind, media in place.get("content", {}).items():
                    if kind.endswith("json"):
                        schema = {**media["schema"], "components": spec["components"]}
                        errors = list(OAS31Validator(schema).iter_errors(media["example"]))
                        assert not errors, f"{method} {path}: {errors}"
                        seen += 1
    assert seen > 100


@pytest.mark.parametrize("path", ["/submissions", "/runs", "/submissions/batch", "/runs/batch"])
def test_the_example_of_a_submission_is_accepted(app: AppFixture, path: str) -> None:
    spec = app.client.get("/openapi.json").get_json()
    example = spec["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = app.client.post(path, json=example, headers=app.headers())
    assert answer.status_code in (200, 202), answer.get_json()
    assert all(one["status"] == 202 for one in answer.get_json().get("results", [])), answer.get_json()


def _as(app: AppFixture, name: str = "admin") -> dict[str, str]:
    return {**app.headers(name), "Accept-Encoding": "identity"}


# The test sends about a thousand requests.
@pytest.mark.timeout(int(os.environ.get("GAVEL_OPENAPI_SECONDS", "400")))
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.slow
def test_answers_to_generated_requests_are_documented(
    app: AppFixture, document: Any, mode: GenerationMode
) -> None:
    """Good and bad requests to every operation are made from the document."""
    asked: Counter[str] = Counter()
    failures = []
    for operation in (found.ok() for found in document.exclude(path=ENDLESS).get_all_operations()):
        try:
            _ask(app, operation, mode, asked)
        except (FailureGroup, AssertionError) as failure:
            failures.append(f"{operation.label}: {failure}")
        if operation.path == "/admin/maintenance":  # otherwise a later POST would be refused with 503
            opened = app.client.put(operation.path, json={"mode": "open"}, headers=_as(app))
            assert opened.status_code == 200, opened.get_json()
    assert not failures, "\n\n".join(failures)
    assert len(asked) > 20
    assert mode is GenerationMode.NEGATIVE or asked["POST /submissions"] >= SOME.max_examples


def _ask(app: AppFixture, operation: Any, mode: GenerationMode, asked: Counter[str]) -> None:
    checks = CHECKS if operation.path == MAY_ANSWER_503 else [not_a_server_error, *CHECKS]

    @SOME
    @given(case=operation.as_strategy(mode))
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(headers=_as(app), checks=checks)
        asked[operation.label] += 1

    with suppress(Unsatisfiable, SkipTest):  # a call without input has no bad requests
        ask()


@pytest.fixture(scope="module")
def judged(app: AppFixture) -> str:
    """A finished submission and a registered worker, so that no list and no statistic is empty."""
    id: str = app.submit("admin").get_json()["id"]
    VerdictStore(app.services.engine).record(finished(id))
    record = WorkerRecord(
        "normal-9",
        Tier.NORMAL,
        "here",
        1,
        WorkerState.IDLE,
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T00:00:00.000Z",
        languages={"python3": LanguageOnWorker("3.11")},
    )
    redis = create_redis_client(app.redis.url, 1.0)
    redis.set(worker_key(record.name), record.dump())
    redis.sadd(WORKERS_SET, record.name)
    app.client.post("/admin/invitations", headers=app.headers("admin"))
    return id


GETS = [
 "/admin/accounts", "/admin/audit", "/admin/problems", "/admin/queues", "/admin/submissions",
    "/admin/workers", "/healthz", "/languages", "/me", "/me/keys", "/problems", "/problems/{slug}", "/readyz",
    "/status/{id}", "/submissions", "/submissions/{id}", "/submissions/{id}/place",
]  # fmt: skip


@pytest.mark.parametrize("path", GETS)
def test_a_real_answer_fits_its_model_in_the_document(
    app: AppFixture, document: Any, judged: str, path: str
) -> None:
    values = {"id": judged, "slug": "aplusb"}
    wanted = {name: value for name, value in values.items() if f"{{{name}}}" in path}
    case = document[path]["GET"].Case(path_parameters=wanted)
    answer = case.call_and_validate(headers=_as(app), checks=CHECKS)
    assert answer.status_code == 200 or path == MAY_ANSWER_503
    assert not _unsaid(document.raw_schema, document.raw_schema["paths"][path]["get"], answer.json())


def _unsaid(spec: Any, operation: Any, body: Any) -> set[str]:
    """The members of an answer that the model does not name."""
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return set(_extra(spec, schema, body))


def _extra(spec: Any, schema: Any, body: Any) -> list[str]:
    if "$ref" in schema:
        return _extra(spec, spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], body)
    if "anyOf" in schema:
        return min((_extra(spec, each, body) for each in schema["anyOf"] if _may_be(each, body)), key=len)
    if isinstance(body, list):
        return [name for each in body for name in _extra(spec, schema.get("items", {}), each)]
    known = schema.get("properties")
    if not isinstance(body, dict) or known is None:
        return []
    inside = [name for key in body.keys() & known.keys() for name in _extra(spec, known[key], body[key])]
    return [*(body.keys() - known.keys()), *inside]


def _may_be(schema: Any, body: Any) -> bool:
    return (schema.get("type") == "null") is (body is None)


POSTS: list[tuple[str, Any, int]] = [
    ("/submissions", {"problem": "aplusb", "language": "python3", "source": SUM}, 202),
    ("/runs", {"language": "python3", "source": SUM, "stdin": "1 2"}, 202),
    ("/me/keys", {"name": "laptop"}, 201),
    ("/session", {"key": "KEY"}, 201),
    ("/accounts", {"name": "newcomer", "password": "a long enough one"}, 201),
    ("/admin/accounts", {"name": "made-by-admin"}, 201),
    ("/admin/invitations", None, 201),
]


@pytest.mark.parametrize(("path", "body", "status"), POSTS)
def test_the_answer_to_a_real_act_fits_the_document(
    app: AppFixture, document: Any, path: str, body: Any, status: int
) -> None:
    if body and "key" in body:
        body = {"key": app.accounts["admin"].key}
    operation = document[path]["POST"]
    answer = app.client.post(path, json=body, headers=_as(app))
    assert answer.status_code == status, answer.get_json()
    operation.validate_response(answer)


def test_the_answer_to_a_problem_upload_fits_the_document(app: AppFixture, document: Any) -> None:
    package = {"package": (io.BytesIO(zip_folder(PROBLEMS / "aplusb")), "aplusb.zip")}
    answer = app.client.post("/admin/problems", data=package, headers=_as(app, "author"))
    assert answer.status_code == 201, answer.get_json()
    document["/admin/problems"]["POST"].validate_response(answer)
