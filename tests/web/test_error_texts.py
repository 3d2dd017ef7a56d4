"""Every refusal of a form is written for people, without patterns and without words of a validator."""

from __future__ import annotations

import re

import pytest

from tests.web.app_fixture import AppFixture

LONG = "x" * 100_000
FORMS: list[tuple[str, str, object]] = [
    ("POST", "/accounts", {"name": "a b", "password": "short"}),
    ("POST", "/accounts", {"name": "-", "password": LONG}),
    ("POST", "/accounts", {"name": 7, "password": None}),
    ("POST", "/accounts", {}),
    ("POST", "/session", {"name": "", "password": ""}),
    ("POST", "/submissions", {"problem": "", "language": "", "source": ""}),
    ("POST", "/submissions", {"problem": "aplusb", "language": "python3", "files": []}),
    ("POST", "/submissions", {"problem": "aplusb", "language": "python3", "source": 3, "run_all": "perhaps"}),
    ("POST", "/runs", {"language": "python3", "source": "x", "cases": [], "limits": {"cpu_seconds": -1}}),
    ("POST", "/me/keys", {"name": "", "expires_at": "soon", "scopes": ["rule"]}),
    ("POST", "/me/keys", {"name": LONG, "scopes": []}),
    ("POST", "/me/webhooks", {"url": ""}),
    ("PUT", "/me/password", {"current_password": "", "new_password": "short"}),
    ("PUT", "/me/email", {"email": "nowhere"}),
    ("POST", "/links", {"token": ""}),
    ("POST", "/events", {"slug": "!", "title": "", "starts_at": "soon", "ends_at": 7}),
    ("POST", "/admin/accounts", {"name": "x", "tier": "gold", "role": "king"}),
    ("POST", "/admin/accounts/bulk", {"accounts": 7}),
    ("PUT", "/admin/maintenance", {"mode": "nap", "message": LONG}),
    ("POST", "/accounts", []),
    ("GET", "/submissions?limit=0&cursor=x&verdict=OK", None),
]
OF_A_VALIDATOR = re.compile(
    r"String should|Input should|Field required|Value error|after validation|should have at|"
    r"pattern|\^\[|\\w|valid (string|integer|boolean|list|dictionary)|pydantic|instance of",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("method", "path", "body"), FORMS, ids=[f"{i}{f[1]}" for i, f in enumerate(FORMS)])
def test_a_refusal_has_no_words_of_a_validator(app: AppFixture, method: str, path: str, body: object) -> None:
    answer = app.client.open(path, method=method, json=body, headers=app.headers("admin"))
    assert 400 <= answer.status_code < 500
    problem = answer.get_json()
    texts = [problem["detail"], *(fault["message"] for fault in problem.get("errors", []))]
    assert [text for text in texts if OF_A_VALIDATOR.search(text)] == []


def test_a_text_that_is_too_short_gets_an_error_code_and_the_bound(app: AppFixture) -> None:
    answer = app.client.post("/accounts", json={"name": "a b", "password": "short"})
    faults = {fault["field"]: fault for fault in answer.get_json()["errors"]}
    assert faults["password"] == {
        "field": "password",
        "message": "must have at least 10 characters",
        "code": "too-short",
        "bound": 10,
    }
    assert faults["name"]["code"] == "wrong-characters"


def test_only_the_right_password_shows_that_an_account_is_disabled(app: AppFixture) -> None:
    form = {"name": "retired", "password": "a long password"}
    made = app.client.post("/accounts", json=form).get_json()
    app.services.accounts.set_disabled(made["id"], True)
    right = app.client.post("/session", json=form)
    assert (right.status_code, right.get_json()["type"]) == (401, "/errors/account-disabled")
    wrong = app.client.post("/session", json={**form, "password": "another password"})
    assert (wrong.status_code, wrong.get_json()["type"]) == (401, "/errors/unauthorized")
