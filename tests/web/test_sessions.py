"""Signing up, in and out; what a session may do only with its CSRF token; invitations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from judge_api.http.auth import COOKIE, CSRF_HEADER
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import SUM, AppFixture, build_app

PASSWORD = "a long enough one"
POSTED = {"problem": "aplusb", "language": "python3", "source": SUM}


@pytest.fixture
def browser(app: AppFixture) -> FlaskClient:
    """Keeps cookies, and has no key."""
    return app.flask.test_client()


@pytest.fixture(scope="module", autouse=True)
def _lena(app: AppFixture) -> None:
    answer = app.client.post("/accounts", json={"name": "lena", "password": PASSWORD})
    assert answer.status_code == 201


def _sign_in(browser: FlaskClient) -> str:
    answer = browser.post("/session", json={"name": "lena", "password": PASSWORD})
    assert answer.status_code == 201
    token: str = answer.get_json()["csrf_token"]
    return token


def test_sign_up_always_makes_a_plain_user(app: AppFixture) -> None:
    body = {"name": "mallory", "password": PASSWORD, "role": "admin", "tier": "premium"}
    made = app.client.post("/accounts", json=body).get_json()
    assert (made["role"], made["tier"]) == ("user", "normal")
    again = app.client.post("/accounts", json=body)
    assert (again.status_code, again.get_json()["type"]) == (409, "/errors/conflict")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: FlaskClient) -> None:
    answer = browser.post("/session", json={"name": "lena", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=gvs_")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "body",
    [
        {"name": "lena", "password": "wrong"},
        {"name": "nobody", "password": PASSWORD},
        {"name": "ada", "password": PASSWORD},  # has no password at all
        {"key": "gvl_wrong"},
    ],
)
def test_wrong_credentials_look_alike_and_open_nothing(browser: FlaskClient, body: dict[str, str]) -> None:
    answer = browser.post("/session", json=body)
    assert (answer.status_code, answer.get_json()["type"]) == (401, "/errors/unauthorized")
    assert browser.get_cookie(COOKIE) is None


def test_a_session_reads_freely_and_changes_only_with_its_token(browser: FlaskClient) -> None:
    token = _sign_in(browser)
    assert browser.get("/me").get_json()["csrf_token"] == token
    assert browser.get("/session").get_json()["account"]["name"] == "lena"
    without = browser.post("/submissions", json=POSTED)
    assert (without.status_code, without.get_json()["type"]) == (403, "/errors/forbidden")
    assert browser.get("/submissions").get_json()["submissions"] == []
    assert browser.post("/submissions", json=POSTED, headers={CSRF_HEADER: token}).status_code == 202


def test_the_token_of_another_session_is_worth_nothing(app: AppFixture, browser: FlaskClient) -> None:
    other = _sign_in(app.flask.test_client())
    mine = _sign_in(browser)
    assert mine != other
    assert browser.post("/submissions", json=POSTED, headers={CSRF_HEADER: other}).status_code == 403


def test_signing_out_ends_the_session_on_the_server(app: AppFixture, browser: FlaskClient) -> None:
    token = _sign_in(browser)
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    assert browser.delete("/session").status_code == 403
    assert browser.delete("/session", headers={CSRF_HEADER: token}).status_code == 204
    assert browser.get_cookie(COOKIE) is None
    stolen = {"Cookie": f"{COOKIE}={cookie.value}"}
    assert app.client.get("/me", headers=stolen).status_code == 401


def test_signing_out_with_a_key_leaves_the_key_alone(app: AppFixture) -> None:
    headers = {**app.headers("bob"), "Cookie": f"{COOKIE}=anything"}
    assert app.client.delete("/session", headers=headers).status_code == 204
    assert app.client.get("/me", headers=app.headers("bob")).status_code == 200


def test_sessions_are_not_among_the_keys(browser: FlaskClient) -> None:
    _sign_in(browser)
    assert browser.get("/me/keys").get_json()["keys"] == []


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application with sign-up by invitation."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    built = build_app(tmp_path_factory.mktemp("club"), server, GAVEL_SIGN_UP="invitation")
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    server.stop()


def _join(club: AppFixture, name: str, invitation: str | None) -> int:
    body = {"name": name, "password": PASSWORD, **({"invitation": invitation} if invitation else {})}
    return club.client.post("/accounts", json=body).status_code


def test_an_invitation_opens_once(club: AppFixture) -> None:
    answer = club.client.post("/admin/invitations", headers=club.headers("admin"))
    invitation = answer.get_json()["invitation"]
    assert _join(club, "early", None) == 422
    assert _join(club, "early", "gvi_made-up") == 422
    assert _join(club, "ada", invitation) == 409  # a taken name does not use it up
    assert _join(club, "first", invitation) == 201
    assert _join(club, "second", invitation) == 422
    assert club.services.accounts.by_name("second") is None


def test_an_old_invitation_opens_nothing(club: AppFixture) -> None:
    old = club.services.invitations.create("admin", datetime.now(UTC) - timedelta(seconds=1))
    assert _join(club, "late", old) == 422


def test_sign_up_is_refused_when_it_is_closed(redis_server: RedisServer, tmp_path: Path) -> None:
    closed = build_app(tmp_path, redis_server, GAVEL_SIGN_UP="closed")
    assert _join(closed, "anybody", None) == 403
    closed.services.status_subscriptions.close()
    closed.services.engine.dispose()


def test_guessing_one_name_ends_after_ten_and_others_still_get_in(browser: FlaskClient) -> None:
    assert browser.post("/accounts", json={"name": "mira", "password": PASSWORD}).status_code == 201
    guess = {"name": "mira", "password": "a wrong guess"}
    guesses = [browser.post("/session", json=guess) for _ in range(11)]
    assert [answer.status_code for answer in guesses] == [401] * 10 + [429]
    assert 1 <= int(guesses[-1].headers["Retry-After"]) <= 60
    assert browser.post("/session", json=guess | {"password": PASSWORD}).status_code == 429
    assert _sign_in(browser)


def test_a_class_signs_in_from_one_address(browser: FlaskClient) -> None:
    assert all(_sign_in(browser) for _ in range(25))
