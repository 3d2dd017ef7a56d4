"""Which processes make up the house, and what each of them is told.

Every child gets an environment written out here, name by name. A worker's holds no database address,
no admin key and no secret of the main server: whoever broke out of a box would find none.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.options import UpPlan
from judge_api.supervisor.process import ChildSpec
from judge_api.supervisor.redis_server import redis_argv
from judge_core.model.account import Tier

SYSTEM_NAMES = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME", "XDG_RUNTIME_DIR")
WORKER_NAMES = (
    "GAVEL_SANDBOX",
    "GAVEL_CORES",
    "GAVEL_LEASE_SECONDS",
    "GAVEL_RUN_ALL",
    "GAVEL_LOG_FORMAT",
    "GAVEL_LOG_LEVEL",
    "GAVEL_COMPILE_CACHE_BYTES",
    "GAVEL_CACHE_BYTES",
)
WORKER_GRACE_SECONDS = 30.0
AHEAD = -5
"""How nice the main server's processes are: they answer at once, whatever is judged beside them."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where things are found in this run."""

    url: str
    redis_url: str
    database_url: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the processes of the main server share; a worker gets the worker token only."""

    secret_key: str
    worker_token: str


def redis_spec(binary: Path, folder: DataFolder, environment: Mapping[str, str]) -> ChildSpec:
    return ChildSpec(
        name="redis",
        argv=redis_argv(binary, folder),
        environment=_system(environment),
        log=folder.logs / "redis.log",
        when_orphaned=signal.SIGTERM,
        round=2,
        nice=AHEAD,
    )


class Roster:
    """The specs of the api, the dispatcher and the workers for one plan."""

    def __init__(self, plan: UpPlan, folder: DataFolder, addresses: Addresses, secrets: Secrets) -> None:
        self._plan = plan
        self._folder = folder
        self._addresses = addresses
        self._secrets = secrets

    def api(self, descriptor: int) -> ChildSpec:
        """gunicorn on the socket that the supervisor holds open."""
        return ChildSpec(
            name="api",
            argv=(
                sys.executable,
                "-m",
                "gunicorn",
                *_GUNICORN,
                "--bind",
                f"fd://{descriptor}",
                "judge_api.wsgi:app",
            ),
            environment=self._server_environment(),
            log=self._folder.logs / "api.log",
            when_orphaned=signal.SIGQUIT,
            nice=AHEAD,
            descriptors=(descriptor,),
        )

    def dispatcher(self) -> ChildSpec:
        return ChildSpec(
            name="dispatcher",
            argv=(sys.executable, "-m", "judge_api.dispatcher"),
            environment=self._server_environment(),
            log=self._folder.logs / "dispatcher.log",
            when_orphaned=signal.SIGTERM,
            round=1,
            nice=AHEAD,
        )

    def workers(self) -> list[ChildSpec]:
        """One slot each, numbered through all tiers: a slot is a worker's own place to make boxes."""
        wanted = [(tier, n) for tier in Tier for n in range(1, self._plan.workers.get(tier, 0) + 1)]
        return [self._worker(tier, number, slot) for slot, (tier, number) in enumerate(wanted)]

    def _worker(self, tier: Tier, number: int, slot: int) -> ChildSpec:
        return ChildSpec(
            name=f"worker:{tier.value}:{number}",
            argv=(sys.executable, "-m", "workers", "--queue", tier.value),
            environment=self._worker_environment(f"{tier.value}-{number}", slot),
            log=self._folder.logs / f"worker-{tier.value}-{number}.log",
            when_orphaned=signal.SIGKILL,
            grace_seconds=WORKER_GRACE_SECONDS,
        )

    def _server_environment(self) -> dict[str, str]:
        given = {k: v for k, v in self._plan.environment.items() if k.startswith("GAVEL_")}
        return {
            **_system(self._plan.environment),
            **given,
            "GAVEL_DATA": str(self._folder.root),
            "GAVEL_DATABASE_URL": self._addresses.database_url,
            "GAVEL_REDIS_URL": self._addresses.redis_url,
            "GAVEL_HOST": self._plan.host,
            "GAVEL_PORT": self._addresses.url.rpartition(":")[2],
            "GAVEL_PUBLIC_URL": given.get("GAVEL_PUBLIC_URL", self._addresses.url),
            "GAVEL_SECRET_KEY": self._secrets.secret_key,
            "GAVEL_WORKER_TOKEN": self._secrets.worker_token,
        }

    def _worker_environment(self, name: str, slot: int) -> dict[str, str]:
        given = {k: v for k, v in self._plan.environment.items() if k in WORKER_NAMES}
        return {
            **_system(self._plan.environment),
            **given,
            "GAVEL_REDIS_URL": self._addresses.redis_url,
            "GAVEL_SERVER_URL": self._addresses.url,
            "GAVEL_WORKER_TOKEN": self._secrets.worker_token,
            "GAVEL_WORKER_NAME": name,
            "GAVEL_SLOT": str(slot),
            "GAVEL_CACHE": str(self._folder.cache),
        }


_GUNICORN = ("-c", "python:judge_api.gunicorn_conf", "--graceful-timeout", "3", "--no-control-socket")


def _system(environment: Mapping[str, str]) -> dict[str, str]:
    """What any program needs to know of its machine, plus unbuffered output so that logs are current."""
    known = {name: environment[name] for name in SYSTEM_NAMES if name in environment}
    return {"LANG": "C.UTF-8", **known, "PYTHONUNBUFFERED": "1"}
