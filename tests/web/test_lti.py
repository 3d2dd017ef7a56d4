"""A learning platform (LTI 1.3) launches into events, lists its course and gets grades.

The tests use the whole API, with a platform on loopback."""

from __future__ import annotations

import base64
import hmac
import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from string import ascii_letters, digits
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.event import listen, remove

from judge_api.dispatcher import open_lti_grades
from judge_api.lti.courses import MEMBERS_SECONDS, Courses
from judge_api.lti.platform_client import PlatformClient, PlatformFault, ServiceCall
from judge_api.services.oidc_client import OidcClient
from judge_api.store.engine import write_transaction
from judge_api.store.lti import LtiLink, NewPlacement
from judge_api.store.secret_tokens import hash_secret
from judge_api.store.tables import events, lti_grades, lti_placements
from judge_api.store.verdicts import VerdictStore
from judge_api.webhooks.http_sender import DeliveryError, HttpAnswer, HttpSender, WebhookRequest
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.clock import Clock, utc_now
from judge_core.model.identity_provider import IdentityProvider
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app
from tests.web.event_fixture import EventClient, make_event, moment
from tests.web.lti_platform import (
    CLAIM,
    CLIENT_ID,
    DEPLOYMENT,
    INSTRUCTOR,
    LEARNER,
    TEST_USER,
    FakePlatform,
    asked_of,
    running_platform,
)

LOCAL = {"GAVEL_WEBHOOK_NETWORKS": "127.0.0.0/8", "GAVEL_PUBLIC_URL": "http://localhost"}
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application that may call loopback."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    built = build_app(tmp_path_factory.mktemp("lti"), server, **LOCAL)
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    server.stop()


@pytest.fixture(scope="module")
def platform(app: AppFixture) -> Iterator[FakePlatform]:
    with running_platform() as platform:
        admin = app.headers("admin")
        answer = app.client.post("/admin/lti/platforms", json=platform.registration, headers=admin)
        assert answer.status_code == 201, answer.get_json()
        platform.tool_keys = app.client.get("/lti/keys").get_json()
        yield platform


@pytest.fixture
def event(app: AppFixture, platform: FakePlatform, request: pytest.FixtureRequest) -> EventClient:
    slug = request.node.name.partition("[")[0].replace("test_", "").replace("_", "-")[:60].strip("-")
    return make_event(app, slug, -60, 60, {"scoring": "ioi"}, visibility="members")


def link_of(app: AppFixture, event: EventClient, problem: str | None = None) -> str:
    """Let the jury make a link to the event for the platform. Returns its id."""
    platform = event.call("author", "GET", "/lti-links", expect=200)["platforms"][0]["id"]
    made = event.call("author", "POST", "/lti-links", {"platform": platform, "problem": problem}, expect=201)
    return str(made["id"])


def begin(browser: FlaskClient, platform: FakePlatform, **changes: str) -> dict[str, str]:
    """Begin a sign-in as the platform does. Returns the parameters that Gavel then sends to the
    platform."""
    asked = {"iss": platform.url, "login_hint": "hint", "client_id": CLIENT_ID, **changes}
    answer = browser.post("/lti/login", data=asked)
    assert answer.status_code == 303
    return asked_of(answer.headers["Location"])


def launch(browser: FlaskClient, platform: FakePlatform, sub: str = "student-1", **changes: Any) -> str:
    """Do a whole launch. Returns the address at which the browser ends."""
    asked = begin(browser, platform)
    claims = platform.claims(asked["nonce"], sub, **changes)
    return finish(browser, asked["state"], platform.sign(claims))


def finish(browser: FlaskClient, state: str, token: str) -> str:
    answer = browser.post("/lti/launch", data={"state": state, "id_token": token})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    going_on = answer.headers["Location"]
    if not going_on.startswith("/lti/continue"):
        return str(going_on)
    return str(browser.get(going_on).headers["Location"])


def fault_in(location: str) -> str:
    assert location.startswith("/sign-in?"), location
    return parse_qs(urlsplit(location).query)["sso_fault"][0]


def custom(link: str) -> dict[str, Any]:
    return {f"{CLAIM}custom": {"gavel_link": link}}


