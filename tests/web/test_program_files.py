"""Submissions of several files: what is taken, what is refused by name, and how they come back."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from judge_api.store.row_mapping import REQUEST_COLUMNS, request_from
from judge_api.store.tables import submissions
from judge_core.messages import JudgeRequest
from tests.web.app_fixture import AppFixture

FILES = [
    {"name": "main.py", "content": "import helper\nprint(helper.twice(int(input())))\n"},
    {"name": "helper.py", "content": "def twice(n):\n    return 2 * n\n"},
]
BODY = {"problem": "aplusb", "language": "python3", "files": FILES}
ODD = base64.b64encode(bytes(range(256))).decode()


def _post(app: AppFixture, body: Any, path: str = "/submissions") -> Any:
    return app.client.post(path, json=body, headers=app.headers())


def _request(app: AppFixture, id: str) -> JudgeRequest:
    """The request that a relay sends to the queue, as a worker reads it."""
    with app.services.engine.connect() as connection:
        query = select(*REQUEST_COLUMNS).where(submissions.c.id == id)
        return JudgeRequest.load(request_from(connection.execute(query).mappings().one()).dump())


def test_the_files_reach_the_worker_and_come_back(app: AppFixture) -> None:
    answer = _post(app, {**BODY, "entry_point": "main.py"})
    assert answer.status_code == 202, answer.get_json()
    id = answer.get_json()["id"]
    sent = _request(app, id).files
    assert sent is not None
    assert {file.name: file.text for file in sent.files} == {one["name"]: one["content"] for one in FILES}
    shown = app.client.get(f"/submissions/{id}", headers=app.headers()).get_json()
    assert (shown["files"], shown["entry_point"], shown["source"]) == (FILES, "main.py", FILES[0]["content"])


def test_a_run_may_have_files_of_bytes(app: AppFixture) -> None:
    run = {"language": "python3", "files": [FILES[0], {"name": "data/odd.bin", "content_base64": ODD}]}
    answer = _post(app, run, "/runs")
    assert answer.status_code == 202, answer.get_json()
    sent = _request(app, answer.get_json()["id"]).files
    assert sent is not None
    assert sent.files[1].content == bytes(range(256))
    shown = app.client.get(f"/submissions/{answer.get_json()['id']}", headers=app.headers()).get_json()
    assert shown["files"][1]["content_base64"] == ODD


def test_files_are_part_of_what_an_idempotency_key_stands_for(app: AppFixture) -> None:
    headers = {**app.headers(), "Idempotency-Key": "files"}
    first = app.client.post("/submissions", json=BODY, headers=headers)
    again = app.client.post("/submissions", json=BODY, headers=headers)
    other = app.client.post("/submissions", json={**BODY, "files": FILES[:1]}, headers=headers)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert other.get_json()["type"] == "/errors/idempotency-key-reused"


def _named(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "content": "pass"} for name in names]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": "pass"}, "source"),
        ({"files": None}, "source"),
        ({"files": []}, "files"),
        ({"files": _named(*(f"{n}.py" for n in range(65)))}, "files"),
        ({"files": _named("main.c", "helper.h")}, "files"),
        ({"files": _named("../main.py")}, "files.0.name"),
        ({"files": _named("/main.py")}, "files.0.name"),
        ({"files": _named("a//main.py")}, "files.0.name"),
        ({"files": _named("-main.py")}, "files.0.name"),
        ({"files": _named("a\\main.py")}, "files.0.name"),
        ({"files": _named(".hidden/main.py")}, "files.0.name"),
        ({"files": _named("main.py", "main.py")}, "files.1.name"),
        ({"files": _named("a.py", "a.py/b.py")}, "files.0.name"),
        ({"files": [{"name": "main.py"}]}, "files.0.content"),
        ({"files": [{"name": "main.py", "content": "", "content_base64": ""}]}, "files.0.content"),
        ({"files": [{"name": "main.py", "content_base64": "#"}]}, "files.0.content_base64"),
        ({"files": [{"name": "main.py", "text": ""}]}, "files.0.text"),
        ({"entry_point": "other.py"}, "entry_point"),
    ],
)
def test_wrong_files_are_refused_by_name(app: AppFixture, change: dict[str, Any], field: str) -> None:
    answer = _post(app, {**BODY, **change})
    assert answer.status_code == 422, answer.get_json()
    assert field in [fault["field"] for fault in answer.get_json()["errors"]]


def test_an_entry_point_needs_files(app: AppFixture) -> None:
    body = {"problem": "aplusb", "language": "python3", "source": "pass", "entry_point": "main.py"}
    assert _post(app, body).get_json()["errors"][0]["field"] == "entry_point"


def test_the_size_of_all_files_together_is_bounded(app: AppFixture) -> None:
    half = [{"name": f"{name}.py", "content": "#" * 140_000} for name in "ab"]
    answer = _post(app, {**BODY, "files": half})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (413, "files")


def test_an_export_has_every_file(app: AppFixture) -> None:
    id = _post(app, BODY).get_json()["id"]
    answer = app.client.get("/me/export", headers=app.headers())
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.read(f"sources/{id}/helper.py").decode() == FILES[1]["content"]
