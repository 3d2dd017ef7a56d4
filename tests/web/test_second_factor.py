"""A second factor is six digits of a device or a recovery code. Settings may require administrators to have a
second factor."""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest

from judge_api.services.second_factor_service import RECOVERY_CODES, WRONG_CODES
from judge_api.store.accounts import NewAccount
from judge_api.store.second_factors import SecondFactorStore
from judge_core.model.account import LinkPurpose, Role
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app

PASSWORD = "the password so far"
_numbers = itertools.count()


class Device:
    """An authenticator app. Each call gives a later code. The server accepts three calls in a row."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._last = 0

    def code(self) -> str:
        self._last = max(self._last + 1, int(time.time()) // 30 - 1)
        return self._totp.generate_otp(self._last)


class Member:
    """An account with a password and a key."""

    def __init__(self, app: AppFixture) -> None:
        self.app = app
        self.name = f"member-{next(_numbers)}"
        made = app.client.post("/accounts", json={"name": self.name, "password": PASSWORD}).get_json()
        self.id = made["id"]
        self.headers = {"Authorization": f"Bearer {app.services.accounts.issue_key(self.id, 'key')[1]}"}

    def ask(self, path: str, **body: Any) -> Any:
        return self.app.client.post(f"/me/second-factor{path}", json=body, headers=self.headers)

    def enrol(self) -> tuple[Device, list[str]]:
        """Add and confirm a device. Returns the device and the recovery codes."""
        device = Device(self.ask("", current_password=PASSWORD).get_json()["secret"])
        codes: list[str] = self.ask("/confirmation", code=device.code()).get_json()["recovery_codes"]
        return device, codes

    def sign_in(self, **body: str) -> Any:
        return self.app.client.post("/session", json={"name": self.name, "password": PASSWORD, **body})

    @property
    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.app.client.get("/me/second-factor", headers=self.headers).get_json()
        return found


@pytest.fixture
def member(app: AppFixture) -> Member:
    return Member(app)


def test_the_code_of_a_replaced_secret_does_not_confirm_the_new_secret(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Device(member.ask("", current_password=PASSWORD).get_json()["secret"])
    confirm, seconds = SecondFactorStore.confirm, []

    def confirm_late(store: SecondFactorStore, *given: Any) -> Any:
        seconds.append(member.ask("", current_password=PASSWORD).get_json()["secret"])
        return confirm(store, *given)

    with monkeypatch.context() as patch:
        patch.setattr(SecondFactorStore, "confirm", confirm_late)
        assert member.ask("/confirmation", code=first.code()).status_code == 409
    assert member.status["enabled"] is False
    assert member.sign_in().status_code == 201
    assert member.ask("/confirmation", code=Device(seconds[0]).code()).status_code == 200


def test_a_new_secret_is_refused_if_the_second_factor_was_confirmed_meanwhile(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Device(member.ask("", current_password=PASSWORD).get_json()["secret"])
    begin = SecondFactorStore.begin

    def begin_late(store: SecondFactorStore, *given: Any) -> Any:
        assert member.ask("/confirmation", code=device.code()).status_code == 200
        return begin(store, *given)

    monkeypatch.setattr(SecondFactorStore, "begin", begin_late)
    assert member.ask("", current_password=PASSWORD).status_code == 409
    assert member.status == {"enabled": True, "required": False, "recovery_codes_left": RECOVERY_CODES}


def test_a_second_factor_applies_after_a_code_has_confirmed_the_device(member: Member) -> None:
    begun = member.ask("", current_password=PASSWORD).get_json()
    assert begun["uri"].startswith("otpauth://totp/") and begun["secret"] in begun["uri"]
    assert begun["qr"].startswith("data:image/svg+xml")
    assert member.sign_in().status_code == 201
    assert member.ask("/confirmation", code="000000").status_code == 422
    confirmed = member.ask("/confirmation", code=Device(begun["secret"]).code())
    assert len(confirmed.get_json()["recovery_codes"]) == RECOVERY_CODES
    assert member.status == {"enabled": True, "required": False, "recovery_codes_left": RECOVERY_CODES}
    assert member.ask("", current_password=PASSWORD).status_code == 409


def test_setting_up_a_second_factor_needs_the_password(member: Member) -> None:
    assert member.ask("").status_code == 422
    assert member.ask("", current_password="a guess").status_code == 422


def test_signing_in_needs_the_password_and_a_code(member: Member) -> None:
    device, _ = member.enrol()
    missing = member.sign_in()
    assert (missing.status_code, missing.get_json()["type"]) == (401, "/errors/second-factor-needed")
    wrong = member.sign_in(code="000000")
    assert (wrong.status_code, wrong.get_json()["type"]) == (401, "/errors/unauthorized")
    code = device.code()
    wrong_password = member.sign_in(password="a guess", code=code)
    assert (wrong_password.status_code, wrong_password.get_json()["type"]) == (401, "/errors/unauthorized")
    assert member.sign_in(code=f"{code[:3]} {code[3:]}").status_code == 201


def test_a_code_is_accepted_once(member: Member) -> None:
    device, _ = member.enrol()
    code = device.code()
    assert [member.sign_in(code=code).status_code for _ in range(2)] == [201, 401]


def at_once(member: Member, code: str) -> list[int]:
    with ThreadPoolExecutor(8) as pool:
        return sorted(pool.map(lambda _: member.sign_in(code=code).status_code, range(8)))


def test_one_of_many_simultaneous_sign_ins_with_the_same_code_succeeds(member: Member) -> None:
    device, recovery = member.enrol()
    assert at_once(member, device.code()) == [201] + [401] * 7
    assert at_once(member, recovery[0]) == [201] + [401] * 7


@pytest.mark.parametrize("written", ["{:0>40}", "{} x", "+{}", "0x{}"])
def test_a_code_in_another_notation_is_refused(member: Member, written: str) -> None:
    device, _ = member.enrol()
    assert member.sign_in(code=written.format(device.code())).status_code in (401, 422)


def test_a_code_in_full_width_digits_is_refused(member: Member) -> None:
    device, _ = member.enrol()
    code = "".join(chr(ord("\N{FULLWIDTH DIGIT ZERO}") + int(digit)) for digit in device.code())
    assert member.sign_in(code=code).status_code == 401


def test_a_recovery_code_works_once_instead_of_the_device(member: Member) -> None:
    _, codes = member.enrol()
    answers = [member.sign_in(code=codes[0].upper()).status_code for _ in range(2)]
    assert answers == [201, 401]
    assert member.status["recovery_codes_left"] == RECOVERY_CODES - 1
    renewed = member.ask("/recovery-codes", code=codes[1]).get_json()["recovery_codes"]
    assert len(renewed) == RECOVERY_CODES
    assert member.sign_in(code=codes[2]).status_code == 401
    assert member.sign_in(code=renewed[0]).status_code == 201


def test_recovery_codes_are_stored_as_hashes(member: Member) -> None:
    _, codes = member.enrol()
    with member.app.services.engine.connect() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM recovery_codes").fetchall())
    assert codes[0] not in rows and codes[0].replace("-", "") not in rows


def test_the_number_of_wrong_codes_is_limited(member: Member) -> None:
    device, codes = member.enrol()
    answers = [member.ask("/removal", code="000000").status_code for _ in range(WRONG_CODES.amount + 1)]
    assert answers == [422] * WRONG_CODES.amount + [429]
    assert member.ask("/removal", code=device.code()).status_code == 429
    assert member.sign_in(code=codes[0]).status_code == 429


def test_a_second_factor_is_turned_off_by_a_code(member: Member) -> None:
    device, _ = member.enrol()
    assert member.ask("/removal", code=device.code()).status_code == 204
    assert member.status["enabled"] is False
    assert member.sign_in().status_code == 201
    assert member.ask("/removal", code="000000").status_code == 409


def test_turning_on_a_second_factor_ends_other_sessions(app: AppFixture, member: Member) -> None:
    browser = app.flask.test_client()
    browser.post("/session", json={"name": member.name, "password": PASSWORD})
    member.enrol()
    assert browser.get("/me").status_code == 401


def test_a_sign_in_link_stays_unused_until_the_code_is_given(app: AppFixture, member: Member) -> None:
    device, _ = member.enrol()
    account = app.services.accounts.get(member.id)
    assert account is not None
    made = app.services.account_administration.make_link("admin", account, LinkPurpose.SIGN_IN)
    token = made.url.partition("#")[2]
    missing = app.client.post("/session", json={"link": token})
    assert missing.get_json()["type"] == "/errors/second-factor-needed"
    assert app.client.post("/session", json={"link": token, "code": device.code()}).status_code == 201


def test_an_administrator_turns_off_the_second_factor_of_a_person(app: AppFixture, member: Member) -> None:
    member.enrol()
    listed = app.client.get(f"/admin/accounts?search={member.name}", headers=app.headers("admin")).get_json()
    assert listed["accounts"][0]["second_factor"] is True
    path = f"/admin/accounts/{member.id}/second-factor"
    answers = [app.client.delete(path, headers=app.headers("admin")).status_code for _ in range(2)]
    assert answers == [204, 409]
    assert member.sign_in().status_code == 201
    last = app.services.audit.page(limit=1)[0]
    assert (last.account, last.act, last.subject) == ("admin", "second-factor.removed", member.name)


def test_settings_may_require_a_second_factor_of_administrators(
    redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = build_app(tmp_path_factory.mktemp("data"), redis_server, GAVEL_ADMIN_SECOND_FACTOR="yes")
    member = Member(app)
    app.services.accounts.set_role(member.id, Role.ADMIN)
    app.services.account_administration.add("test", NewAccount("another", role=Role.ADMIN))
    browser = app.flask.test_client()
    browser.post("/session", json={"name": member.name, "password": PASSWORD})
    refused = browser.get("/admin/queues")
    assert refused.status_code == 403
    assert "second factor" in refused.get_json()["detail"]
    assert browser.get("/me").status_code == 200
    assert browser.get("/api/v4/users").status_code == 403, "DOMjudge's list of accounts is for operators too"
    assert app.client.get("/api/v4/users", headers=member.headers).status_code == 200
    assert app.client.get("/admin/queues", headers=member.headers).status_code == 200, (
        "programs use keys without a second factor"
    )
    assert member.status["required"] is True
    device, _ = member.enrol()
    browser.post("/session", json={"name": member.name, "password": PASSWORD, "code": device.code()})
    assert browser.get("/admin/queues").status_code == 200
    assert browser.get("/api/v4/users").status_code == 200
    app.services.status_subscriptions.close()
    app.services.engine.dispose()


@pytest.fixture
def strict_app(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """A server that requires a second factor of administrators."""
    app = build_app(tmp_path_factory.mktemp("strict"), redis_server, GAVEL_ADMIN_SECOND_FACTOR="yes")
    yield app
    app.services.status_subscriptions.close()
    app.services.engine.dispose()


@pytest.fixture
def stolen(strict_app: AppFixture) -> str:
    """A session that a thief has opened with the password of an administrator who has no second factor."""
    member = Member(strict_app)
    strict_app.services.accounts.set_role(member.id, Role.ADMIN)
    browser = strict_app.flask.test_client()
    browser.post("/session", json={"name": member.name, "password": PASSWORD})
    cookie = browser.get_cookie("gavel_session")
    assert cookie is not None
    return cookie.value


def _basic(secret: str) -> str:
    return "Basic " + base64.b64encode(f"x:{secret}".encode()).decode()


def test_a_session_without_the_required_second_factor_is_refused_in_each_header(
    strict_app: AppFixture, stolen: str
) -> None:
    bearer, ada = {"Authorization": f"Bearer {stolen}"}, strict_app.accounts["ada"].key
    for path, headers in (
        ("/admin/queues", bearer),
        ("/admin/accounts", bearer),
        ("/api/v4/users", bearer),
        ("/api/v4/users", {"Authorization": _basic(stolen)}),
        ("/api/v4/users", {"Authorization": stolen}),
        ("/judge0/submissions", {"X-Auth-Token": ada, "X-Auth-User": stolen}),
    ):
        assert strict_app.client.get(path, headers=headers).status_code == 403, (path, headers)
    assert strict_app.client.get("/me", headers=bearer).status_code == 200


def test_a_session_without_the_required_second_factor_cannot_make_a_key(
    strict_app: AppFixture, stolen: str
) -> None:
    headers = {"Authorization": f"Bearer {stolen}"}
    refused = strict_app.client.post("/me/keys", json={"name": "way around"}, headers=headers)
    assert refused.status_code == 403
    assert "second factor" in refused.get_json()["detail"]
    assert strict_app.client.get("/me/keys", headers=headers).get_json()["keys"][0]["name"] == "key"


def test_a_session_in_a_header_continues_after_its_change_of_the_password(app: AppFixture) -> None:
    """The change ends a second session of the account, which is also sent in a header."""
    member = Member(app)
    secrets = []
    for _ in range(2):
        browser = app.flask.test_client()
        browser.post("/session", json={"name": member.name, "password": PASSWORD})
        cookie = browser.get_cookie("gavel_session")
        assert cookie is not None
        secrets.append(cookie.value)
    mine, other = ({"Authorization": f"Bearer {each}"} for each in secrets)
    change = {"current_password": PASSWORD, "new_password": f"{PASSWORD} 2"}
    assert app.client.put("/me/password", json=change, headers=mine).status_code == 204
    assert [app.client.get("/me", headers=each).status_code for each in (mine, other)] == [200, 401]
