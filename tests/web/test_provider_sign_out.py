"""Sessions end when a provider announces a sign-out (OpenID Connect Back-Channel Logout). Administrators can
unlink an account from its provider."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from judge_api.store.engine import read_connection
from judge_api.store.tables import api_keys
from judge_core.model.account import Role, Tier
from tests.support.oidc_provider import FakeProvider, new_key
from tests.web.app_fixture import AppFixture
from tests.web.test_single_sign_on import Browser, browser, club, new_person, redis, school, sso

__all__ = ("browser", "club", "redis", "school", "sso")


def announce(app: AppFixture, token: str, provider: str = "school") -> int:
    form = {"logout_token": token}
    return app.client.post(f"/sso/{provider}/backchannel-logout", data=form).status_code


def test_a_sign_out_at_the_provider_ends_the_session_of_the_person(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person, other = new_person(), Browser(sso)
    browser.sign_in(school, **person)
    other.sign_in(school, **new_person())
    assert announce(sso, school.logout_token(sub=person["sub"])) == 200
    assert browser.me is None
    assert other.me is not None
    browser.sign_in(school, **person)
    assert browser.me is not None


def test_the_end_of_a_provider_session_ends_the_session_of_the_same_browser(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person, phone = new_person(), Browser(sso)
    browser.sign_in(school, **person, sid="desktop")
    phone.sign_in(school, **person, sid="phone")
    assert announce(sso, school.logout_token(sid="desktop")) == 200
    assert browser.me is None
    assert phone.me is not None
    assert announce(sso, school.logout_token(sub=person["sub"], sid="phone")) == 200
    assert phone.me is None


def test_a_session_by_password_continues_after_a_sign_out_at_the_provider(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person, by_password = new_person(), Browser(sso)
    browser.sign_in(school, **person)
    name = browser.me["name"]
    browser.change("PUT", "/me/password", {"new_password": "a password of its own"})
    by_password.client.post("/session", json={"name": name, "password": "a password of its own"})
    assert announce(sso, school.logout_token(sub=person["sub"])) == 200
    assert by_password.me is not None


def test_a_sign_out_at_the_provider_ends_a_session_with_a_second_factor(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    import pyotp

    person, other = new_person(sid="with a code"), Browser(sso)
    browser.sign_in(school, **person)
    secret = browser.change("POST", "/me/second-factor", {}).get_json()["secret"]
    answer = browser.change("POST", "/me/second-factor/confirmation", {"code": pyotp.TOTP(secret).now()})
    token = other.sign_in(school, **person).partition("#")[2]
    body = {"link": token, "code": answer.get_json()["recovery_codes"][0]}
    assert other.client.post("/session", json=body).status_code == 201
    assert other.me is not None
    assert announce(sso, school.logout_token(sid="with a code")) == 200
    assert other.me is None


def test_a_sign_out_at_the_provider_ends_a_sign_in_that_waits_for_a_second_factor(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    import pyotp

    person, other = new_person(sid="waits for a code"), Browser(sso)
    browser.sign_in(school, **person)
    secret = browser.change("POST", "/me/second-factor", {}).get_json()["secret"]
    answer = browser.change("POST", "/me/second-factor/confirmation", {"code": pyotp.TOTP(secret).now()})
    codes = answer.get_json()["recovery_codes"]
    token = other.sign_in(school, **person).partition("#")[2]
    assert announce(sso, school.logout_token(sid="another session")) == 200
    assert announce(sso, school.logout_token(sid="waits for a code")) == 200
    answer = other.client.post("/session", json={"link": token, "code": codes[0]})
    assert (answer.status_code, other.me) == (401, None)
    token = other.sign_in(school, **person).partition("#")[2]
    assert other.client.post("/session", json={"link": token, "code": codes[1]}).status_code == 201


def test_a_provider_session_with_a_nul_in_its_id_ends_by_the_id_of_the_person(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person(sid="odd\x00name")
    browser.sign_in(school, **person)
    assert browser.me is not None
    (session,) = sso.services.sessions.list(browser.me["id"])
    with read_connection(sso.services.engine) as connection:
        kept = select(api_keys.c.provider_session).where(api_keys.c.id == session.id)
        assert connection.execute(kept).scalar() is None
    assert announce(sso, school.logout_token(sub=person["sub"])) == 200
    assert browser.me is None


def test_a_sign_in_after_the_announced_sign_out_stays_valid(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person()
    browser.sign_in(school, **person)
    long_ago = int(time.time()) - 400
    assert announce(sso, school.logout_token(sub=person["sub"], iat=long_ago)) == 200
    assert browser.me is not None


Spoil = Callable[[FakeProvider, str], str]
SPOILT: dict[str, Spoil] = {
    "no token": lambda school, sub: "",
    "no JWT": lambda school, sub: "a.b.c",
    "another issuer": lambda school, sub: school.logout_token(sub=sub, iss="http://evil.example"),
    "another client": lambda school, sub: school.logout_token(sub=sub, aud="another"),
    "an ID token": lambda school, sub: school.logout_token(sub=sub, events=None, nonce="of a sign-in"),
    "a nonce": lambda school, sub: school.logout_token(sub=sub, nonce="of a sign-in"),
    "no event": lambda school, sub: school.logout_token(sub=sub, events={"another": {}}),
    "an event that is no object": lambda school, sub: school.logout_token(
        sub=sub, events={"http://schemas.openid.net/event/backchannel-logout": "yes"}
    ),
    "no person and no session": lambda school, sub: school.logout_token(),
    "a person that is a number": lambda school, sub: school.logout_token(sub=7),
    "expired": lambda school, sub: school.logout_token(sub=sub, exp=int(time.time()) - 300),
    "no time": lambda school, sub: school.logout_token(sub=sub, iat=None),
    "of tomorrow": lambda school, sub: school.logout_token(sub=sub, iat=int(time.time()) + 86_400),
    "old and without an end": lambda school, sub: school.logout_token(
        sub=sub, exp=None, iat=int(time.time()) - 3600
    ),
    "of a year that no clock has": lambda school, sub: school.logout_token(sub=sub, iat=-(10**17)),
    "of another type": lambda school, sub: school.logout_token({"typ": "at+jwt"}, sub=sub),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_logout_token_with_a_fault_ends_no_session(
    browser: Browser, sso: AppFixture, school: FakeProvider, how: str
) -> None:
    person = new_person()
    browser.sign_in(school, **person)
    assert announce(sso, SPOILT[how](school, person["sub"])) == 400
    assert browser.me is not None


def test_a_logout_token_signed_by_another_key_ends_no_session(
    browser: Browser, sso: AppFixture, school: FakeProvider, club: FakeProvider
) -> None:
    person = new_person()
    browser.sign_in(school, **person)
    forged = FakeProvider(issuer=school.issuer, key=new_key("first"))
    assert announce(sso, forged.logout_token(sub=person["sub"])) == 400
    assert announce(sso, school.logout_token(sub=person["sub"]), "club") == 400
    assert announce(sso, school.logout_token(sub=person["sub"]), "none") == 404
    assert browser.me is not None


def test_a_sign_out_of_a_person_without_an_account_is_accepted(
    sso: AppFixture, browser: Browser, school: FakeProvider
) -> None:
    assert announce(sso, school.logout_token(sub="a stranger")) == 200


def listed(app: AppFixture, name: str) -> Any:
    answer = app.client.get(f"/admin/accounts?search={name}", headers=app.headers("admin"))
    return next(each for each in answer.get_json()["accounts"] if each["name"] == name)


def unlink(app: AppFixture, account: Any, who: str = "admin") -> Any:
    path = f"/admin/accounts/{account['id']}/identities/{account['identities'][0]['id']}"
    return app.client.delete(path, headers=app.headers(who))


def test_an_administrator_unlinks_a_person_if_another_way_to_sign_in_remains(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person()
    browser.sign_in(school, **person)
    account = listed(sso, browser.me["name"])
    assert [each["title"] for each in account["identities"]] == ["School account"]
    refused = unlink(sso, account)
    assert (refused.status_code, "the only way to sign in" in refused.get_json()["detail"]) == (409, True)
    browser.change("PUT", "/me/password", {"new_password": "the first password"})
    assert unlink(sso, account, "ada").status_code == 403
    assert unlink(sso, account).status_code == 204
    assert unlink(sso, account).status_code == 404
    assert listed(sso, account["name"])["identities"] == []
    acts = [each.act for each in sso.services.audit.page(None, 50) if each.subject == account["name"]]
    assert "identity.unlink" in acts


def test_an_identity_of_another_account_is_not_found(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    browser.sign_in(school, **new_person())
    mine = listed(sso, browser.me["name"])
    other = sso.services.accounts.add("another-owner", Tier.NORMAL, Role.USER, None)
    assert unlink(sso, {**mine, "id": other.id}).status_code == 404


def test_refused_sign_outs_from_an_address_are_limited(
    browser: Browser, sso: AppFixture, school: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sso.client.environ_base, "REMOTE_ADDR", "198.51.100.7")
    for _ in range(40):
        assert announce(sso, school.logout_token(sub=new_person()["sub"])) == 200
    assert [announce(sso, "no token") for _ in range(31)] == [400] * 30 + [429]
    monkeypatch.setitem(sso.client.environ_base, "REMOTE_ADDR", "198.51.100.8")
    person = new_person()
    browser.sign_in(school, **person)
    assert announce(sso, school.logout_token(sub=person["sub"])) == 200
    assert browser.me is None
