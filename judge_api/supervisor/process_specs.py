"""The options of `gavel up`, and the arguments and environment of each process that follow from them.

Each process gets only the variables that are named here. A worker's environment has Redis' address and the
worker token, but no database address, no admin key and no ``GAVEL_SECRET_KEY``. So a program that breaks out
of a sandbox does not find these there.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge_api.supervisor import CannotStart
from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.process_manager import ProcessSpec
from judge_api.supervisor.redis_files import set_damaged_files_aside
from judge_api.supervisor.redis_server import redis_argv
from judge_api.supervisor.worker_variables import WORKER_VARIABLES
from judge_core.model.account import Tier
from judge_core.model.tiers import DEFAULT_TIERS, Tiers, parse_tiers

SYSTEM_NAMES: tuple[str, ...] = (
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "JAVA_HOME",
    "XDG_RUNTIME_DIR",
)
_CERTIFICATE_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
WORKER_NAMES = frozenset(name for name, each in WORKER_VARIABLES.items() if each.by_gavel_up)
PYTHON = (sys.executable, "-P")
"""Python that imports nothing from the folder in which it was started, since other users may write there."""
WORKER_GRACE_SECONDS = 30.0
SERVER_NICE = -5
"""The nice value of the main server's processes, so that they answer at once while submissions are judged."""
MAX_WORKERS = 256
OWNER_VARIABLE = "GAVEL_UP_DATA"
"""The variable with the data folder in every process of a `gavel up`, and in the processes that these start.
With it the next start finds the processes that a killed `gavel up` has left."""


class InvalidWorkers(ValueError):
    """``--workers`` is not of the form ``normal=2,premium=1``."""


@dataclass(frozen=True, slots=True)
class UpOptions:
    """The options of one run of `gavel up`.

    ``environment`` is the environment of `gavel up`, which is used instead of ``os.environ``. ``problems`` is
    the folder of sample packages, if there is one. With ``smoke_test`` a sample is submitted to each queue at
    the end of the start-up.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    tiers: Tiers = DEFAULT_TIERS
    workers: Mapping[Tier, int] = field(default_factory=lambda: dict.fromkeys(DEFAULT_TIERS, 1))
    environment: Mapping[str, str] = field(default_factory=dict)
    problems: Path | None = None
    smoke_test: bool = True
    ready_seconds: float = 120.0

    @property
    def redis_url(self) -> str | None:
        """The operator's Redis, or ``None`` for an embedded one."""
        return self.environment.get("GAVEL_REDIS_URL") or None

    @property
    def database_url(self) -> str | None:
        """The operator's database, or ``None`` for SQLite in the data folder."""
        return self.environment.get("GAVEL_DATABASE_URL") or None


def parse_workers(text: str, tiers: Tiers = DEFAULT_TIERS) -> dict[Tier, int]:
    """Parse ``normal=2,premium=1``. A tier that is left out has one worker; ``0`` means none here."""
    counts = dict.fromkeys(tiers, 1)
    for part in map(str.strip, text.split(",")):
        name, _, number = part.partition("=")
        if not number.isdecimal():
            raise InvalidWorkers(f"{part!r}: write it like normal=2,premium=1")
        if name not in tiers:
            raise InvalidWorkers(
                f"{part!r}: there is no tier {name!r}. Choose from {tiers}, or define it with GAVEL_TIERS"
            )
        if int(number) > MAX_WORKERS:
            raise InvalidWorkers(f"{part!r}: at most {MAX_WORKERS} workers of a tier on one machine")
        counts[Tier(name)] = int(number)
    return counts


def tiers_of(environment: Mapping[str, str]) -> Tiers:
    """The tiers that ``GAVEL_TIERS`` defines. Raises CannotStart."""
    text = environment.get("GAVEL_TIERS", "")
    try:
        return parse_tiers(text) if text.strip() else DEFAULT_TIERS
    except ValueError as error:
        raise CannotStart(f"GAVEL_TIERS={text!r} is wrong: {error}") from error


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of API, Redis and database in this run."""

    url: str
    redis_url: str
    database_url: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of the main server's processes. A worker gets only the worker token."""

    secret_key: str
    worker_token: str


def redis_spec(binary: Path, folder: DataFolder, environment: Mapping[str, str]) -> ProcessSpec:
    return ProcessSpec(
        name="redis",
        argv=redis_argv(binary, folder),
        environment=_system_environment(environment, folder),
        log=folder.logs / "redis.log",
        parent_death_signal=signal.SIGTERM,
        stop_order=2,
        nice=SERVER_NICE,
        repair=lambda log_tail: set_damaged_files_aside(folder, log_tail),
    )


