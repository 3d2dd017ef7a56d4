"""API keys of an account: told once, listed without their secret, ended by hand or by time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from judge_api.services.auth_cache import AuthCache
from judge_api.store.accounts import AccountStore, Bearer
from judge_api.views.account import MOST_KEYS
from tests.web.app_fixture import House


def _issue(house: House, **body: Any) -> Any:
    return house.client.post("/me/keys", json={"name": "laptop", **body}, headers=house.headers("bob"))


def _works(house: House, key: str) -> bool:
    return house.client.get("/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def _listed(house: House, name: str = "bob") -> list[Any]:
    found: list[Any] = house.client.get("/me/keys", headers=house.headers(name)).get_json()["keys"]
    return found


def test_a_key_is_told_once_and_works_until_it_is_revoked(house: House) -> None:
    made = _issue(house).get_json()
    assert _works(house, made["key"])
    shown = next(key for key in _listed(house) if key["id"] == made["id"])
    assert made["key"].startswith(shown["prefix"])
    assert made["key"] not in str(_listed(house))
    revoked = house.client.delete(f"/me/keys/{made['id']}", headers=house.headers("bob"))
    assert (revoked.status_code, revoked.data) == (204, b"")
    assert not _works(house, made["key"])
    assert made["id"] not in [key["id"] for key in _listed(house)]
    again = house.client.delete(f"/me/keys/{made['id']}", headers=house.headers("bob"))
    assert again.status_code == 404


def test_making_and_ending_a_key_is_in_the_audit_log(house: House) -> None:
    made = _issue(house, name="noted").get_json()
    house.client.delete(f"/me/keys/{made['id']}", headers=house.headers("bob"))
    last, before = house.services.audit.page(limit=2)
    assert (before.account, before.act, before.subject) == ("bob", "key.issue", made["id"])
    assert (last.account, last.act, last.subject) == ("bob", "key.revoke", made["id"])
    assert made["key"] not in str(before.detail)


def test_nobody_ends_somebody_elses_key(house: House) -> None:
    made = _issue(house).get_json()
    assert house.client.delete(f"/me/keys/{made['id']}", headers=house.headers("ada")).status_code == 404
    assert _works(house, made["key"])
    assert made["id"] not in [key["id"] for key in _listed(house, "ada")]


def test_a_key_ends_by_itself(house: House) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    made = _issue(house, expires_at=soon.isoformat()).get_json()
    assert _works(house, made["key"])
    deadline = time.monotonic() + 5
    while _works(house, made["key"]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _works(house, made["key"])
    assert datetime.now(UTC) >= soon
    assert made["id"] not in [key["id"] for key in _listed(house)]


@pytest.mark.parametrize("moment", ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00", "tomorrow", 5])
def test_an_end_that_cannot_be_meant(house: House, moment: Any) -> None:
    answer = _issue(house, expires_at=moment)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "expires_at")


def test_an_account_has_only_so_many(house: House) -> None:
    author = house.headers("author")
    mine = len(_listed(house, "author"))
    answers = [
        house.client.post("/me/keys", json={"name": "one more"}, headers=author).status_code
        for _ in range(MOST_KEYS - mine + 1)
    ]
    assert answers == [201] * (MOST_KEYS - mine) + [409]


class _OvertakenAccounts(AccountStore):
    """Something happens while an answer is on its way."""

    meanwhile: Callable[[], None]

    def bearer(self, secret: str) -> Bearer | None:
        found = super().bearer(secret)
        self.meanwhile()
        return found


def test_a_key_that_is_revoked_while_it_is_looked_up_is_not_remembered(house: House) -> None:
    accounts, bob = _OvertakenAccounts(house.services.engine), house.residents["bob"].account
    keyring = AuthCache(accounts)
    id, secret = accounts.issue_key(bob.id, "short-lived")

    def revoke() -> None:
        accounts.revoke_key(bob.id, id)
        keyring.forget()

    accounts.meanwhile = revoke
    assert keyring.bearer(secret) is not None
    accounts.meanwhile = lambda: None
    assert keyring.remembered(secret) is None
    assert keyring.bearer(secret) is None
