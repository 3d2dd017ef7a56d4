"""People sign up, also by invitation, sign in and sign out. A session may change things only with its
CSRF token."""

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
    """A client that keeps cookies, and has no API key."""
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


def test_sign_up_makes_a_user_of_the_normal_tier(app: AppFixture) -> None:
    body = {"name": "mallory", "password": PASSWORD}
    for more in ({"role": "admin"}, {"tier": "premium"}):
        assert app.client.post("/accounts", json={**body, **more}).status_code == 422
    made = app.client.post("/accounts", json=body).get_json()
    assert (made["role"], made["tier"]) == ("user", "normal")
    again = app.client.post("/accounts", json=body)
    assert (again.status_code, again.get_json()["type"]) == (409, "/errors/conflict")


def test_the_session_cookie_is_hidden_from_scripts_and_other_sites(browser: FlaskClient) -> None:
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
        {"name": "ada", "password": PASSWORD},  # this account has no password
        {"key": "gvl_wrong"},
    ],
)
def test_wrong_credentials_get_the_same_error_and_no_session(
    browser: FlaskClient, body: dict[str, str]
) -> None:
    answer = browser.post("/session", json=body)
    assert (answer.status_code, answer.get_json()["type"]) == (401, "/errors/unauthorized")
    assert browser.get_cookie(COOKIE) is None


def test_a_session_needs_its_csrf_token_for_changes_and_not_for_reading(browser: FlaskClient) -> None:
    token = _sign_in(browser)
    assert browser.get("/me").get_json()["csrf_token"] == token
    assert browser.get("/session").get_json()["account"]["name"] == "lena"
    without = browser.post("/submissions", json=POSTED)
    assert (without.status_code, without.get_json()["type"]) == (403, "/errors/forbidden")
    assert browser.get("/submissions").get_json()["submissions"] == []
    assert browser.post("/submissions", json=POSTED, headers={CSRF_HEADER: token}).status_code == 202


def test_the_csrf_token_of_another_session_is_refused(app: AppFixture, browser: FlaskClient) -> None:
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


def test_signing_out_with_a_key_does_not_end_the_key(app: AppFixture) -> None:
    headers = {**app.headers("bob"), "Cookie": f"{COOKIE}=anything"}
    assert app.client.delete("/session", headers=headers).status_code == 204
    assert app.client.get("/me", headers=app.headers("bob")).status_code == 200


def test_sessions_are_not_listed_as_keys(browser: FlaskClient) -> None:
    _sign_in(browser)
    assert browser.get("/me/keys").get_json()["keys"] == []


def _key_of_lena(browser: FlaskClient, expires_at: str | None = None) -> tuple[str, str]:
    token = _sign_in(browser)
    body = {"name": "laptop", "expires_at": expires_at}
    made = browser.post("/me/keys", json=body, headers={CSRF_HEADER: token}).get_json()
    return made["id"], made["key"]


def _with_cookie(browser: FlaskClient, key: str) -> str:
    """Sign in by an API key. Returns the session's secret."""
    assert browser.post("/session", json={"key": key}).status_code == 201
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    return str(cookie.value)


def test_revoking_a_key_ends_the_sessions_that_the_key_opened(app: AppFixture, browser: FlaskClient) -> None:
    key_id, key = _key_of_lena(browser)
    other = app.flask.test_client()
    session = _with_cookie(other, key)
    assert other.get("/me").status_code == 200
    bearer = {"Authorization": f"Bearer {session}"}
    assert app.client.get("/me", headers=bearer).status_code == 200
    token = browser.get("/session").get_json()["csrf_token"]
    assert browser.delete(f"/me/keys/{key_id}", headers={CSRF_HEADER: token}).status_code == 204
    assert other.get("/me").status_code == 401
    assert app.client.get("/me", headers=bearer).status_code == 401
    assert browser.get("/me").status_code == 200  # this session was opened by the password


