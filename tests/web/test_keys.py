"""The API keys of an account are shown once, listed without their secret, and end by revocation or expiry."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from judge_api.services.auth_cache import AuthCache
from judge_api.store.accounts import AccountStore
from judge_api.views.account import MOST_KEYS
from judge_core.model.account import AuthenticatedKey
from tests.web.app_fixture import AppFixture


def _issue(app: AppFixture, **body: Any) -> Any:
    return app.client.post("/me/keys", json={"name": "laptop", **body}, headers=app.headers("bob"))


def _works(app: AppFixture, key: str) -> bool:
    return app.client.get("/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def _listed(app: AppFixture, name: str = "bob") -> list[Any]:
    found: list[Any] = app.client.get("/me/keys", headers=app.headers(name)).get_json()["keys"]
    return found


def test_a_key_is_shown_once_and_works_until_it_is_revoked(app: AppFixture) -> None:
    made = _issue(app).get_json()
    assert _works(app, made["key"])
    shown = next(key for key in _listed(app) if key["id"] == made["id"])
    assert made["key"].startswith(shown["prefix"])
    assert made["key"] not in str(_listed(app))
    revoked = app.client.delete(f"/me/keys/{made['id']}", headers=app.headers("bob"))
    assert (revoked.status_code, revoked.data) == (204, b"")
    assert not _works(app, made["key"])
    assert made["id"] not in [key["id"] for key in _listed(app)]
    again = app.client.delete(f"/me/keys/{made['id']}", headers=app.headers("bob"))
    assert again.status_code == 404


def test_the_audit_log_shows_that_a_key_was_made_and_revoked(app: AppFixture) -> None:
    made = _issue(app, name="noted").get_json()
    app.client.delete(f"/me/keys/{made['id']}", headers=app.headers("bob"))
    last, before = app.services.audit.page(limit=2)
    assert (before.account, before.act, before.subject) == ("bob", "key.issue", made["id"])
    assert (last.account, last.act, last.subject) == ("bob", "key.revoke", made["id"])
    assert made["key"] not in str(before.detail)


def test_an_account_cannot_revoke_a_key_of_another_account(app: AppFixture) -> None:
    made = _issue(app).get_json()
    assert app.client.delete(f"/me/keys/{made['id']}", headers=app.headers("ada")).status_code == 404
    assert _works(app, made["key"])
    assert made["id"] not in [key["id"] for key in _listed(app, "ada")]


def test_an_api_key_stops_working_at_its_expiry(app: AppFixture) -> None:
    for seconds in (1, 10, 30):  # a busy host may need longer than a key of 1 s lasts
        soon = datetime.now(UTC) + timedelta(seconds=seconds)
        made = _issue(app, expires_at=soon.isoformat()).get_json()
        if _works(app, made["key"]):
            break
    else:
        pytest.fail("a new key does not work")
    deadline = time.monotonic() + 60
    while _works(app, made["key"]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _works(app, made["key"])
    assert datetime.now(UTC) >= soon
    assert made["id"] not in [key["id"] for key in _listed(app)]


def test_a_key_with_an_expiry_cannot_make_a_key_that_expires_later(app: AppFixture) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    key = _issue(app, expires_at=end.isoformat()).get_json()["key"]
    session = app.client.post("/session", json={"key": key})
    cookie = session.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    for secret in (key, cookie):
        headers = {"Authorization": f"Bearer {secret}"}
        made = app.client.post("/me/keys", json={"name": "next"}, headers=headers)
        assert datetime.fromisoformat(made.get_json()["expires_at"]) == end
        earlier = {"name": "earlier", "expires_at": (end - timedelta(days=1)).isoformat()}
        assert app.client.post("/me/keys", json=earlier, headers=headers).status_code == 201
        later = {"name": "later", "expires_at": (end + timedelta(seconds=1)).isoformat()}
        refused = app.client.post("/me/keys", json=later, headers=headers)
        assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "expires_at")


@pytest.mark.parametrize(
    "moment", ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00", "9999-12-31T23:59:59-09:28", 5]
)
def test_an_impossible_expiry_of_a_key_is_refused(app: AppFixture, moment: Any) -> None:
    answer = _issue(app, expires_at=moment)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "expires_at")


def test_the_number_of_keys_of_an_account_is_limited(app: AppFixture) -> None:
    author = app.headers("author")
    mine = len(_listed(app, "author"))
    answers = [
        app.client.post("/me/keys", json={"name": "one more"}, headers=author).status_code
        for _ in range(MOST_KEYS - mine + 1)
    ]
    assert answers == [201] * (MOST_KEYS - mine) + [409]


class _OvertakenAccounts(AccountStore):
    """Calls ``meanwhile`` after a key was read, and before the caller gets the answer."""

    meanwhile: Callable[[], None]

    def authenticate(self, secret: str) -> AuthenticatedKey | None:
        found = super().authenticate(secret)
        self.meanwhile()
        return found


def test_a_key_that_is_revoked_during_its_lookup_is_not_cached(app: AppFixture) -> None:
    accounts, bob = _OvertakenAccounts(app.services.engine), app.accounts["bob"].account
    auth_cache = AuthCache(accounts)
    id, secret = accounts.issue_key(bob.id, "short-lived")

    def revoke() -> None:
        accounts.revoke_key(bob.id, id)
        auth_cache.clear()

    accounts.meanwhile = revoke
    assert auth_cache.find(secret) is not None
    accounts.meanwhile = lambda: None
    assert auth_cache.cached(secret) is None
    assert auth_cache.find(secret) is None


def test_a_request_revokes_all_other_keys_of_the_account(app: AppFixture) -> None:
    others = [_issue(app, name=f"other {number}").get_json()["key"] for number in range(2)]
    browser = app.flask.test_client()
    browser.post("/session", json={"key": others[0]})
    assert app.client.delete("/me/keys", headers=app.headers("bob")).status_code == 204
    assert [_works(app, key) for key in others] == [False, False]
    assert browser.get("/me").status_code == 401, "a session ends with its key"
    assert len(_listed(app)) == 1
    assert app.services.audit.page(limit=1)[0].act == "key.revoke-all"


def test_keys_and_sessions_are_listed_with_the_address_of_their_last_use(app: AppFixture) -> None:
    made = _issue(app, name="elsewhere").get_json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    app.client.get("/me", headers=bearer, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    shown = next(key for key in _listed(app) if key["id"] == made["id"])
    assert shown["address"] == "192.0.2.7"
    browser = app.flask.test_client()
    browser.post("/session", json={"key": made["key"]})
    browser.get("/me", environ_base={"REMOTE_ADDR": "2001:db8::1"})
    newest = browser.get("/me/sessions").get_json()["sessions"][0]
    assert (newest["address"], newest["method"]) == ("2001:db8::1", "key")
