"""By single sign-on each person gets the right account, and bad answers of a provider are refused."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from judge_api.services.account_administration import AccountAdministration, AccountChanges
from judge_api.services.single_sign_on import SingleSignOn, safe_path
from judge_core.model.account import Account, LinkPurpose, Role, Tier
from judge_core.model.errors import StoreUnavailable
from tests.support.oidc_provider import FakeProvider, new_key, open_provider
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app

SETTINGS = """
[school]
title = "School account"
issuer = "{school}"
client_id = "gavel"
client_secret_file = "secret"
sign_out = true
claims = {{ tier = "plan", role = "realm.roles", groups = "classes" }}
tiers = {{ gold = "premium" }}
roles = {{ teacher = "author", head = "user" }}

[club]
issuer = "{club}"
client_id = "gavel"
allow_admin = true
claims = {{ role = "role" }}
require = {{ hd = "club.example" }}
"""
_numbers = itertools.count()


@pytest.fixture(scope="module")
def school() -> Iterator[FakeProvider]:
    with open_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def club() -> Iterator[FakeProvider]:
    with open_provider() as provider:
        yield provider


def settings_file(folder: Path, school: FakeProvider, club: FakeProvider) -> Path:
    (folder / "secret").write_text("the client's secret\n")
    file = folder / "providers.toml"
    file.write_text(SETTINGS.format(school=school.issuer, club=club.issuer))
    return file


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def sso(
    school: FakeProvider, club: FakeProvider, redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppFixture]:
    folder = tmp_path_factory.mktemp("data")
    file = settings_file(folder, school, club)
    built = build_app(folder, redis, GAVEL_OIDC_PROVIDERS=str(file), GAVEL_SIGN_UP="sso")
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


class Browser:
    """A browser that signs in at a provider."""

    def __init__(self, app: AppFixture) -> None:
        self.app = app
        self.client: FlaskClient = app.flask.test_client()

    def begin(self, provider: str = "school", next: str = "") -> str:
        """Begin a sign-in. Returns the page of the provider to which the browser is sent."""
        answer = self.client.get(f"/sso/{provider}/sign-in", query_string={"next": next})
        assert answer.status_code == 303, answer.get_json(silent=True)
        return str(answer.headers["Location"])

    def follow(self, url: str) -> str:
        """Follow the provider's redirect to Gavel. Returns the address to which Gavel then sends the
        browser."""
        parts = urlsplit(url)
        answer = self.client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 303, answer.get_json(silent=True)
        return str(answer.headers["Location"])

    def sign_in(self, provider: FakeProvider, at: str = "school", next: str = "", **person: Any) -> str:
        provider.person = person
        return self.follow(provider.sign_in(self.begin(at, next)))

    @property
    def me(self) -> Any:
        answer = self.client.get("/me")
        return answer.get_json() if answer.status_code == 200 else None

    def change(self, method: str, path: str, body: Any = None) -> Any:
        token = self.client.get("/session").get_json()["csrf_token"]
        return self.client.open(path, method=method, json=body, headers={"X-CSRF-Token": token})


@pytest.fixture
def browser(sso: AppFixture, school: FakeProvider, club: FakeProvider) -> Browser:
    for provider in (school, club):
        provider.spoil_token = lambda claims: claims
        provider.spoil_metadata = lambda metadata: metadata
        provider.user_info = provider.signing_key = None
        provider.header = {}
    return Browser(sso)


def fault(place: str) -> str:
    """The fault that this address asks the sign-in page to show."""
    parts = urlsplit(place)
    assert parts.path == "/sign-in", place
    return parse_qs(parts.query)["sso_fault"][0]


def new_person(**claims: Any) -> dict[str, Any]:
    number = next(_numbers)
    return {"sub": f"subject-{number}", "preferred_username": f"pupil-{number}", **claims}


def test_the_first_sign_in_makes_an_account_that_the_next_sign_in_uses(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person(
        name="Ada Lovelace", email="ada@school.example", email_verified=True, classes=["6a", "/6/b"]
    )
    assert browser.sign_in(school, next="/problems/aplusb?tab=1", **person) == "/problems/aplusb?tab=1"
    me = browser.me
    assert (me["name"], me["full_name"], me["email"]) == (
        person["preferred_username"],
        "Ada Lovelace",
        "ada@school.example",
    )
    assert (me["email_verified"], me["has_password"], me["tier"], me["role"]) == (
        True,
        False,
        "normal",
        "user",
    )
    assert sso.services.groups.of([me["id"]])[me["id"]] == ["6a"]
    session = browser.client.get("/me/sessions").get_json()["sessions"][0]
    assert (session["method"], session["provider"], session["current"]) == ("sso", "school", True)
    again = Browser(sso)
    again.sign_in(school, **{**person, "preferred_username": "renamed"})
    assert again.me["id"] == me["id"]
    acts = [entry.act for entry in sso.services.audit.of(me["name"])]
    assert acts == ["account.sign-up", "session.by-sso", "session.by-sso"]


def test_claims_set_tier_role_and_groups_at_each_sign_in(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person()
    browser.sign_in(school, **person, plan="gold", realm={"roles": ["x", "teacher"]}, classes=["6a", "chess"])
    id = browser.me["id"]
    assert (browser.me["tier"], browser.me["role"]) == ("premium", "author")
    sso.services.groups.add("kept", id)
    browser.sign_in(school, **person, plan="tin", classes=["7a", "chess"])
    assert (browser.me["tier"], browser.me["role"]) == ("normal", "user")
    assert sso.services.groups.of([id])[id] == ["7a", "chess", "kept"]


def test_a_role_claim_makes_an_administrator_only_if_the_settings_allow(
    browser: Browser, sso: AppFixture, school: FakeProvider, club: FakeProvider
) -> None:
    browser.sign_in(school, **new_person(realm={"roles": ["admin"]}))
    assert browser.me["role"] == "user"
    other = Browser(sso)
    other.sign_in(club, "club", **new_person(role="admin", hd="club.example"))
    assert other.me["role"] == "admin"


def test_an_administrator_keeps_the_role_after_a_sign_in_with_a_lower_role_claim(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person(realm={"roles": ["teacher"]})
    browser.sign_in(school, **person)
    sso.services.accounts.set_role(browser.me["id"], Role.ADMIN)
    sso.services.auth_cache.clear()
    browser.sign_in(school, **person)
    assert browser.me["role"] == "admin"


def test_a_new_account_with_a_taken_name_gets_a_numbered_name(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    browser.sign_in(school, **new_person(preferred_username="ADA"))
    assert browser.me["name"] == "ADA-2"
    assert browser.me["id"] != sso.accounts["ada"].account.id


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "Zoë Müller"}, "Zo-M-ller"),
        ({"preferred_username": None, "email": "eve@school.example"}, "eve"),
        ({"preferred_username": "\u0000/"}, "school"),
        ({"preferred_username": 7, "email": ["x"]}, "school-2"),
    ],
)
def test_an_odd_name_claim_becomes_a_valid_name(
    browser: Browser, school: FakeProvider, claims: dict[str, Any], name: str
) -> None:
    browser.sign_in(school, **new_person(**claims))
    assert browser.me["name"] == name


def test_a_claim_with_the_address_of_an_account_does_not_give_access_to_the_account(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    ada = sso.accounts["ada"].account
    sso.services.accounts.set_email(ada.id, "ada@gavel.example")
    sso.services.accounts.verify_email(ada.id, "ada@gavel.example")
    verified = new_person(email="Ada@Gavel.example", email_verified=True)
    assert fault(browser.sign_in(school, **verified)) == "email-taken"
    assert browser.me is None
    unverified: dict[str, Any] = new_person(email="ada@gavel.example", email_verified=False)
    other = Browser(sso)
    other.sign_in(school, **unverified)
    assert other.me["id"] != ada.id
    assert other.me["email"] is None


def test_an_owner_links_a_provider_with_the_password_and_unlinks_the_provider(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    from judge_api.services.password_hashing import hash_password

    person = new_person()
    account = sso.services.accounts.add("linker", Tier.NORMAL, Role.USER, hash_password("the right password"))
    signed = {"name": "linker", "password": "the right password"}
    browser.client.post("/session", json=signed)
    wrong = browser.change(
        "POST", "/me/identities", {"provider": "school", "current_password": "wrong password"}
    )
    assert wrong.get_json()["errors"][0]["field"] == "current_password"
    body = {"provider": "school", "current_password": signed["password"]}
    url = browser.change("POST", "/me/identities", body).get_json()["authorization_url"]
    school.person = person
    assert browser.follow(school.sign_in(url)) == "/account"
    other = Browser(sso)
    other.sign_in(school, **person)
    assert other.me["id"] == account.id
    identity = other.client.get("/me/identities").get_json()["identities"][0]
    assert (identity["title"], identity["subject"]) == ("School account", person["sub"])
    assert other.change("DELETE", f"/me/identities/{identity['id']}").status_code == 204
    third = Browser(sso)
    third.sign_in(school, **person)
    assert third.me["id"] != account.id


def test_a_person_of_an_account_cannot_be_linked_to_a_second_account(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person, second = new_person(), new_person()
    Browser(sso).sign_in(school, **person)
    browser.sign_in(school, **second)
    url = browser.change("POST", "/me/identities", {"provider": "school"}).get_json()["authorization_url"]
    school.person = person
    assert fault(browser.follow(school.sign_in(url))) == "linked-elsewhere"


def test_a_link_that_was_begun_in_another_session_is_refused(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    browser.sign_in(school, **new_person())
    victim = browser.me["id"]
    url = browser.change("POST", "/me/identities", {"provider": "school"}).get_json()["authorization_url"]
    browser.change("DELETE", "/session")
    school.person = new_person()
    assert fault(browser.follow(school.sign_in(url))) == "outdated"
    assert len(sso.services.identities.of(victim)) == 1


def test_an_api_key_cannot_link_a_provider(sso: AppFixture, browser: Browser) -> None:
    answer = sso.client.post("/me/identities", json={"provider": "school"}, headers=sso.headers())
    assert answer.status_code == 403


def test_the_only_way_to_sign_in_cannot_be_unlinked(browser: Browser, school: FakeProvider) -> None:
    browser.sign_in(school, **new_person())
    identity = browser.client.get("/me/identities").get_json()["identities"][0]
    refused = browser.change("DELETE", f"/me/identities/{identity['id']}")
    assert (refused.status_code, "set a password first" in refused.get_json()["detail"]) == (409, True)
    assert browser.change("DELETE", "/me/identities/none").status_code == 404
    browser.change("PUT", "/me/password", {"new_password": "the first password"})
    assert browser.change("DELETE", f"/me/identities/{identity['id']}").status_code == 204


def test_a_disabled_account_cannot_sign_in_by_single_sign_on(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person()
    browser.sign_in(school, **person)
    sso.services.accounts.set_disabled(browser.me["id"], True)
    assert fault(Browser(sso).sign_in(school, **person)) == "disabled"


def test_an_account_with_a_second_factor_needs_its_code_after_single_sign_on(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    import pyotp

    person = new_person()
    browser.sign_in(school, **person)
    secret = browser.change("POST", "/me/second-factor", {}).get_json()["secret"]
    browser.change("POST", "/me/second-factor/confirmation", {"code": pyotp.TOTP(secret).now()})
    other = Browser(sso)
    place = urlsplit(other.sign_in(school, next="/events", **person))
    assert (place.path, parse_qs(place.query)) == ("/link", {"next": ["/events"]})
    assert other.me is None
    assert other.client.post("/session", json={"link": place.fragment}).status_code == 401
    link = sso.services.one_time_links.find(place.fragment)
    assert link is not None and link.purpose is LinkPurpose.SIGN_IN


def test_a_person_without_a_required_claim_is_refused(browser: Browser, club: FakeProvider) -> None:
    assert fault(browser.sign_in(club, "club", **new_person(hd="elsewhere.example"))) == "not-member"
    assert fault(browser.sign_in(club, "club", **new_person())) == "not-member"


def test_sign_up_by_password_is_closed_if_single_sign_on_makes_the_accounts(
    sso: AppFixture, browser: Browser
) -> None:
    answer = sso.client.post("/accounts", json={"name": "new-one", "password": "a long password"})
    assert (answer.status_code, "single sign-on" in answer.get_json()["detail"]) == (403, True)
    shown = sso.client.get("/sso").get_json()
    assert [one["title"] for one in shown["providers"]] == ["School account", "club"]
    assert shown["sign_up"] == "sso"


def test_closed_sign_up_applies_to_single_sign_on(
    browser: Browser, sso: AppFixture, school: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from judge_api.settings import SignUp

    monkeypatch.setattr(sso.services.single_sign_on, "_sign_up", SignUp.CLOSED)
    assert fault(browser.sign_in(school, **new_person())) == "no-account"


def test_signing_out_returns_the_address_at_which_the_provider_ends_its_session(
    browser: Browser, sso: AppFixture, school: FakeProvider, club: FakeProvider
) -> None:
    browser.sign_in(school, **new_person())
    url = urlsplit(browser.change("DELETE", "/session").get_json()["sign_out_url"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{school.issuer}/end"
    assert parse_qs(url.query)["post_logout_redirect_uri"] == ["http://127.0.0.1:8000/"]
    assert browser.me is None
    browser.sign_in(club, "club", **new_person(hd="club.example"))
    assert browser.change("DELETE", "/session").status_code == 204


def test_a_deleted_account_leaves_no_linked_identity(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person()
    browser.sign_in(school, **person)
    account = sso.services.accounts.get(browser.me["id"])
    assert account is not None
    sso.services.account_administration.delete("admin", account)
    assert sso.services.identities.account_of(school.issuer, person["sub"]) is None
    assert [entry for entry in sso.services.audit.of(account.name) if entry.detail] == []


SPOILT: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
    "wrong nonce": lambda claims: {**claims, "nonce": "another"},
    "no nonce": lambda claims: {key: value for key, value in claims.items() if key != "nonce"},
    "wrong issuer": lambda claims: {**claims, "iss": "https://evil.example"},
    "wrong audience": lambda claims: {**claims, "aud": "another client"},
    "several audiences without azp": lambda claims: {**claims, "aud": ["gavel", "another"]},
    "azp of another client": lambda claims: {**claims, "aud": ["gavel", "another"], "azp": "another"},
    "expired": lambda claims: {**claims, "exp": claims["iat"] - 600},
    "without an end": lambda claims: {key: value for key, value in claims.items() if key != "exp"},
    "of the future": lambda claims: {**claims, "iat": claims["iat"] + 3600},
    "no subject": lambda claims: {key: value for key, value in claims.items() if key != "sub"},
    "empty subject": lambda claims: {**claims, "sub": ""},
    "subject that is no text": lambda claims: {**claims, "sub": ["x"]},
    "endless subject": lambda claims: {**claims, "sub": "x" * 300},
    "subject with NUL, which PostgreSQL refuses": lambda claims: {**claims, "sub": "a\0b"},
    "wrong hash of the access token": lambda claims: {**claims, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no token": lambda claims: None,
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_token_with_a_fault_is_refused(browser: Browser, school: FakeProvider, how: str) -> None:
    school.spoil_token = SPOILT[how]
    assert fault(browser.sign_in(school, **new_person())) == "bad-answer"
    assert browser.me is None


def test_a_token_that_another_key_signed_is_refused(browser: Browser, school: FakeProvider) -> None:
    school.signing_key = new_key("first")
    assert fault(browser.sign_in(school, **new_person())) == "bad-answer"


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_the_signature_of_the_provider_is_refused(
    browser: Browser, school: FakeProvider, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    monkeypatch.setattr(school, "_id_token", lambda asked: {"id_token": forged(school, asked, algorithm)})
    assert fault(browser.sign_in(school, **new_person())) == "bad-answer"


def forged(provider: FakeProvider, asked: dict[str, str], algorithm: str) -> str:
    """A token without a signature, or a token that is signed with the provider's public key as if that were a
    secret."""
    import base64
    import hashlib
    import hmac
    import json
    import time

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"iss": provider.issuer, "aud": "gavel", "sub": "x", "iat": now, "exp": now + 60}
    header = {"alg": algorithm, "kid": provider.key.kid}
    signed = {**claims, "nonce": asked["nonce"]}
    body = f"{part(json.dumps(header).encode())}.{part(json.dumps(signed).encode())}"
    if algorithm == "none":
        return f"{body}."
    secret = provider.key.as_pem(private=False)
    return f"{body}.{part(hmac.digest(secret, body.encode(), hashlib.sha256))}"


def test_a_sign_in_works_after_the_provider_changed_its_keys(
    browser: Browser, club: FakeProvider, sso: AppFixture
) -> None:
    browser.sign_in(club, "club", **new_person(hd="club.example"))
    sso.services.single_sign_on.clients["club"]._keys_at = float("-inf")
    club.key = new_key("second")
    assert browser.sign_in(club, "club", **new_person(hd="club.example")) == "/problems"


def test_a_sign_in_works_after_the_provider_changed_a_key_under_the_same_id(
    browser: Browser, club: FakeProvider, sso: AppFixture
) -> None:
    browser.sign_in(club, "club", **new_person(hd="club.example"))
    sso.services.single_sign_on.clients["club"]._keys_at = float("-inf")
    club.key = new_key(str(club.key.kid))
    assert browser.sign_in(club, "club", **new_person(hd="club.example")) == "/problems"


def test_a_key_that_the_provider_withdrew_an_hour_ago_is_refused(
    browser: Browser, club: FakeProvider, sso: AppFixture
) -> None:
    assert browser.sign_in(club, "club", **new_person(hd="club.example")) == "/problems"
    stolen, club.key = club.key, new_key("third")
    sso.services.single_sign_on.clients["club"]._keys_at -= 3600
    club.signing_key = stolen
    assert fault(browser.sign_in(club, "club", **new_person(hd="club.example"))) == "bad-answer"


@pytest.mark.parametrize(
    "odd", [{"kty": "EC", "crv": "brainpoolP256r1", "x": "AA", "y": "AA"}, {"kid": "no type"}, "no key"]
)
def test_an_unknown_kind_of_key_does_not_prevent_the_use_of_other_keys(
    browser: Browser, school: FakeProvider, sso: AppFixture, odd: object
) -> None:
    school.odd_keys = [odd]
    sso.services.single_sign_on.clients["school"]._keys = None
    try:
        assert browser.sign_in(school, **new_person()) == "/problems"
    finally:
        school.odd_keys = []


def test_user_info_of_another_person_is_refused(
    browser: Browser, school: FakeProvider, sso: AppFixture
) -> None:
    sso.services.single_sign_on.clients["school"]._metadata_at = float("-inf")
    person = new_person()
    school.user_info = {"sub": person["sub"], "name": "Grace Hopper", "email": "g@school.example"}
    browser.sign_in(school, **person)
    assert browser.me["full_name"] == "Grace Hopper"
    school.user_info = {"sub": "another", "realm": {"roles": ["teacher"]}}
    assert fault(Browser(sso).sign_in(school, **person)) == "bad-answer"
    school.user_info = None
    sso.services.single_sign_on.clients["school"]._metadata_at = float("-inf")


def test_a_verified_address_in_user_info_does_not_verify_the_address_of_the_token(
    browser: Browser, school: FakeProvider, sso: AppFixture
) -> None:
    sso.services.single_sign_on.clients["school"]._metadata_at = float("-inf")
    person = new_person(email="victim@school.example")
    school.user_info = {"sub": person["sub"], "email": "own@school.example", "email_verified": True}
    browser.sign_in(school, **person)
    assert browser.me["email"] is None
    sso.services.single_sign_on.clients["school"]._metadata_at = float("-inf")


def test_a_wrong_state_is_refused(browser: Browser, school: FakeProvider) -> None:
    back = school.sign_in(browser.begin())
    assert fault(browser.follow(back.replace("state=", "state=x"))) == "outdated"


def test_an_answer_is_refused_in_a_browser_that_did_not_begin_the_sign_in(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    school.person = new_person()
    back = school.sign_in(browser.begin())
    assert fault(Browser(sso).follow(back)) == "outdated"


def test_a_code_of_a_provider_works_once(browser: Browser, sso: AppFixture, school: FakeProvider) -> None:
    school.person = new_person()
    back = school.sign_in(browser.begin())
    kept = browser.client.get_cookie("gavel_sso", path="/sso")
    assert browser.follow(back) == "/problems"
    assert fault(browser.follow(back)) == "outdated"
    thief = Browser(sso)
    assert kept is not None
    thief.client.set_cookie("gavel_sso", kept.value, path="/sso")
    assert fault(thief.follow(back)) == "bad-answer"
    assert thief.me is None


def test_a_code_of_another_sign_in_is_refused(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    school.person = new_person()
    stolen = parse_qs(urlsplit(school.sign_in(Browser(sso).begin())).query)["code"][0]
    mine = school.sign_in(browser.begin())
    code = parse_qs(urlsplit(mine).query)["code"][0]
    assert fault(browser.follow(mine.replace(code, stolen))) == "bad-answer"


def test_an_answer_for_the_sign_in_of_another_provider_is_refused(
    browser: Browser, school: FakeProvider, club: FakeProvider
) -> None:
    school.person = new_person()
    back = school.sign_in(browser.begin("school"))
    assert fault(browser.follow(back.replace("/sso/school/", "/sso/club/"))) == "outdated"
    back = school.sign_in(browser.begin("school"))
    assert fault(browser.follow(f"{back}&iss={club.issuer}")) == "bad-answer"


def test_a_cookie_that_was_changed_or_is_too_old_is_refused(
    browser: Browser, school: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from judge_api.services import single_sign_on

    back = school.sign_in(browser.begin())
    monkeypatch.setattr(single_sign_on, "SIGN_IN_SECONDS", -1)
    assert fault(browser.follow(back)) == "outdated"
    back = school.sign_in(browser.begin())
    browser.client.set_cookie("gavel_sso", "e30.x.y", path="/sso")
    assert fault(browser.follow(back)) == "outdated"


def test_a_person_who_refuses_at_the_provider_is_not_signed_in(
    browser: Browser, school: FakeProvider
) -> None:
    back = school.sign_in(browser.begin())
    refused = back.replace("code=", "error=access_denied&error_description=<b>&x=")
    assert fault(browser.follow(refused)) == "provider-refused"


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "problems",
        "/" + "x" * 600,
    ],
)
def test_the_sign_in_does_not_redirect_to_another_site(
    browser: Browser, school: FakeProvider, next: str
) -> None:
    assert safe_path(next) == "/problems"
    assert browser.sign_in(school, next=next, **new_person()) == "/problems"


def test_a_provider_that_does_not_answer_is_reported_on_the_sign_in_page(
    redis: RedisServer, tmp_path: Path
) -> None:
    with open_provider() as school, open_provider() as club:
        file = settings_file(tmp_path, school, club)
    app = build_app(tmp_path, redis, GAVEL_OIDC_PROVIDERS=str(file))
    answer = app.client.get("/sso/school/sign-in")
    assert (answer.status_code, fault(answer.headers["Location"])) == (303, "provider-away")
    assert fault(app.client.get("/sso/none/sign-in").headers["Location"]) == "unknown-provider"
    app.services.status_subscriptions.close()
    app.services.engine.dispose()


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://login.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_with_untrustworthy_metadata_counts_as_unreachable(
    browser: Browser, school: FakeProvider, sso: AppFixture, changes: dict[str, Any]
) -> None:
    client = sso.services.single_sign_on.clients["school"]
    client._metadata_at = float("-inf")
    school.spoil_metadata = lambda metadata: {**metadata, **changes}
    assert fault(browser.client.get("/sso/school/sign-in").headers["Location"]) == "provider-away"
    school.spoil_metadata = lambda metadata: metadata
    assert browser.begin().startswith(f"{school.issuer}/authorize?")


@pytest.mark.parametrize("what", ["metadata", "keys", "token", "user_info"])
def test_an_answer_that_is_nested_too_deep_is_reported_as_a_fault_of_the_provider(
    browser: Browser, school: FakeProvider, sso: AppFixture, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    client = sso.services.single_sign_on.clients["school"]
    paths = {"metadata": "/.well-known/openid-configuration", "keys": "/keys", "token": "/token"}
    path, answer = paths.get(what, "/user"), school.answer
    school.user_info = {"sub": "deep"}
    monkeypatch.setattr(client, "_metadata_at", float("-inf"))
    monkeypatch.setattr(client, "_keys", None)

    def answered(asked: str, form: dict[str, str]) -> tuple[int, Any]:
        return (200, b'{"x":' * 50_000) if asked == path else answer(asked, form)

    monkeypatch.setattr(school, "answer", answered)
    if what == "metadata":
        assert fault(browser.client.get("/sso/school/sign-in").headers["Location"]) == "provider-away"
    else:
        assert fault(browser.sign_in(school, sub="deep")) in ("provider-away", "bad-answer")
    monkeypatch.undo()
    client._metadata_at = float("-inf")


SLOW_PROVIDER = """
from gevent import monkey
monkey.patch_all()
import gevent
from gevent.server import StreamServer
from judge_api.services import oidc_client
from judge_core.model.identity_provider import IdentityProvider

