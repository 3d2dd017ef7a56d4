"""A key with scopes may read, may do what its scopes name, and is refused for all other acts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.app_fixture import SUM, AppFixture

POSTED = {"problem": "aplusb", "language": "python3", "source": SUM}
JUDGE0 = {"source_code": "print(1)", "language_id": 71}
LEETCODE = {"lang": "python3", "question_id": "1", "typed_code": SUM}
READING = [
    ("GET", "/me"),
    ("GET", "/submissions"),
    ("GET", "/me/keys"),
    ("GET", "/problems"),
    ("GET", "/session"),
]
SUBMITTING = [
    ("POST", "/submissions", POSTED),
    ("POST", "/runs", {"language": "python3", "source": SUM, "stdin": "1 2"}),
    ("POST", "/judge0/submissions", JUDGE0),
    ("POST", "/problems/aplusb/submit/", LEETCODE),
]
Call = tuple[str, str, dict[str, object] | None]
AUTHORING: list[Call] = [
    ("GET", "/admin/problems", None),
    ("POST", "/admin/problems/aplusb/verify", {}),
]
OPERATING = [("GET", "/admin/queues", None), ("GET", "/admin/accounts", None), ("GET", "/admin/audit", None)]
OWNING = [
    ("POST", "/me/keys", {"name": "one more"}),
    ("DELETE", "/me/keys", None),
    ("PUT", "/me/password", {"new_password": "a long enough one"}),
    ("DELETE", "/me/sessions", None),
    ("GET", "/me/export", None),
    ("POST", "/me/second-factor", {}),
    ("PUT", "/me/email", {"email": None}),
    ("POST", "/me/deletion", {}),
    ("POST", "/me/webhooks", {"url": "https://example.org/"}),
]


def _key(app: AppFixture, *scopes: str, owner: str = "admin") -> dict[str, str]:
    made = app.client.post("/me/keys", json={"name": "limited", "scopes": scopes}, headers=app.headers(owner))
    assert made.status_code == 201, made.get_json()
    return {"Authorization": f"Bearer {made.get_json()['key']}"}


def _ask(app: AppFixture, headers: dict[str, str], method: str, path: str, body: Any = None) -> int:
    return app.client.open(path, method=method, json=body, headers=headers).status_code


@pytest.mark.parametrize("scope", ["read", "submit", "author", "operate"])
def test_a_key_may_only_read_and_do_the_acts_of_its_scope(app: AppFixture, scope: str) -> None:
    headers = _key(app, scope)
    assert [_ask(app, headers, *asked) for asked in READING] == [200] * len(READING)
    for name, asked in (("submit", SUBMITTING), ("author", AUTHORING), ("operate", OPERATING)):
        refused = [_ask(app, headers, *each) == 403 for each in asked]
        assert refused == [name != scope] * len(asked), name
    assert [_ask(app, headers, *each) for each in OWNING] == [403] * len(OWNING)


def test_the_fast_path_refuses_a_key_without_the_needed_scope(app: AppFixture) -> None:
    headers = _key(app, "read")
    app.client.get("/me", headers=headers)  # after this request the key is cached
    answer = app.client.post("/submissions", json=POSTED, headers=headers)
    assert answer.status_code == 403
    assert "scope submit" in answer.get_json()["detail"]


def test_a_session_has_the_scopes_of_its_key(app: AppFixture) -> None:
    secret = _key(app, "read")["Authorization"].removeprefix("Bearer ")
    browser = app.flask.test_client()
    token = browser.post("/session", json={"key": secret}).get_json()["csrf_token"]
    assert browser.get("/submissions").status_code == 200
    assert browser.post("/submissions", json=POSTED, headers={"X-CSRF-Token": token}).status_code == 403
    assert browser.delete("/session", headers={"X-CSRF-Token": token}).status_code == 204


def test_a_scope_does_not_give_a_role(app: AppFixture) -> None:
    headers = _key(app, "operate", "author", owner="bob")
    assert _ask(app, headers, "GET", "/admin/queues") == 403
    assert _ask(app, headers, "GET", "/admin/problems") == 403


def test_scopes_of_keys_are_listed(app: AppFixture) -> None:
    _key(app, "submit", "submit", owner="grace")
    listed = app.client.get("/me/keys", headers=app.headers("grace")).get_json()["keys"]
    assert [key["scopes"] for key in listed] == [["read", "submit"], None]


@pytest.mark.parametrize("scopes", [[], ["everything"], "read", [None]])
def test_an_unknown_scope_is_refused(app: AppFixture, scopes: Any) -> None:
    body = {"name": "odd", "scopes": scopes}
    answer = app.client.post("/me/keys", json=body, headers=app.headers("ada"))
    assert (answer.status_code, answer.get_json()["errors"][0]["field"].split(".")[0]) == (422, "scopes")