def test_a_session_lasts_no_longer_than_its_key(browser: FlaskClient) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    _, key = _key_of_lena(browser, soon)
    _with_cookie(browser, key)
    newest = browser.get("/me/sessions").get_json()["sessions"][0]
    assert newest["current"]
    assert datetime.fromisoformat(newest["expires_at"]) <= datetime.fromisoformat(soon)
    assert newest["made_from"]["name"] == "laptop"


def test_a_session_secret_cannot_open_a_second_session(app: AppFixture, browser: FlaskClient) -> None:
    _sign_in(browser)
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    assert app.client.post("/session", json={"key": cookie.value}).status_code == 401


def test_an_account_lists_its_sessions_and_ends_a_single_session(
    app: AppFixture, browser: FlaskClient
) -> None:
    other = app.flask.test_client()
    _sign_in(other)
    token = _sign_in(browser)
    listed = browser.get("/me/sessions").get_json()["sessions"]
    assert [each["current"] for each in listed].count(True) == 1
    assert listed[0]["current"] and listed[0]["last_used_at"] and not listed[1]["current"]
    path = f"/me/sessions/{listed[1]['id']}"
    assert app.client.delete(path, headers=app.headers("bob")).status_code == 404
    assert other.get("/me").status_code == 200
    assert browser.delete(path, headers={CSRF_HEADER: token}).status_code == 204
    assert other.get("/me").status_code == 401
    assert browser.delete(path, headers={CSRF_HEADER: token}).status_code == 404
    assert listed[1]["id"] not in [each["id"] for each in browser.get("/me/sessions").get_json()["sessions"]]


def test_signing_out_everywhere_ends_all_sessions_and_keeps_keys(
    app: AppFixture, browser: FlaskClient
) -> None:
    _, key = _key_of_lena(browser)
    other = app.flask.test_client()
    token = _sign_in(other)
    assert other.delete("/me/sessions", headers={CSRF_HEADER: token}).status_code == 204
    assert browser.get("/me").status_code == 401
    assert other.get("/me").status_code == 401
    by_key = {"Authorization": f"Bearer {key}"}
    assert app.client.get("/me/sessions", headers=by_key).get_json() == {"sessions": []}


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


def test_an_invitation_can_be_used_for_one_sign_up(club: AppFixture) -> None:
    answer = club.client.post("/admin/invitations", headers=club.headers("admin"))
    invitation = answer.get_json()["invitation"]
    assert _join(club, "early", None) == 422
    assert _join(club, "early", "gvi_made-up") == 422
    assert _join(club, "ada", invitation) == 409  # the name is taken, which does not use up the invitation
    assert _join(club, "first", invitation) == 201
    assert _join(club, "second", invitation) == 422
    assert club.services.accounts.by_name("second") is None


def test_an_expired_invitation_is_refused(club: AppFixture) -> None:
    old = club.services.invitations.create("admin", datetime.now(UTC) - timedelta(seconds=1))
    assert _join(club, "late", old) == 422


def test_sign_up_is_refused_when_it_is_closed(redis_server: RedisServer, tmp_path: Path) -> None:
    closed = build_app(tmp_path, redis_server, GAVEL_SIGN_UP="closed")
    assert _join(closed, "anybody", None) == 403
    closed.services.status_subscriptions.close()
    closed.services.engine.dispose()


def test_ten_wrong_guesses_block_the_guessed_name_and_no_other_name(browser: FlaskClient) -> None:
    assert browser.post("/accounts", json={"name": "mira", "password": PASSWORD}).status_code == 201
    guess = {"name": "mira", "password": "a wrong guess"}
    guesses = [browser.post("/session", json=guess) for _ in range(11)]
    assert [answer.status_code for answer in guesses] == [401] * 10 + [429]
    assert 1 <= int(guesses[-1].headers["Retry-After"]) <= 60
    assert browser.post("/session", json=guess | {"password": PASSWORD}).status_code == 429
    assert _sign_in(browser)


def test_twenty_five_right_sign_ins_from_one_address_are_accepted(browser: FlaskClient) -> None:
    assert all(_sign_in(browser) for _ in range(25))