def drip(socket, address):
    socket.sendall({begin!r})
    while {again!r}:
        socket.sendall({again!r})
        gevent.sleep(0.05)

server = StreamServer(("127.0.0.1", 0), drip)
server.start()
oidc_client._LONGEST_SECONDS = 0.5
provider = IdentityProvider("slow", "Slow", f"http://127.0.0.1:{{server.server_port}}", "gavel")
try:
    oidc_client.OidcClient(provider, "http://localhost").sign_out_url()
except oidc_client.SsoRefused as refused:
    print(refused)
"""


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\n", b"X-Slow: x\r\n"),
    ],
    ids=["body", "headers"],
)
def test_a_request_to_a_provider_that_answers_byte_by_byte_ends_at_the_time_limit(
    begin: bytes, again: bytes
) -> None:
    """The test uses a process with gevent, as the API does, because only gevent can end such a wait."""
    assert "no answer within 0.5 s" in _fault_of_slow_provider(begin, again)


def test_an_answer_that_is_cut_short_is_reported_as_a_fault_of_the_provider() -> None:
    assert "Connection broken" in _fault_of_slow_provider(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b""
    )


def _fault_of_slow_provider(begin: bytes, again: bytes) -> str:
    program = SLOW_PROVIDER.format(begin=begin, again=again)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert run.stdout.startswith("provider-away"), run.stderr
    return run.stdout


class FailingOnce(AccountAdministration):
    """The first change of an account fails, as if the database were away."""

    fails = True

    def change(self, actor: str, account: Account, changes: AccountChanges) -> Account:
        fails, self.fails = self.fails, False
        if fails:
            raise StoreUnavailable("the database does not answer")
        return super().change(actor, account, changes)


def test_groups_that_could_not_be_changed_are_changed_at_the_next_sign_in(
    browser: Browser, sso: AppFixture, school: FakeProvider
) -> None:
    person = new_person()
    browser.sign_in(school, **person, classes=["6a"])
    id = browser.me["id"]
    failing = FailingOnce(sso.services.engine, "")
    sign_on = SingleSignOn(sso.services.engine, sso.services.settings, failing)
    provider, claims = sign_on.client("school").provider, {**person, "classes": ["7b"]}
    with pytest.raises(StoreUnavailable):
        sign_on.account_for(provider, claims)
    sign_on.account_for(provider, claims)
    assert sso.services.groups.of([id])[id] == ["7b"]
