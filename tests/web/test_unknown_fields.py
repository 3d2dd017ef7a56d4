"""Unknown fields of a request are refused by name, but ignored by the APIs of other judges."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.web.app_fixture import SUM, AppFixture

SUBMISSION = {"problem": "aplusb", "language": "python3", "source": SUM}
RUN = {"language": "python3", "source": SUM}


@pytest.mark.parametrize(
    ("path", "body", "field", "message"),
    [
        ("/submissions", {**SUBMISSION, "langauge": "c17"}, "langauge", "did you mean language?"),
        ("/submissions", {**SUBMISSION, "source_code": ""}, "source_code", "did you mean source?"),
        ("/runs", {**RUN, "input": "1 2"}, "input", "did you mean stdin?"),
        ("/runs", {**RUN, "Stdin": "1 2"}, "Stdin", "did you mean stdin?"),
        ("/runs", {**RUN, "limits": {"cpu_second": 1}}, "limits.cpu_second", "did you mean cpu_seconds?"),
        ("/runs", {**RUN, "cases": [{"stdin": "", "output": ""}]}, "cases.0.output", "expected_output?"),
        ("/me/keys", {"name": "laptop", "scope": ["read"]}, "scope", "did you mean scopes?"),
        (
            "/submissions",
            {**SUBMISSION, "zzz": 1},
            "zzz",
            "the known fields are problem, language, source, files",
        ),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_known_field(
    app: AppFixture, path: str, body: dict[str, Any], field: str, message: str
) -> None:
    answer = app.client.post(path, json=body, headers=app.headers())
    assert (answer.status_code, answer.get_json()["type"]) == (422, "/errors/invalid")
    (fault,) = answer.get_json()["errors"]
    assert (fault["field"], fault["code"]) == (field, "unknown-field")
    assert fault["message"].startswith("is not known here; ")
    assert message in fault["message"]


def test_a_change_of_an_account_with_an_unknown_field_is_refused(app: AppFixture) -> None:
    bob = app.accounts["bob"].account.id
    answer = app.client.patch(f"/admin/accounts/{bob}", json={"password": "x"}, headers=app.headers("admin"))
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "password")


def test_unknown_fields_have_their_own_error_code(app: AppFixture) -> None:
    answer = app.client.post("/submissions", json={**SUBMISSION, "source": 7, "x": 1}, headers=app.headers())
    codes = {fault["field"]: fault.get("code") for fault in answer.get_json()["errors"]}
    assert codes == {"source": None, "x": "unknown-field"}


@pytest.mark.parametrize(
    ("path", "field"),
    [("/admin/problems", "package"), ("/admin/accounts/import", "file"), ("/events/import", "file")],
)
def test_a_text_in_place_of_a_file_is_refused_with_the_field(app: AppFixture, path: str, field: str) -> None:
    sent = {field: "text", "other": (io.BytesIO(b"x"), "x.txt")}
    answer = app.client.post(path, data=sent, headers=app.headers("admin"))
    assert (answer.status_code, answer.get_json()["detail"]) == (422, f"{field}: must be a file")


def test_thousands_of_unknown_fields_get_a_short_answer(app: AppFixture) -> None:
    body = {**SUBMISSION, **{f"x{number}": 1 for number in range(5000)}}
    answer = app.client.post("/submissions", json=body, headers=app.headers())
    assert answer.status_code == 422
    assert len(answer.data) < 20_000


def test_the_api_of_judge0_ignores_unknown_fields(app: AppFixture) -> None:
    body = {"source_code": SUM, "language_id": 71, "priority": 1}
    assert app.client.post("/judge0/submissions", json=body, headers=app.headers()).status_code == 201


def test_a_repeated_idempotency_key_is_answered_as_a_replay(app: AppFixture) -> None:
    for path, body in (("/submissions", SUBMISSION), ("/runs", RUN)):
        headers = {**app.headers(), "Idempotency-Key": f"replay{path}"}
        first, again = (app.client.post(path, json=body, headers=headers) for _ in range(2))
        assert (first.get_json()["replayed"], "Idempotency-Replayed" in first.headers) == (False, False)
        assert again.get_json() == {**first.get_json(), "replayed": True}
        assert again.headers["Idempotency-Replayed"] == "true"