def test_a_launch_signs_a_learner_in_and_adds_the_learner_to_the_event(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    browser = app.flask.test_client()
    asked = begin(browser, platform, lti_message_hint="m1")
    assert (asked["response_mode"], asked["prompt"], asked["lti_message_hint"]) == ("form_post", "none", "m1")
    assert asked["redirect_uri"] == "http://localhost/lti/launch"
    assert launch(browser, platform, **custom(link_of(app, event))) == f"/events/{event.slug}"
    shown = browser.get(f"/events/{event.slug}/state").get_json()
    assert (shown["role"], shown["member"]["name"]) == ("member", "Name of student-1")
    again = app.flask.test_client()
    launch(again, platform)
    assert again.get("/session").get_json()["account"] == browser.get("/session").get_json()["account"]


def test_a_launch_adds_a_learner_whose_names_other_members_have_taken(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    browser = app.flask.test_client()
    launch(browser, platform, "imitated")
    account = browser.get("/session").get_json()["account"]
    names = ["Name of imitated", f"Name of imitated ({account['name']})"]
    others = [{"accounts": [who], "name": name} for who, name in zip(("ada", "bob"), names, strict=True)]
    event.call("author", "POST", "/members", {"members": others}, expect=200)
    launch(browser, platform, "imitated", **custom(link_of(app, event)))
    shown = browser.get(f"/events/{event.slug}/state").get_json()
    assert shown["role"] == "member"
    assert shown["member"]["name"].startswith("Name of imitated (")


def test_a_launch_of_a_problem_ends_at_the_page_of_the_problem(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    link = link_of(app, event, "A")
    assert launch(app.flask.test_client(), platform, **custom(link)) == f"/events/{event.slug}/problems/A"


def test_the_test_user_of_a_teacher_becomes_a_hidden_member(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    roles = {f"{CLAIM}roles": [LEARNER, TEST_USER]}
    browser = app.flask.test_client()
    launch(browser, platform, "test-student", **custom(link_of(app, event)), **roles)
    assert browser.get(f"/events/{event.slug}/state").get_json()["role"] == "member"
    [member] = event.call("author", "GET", "/members")["members"]
    assert (member["name"], member["category"]) == ("Name of test-student", "hidden")


def test_an_instructor_does_not_become_a_member(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    roles = {f"{CLAIM}roles": [INSTRUCTOR]}
    launch(app.flask.test_client(), platform, "teacher-1", **custom(link_of(app, event)), **roles)
    assert event.call("author", "GET", "/members")["members"] == []


def test_an_instructor_who_studies_at_the_institution_does_not_become_a_member(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    roles = [INSTRUCTOR, "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Learner"]
    launch(
        app.flask.test_client(),
        platform,
        "teacher-2",
        **custom(link_of(app, event)),
        **{f"{CLAIM}roles": roles},
    )
    assert event.call("author", "GET", "/members")["members"] == []


HOSTILE: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "guessed"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another-client"},
    "several audiences without azp": {"aud": [CLIENT_ID, "another-client"]},
    "another azp": {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
    "expired": {"exp": 1_600_000_000},
    "issued in the future": {"iat": 4_000_000_000},
    "no expiry": {"exp": None},
    "another deployment": {f"{CLAIM}deployment_id": "deployment-2"},
    "no deployment": {f"{CLAIM}deployment_id": None},
    "another version": {f"{CLAIM}version": "1.1"},
    "another message": {f"{CLAIM}message_type": "LtiSubmissionReviewRequest"},
    "no subject": {"sub": None},
    "a subject that is no text": {"sub": 7},
    "a link that does not exist": {f"{CLAIM}custom": {"gavel_link": "0193aaaa"}},
    "a link with NUL": {f"{CLAIM}custom": {"gavel_link": "a\x00"}, f"{CLAIM}version": "1"},
}


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE)
def test_a_launch_with_a_wrong_claim_is_refused(
    app: AppFixture, platform: FakePlatform, changes: dict[str, Any]
) -> None:
    browser = app.flask.test_client()
    asked = begin(browser, platform)
    claims = {**platform.claims(asked["nonce"]), **changes}
    token = platform.sign({name: value for name, value in claims.items() if value is not None})
    assert fault_in(finish(browser, asked["state"], token)) == "bad-answer"
    assert browser.get("/session").status_code == 401


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _unsigned(platform: FakePlatform, claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def _by_public_key(platform: FakePlatform, claims: dict[str, Any]) -> str:
    """A token that is signed with the platform's public key, as if that were a shared secret."""
    signed = f"{_part({'alg': 'HS256', 'kid': platform.key.kid})}.{_part(claims)}"
    mac = hmac.digest(platform.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


FORGED = {
    "alg none": _unsigned,
    "HS256 by the public key": _by_public_key,
    "a foreign kid": lambda platform, claims: platform.sign(claims, RSAKey.generate_key(2048, auto_kid=True)),
    "a foreign key of a known kid": lambda platform, claims: platform.sign(
        claims, RSAKey.generate_key(2048), kid=platform.key.kid
    ),
    "no token": lambda platform, claims: "x",
    "a changed body": lambda platform, claims: platform.sign(claims)[:-8] + "AAAAAAAA",
}


def test_a_launch_with_claims_that_are_nested_too_deep_is_refused(
    app: AppFixture, platform: FakePlatform
) -> None:
    browser = app.flask.test_client()
    asked = begin(browser, platform)
    content = json.dumps(platform.claims(asked["nonce"]))[:-1] + ',"x":' + "[" * 15_000 + "]" * 15_000 + "}"
    header = {"alg": "RS256", "kid": platform.key.kid}
    token = jws.serialize_compact(header, content, platform.key, algorithms=["RS256"])
    assert fault_in(finish(browser, asked["state"], token)) == "bad-answer"


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_launch_that_the_platform_did_not_sign_is_refused(
    app: AppFixture, platform: FakePlatform, forge: Any
) -> None:
    browser = app.flask.test_client()
    asked = begin(browser, platform)
    token = forge(platform, platform.claims(asked["nonce"]))
    assert fault_in(finish(browser, asked["state"], token)) == "bad-answer"
    assert browser.get("/session").status_code == 401


def test_a_second_use_of_a_launch_is_refused(app: AppFixture, platform: FakePlatform) -> None:
    browser = app.flask.test_client()
    asked = begin(browser, platform)
    token = platform.sign(platform.claims(asked["nonce"]))
    assert finish(browser, asked["state"], token) == "/events"
    assert fault_in(finish(browser, asked["state"], token)) == "outdated"


def test_a_launch_is_refused_in_a_browser_that_did_not_begin_the_launch(
    app: AppFixture, platform: FakePlatform
) -> None:
    """Otherwise an attacker could sign in a victim's browser to the attacker's account."""
    attacker, victim = app.flask.test_client(), app.flask.test_client()
    asked = begin(attacker, platform)
    begin(victim, platform)
    token = platform.sign(platform.claims(asked["nonce"]))
    assert fault_in(finish(victim, asked["state"], token)) == "outdated"
    assert victim.get("/session").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "\u00e9"])
def test_a_launch_with_a_wrong_cookie_is_refused(
    app: AppFixture, platform: FakePlatform, cookie: str
) -> None:
    browser, other = app.flask.test_client(), app.flask.test_client(use_cookies=False)
    asked = begin(browser, platform)
    token = platform.sign(platform.claims(asked["nonce"]))
    going_on = browser.post("/lti/launch", data={"state": asked["state"], "id_token": token})
    answer = other.get(going_on.headers["Location"], headers={"Cookie": f"gavel_lti={cookie}"})
    assert fault_in(answer.headers["Location"]) == "outdated"


def test_the_address_of_a_launch_is_not_enough_to_sign_in(app: AppFixture, platform: FakePlatform) -> None:
    """The address is not secret: it is in the history of a browser and in logs of proxies."""
    browser, other = app.flask.test_client(), app.flask.test_client(use_cookies=False)
    asked = begin(browser, platform)
    token = platform.sign(platform.claims(asked["nonce"]))
    going_on = browser.post("/lti/launch", data={"state": asked["state"], "id_token": token})
    address = going_on.headers["Location"]
    for text in (*_texts_in(address), *_texts_in(asked["state"]), asked["state"]):
        for cookie in (text, hash_secret(text)):
            answer = other.get(address, headers={"Cookie": f"gavel_lti={cookie}"})
            assert fault_in(answer.headers["Location"]) == "outdated"
    assert browser.get(address).headers["Location"] == "/events"


def _texts_in(sealed: str) -> list[str]:
    """The texts of a sealed value. It is signed and not encrypted, so its holder can read them."""
    content = sealed.partition("launch=")[2] or sealed
    found = URLSafeTimedSerializer("another key").loads_unsafe(content)[1]
    return [str(text) for text in (found.values() if isinstance(found, dict) else found)]


def test_the_signed_value_of_a_choice_is_not_enough_to_sign_in(
    app: AppFixture, platform: FakePlatform
) -> None:
    _, page = _choosing(app, platform, "teacher-8")
    answer = app.flask.test_client().get(page.replace("/lti/choice", "/lti/continue"))
    assert answer.status_code == 303
    assert fault_in(answer.headers["Location"]) == "outdated"


def test_two_simultaneous_first_launches_store_a_single_placement(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    """In PostgreSQL another launch may store the placement between the read and the insert."""
    link, engine = link_of(app, event), app.services.engine
    others: list[str] = []

    def launch_another(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO lti_placements") and not others:
            others.append("other")
            place = {"deployment": DEPLOYMENT, "resource_link": "link-1"}
            row = {"id": "other", "link_id": link, "created_at": utc_now(), **place}
            connection.execute(insert(lti_placements).values(row))

    listen(engine, "before_cursor_execute", launch_another)
    try:
        ended = launch(app.flask.test_client(), platform, **custom(link))
    finally:
        remove(engine, "before_cursor_execute", launch_another)
    assert others
    assert ended == f"/events/{event.slug}"
    [placement] = event.call("author", "GET", "/lti-links")["links"][0]["placements"]
    assert (placement["id"], placement["takes_grades"]) == ("other", True)


@pytest.mark.parametrize("state", ["", "x", "WyJ4IiwieSJd.aSr-bA.AAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_a_state_that_gavel_did_not_make_is_refused(
    app: AppFixture, platform: FakePlatform, state: str
) -> None:
    token = platform.sign(platform.claims("nonce"))
    assert fault_in(finish(app.flask.test_client(), state, token)) == "outdated"


def test_a_launch_from_an_unknown_platform_is_refused(app: AppFixture, platform: FakePlatform) -> None:
    for changes in ({"iss": "https://evil.example"}, {"client_id": "another-client"}):
        asked = {"iss": platform.url, "login_hint": "x", "client_id": CLIENT_ID, **changes}
        answer = app.flask.test_client().get("/lti/login", query_string=asked)
        assert fault_in(answer.headers["Location"]) == "unknown-provider"


def test_an_error_of_the_platform_ends_on_the_sign_in_page(app: AppFixture, platform: FakePlatform) -> None:
    browser = app.flask.test_client()
    asked = begin(browser, platform)
    answer = browser.post("/lti/launch", data={"state": asked["state"], "error": "login_required"})
    assert fault_in(answer.headers["Location"]) == "provider-refused"


def test_the_keys_of_a_platform_are_read_again_after_a_change(
    app: AppFixture, platform: FakePlatform
) -> None:
    client = PlatformClient(
        app.services.lti,
        HttpSender(app.services.url_policy),
        app.services.url_policy,
        clock=(moments := iter(range(0, 10_000, 100))).__next__,
    )
    [registered] = app.services.lti.platforms()
    before = client.key_set(registered)
    old, platform.key = platform.key, RSAKey.generate_key(2048, auto_kid=True)
    assert client.key_set(registered) is before
    assert [key.kid for key in client.key_set(registered, is_changed=True).keys] == [platform.key.kid]
    platform.key = old
    assert next(moments) > 0


def test_wrong_tokens_do_not_cause_a_request_for_keys_each_time(
    app: AppFixture, platform: FakePlatform
) -> None:
    browser = app.flask.test_client()
    launch(browser, platform)
    before = platform.keys_asked
    for _ in range(3):
        asked = begin(browser, platform)
        stranger = RSAKey.generate_key(2048, auto_kid=True)
        finish(browser, asked["state"], platform.sign(platform.claims(asked["nonce"]), stranger))
    assert platform.keys_asked <= before + 1


def test_reading_endless_keys_of_a_platform_ends_at_the_time_limit(
    app: AppFixture, platform: FakePlatform
) -> None:
    """The platform sends a byte at a time. The time limit is for the whole exchange."""
    ended = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=_drip, args=(server, ended), daemon=True)
        thread.start()
        [registered] = app.services.lti.platforms()
        tarpit = replace(registered, id="tarpit", jwks_url=f"http://127.0.0.1:{server.getsockname()[1]}/keys")
        sender = HttpSender(app.services.url_policy, seconds=0.5)
        client = PlatformClient(app.services.lti, sender, app.services.url_policy)
        with pytest.raises(PlatformFault):  # without the limit this would last until the event is set
            client.key_set(tarpit)
        ended.set()


def _drip(server: socket.socket, ended: threading.Event) -> None:
    with suppress(OSError):  # the client closes the connection
        connection, _ = server.accept()
        with closing(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not ended.wait(0.05):
                connection.sendall(b" ")


def test_keys_of_a_platform_that_are_too_long_are_refused(app: AppFixture) -> None:
    body = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"{" + b" " * 2_000_000
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=_answer, args=(server, body), daemon=True)
        thread.start()
        [registered] = app.services.lti.platforms()
        long = replace(registered, id="long", jwks_url=f"http://127.0.0.1:{server.getsockname()[1]}/keys")
        policy = app.services.url_policy
        with pytest.raises(PlatformFault, match="more than"):
            PlatformClient(app.services.lti, HttpSender(policy, seconds=60), policy).key_set(long)


def _answer(server: socket.socket, body: bytes) -> None:
    with suppress(OSError):  # the reader closes the connection when the answer is too long
        connection, _ = server.accept()
        with closing(connection):
            connection.recv(4096)
            connection.sendall(body)


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/keys", "https://169.254.169.254/keys", "ftp://example.org/", "http://example.org/keys"],
)
def test_a_platform_with_a_forbidden_address_is_not_registered(
    app: AppFixture, platform: FakePlatform, url: str
) -> None:
    body = {**platform.registration, "client_id": "other", "jwks_url": url}
    refused = app.client.post("/admin/lti/platforms", json=body, headers=app.headers("admin"))
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "jwks_url"


def test_a_platform_with_a_registered_issuer_and_other_keys_is_not_registered(
    app: AppFixture, platform: FakePlatform
) -> None:
    """Persons are identified by issuer and subject, so such a platform could sign in as persons of the
    other platform."""
    admin = app.headers("admin")
    body = {**platform.registration, "client_id": "other", "jwks_url": f"{platform.url}/other-keys"}
    refused = app.client.post("/admin/lti/platforms", json=body, headers=admin)
    assert refused.status_code == 409
    assert "'Campus' has this issuer with other keys" in refused.get_json()["detail"]
    same = {**platform.registration, "client_id": "a tool more"}
    added = app.client.post("/admin/lti/platforms", json=same, headers=admin)
    assert added.status_code == 201
    app.client.delete(f"/admin/lti/platforms/{added.get_json()['id']}", headers=admin)


def test_a_platform_with_the_issuer_of_single_sign_on_is_not_registered(
    app: AppFixture, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = IdentityProvider("school", "School account", "https://login.example", "gavel")
    clients = {"school": OidcClient(school, "http://localhost")}
    monkeypatch.setattr(app.services.single_sign_on, "clients", clients)
    body = {**platform.registration, "issuer": "https://login.example"}
    refused = app.client.post("/admin/lti/platforms", json=body, headers=app.headers("admin"))
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "issuer")


def test_services_at_forbidden_addresses_are_not_stored(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    services: dict[str, Any] = {
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": "http://169.254.169.254/latest/meta-data"
        }
    }
    launch(app.flask.test_client(), platform, **custom(link_of(app, event)), **services)
    [placement] = event.call("author", "GET", "/lti-links")["links"][0]["placements"]
    assert not placement["has_members"]
    assert placement["takes_grades"]


def test_a_platform_with_an_internal_address_is_refused_at_the_call(app: AppFixture) -> None:
    """Loopback is forbidden like any other internal address, unless the operator has allowed its network."""
    [registered] = app.services.lti.platforms()
    policy = UrlPolicy()
    named = replace(registered, id="named", jwks_url="https://localhost/keys")
    with pytest.raises(PlatformFault, match="not public"):
        PlatformClient(app.services.lti, HttpSender(policy), policy).key_set(named)


def test_the_jury_imports_the_learners_of_a_course_as_members(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    launch(app.flask.test_client(), platform, **custom(link_of(app, event)))
    platform.members = [
        {"user_id": "student-1", "roles": [LEARNER], "name": "Name of student-1"},
        {"user_id": "student-2", "roles": ["Learner"], "name": "Second", "status": "Active"},
        {"user_id": "teacher-1", "roles": [INSTRUCTOR], "name": "Teacher"},
        {"user_id": "gone", "roles": [LEARNER], "name": "Gone", "status": "Inactive"},
        {"user_id": "student-3", "roles": [LEARNER], "name": "Third"},
        {"user_id": "test-user", "roles": [LEARNER, TEST_USER], "name": "Test Student"},
        {"roles": [LEARNER]},
        "no object",
    ]
    [placement] = event.call("author", "GET", "/lti-links")["links"][0]["placements"]
    path = f"/lti-placements/{placement['id']}/members"
    found = event.call("author", "POST", path, {}, expect=200)
    assert (found["learners"], found["added"], found["left_out"]) == (3, 2, [])
    names = {each["name"] for each in event.call("author", "GET", "/members")["members"]}
    assert names == {"Name of student-1", "Second", "Third"}
    assert event.call("author", "POST", path, {}, expect=200)["added"] == 0
    second = app.flask.test_client()
    launch(second, platform, "student-2")
    assert second.get(f"/events/{event.slug}/state").get_json()["role"] == "member"


def _submit(browser: FlaskClient, app: AppFixture, event: EventClient, verdict: Verdict) -> None:
    csrf = browser.get("/session").get_json()["csrf_token"]
    body = {"problem": "A", "language": "python3", "source": "print(1)", "event": event.slug}
    posted = browser.post("/submissions", json=body, headers={"X-CSRF-Token": csrf})
    assert posted.status_code == 202, posted.get_json()
    report = finished(posted.get_json()["id"], verdict=verdict)
    assert VerdictStore(app.services.engine).record(report) is not None


def test_a_grade_is_sent_again_until_the_platform_accepts_the_grade(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    browser = app.flask.test_client()
    launch(browser, platform, **custom(link_of(app, event)))
    sender = open_lti_grades(app.services.engine, app.services.settings)
    sender.collect_once()
    assert sender.send_once() == 0, "nothing was submitted"
    _submit(browser, app, event, Verdict.WA)
    platform.scores.clear()
    platform.faults = [500, 429]
    _settle(sender, app)
    assert platform.scores == []
    grade = _grade(event)
    assert (grade["state"], grade["score"], grade["reason"]) == ("pending", 0.0, "it answered 500")
    _make_due(app)
    restarted = open_lti_grades(app.services.engine, app.services.settings)
    restarted.send_once()
    assert _grade(event)["reason"] == "it answered 429"
    _make_due(app)
    restarted.send_once()
    [sent] = platform.scores
    assert (sent["userId"], sent["scoreGiven"], sent["scoreMaximum"]) == ("student-1", 0.0, 100)
    assert (sent["activityProgress"], sent["gradingProgress"]) == ("Submitted", "FullyGraded")
    assert _grade(event)["state"] == "sent"
    _submit(browser, app, event, Verdict.AC)
    _settle(restarted, app)
    assert [each["scoreGiven"] for each in platform.scores] == [0.0, 100.0]
    assert platform.scores[0]["timestamp"] < platform.scores[1]["timestamp"]
    _settle(restarted, app)
    assert len(platform.scores) == 2, "an unchanged grade is not sent again"


def test_an_unreadable_event_does_not_delay_grades_of_other_events(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    odd = make_event(app, "unreadable-event", -60, 60, {"scoring": "ioi"}, visibility="members")
    launch(app.flask.test_client(), platform, "student-5", **custom(link_of(app, odd)))
    browser = app.flask.test_client()
    launch(browser, platform, **custom(link_of(app, event)))
    _submit(browser, app, event, Verdict.AC)
    of_odd = events.c.slug == odd.slug
    with write_transaction(app.services.engine) as connection:
        rules = connection.execute(select(events.c.rules).where(of_odd)).scalar_one()
        connection.execute(update(events).where(of_odd).values(rules={"scoring": "unheard-of"}))
    try:
        _settle(open_lti_grades(app.services.engine, app.services.settings), app)
    finally:
        with write_transaction(app.services.engine) as connection:
            connection.execute(update(events).where(of_odd).values(rules=rules))
    assert _grade(event)["state"] == "sent"


def test_a_disqualification_sends_the_platform_a_lower_grade(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    browser = app.flask.test_client()
    launch(browser, platform, **custom(link_of(app, event)))
    _submit(browser, app, event, Verdict.AC)
    sender = open_lti_grades(app.services.engine, app.services.settings)
    _settle(sender, app)
    assert (_grade(event)["state"], _grade(event)["score"]) == ("sent", 1.0)
    [sent] = event.call("author", "GET", "/submissions")["submissions"]
    path = f"/submissions/{sent['id']}/disqualification"
    for reason, score in (("copied", 0.0), (None, 1.0)):
        event.call("author", "PUT", path, {"reason": reason}, expect=200)
        _settle(sender, app)
        assert (_grade(event)["state"], _grade(event)["score"]) == ("sent", score)


def _settle(sender: Any, app: AppFixture) -> None:
    sender._scoreboards.forget()
    sender.collect_once()
    sender.send_once()


def _grade(event: EventClient) -> Any:
    return event.call("author", "GET", "/lti-links")["links"][0]["placements"][0]["grades"][0]


def _make_due(app: AppFixture) -> None:
    with write_transaction(app.services.engine) as connection:
        connection.execute(update(lti_grades).values(not_before=utc_now()))


def test_a_grade_is_claimed_by_one_of_two_senders(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    browser = app.flask.test_client()
    launch(browser, platform, **custom(link_of(app, event)))
    _submit(browser, app, event, Verdict.AC)
    sender = open_lti_grades(app.services.engine, app.services.settings)
    sender.collect_once()
    first = app.services.lti.claim(100, timedelta(seconds=60))
    assert [each.subject for each in first] == ["student-1"]
    assert app.services.lti.claim(100, timedelta(seconds=60)) == []


def test_a_sender_that_took_too_long_leaves_the_other_grades_to_a_later_round(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    """Their claims end soon. Then another process could send the same grades."""
    browser = app.flask.test_client()
    launch(browser, platform, **custom(link_of(app, event)))
    _submit(browser, app, event, Verdict.AC)
    readings = count(step=300.0)
    slow = Clock(monotonic=lambda: next(readings))
    sender = open_lti_grades(app.services.engine, app.services.settings, slow)
    platform.scores.clear()
    sender.collect_once()
    assert sender.send_once() == 0
    assert (platform.scores, _grade(event)["state"]) == ([], "pending")


def test_a_platform_that_does_not_answer_is_asked_once_in_a_round(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    link = link_of(app, event)
    asked: list[str] = []
    for name in ("student-1", "student-2"):
        browser = app.flask.test_client()
        launch(browser, platform, name, **custom(link))
        _submit(browser, app, event, Verdict.AC)
    sender = open_lti_grades(app.services.engine, app.services.settings)

    class Silent(HttpSender):
        def fetch(self, request: WebhookRequest, most_bytes: int) -> HttpAnswer:
            asked.append(request.url)
            raise DeliveryError("no answer within 10 s")

    sender.collect_once()
    _make_due(app)
    services, policy = app.services, app.services.url_policy
    sender._client = PlatformClient(services.lti, Silent(policy), policy)
    assert sender.send_once() >= 2
    assert asked == [f"{platform.url}/token"]
    [placement] = event.call("author", "GET", "/lti-links")["links"][0]["placements"]
    assert {each["reason"] for each in placement["grades"]} == {"no answer within 10 s"}


@pytest.mark.parametrize(
    "lasts", [pytest.param("1" + 400 * "0", id="huge"), "1e400", "NaN", "-1", "true", '"x"', "null"]
)
def test_an_access_token_with_an_odd_lifetime_is_accepted(app: AppFixture, lasts: str) -> None:
    policy = app.services.url_policy

    class Odd(HttpSender):
        def fetch(self, request: WebhookRequest, most_bytes: int) -> HttpAnswer:
            body = f'{{"access_token": "secret", "expires_in": {lasts}}}'.encode()
            return HttpAnswer(200, {}, body)

    client = PlatformClient(app.services.lti, Odd(policy), policy)
    [registered] = app.services.lti.platforms()
    assert client.call(registered, ServiceCall("GET", registered.issuer, "scope", "*/*")).status == 200


def test_an_odd_address_of_a_next_page_is_reported_as_a_fault_of_the_platform(app: AppFixture) -> None:
    policy = app.services.url_policy

    class Odd(HttpSender):
        def fetch(self, request: WebhookRequest, most_bytes: int) -> HttpAnswer:
            return HttpAnswer(200, {"link": '<http://[>; rel="next"'}, b'{"access_token": "secret"}')

    client = PlatformClient(app.services.lti, Odd(policy), policy)
    [registered] = app.services.lti.platforms()
    call = ServiceCall("GET", registered.issuer, "scope", "*/*")
    with pytest.raises(PlatformFault, match="next page"):
        client.pages(registered, call, 2, 60.0)


def test_reading_an_endless_list_of_members_ends_at_the_time_limit(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    """Each page arrives within the time for one exchange, and names a next page."""
    launch(app.flask.test_client(), platform, **custom(link_of(app, event)))
    policy, seconds = app.services.url_policy, 0.0

    class Endless(HttpSender):
        def fetch(self, request: WebhookRequest, most_bytes: int) -> HttpAnswer:
            nonlocal seconds
            seconds += 6.0
            return HttpAnswer(200, {"link": '<?page=next>; rel="next"'}, b'{"access_token": "secret"}')

    client = PlatformClient(app.services.lti, Endless(policy), policy, lambda: seconds)
    services = app.services
    courses = Courses(services.lti, services.events, services.single_sign_on, client)
    [registered] = services.lti.platforms()
    [shown] = event.call("author", "GET", "/lti-links")["links"][0]["placements"]
    placement = services.lti.placement(shown["id"])
    assert placement is not None
    with pytest.raises(PlatformFault, match="more than 20 s for 3 pages"):
        courses.import_members(registered, placement)
    assert seconds <= MEMBERS_SECONDS + 10.0


def test_a_grade_is_not_sent_while_the_result_is_hidden(app: AppFixture, platform: FakePlatform) -> None:
    rules = {"scoring": "ioi", "feedback": "after-end"}
    event = make_event(app, "held-back", -60, 60, rules, visibility="members")
    browser = app.flask.test_client()
    launch(browser, platform, **custom(link_of(app, event)))
    _submit(browser, app, event, Verdict.AC)
    sender = open_lti_grades(app.services.engine, app.services.settings)
    _settle(sender, app)
    assert _grade(event)["state"] == "none"
    event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    _settle(sender, app)
    assert _grade(event)["state"] == "sent"


def _choosing(app: AppFixture, platform: FakePlatform, sub: str, **given: str) -> tuple[FlaskClient, str]:
    """Do a deep linking launch. Returns the browser, and the address of the page on which the author
    chooses."""
    browser = app.flask.test_client()
    settings = {
        "deep_link_return_url": f"{platform.url}/return",
        "accept_types": ["ltiResourceLink"],
        "data": "opaque",
        **given,
    }
    changes = {
        f"{CLAIM}message_type": "LtiDeepLinkingRequest",
        f"{CLAIM}roles": [INSTRUCTOR],
        f"{DL}deep_linking_settings": settings,
    }
    return browser, launch(browser, platform, sub, **changes)


def _make_author(app: AppFixture, platform: FakePlatform, sub: str) -> str:
    """Give a person of the platform the role of an author. Returns the id of the person's account."""
    browser = app.flask.test_client()
    launch(browser, platform, sub)
    account = browser.get("/session").get_json()["account"]
    change = {"role": "author"}
    path = f"/admin/accounts/{account['id']}"
    assert app.client.patch(path, json=change, headers=app.headers("admin")).status_code == 200
    return str(account["id"])


@pytest.mark.parametrize("problem", ["", "A"])
def test_an_author_links_an_event_or_a_problem_from_the_platform(
    app: AppFixture, platform: FakePlatform, problem: str
) -> None:
    _make_author(app, platform, "teacher-9")
    browser, page = _choosing(app, platform, "teacher-9")
    csrf = {"X-CSRF-Token": browser.get("/session").get_json()["csrf_token"]}
    slug = f"chosen-{problem or 'whole'}".lower()
    body = {
        "slug": slug,
        "title": "Chosen <b>",
        "starts_at": moment(-1),
        "ends_at": moment(60),
        "problems": [{"slug": "aplusb"}],
    }
    assert browser.post("/events", json=body, headers=csrf).status_code == 201
    shown = browser.get(page).get_data(as_text=True)
    assert "Chosen &lt;b&gt;" in shown
    assert "form-action 'self'" in browser.get(page).headers["Content-Security-Policy"]
    sealed = parse_qs(urlsplit(page).query)["launch"][0]
    answer = browser.post("/lti/choice", data={"launch": sealed, "event": slug, "problem": problem})
    text = answer.get_data(as_text=True)
    assert f'action="{platform.url}/return"' in text
    assert f"form-action {platform.url}" in answer.headers["Content-Security-Policy"]
    token = text.partition('name="JWT" value="')[2].partition('"')[0]
    keys = KeySet.import_key_set(platform.tool_keys)
    claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims[f"{DL}data"]) == (CLIENT_ID, [platform.url], "opaque")
    assert claims[f"{CLAIM}message_type"] == "LtiDeepLinkingResponse"
    [item] = claims[f"{DL}content_items"]
    student = app.flask.test_client()
    ended = launch(student, platform, "student-9", **{f"{CLAIM}custom": item["custom"]})
    assert ended == (f"/events/{slug}/problems/A" if problem else f"/events/{slug}")


def test_the_longest_deep_linking_request_fits_into_an_address(
    app: AppFixture, platform: FakePlatform
) -> None:
    odd = random.Random(1)
    data, path = ("".join(odd.choices(ascii_letters + digits + "-_", k=size)) for size in (4096, 2000))
    _, page = _choosing(app, platform, "teacher-7", data=data, deep_link_return_url=f"{platform.url}/{path}")
    assert page.startswith("/lti/choice?")
    assert len(f"GET {page} HTTP/1.1") < 8190, (
        "the line is longer than limit_request_line in gunicorn_conf.py"
    )
    assert fault_in(_choosing(app, platform, "teacher-7", data=f"{data}x")[1]) == "bad-answer"


def test_an_event_of_another_jury_cannot_be_linked(app: AppFixture, platform: FakePlatform) -> None:
    event = make_event(app, "of-the-author", -60, 60, visibility="public")
    _make_author(app, platform, "teacher-8")
    browser, page = _choosing(app, platform, "teacher-8")
    assert "of-the-author" not in browser.get(page).get_data(as_text=True)
    sealed = parse_qs(urlsplit(page).query)["launch"][0]
    answer = browser.post("/lti/choice", data={"launch": sealed, "event": event.slug})
    assert answer.status_code == 403
    other = app.flask.test_client()
    assert fault_in(other.get(page).headers["Location"]) == "outdated"


@pytest.mark.parametrize(
    "given",
    [
        {"deep_link_return_url": "javascript:alert(1)"},
        {"deep_link_return_url": "https://campus.example;frame-ancestors */return"},
        {"deep_link_return_url": "https://campus.example, *.example/return"},
        {"deep_link_return_url": "https://campus.example/\ud800"},
        {"data": "\ud800"},
    ],
)
def test_a_deep_linking_request_with_an_unsafe_return_address_or_text_is_refused(
    app: AppFixture, platform: FakePlatform, given: dict[str, str]
) -> None:
    """The security policy of the page names the host, and a ``;`` in the name would add a rule."""
    assert fault_in(_choosing(app, platform, "teacher-7", **given)[1]) == "bad-answer"


def test_the_choice_of_a_problem_that_the_event_does_not_have_is_refused(
    app: AppFixture, platform: FakePlatform
) -> None:
    account = _make_author(app, platform, "teacher-6")
    browser, page = _choosing(app, platform, "teacher-6")
    csrf = {"X-CSRF-Token": browser.get("/session").get_json()["csrf_token"]}
    body = {"slug": "one-problem", "title": "One", "starts_at": moment(-1), "ends_at": moment(60)}
    given = {**body, "problems": [{"slug": "aplusb"}]}
    assert browser.post("/events", json=given, headers=csrf).status_code == 201, account
    sealed = parse_qs(urlsplit(page).query)["launch"][0]
    answer = browser.post("/lti/choice", data={"launch": sealed, "event": "one-problem", "problem": "Z"})
    assert answer.status_code == 303
    assert fault_in(answer.headers["Location"]) == "bad-answer"


def test_an_unknown_kind_of_key_does_not_prevent_the_use_of_other_keys(
    app: AppFixture, platform: FakePlatform
) -> None:
    odd = [{"kty": "EC", "crv": "brainpoolP256r1", "x": "AA", "y": "AA"}, {"kid": "no type"}, "no key"]
    platform.odd_keys = odd
    try:
        client = PlatformClient(
            app.services.lti, HttpSender(app.services.url_policy), app.services.url_policy
        )
        [registered] = app.services.lti.platforms()
        assert [key.kid for key in client.key_set(registered).keys] == [platform.key.kid]
    finally:
        platform.odd_keys = []


def test_the_published_keys_of_gavel_have_no_private_part(app: AppFixture) -> None:
    [key] = app.client.get("/lti/keys").get_json()["keys"]
    assert {"kty", "kid", "n", "e", "alg", "use"} <= set(key)
    assert {"d", "p", "q", "dp", "dq", "qi"} & set(key) == set()


def test_the_platform_id_of_a_person_is_deleted_with_the_account(
    app: AppFixture, platform: FakePlatform, event: EventClient
) -> None:
    browser = app.flask.test_client()
    launch(browser, platform, "student-to-forget", **custom(link_of(app, event)))
    id = browser.get("/session").get_json()["account"]["id"]
    stored = app.services.events.get(event.slug)
    assert stored is not None
    [placement] = app.services.lti.placements(stored.id)
    assert [each.subject for each in app.services.lti.grades(placement.id)] == ["student-to-forget"]
    app.client.delete(f"/admin/accounts/{id}", headers=app.headers("admin"))
    assert app.services.lti.grades(placement.id) == []
    assert app.services.identities.account_of(platform.url, "student-to-forget") is None


def test_a_launch_by_a_removed_link_or_platform_is_refused(app: AppFixture, event: EventClient) -> None:
    with running_platform() as other:
        body = {**other.registration, "client_id": CLIENT_ID}
        headers = app.headers("admin")
        made = app.client.post("/admin/lti/platforms", json=body, headers=headers).get_json()
        link = event.call("author", "POST", "/lti-links", {"platform": made["id"]}, expect=201)["id"]
        event.call("author", "DELETE", f"/lti-links/{link}", expect=204)
        assert fault_in(launch(app.flask.test_client(), other, **custom(link))) == "bad-answer"
        again = app.client.post("/admin/lti/platforms", json=body, headers=headers)
        assert again.status_code == 409
        browser = app.flask.test_client()
        asked = begin(browser, other)
        assert app.client.delete(f"/admin/lti/platforms/{made['id']}", headers=headers).status_code == 204
        token = other.sign(other.claims(asked["nonce"]))
        assert fault_in(finish(browser, asked["state"], token)) == "unknown-provider"


def test_a_launch_is_refused_if_its_link_is_removed_meanwhile(
    app: AppFixture, platform: FakePlatform, event: EventClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_of(app, event)
    place = app.services.lti.place

    def remove_first(found: LtiLink, new: NewPlacement) -> str:
        event.call("author", "DELETE", f"/lti-links/{link}", expect=204)
        return place(found, new)

    monkeypatch.setattr(app.services.lti, "place", remove_first)
    assert fault_in(launch(app.flask.test_client(), platform, **custom(link))) == "bad-answer"


def test_a_launch_is_refused_if_its_event_is_deleted_meanwhile(
    app: AppFixture, platform: FakePlatform, event: EventClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_of(app, event)
    place = app.services.lti.place

    def delete_after(found: LtiLink, new: NewPlacement) -> str:
        id = place(found, new)
        app.services.events.delete(found.event_id)
        return id

    monkeypatch.setattr(app.services.lti, "place", delete_after)
    assert fault_in(launch(app.flask.test_client(), platform, **custom(link))) == "bad-answer"


def test_a_link_to_a_platform_that_is_removed_meanwhile_is_refused(
    app: AppFixture, platform: FakePlatform, event: EventClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_platform() as other:
        headers = app.headers("admin")
        made = app.client.post("/admin/lti/platforms", json=other.registration, headers=headers).get_json()
        add = app.services.lti.add_link

        def remove_first(*given: Any) -> str:
            app.services.lti.delete_platform(made["id"])
            return add(*given)

        monkeypatch.setattr(app.services.lti, "add_link", remove_first)
        refused = event.call("author", "POST", "/lti-links", {"platform": made["id"]}, expect=404)
    assert "the platform or the event was deleted" in refused["detail"]


def test_operators_see_the_addresses_that_a_platform_needs(app: AppFixture) -> None:
    found = app.client.get("/admin/lti/platforms", headers=app.headers("admin")).get_json()
    assert found["login_url"] == "http://localhost/lti/login"
    assert found["launch_url"] == "http://localhost/lti/launch"
