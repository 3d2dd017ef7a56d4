"""A password is changed with the current password, or set by a one-time link. Other sessions then end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from judge_api.http.auth import CSRF_HEADER
from judge_api.services.account_administration import LINK_LASTS, AccountAdministration
from judge_core.clock import utc_now
from judge_core.model.account import LinkPurpose
from tests.web.app_fixture import AppFixture

OLD = "the password so far"
NEW = "the password from now on"
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Member:
    """An account with a password, and a browser that is signed in to it."""

    app: AppFixture
    name: str
    id: str
    browser: FlaskClient
    token: str

    def sign_in(self, password: str) -> int:
        body = {"name": self.name, "password": password}
        return self.app.flask.test_client().post("/session", json=body).status_code

    def change(self, **body: str) -> Any:
        return self.browser.put("/me/password", json=body, headers={CSRF_HEADER: self.token})

    def link(self, purpose: str = "password") -> str:
        """Let an administrator make a link. Returns its token."""
        path, admin = f"/admin/accounts/{self.id}/links", self.app.headers("admin")
        made = self.app.client.post(path, json={"purpose": purpose}, headers=admin)
        assert made.status_code == 201, made.get_json()
        return str(made.get_json()["link"].partition("#")[2])

    def reset(self, token: str, password: str = NEW) -> Any:
        body = {"token": token, "new_password": password}
        return self.app.client.post("/password-resets", json=body)


@pytest.fixture
def member(app: AppFixture) -> Member:
    name = f"member-{next(_numbers)}"
    made = app.client.post("/accounts", json={"name": name, "password": OLD}).get_json()
    browser = app.flask.test_client()
    session = browser.post("/session", json={"name": name, "password": OLD}).get_json()
    return Member(app, name, made["id"], browser, session["csrf_token"])


def test_a_password_is_changed_with_the_current_password(member: Member) -> None:
    answer = member.change(current_password=OLD, new_password=NEW)
    assert (answer.status_code, answer.data) == (204, b"")
    assert (member.sign_in(OLD), member.sign_in(NEW)) == (401, 201)
    last = member.app.services.audit.page(limit=1)[0]
    assert (last.account, last.act) == (member.name, "password.change")
    assert NEW not in str(last.detail)


def test_a_new_password_ends_other_sessions_and_keeps_keys(app: AppFixture, member: Member) -> None:
    other = app.flask.test_client()
    other.post("/session", json={"name": member.name, "password": OLD})
    key = app.services.accounts.issue_key(member.id, "laptop")[1]
    assert member.change(current_password=OLD, new_password=NEW).status_code == 204
    assert other.get("/me").status_code == 401
    assert member.browser.get("/me").status_code == 200
    assert app.client.get("/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"new_password": NEW}, "current_password"),
        ({"new_password": NEW, "current_password": "a wrong guess"}, "current_password"),
        ({"new_password": "short", "current_password": OLD}, "new_password"),
        ({"new_password": OLD, "current_password": OLD}, "new_password"),
        ({"new_password": NEW + "\0", "current_password": OLD}, "new_password"),
    ],
)
def test_a_refused_change_of_a_password_names_the_field(
    member: Member, body: dict[str, str], field: str
) -> None:
    answer = member.change(**body)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    assert member.sign_in(OLD) == 201


def test_guesses_at_the_current_password_are_limited(member: Member) -> None:
    key = member.app.services.accounts.issue_key(member.id, "stolen")[1]
    guess = {"current_password": "a wrong guess", "new_password": NEW}
    bearer = {"Authorization": f"Bearer {key}"}
    answers = [member.app.client.put("/me/password", json=guess, headers=bearer) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]


def test_an_account_without_a_password_can_set_a_password(app: AppFixture) -> None:
    bob = app.headers("bob")
    assert app.client.get("/me", headers=bob).get_json()["has_password"] is False
    body = {"new_password": NEW}
    assert app.client.put("/me/password", json=body, headers=bob).status_code == 204
    assert app.client.get("/me", headers=bob).get_json()["has_password"] is True
    assert app.client.put("/me/password", json=body, headers=bob).status_code == 422


def test_a_link_of_an_administrator_sets_a_new_password_once(member: Member) -> None:
    token = member.link()
    shown = member.app.client.post("/links", json={"token": token}).get_json()
    assert (shown["account"], shown["purpose"]) == (member.name, "password")
    assert member.reset(token, "short").status_code == 422
    assert member.reset(token).status_code == 204
    assert member.browser.get("/me").status_code == 401, "a reset ends every session"
    assert (member.sign_in(OLD), member.sign_in(NEW)) == (401, 201)
    again = member.reset(token, "another one of mine")
    assert (again.status_code, again.get_json()["errors"][0]["field"]) == (422, "token")
    assert member.sign_in(NEW) == 201


def test_the_audit_log_shows_the_making_and_use_of_a_link_without_its_token(member: Member) -> None:
    token = member.link()
    member.reset(token)
    used, made = member.app.services.audit.page(limit=2)
    assert (made.account, made.act, made.subject) == ("admin", "account.reset-link", member.name)
    assert (used.account, used.act) == (member.name, "password.reset")
    assert token not in f"{used} {made}"


def test_the_token_of_a_one_time_link_is_stored_as_a_hash(member: Member) -> None:
    token = member.link()
    with member.app.services.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM one_time_links").fetchall()
    assert rows and token not in str(rows)


def test_a_one_time_link_expires(member: Member) -> None:
    made_at = utc_now() - LINK_LASTS[LinkPurpose.PASSWORD] - timedelta(seconds=1)
    early = AccountAdministration(member.app.services.engine, "http://gavel", lambda: made_at)
    account = member.app.services.accounts.get(member.id)
    assert account is not None
    token = early.make_link("admin", account, LinkPurpose.PASSWORD).url.partition("#")[2]
    assert member.reset(token).status_code == 422
    assert member.app.client.post("/links", json={"token": token}).status_code == 422


def test_a_newer_link_a_new_password_or_disabling_the_account_invalidates_a_link(member: Member) -> None:
    first, second = member.link(), member.link()
    assert member.app.client.post("/links", json={"token": first}).status_code == 422
    member.change(current_password=OLD, new_password=NEW)
    assert member.reset(second).status_code == 422
    third = member.link()
    member.app.services.accounts.set_disabled(member.id, True)
    assert member.reset(third).status_code == 422
    path, admin = f"/admin/accounts/{member.id}/links", member.app.headers("admin")
    answer = member.app.client.post(path, json={"purpose": "password"}, headers=admin)
    assert answer.status_code == 409


def test_a_sign_in_link_works_once(app: AppFixture, member: Member) -> None:
    token = member.link("sign-in")
    browser = app.flask.test_client()
    assert browser.post("/session", json={"link": token}).status_code == 201
    assert browser.get("/me").get_json()["name"] == member.name
    sessions = browser.get("/me/sessions").get_json()["sessions"]
    assert {each["method"] for each in sessions} == {"link", "password"}
    assert app.client.post("/session", json={"link": token}).status_code == 401


def test_one_of_many_simultaneous_uses_of_a_one_time_link_succeeds(app: AppFixture, member: Member) -> None:
    to_sign_in, to_reset = member.link("sign-in"), member.link("password")
    with ThreadPoolExecutor(8) as pool:
        body = {"link": to_sign_in}
        signed_in = pool.map(lambda _: app.client.post("/session", json=body).status_code, range(8))
        assert sorted(signed_in) == [201] + [401] * 7
        reset = pool.map(lambda number: member.reset(to_reset, f"{NEW} {number}").status_code, range(8))
        assert sorted(reset) == [204] + [422] * 7


@pytest.mark.parametrize("change", [str.upper, str.lower, "{}\n".format, " {}".format, "{}#x".format])
def test_a_changed_token_of_a_one_time_link_is_refused(member: Member, change: Callable[[str], str]) -> None:
    assert member.reset(change(member.link())).status_code == 422


def test_a_one_time_link_is_refused_for_another_purpose(app: AppFixture, member: Member) -> None:
    to_sign_in, to_reset = member.link("sign-in"), member.link("password")
    assert member.reset(to_sign_in).status_code == 422
    assert app.client.post("/session", json={"link": to_reset}).status_code == 401
    assert app.client.post("/session", json={"link": to_sign_in}).status_code == 201


def test_the_last_administrator_cannot_lose_the_role(app: AppFixture, member: Member) -> None:
    path = f"/admin/accounts/{member.id}"
    raised = app.client.patch(path, json={"role": "admin"}, headers=app.headers("admin"))
    assert raised.get_json()["role"] == "admin"
    by_member = {"Authorization": f"Bearer {app.services.accounts.issue_key(member.id, 'key')[1]}"}
    first = app.accounts["admin"].account.id
    lowered = app.client.patch(f"/admin/accounts/{first}", json={"role": "user"}, headers=by_member)
    assert lowered.status_code == 200
    refused = app.client.patch(path, json={"role": "user"}, headers=by_member)
    assert refused.status_code == 409
    app.client.patch(f"/admin/accounts/{first}", json={"role": "admin"}, headers=by_member)