class ProcessSpecs:
    """The specs of API, dispatcher and workers for one run."""

    def __init__(
        self, options: UpOptions, folder: DataFolder, addresses: Addresses, secrets: Secrets
    ) -> None:
        self._options = options
        self._folder = folder
        self._addresses = addresses
        self._secrets = secrets

    def api(self, descriptor: int) -> ProcessSpec:
        """The API: gunicorn on the socket that the supervisor keeps open."""
        return ProcessSpec(
            name="api",
            argv=(
                *PYTHON,
                "-m",
                "judge_api.gunicorn_server",
                *_GUNICORN,
                "--bind",
                f"fd://{descriptor}",
                "judge_api.wsgi:app",
            ),
            environment=self._server_environment(),
            log=self._folder.logs / "api.log",
            parent_death_signal=signal.SIGQUIT,
            nice=SERVER_NICE,
            descriptors=(descriptor,),
        )

    def dispatcher(self) -> ProcessSpec:
        return ProcessSpec(
            name="dispatcher",
            argv=(*PYTHON, "-m", "judge_api.dispatcher"),
            environment=self._server_environment(),
            log=self._folder.logs / "dispatcher.log",
            parent_death_signal=signal.SIGTERM,
            stop_order=1,
            nice=SERVER_NICE,
        )

    def workers(self) -> list[ProcessSpec]:
        """One spec per worker. Each worker has its own sandbox slot. The slots are numbered across all
        tiers."""
        wanted = [
            (tier, n)
            for tier in self._options.tiers
            for n in range(1, self._options.workers.get(tier, 0) + 1)
        ]
        return [self._worker(tier, number, slot) for slot, (tier, number) in enumerate(wanted)]

    def _worker(self, tier: Tier, number: int, slot: int) -> ProcessSpec:
        return ProcessSpec(
            name=f"worker:{tier.value}:{number}",
            argv=(*PYTHON, "-m", "workers", "--queue", tier.value),
            environment=self._worker_environment(f"{tier.value}-{number}", slot),
            log=self._folder.logs / f"worker-{tier.value}-{number}.log",
            parent_death_signal=signal.SIGKILL,
            grace_seconds=WORKER_GRACE_SECONDS,
        )

    def _server_environment(self) -> dict[str, str]:
        given = {k: v for k, v in self._options.environment.items() if k.startswith("GAVEL_")}
        return {
            "GAVEL_ACCEPT_UNPROVEN_REPORTS": "no",
            **given,
            **_telemetry_environment(self._options.environment),
            **_library_environment(self._options.environment),
            **_system_environment(self._options.environment, self._folder),
            "GAVEL_DATA": str(self._folder.root),
            "GAVEL_DATABASE_URL": self._addresses.database_url,
            "GAVEL_REDIS_URL": self._addresses.redis_url,
            "GAVEL_HOST": self._options.host,
            "GAVEL_PORT": self._addresses.url.rpartition(":")[2],
            "GAVEL_PUBLIC_URL": given.get("GAVEL_PUBLIC_URL") or self._addresses.url,
            "GAVEL_SECRET_KEY": self._secrets.secret_key,
            "GAVEL_WORKER_TOKEN": self._secrets.worker_token,
        }

    def _worker_environment(self, name: str, slot: int) -> dict[str, str]:
        given = {k: v for k, v in self._options.environment.items() if k in WORKER_NAMES}
        return {
            **_telemetry_environment(self._options.environment),
            **_system_environment(self._options.environment, self._folder),
            **given,
            "GAVEL_REDIS_URL": self._addresses.redis_url,
            "GAVEL_SERVER_URL": self._addresses.url,
            "GAVEL_WORKER_TOKEN": self._secrets.worker_token,
            "GAVEL_WORKER_NAME": name,
            "GAVEL_SLOT": str(slot),
            "GAVEL_CACHE": str(self._folder.cache),
        }


_GUNICORN = ("-c", "python:judge_api.gunicorn_conf", "--graceful-timeout", "3", "--no-control-socket")


def _telemetry_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """OpenTelemetry's own variables, which say where traces and metrics are sent."""
    return {name: value for name, value in environment.items() if name.startswith("OTEL_")}


def _library_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that libraries of the main server read: credentials of a bucket (boto3), the connection
    to PostgreSQL (libpq), and the certificates of authorities."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(("AWS_", "PG")) or name in _CERTIFICATE_NAMES
    }


def _system_environment(environment: Mapping[str, str], folder: DataFolder) -> dict[str, str]:
    """The variables that any program needs, the variable for unbuffered output (so that logs are current),
    and ``OWNER_VARIABLE``."""
    known = {name: environment[name] for name in SYSTEM_NAMES if name in environment}
    return {"LANG": "C.UTF-8", **known, "PYTHONUNBUFFERED": "1", OWNER_VARIABLE: str(folder.root)}
