"""Submissions of several files are accepted, refused by name if they are wrong, and can be read again."""

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
    """The request for this submission as a worker reads it from the queue."""
    with app.services.engine.connect() as connection:
        query = select(*REQUEST_COLUMNS).where(submissions.c.id == id)
        return JudgeRequest.load(request_from(connection.execute(query).mappings().one()).dump())


def test_the_files_of_a_submission_reach_the_worker_and_can_be_read_again(app: AppFixture) -> None:
    answer = _post(app, {**BODY, "entry_point": "main.py"})
    assert answer.status_code == 202, answer.get_json()
    id = answer.get_json()["id"]
    sent = _request(app, id).files
    assert sent is not None
    assert {file.name: file.text for file in sent.files} == {one["name"]: one["content"] for one in FILES}
    shown = app.client.get(f"/submissions/{id}", headers=app.headers()).get_json()
    assert (shown["files"], shown["entry_point"], shown["source"]) == (FILES, "main.py", FILES[0]["content"])


def test_a_run_may_have_binary_files(app: AppFixture) -> None:
    run = {"language": "python3", "files": [FILES[0], {"name": "data/odd.bin", "content_base64": ODD}]}
    answer = _post(app, run, "/runs")
    assert answer.status_code == 202, answer.get_json()
    sent = _request(app, answer.get_json()["id"]).files
    assert sent is not None
    assert sent.files[1].content == bytes(range(256))
    shown = app.client.get(f"/submissions/{answer.get_json()['id']}", headers=app.headers()).get_json()
    assert shown["files"][1]["content_base64"] == ODD


def test_an_idempotency_key_with_other_files_is_refused(app: AppFixture) -> None:
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
def test_a_wrong_file_is_refused_with_its_name(app: AppFixture, change: dict[str, Any], field: str) -> None:
    answer = _post(app, {**BODY, **change})
    assert answer.status_code == 422, answer.get_json()
    assert field in [fault["field"] for fault in answer.get_json()["errors"]]


def _zip(files: dict[str, bytes]) -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return base64.b64encode(buffer.getvalue()).decode()


SOURCES = {one["name"]: one["content"].encode() for one in FILES}
ZIPPED = {"problem": "aplusb", "language": "python3"}


@pytest.mark.parametrize(
    "archive",
    [
        SOURCES,
        {f"my solution/{name}": content for name, content in SOURCES.items()},
        {**SOURCES, "__MACOSX/._main.py": b"\x00\x05", ".DS_Store": b"\x00"},
        {"folder/": b"", **{f"folder/{name}": content for name, content in SOURCES.items()}},
    ],
    ids=["plain", "in a folder", "from a Mac", "with an entry of the folder"],
)
def test_the_files_in_a_posted_zip_are_stored(app: AppFixture, archive: dict[str, bytes]) -> None:
    answer = _post(app, {**ZIPPED, "archive": _zip(archive), "entry_point": "main.py"})
    assert answer.status_code == 202, answer.get_json()
    sent = _request(app, answer.get_json()["id"]).files
    assert sent is not None
    assert {file.name: file.content for file in sent.files} == SOURCES


def test_a_run_may_be_posted_as_a_zip(app: AppFixture) -> None:
    answer = _post(app, {"language": "python3", "archive": _zip(SOURCES), "stdin": "3"}, "/runs")
    assert answer.status_code == 202, answer.get_json()


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (_zip({"src/main.py": b"", "src/../../etc.py": b""}), "../etc.py: must be a relative path"),
        (_zip({"main.py": b"", "a/-x.py": b""}), "a/-x.py: must be a relative path"),
        (_zip({"main.py": b"", "ünï.py": b""}), "ünï.py: must be a relative path"),
        (_zip({}), "has no file in it"),
        (_zip({f"{number}.py": b"" for number in range(65)}), "has 65 files; at most 64 are allowed"),
        (_zip({"main.py": b"\0" * (17 << 20)})[:1_000], "it is no zip"),
        (base64.b64encode(b"PK no zip").decode(), "it is no zip"),
    ],
)
def test_a_wrong_zip_is_refused_with_the_reason(app: AppFixture, archive: str, words: str) -> None:
    answer = _post(app, {**ZIPPED, "archive": archive})
    (fault,) = answer.get_json()["errors"]
    assert (answer.status_code, fault["field"]) == (422, "archive")
    assert words in fault["message"]


def test_a_zip_over_the_size_limit_is_refused(app: AppFixture) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("main.py", b"\0" * (17 << 20))
    answer = _post(app, {**ZIPPED, "archive": base64.b64encode(buffer.getvalue()).decode()})
    assert "more than 16777216 bytes" in answer.get_json()["errors"][0]["message"]


def test_a_request_with_both_files_and_an_archive_is_refused(app: AppFixture) -> None:
    answer = _post(app, {**BODY, "archive": _zip(SOURCES)})
    assert answer.get_json()["errors"][0]["message"] == "give one of source, files and archive"


def test_an_entry_point_without_files_is_refused(app: AppFixture) -> None:
    body = {"problem": "aplusb", "language": "python3", "source": "pass", "entry_point": "main.py"}
    assert _post(app, body).get_json()["errors"][0]["field"] == "entry_point"


def test_the_total_size_of_all_files_is_limited(app: AppFixture) -> None:
    half = [{"name": f"{name}.py", "content": "#" * 140_000} for name in "ab"]
    answer = _post(app, {**BODY, "files": half})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (413, "files")


def test_an_export_has_the_files_of_a_submission(app: AppFixture) -> None:
    id = _post(app, BODY).get_json()["id"]
    answer = app.client.get("/me/export", headers=app.headers())
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.read(f"sources/{id}/helper.py").decode() == FILES[1]["content"]
