"""Judge0's ``additional_files`` work. So does its language 89, a zip with the scripts ``compile`` and
``run``."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import pytest

from judge_api.compat.judge0.additional_files import COMPILE_FAILED
from judge_api.store.records import StoredSubmission
from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.compat.workers import judged_as
from tests.web.app_fixture import AppFixture


def _zip(files: dict[str, bytes]) -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return base64.b64encode(buffer.getvalue()).decode()


def _post(app: AppFixture, body: dict[str, Any], query: str = "") -> Any:
    headers = {"X-Auth-Token": app.accounts["ada"].key}
    return app.client.post(f"/judge0/submissions{query}", json=body, headers=headers)


def _stored(app: AppFixture, answer: Any) -> StoredSubmission:
    assert answer.status_code == 201, answer.get_json()
    found = app.services.submissions.submission(answer.get_json()["token"])
    assert found is not None
    return found


def _columns(app: AppFixture, token: str) -> Any:
    path = f"/judge0/submissions/{token}?fields=*"
    return app.client.get(path, headers={"X-Auth-Token": app.accounts["ada"].key}).get_json()


FILES = {"helper.py": b"x = 42\n", "data/odd.bin": bytes(range(256)), "empty/": b""}


@pytest.mark.parametrize("encoded", [False, True])
def test_additional_files_are_stored_beside_the_source(app: AppFixture, encoded: bool) -> None:
    source = "import helper"
    sent = base64.b64encode(source.encode()).decode() if encoded else source
    body = {"source_code": sent, "language_id": 71, "additional_files": _zip(FILES)}
    found = _stored(app, _post(app, body, f"?base64_encoded={str(encoded).lower()}"))
    assert found.files is not None
    assert {file.name: file.content for file in found.files.files} == {
        "main.py": source.encode(), "helper.py": b"x = 42\n", "data/odd.bin": bytes(range(256)),
    }  # fmt: skip
    columns = _columns(app, found.status.id)
    assert columns["source_code"] == source
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(columns["additional_files"]))) as archive:
        assert set(archive.namelist()) == {"helper.py", "data/odd.bin"}


def test_a_multi_file_program_is_an_archive_without_a_source(app: AppFixture) -> None:
    body = {"language_id": 89, "additional_files": _zip({"run": b"echo 42\n", "compile": b"true\n"})}
    found = _stored(app, _post(app, body))
    assert found.files is not None
    assert {file.name for file in found.files.files} == {"gavel-start.sh", "run", "compile"}
    columns = _columns(app, found.status.id)
    assert columns["language"] == {"id": 89, "name": "Multi-file program"}
    assert (columns["language_id"], columns["source_code"]) == (89, None)
    assert found.run is not None
    assert found.run.limits.processes == 60


def test_a_failed_compile_script_is_a_compilation_error(app: AppFixture) -> None:
    stderr = f"{COMPILE_FAILED}main.c:1: error\n"
    test = TestResult("run/1", Verdict.RTE, 12, 20, 900, sample=True, stderr=stderr, exit_code=125)
    with judged_as(app, Outcome(Verdict.RTE, (test,), 1)):
        body = {"language_id": 89, "additional_files": _zip({"run": b"true", "compile": b"false"})}
        columns = _post(app, body, "?wait=true").get_json()
    assert columns["status"] == {"id": 6, "description": "Compilation Error"}
    assert (columns["compile_output"], columns["stderr"], columns["time"]) == (
        "main.c:1: error\n",
        None,
        None,
    )


def _bomb() -> str:
    return _zip({"zeros": bytes(2 << 20)})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("###", "cannot be extracted"),
        (
            base64.b64encode(b"no zip").decode(),
            "cannot be extracted: it is no zip",
        ),
        (_zip({}), "must have 1 to 63 files"),
        (_zip({str(number): b"" for number in range(64)}), "must have 1 to 63 files"),
        (_bomb(), "has more than 1048576 bytes when it is extracted"),
        (_zip({"../escape": b""}), "must be a relative path of"),
        (_zip({"/etc/passwd": b""}), "must be a relative path of"),
    ],
)
def test_an_archive_that_cannot_be_used_is_refused(app: AppFixture, given: str, message: str) -> None:
    answer = _post(app, {"source_code": "x", "language_id": 71, "additional_files": given})
    assert (answer.status_code, list(answer.get_json())) == (422, ["additional_files"])
    assert answer.get_json()["additional_files"][0].startswith(message)


def test_a_multi_file_program_without_files_is_refused(app: AppFixture) -> None:
    answer = _post(app, {"language_id": 89})
    assert (answer.status_code, answer.get_json()) == (422, {"additional_files": ["can't be blank"]})


def test_multi_file_programs_are_listed_and_additional_files_are_enabled(app: AppFixture) -> None:
    languages = app.client.get("/judge0/languages").get_json()
    assert {"id": 89, "name": "Multi-file program"} in languages
    assert [one["id"] for one in languages] == sorted(one["id"] for one in languages)
    assert app.client.get("/judge0/languages/89").get_json()["run_cmd"] is None
    config = app.client.get("/judge0/config_info").get_json()
    assert (config["enable_additional_files"], config["max_extract_size"]) == (True, 1024)
