"""Guessing a password is slow from any network, and does not keep the owner from signing in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from limits import RateLimitItem, RateLimitItemPerHour
from limits.storage import MemoryStorage

from judge_api.http.auth import DEVICE_COOKIE
from judge_api.services import sign_in_guard
from judge_api.services.password_hashing import hash_password
from judge_api.services.rate_limits import RateLimits
from judge_api.services.sign_in_guard import GUESSED_AT, SignInClient, SignInGuard
from judge_core.model.account import Role, Tier
from judge_core.model.errors import QuotaExceeded
from tests.web.app_fixture import AppFixture

PASSWORD = "a long enough one"
_NUMBERS = count()


@pytest.fixture(autouse=True)
def windows_that_outlast_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts tries per hour instead of per minute, because a busy machine may need more than a minute for a
    hundred hashes."""
    for name in ("SIGN_INS", "WRONG_OF_NETWORK", "WRONG_OF_SITE", "WRONG_FOR_NAME"):
        limit: RateLimitItem = getattr(sign_in_guard, name)
        monkeypatch.setattr(sign_in_guard, name, RateLimitItemPerHour(limit.amount))


@pytest.fixture
def name(app: AppFixture) -> str:
    """The name of a new account with a password."""
    name = f"victim{next(_NUMBERS)}"
    app.services.accounts.add(name, Tier.NORMAL, Role.USER, hash_password(PASSWORD))
    return name


def _sign_in(
    app: AppFixture, name: str, address: str, password: str = "a wrong guess", device: str = ""
) -> int:
    headers = {"Cookie": f"{DEVICE_COOKIE}={device}"} if device else {}
    answer = app.client.post(
        "/session",
        json={"name": name, "password": password},
        headers=headers,
        environ_overrides={"REMOTE_ADDR": address},
    )
    return int(answer.status_code)


def test_guesses_from_forty_addresses_are_slowed_and_the_owner_signs_in(app: AppFixture, name: str) -> None:
    addresses = [f"198.51.{next(_NUMBERS) % 250}.{n}" for n in range(40)]
    tried = [_sign_in(app, name, address) for _ in range(6) for address in addresses]
    assert tried.count(401) <= 40 * 3
    assert set(tried[-40:]) == {429}
    assert _sign_in(app, name, "203.0.113.7", PASSWORD) == 201  # this network did not guess


def test_the_addresses_of_an_ipv6_host_count_as_one_network(app: AppFixture, name: str) -> None:
    net = f"2001:db8:{next(_NUMBERS):x}:1"
    tried = [_sign_in(app, name, f"{net}::{n:x}") for n in range(20)]
    assert tried == [401] * 10 + [429] * 10


@pytest.mark.slow  # test_the_addresses_of_an_ipv6_host_count_as_one_network tests a similar limit
def test_guesses_from_many_networks_of_an_ipv6_site_are_limited(app: AppFixture, name: str) -> None:
    site = f"2001:db8:{next(_NUMBERS):x}"
    tried = [_sign_in(app, name, f"{site}:{n:x}::1") for n in range(100)]
    assert tried.count(401) <= GUESSED_AT.amount
    assert set(tried[-20:]) == {429}


def test_guesses_at_many_names_from_one_address_are_limited(app: AppFixture) -> None:
    tried = [_sign_in(app, f"nobody{n}", "192.0.2.99") for n in range(62)]
    assert tried == [401] * 60 + [429] * 2


def test_a_browser_that_signed_in_before_can_sign_in_from_a_blocked_network(
    app: AppFixture, name: str
) -> None:
    address = "192.0.2.50"
    browser = app.flask.test_client()
    body = {"name": name, "password": PASSWORD}
    assert browser.post("/session", json=body, environ_overrides={"REMOTE_ADDR": address}).status_code == 201
    cookie = browser.get_cookie(DEVICE_COOKIE)
    assert cookie is not None
    while _sign_in(app, name, address) != 429:
        pass
    assert _sign_in(app, name, address, PASSWORD) == 429
    assert _sign_in(app, name, address, PASSWORD, cookie.value) == 201


def test_the_device_cookie_of_an_account_is_not_valid_for_another_account(app: AppFixture, name: str) -> None:
    other = app.accounts["bob"].account
    cookie = app.services.sign_in_guard.device_cookie(other.id)
    address = "192.0.2.60"
    assert [_sign_in(app, name, address, device=cookie) for _ in range(11)] == [401] * 10 + [429]
    assert _sign_in(app, name, address, device="made.up") == 429


@pytest.mark.slow  # other limits of the same guard are tried above
def test_a_browser_with_a_device_cookie_has_its_own_limit_of_guesses(app: AppFixture, name: str) -> None:
    account = app.services.accounts.by_name(name)
    assert account is not None
    cookie = app.services.sign_in_guard.device_cookie(account.id)
    tried = [_sign_in(app, name, f"192.0.2.{n}", device=cookie) for n in range(70)]
    assert tried == [401] * 60 + [429] * 10


def test_right_passwords_do_not_count_as_guesses(app: AppFixture, name: str) -> None:
    assert {_sign_in(app, name, "192.0.2.70", PASSWORD) for _ in range(15)} == {201}


@pytest.fixture
def guard() -> Iterator[SignInGuard]:
    yield SignInGuard(RateLimits(MemoryStorage()), "key")


def test_a_guess_counts_before_its_request_is_answered(guard: SignInGuard) -> None:
    client = SignInClient("192.0.2.1")
    begun = 0
    with pytest.raises(QuotaExceeded):
        for begun in range(100):  # noqa: B007 (no guess has been answered yet)
            guard.begin("ada", None, client)
    assert begun == 10


@pytest.mark.parametrize(
    ("address", "network", "site"),
    [
        ("192.0.2.1", "192.0.2.1", None),
        ("::ffff:192.0.2.1", "192.0.2.1", None),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("unknown", "unknown", None),
    ],
)
def test_an_address_is_assigned_to_its_network_and_site(address: str, network: str, site: str | None) -> None:
    client = SignInClient(address)
    assert (client.network, client.site) == (network, site)
