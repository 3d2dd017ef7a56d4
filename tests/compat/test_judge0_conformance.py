"""Each row of the tables in docs/reference/judge0-api.md has a test."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest

from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.compat.workers import judged_as
from tests.docs.command_blocks import ROOT
from tests.web.app_fixture import SUM, AppFixture

PAGE = (ROOT / "docs" / "reference" / "judge0-api.md").read_text()


def _archive() -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "1")
    return base64.b64encode(buffer.getvalue()).decode()


@dataclass(frozen=True, slots=True)
class Sent:
    """An attribute of a request: the value that is sent, and the value that ``fields=*`` shows."""

    value: Any
    shown: Any


SENT: dict[str, Sent] = {
    "source_code": Sent("int main(void) {}", "int main(void) {}"),
    "language_id": Sent(50, 50),
    "compiler_options": Sent("-O1", "-O1"),
    "command_line_arguments": Sent("a b", "a b"),
    "stdin": Sent("1 2", "1 2"),
    "expected_output": Sent("3", "3"),
    "cpu_time_limit": Sent(1.5, "1.5"),
    "cpu_extra_time": Sent(0.5, "0.5"),
    "wall_time_limit": Sent(4, "4.0"),
    "memory_limit": Sent(64000, 64000),
    "stack_limit": Sent(32000, 32000),
    "max_processes_and_or_threads": Sent(20, 20),
    "max_file_size": Sent(512, 512),
    "redirect_stderr_to_stdout": Sent(True, True),
    "number_of_runs": Sent(2, 2),
    "enable_per_process_and_thread_time_limit": Sent(True, True),
    "enable_per_process_and_thread_memory_limit": Sent(True, True),
}
REFUSED = {
    "enable_network": "enabling network is not allowed",
}
RESULT: dict[str, Any] = {
    "stdout": "4\n",
    "stderr": "oops\n",
    "compile_output": "a warning",
    "message": None,
    "exit_code": 0,
    "exit_signal": None,
    "status": {"id": 4, "description": "Wrong Answer"},
    "status_id": 4,
    "time": "0.012",
    "wall_time": "0.02",
    "memory": 900,
    "language": {"id": 50, "name": "c17"},
}
BY_PATTERN = {
    "created_at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "finished_at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "token": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
}
OWN = {"additional_files", "callback_url"}
"""Attributes with a test of their own."""
TEST = TestResult("run/1", Verdict.WA, 12, 20, 900, sample=True, output="4\n", stderr="oops\n", exit_code=0)
OUTCOME = Outcome(Verdict.WA, (TEST,), 1, compile_output="a warning")


def _headers(app: AppFixture) -> dict[str, str]:
    return {"X-Auth-Token": app.accounts["ada"].key}


def _post(app: AppFixture, body: dict[str, Any], query: str = "") -> Any:
    return app.client.post(f"/judge0/submissions{query}", json=body, headers=_headers(app))


@pytest.fixture(scope="module")
def columns(app: AppFixture) -> dict[str, Any]:
    """The answer with ``fields=*`` about a submission that was sent with every attribute."""
    with judged_as(app, OUTCOME):
        answer = _post(app, {name: each.value for name, each in SENT.items()}, "?wait=true&fields=*")
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.parametrize("name", SENT)
def test_a_sent_attribute_is_returned_in_the_form_of_judge0(columns: dict[str, Any], name: str) -> None:
    assert columns[name] == SENT[name].shown


@pytest.mark.parametrize("name", RESULT)
def test_an_attribute_of_the_result_has_the_expected_value(columns: dict[str, Any], name: str) -> None:
    shown = columns[name]
    assert (shown["id"] == 50 and shown["name"]) if name == "language" else shown == RESULT[name]


@pytest.mark.parametrize("name", BY_PATTERN)
def test_an_attribute_that_the_server_sets_has_the_expected_form(columns: dict[str, Any], name: str) -> None:
    assert re.fullmatch(BY_PATTERN[name], columns[name])


@pytest.mark.parametrize("name", REFUSED)
def test_an_unsupported_option_is_refused_with_the_reason(
    app: AppFixture, columns: dict[str, Any], name: str
) -> None:
    answer = _post(app, {"source_code": SUM, "language_id": 71, name: True})
    assert (answer.status_code, answer.get_json()) == (422, {name: [REFUSED[name]]})
    assert columns[name] is False


def test_additional_files_are_accepted_and_internal_callback_urls_refused(app: AppFixture) -> None:
    body = {"source_code": SUM, "language_id": 71, "additional_files": _archive()}
    assert _post(app, body).status_code == 201
    refused = _post(app, {**body, "callback_url": "http://10.0.0.1/"})
    assert list(refused.get_json()) == ["callback_url"]


ROUTES: dict[str, tuple[int, Any]] = {
    "POST /submissions": (201, {"token"}),
    "GET /submissions/{token}": (200, {"token", "status", "stdout", "time"}),
    "GET /submissions": (200, {"submissions", "meta"}),
    "DELETE /submissions/{token}": (400, {"error"}),
    "POST /submissions/batch": (201, [{"token"}]),
    "GET /submissions/batch": (200, {"submissions"}),
    "GET /languages": (200, [{"id", "name"}]),
    "GET /languages/all": (200, [{"id", "name", "is_archived"}]),
    "GET /languages/{id}": (200, {"id", "name", "is_archived", "source_file", "compile_cmd", "run_cmd"}),
    "GET /statuses": (200, [{"id", "description"}]),
    "GET /config_info": (200, {"cpu_time_limit", "max_cpu_time_limit", "enable_wait_result"}),
    "GET /system_info": (200, {"Architecture"}),
    "GET /statistics": (200, {"languages"}),
    "GET /workers": (200, [{"queue", "size", "available", "idle", "working", "paused", "failed"}]),
    "GET /about": (200, {"version", "homepage", "source_code", "maintainer"}),
    "GET /version": (200, "1.14.0"),
    "GET /isolate": (200, "sandbox"),
    "GET /license": (200, "Apache-2.0"),
    "POST /authenticate": (200, None),
    "POST /authorize": (200, None),
}


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_answers_with_the_keys_of_judge0(app: AppFixture, route: str) -> None:
    status, shape = ROUTES[route]
    body: Any = {"source_code": SUM, "language_id": 71}
    token = _post(app, body).get_json()["token"]
    method, _, path = route.partition(" ")
    path = path.replace("{token}", token).replace("{id}", "71")
    if path.endswith("/batch"):
        path, body = (f"{path}?tokens={token}", None) if method == "GET" else (path, {"submissions": [body]})
    both_keys = {**_headers(app), "X-Auth-User": app.accounts["admin"].key}
    answer = app.client.open(
        f"/judge0{path}", method=method, json=body if method == "POST" else None, headers=both_keys
    )
    assert answer.status_code == status
    if isinstance(shape, str):
        assert shape in answer.get_data(as_text=True)
    elif shape is not None:
        found = answer.get_json()
        keys = set(found[0]) if isinstance(shape, list) else set(found)
        assert (shape[0] if isinstance(shape, list) else shape) <= keys


def _rows(heading: str) -> set[str]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return set(
        re.findall(r"^\| `([^`]+)` \| (?:same|different|not there|no effect) \|", section, re.MULTILINE)
    )


def test_the_tables_of_the_page_and_the_tests_have_the_same_rows() -> None:
    assert _rows("Attributes") == {*SENT, *REFUSED, *RESULT, *BY_PATTERN, *OWN}
    assert _rows("Routes") == set(ROUTES)
