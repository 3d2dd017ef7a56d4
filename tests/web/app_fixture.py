"""The real API over a real store and a real Redis, with five accounts and a problem."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient

from judge_api.container import KEY, Services
from judge_api.settings import Settings
from judge_api.wsgi import build
from judge_core.model.account import Account, Role, Tier
from tests.support.databases import write_empty_database
from tests.support.redis_server import RedisServer
from tests.support.sample_problem import PROBLEMS as PROBLEMS
from tests.support.sample_problem import offer_sum

WORKER_TOKEN = "the-workers-token"
SUM = "print(sum(map(int, input().split())))"
PATIENT = {"GAVEL_ENQUEUE_BUDGET_MS": "20000"}
"""A busy host may answer later than a POST waits for Redis, and the submission then waits in the outbox."""


@dataclass(frozen=True, slots=True)
class AccountWithKey:
    """An account with its API key."""

    account: Account
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@dataclass(frozen=True, slots=True)
class AppFixture:
    """One application with its accounts and a problem."""

    flask: APIFlask
    client: FlaskClient
    accounts: dict[str, AccountWithKey]
    redis: RedisServer

    @property
    def services(self) -> Services:
        found: Services = self.flask.extensions[KEY]
        return found

    def headers(self, name: str = "ada") -> dict[str, str]:
        return self.accounts[name].headers

    def submit(self, name: str = "ada", **changes: Any) -> Any:
        body = {"problem": "aplusb", "language": "python3", "source": SUM, **changes}
        return self.client.post("/submissions", json=body, headers=self.headers(name))


def build_app(folder: Path, redis: RedisServer, **variables: str) -> AppFixture:
    """Build a new application. ``variables`` are settings such as ``GAVEL_SIGN_UP``."""
    env = {
        "GAVEL_DATA": str(folder),
        "GAVEL_REDIS_URL": redis.url,
        "GAVEL_WORKER_TOKEN": WORKER_TOKEN,
        "GAVEL_SECRET_KEY": "a-secret-of-the-tests",
        **PATIENT,
        **variables,
    }
    if "GAVEL_DATABASE_URL" not in variables:
        write_empty_database(folder / "gavel.db")
    app = build(Settings.from_env(env))
    services: Services = app.extensions[KEY]
    accounts = {
        "ada": _settle(services, "ada", Tier.NORMAL, Role.USER),
        "grace": _settle(services, "grace", Tier.PREMIUM, Role.USER),
        "bob": _settle(services, "bob", Tier.NORMAL, Role.USER),
        "author": _settle(services, "author", Tier.NORMAL, Role.AUTHOR),
        "admin": _settle(services, "admin", Tier.PREMIUM, Role.ADMIN),
    }
    offer_sum(services.problems, services.settings.packages, accounts["author"].account)
    return AppFixture(app, app.test_client(use_cookies=False), accounts, redis)


def _settle(services: Services, name: str, tier: Tier, role: Role) -> AccountWithKey:
    account = services.accounts.add(name, tier, role)
    return AccountWithKey(account, services.accounts.issue_key(account.id, "test")[1])
