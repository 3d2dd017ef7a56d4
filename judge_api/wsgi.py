"""Entry point of an API process: ``gunicorn -c python:judge_api.gunicorn_conf judge_api.wsgi:app``.

``app`` is built when it is accessed, so that importing this module does no work.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from judge_api.app import create_app
from judge_api.container import Services
from judge_api.dispatch.circuit_breaker import CircuitBreaker
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.secret_files import with_secrets
from judge_api.services.http_counters import HttpCounters
from judge_api.settings import Settings, SettingsError
from judge_api.store.engine import open_engine
from judge_api.store.schema_version import bring_up_to_date
from judge_core.fast_paths import FastPath
from judge_core.logging import configure_logging
from judge_core.private_folder import ForeignFolder, refuse_planted_folder
from judge_core.redis.client import create_redis_client, keep_connections
from judge_core.redis.signer import Signer
from judge_core.redis.status_channel import RedisStatusChannel
from judge_core.telemetry import Telemetry, open_telemetry

if TYPE_CHECKING:
    from apiflask import APIFlask

_REDIS_SECONDS = 0.5


def __getattr__(name: str) -> APIFlask:
    if name == "app":
        return application()
    raise AttributeError(name)


def application() -> APIFlask:
    """The application of this process, with the settings of its environment."""
    settings = Settings.from_env(os.environ)
    configure_logging(settings.log_format.value, "api", settings.log_level)
    metrics_folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    telemetry = open_telemetry("gavel-api", os.environ)
    return build(settings, Path(metrics_folder) if metrics_folder else None, telemetry)


def build(
    settings: Settings, metrics_folder: Path | None = None, telemetry: Telemetry | None = None
) -> APIFlask:
    """The application with its database and Redis. Migrates the database first.

    Several processes add up their HTTP metrics in ``metrics_folder``.
    """
    try:
        refuse_planted_folder(settings.data)
    except ForeignFolder as error:
        raise SettingsError(f"GAVEL_DATA={str(settings.data)!r} is not safe: {error}") from error
    settings = with_secrets(settings)
    paths = settings.fast_paths
    keep_connections(FastPath.CONNECTIONS in paths)
    compiled = FastPath.STATEMENTS in paths
    engine = open_engine(settings.database_url, settings.database_limits, compiled)
    bring_up_to_date(engine)
    redis = create_redis_client(settings.redis_url, settings.enqueue_budget_ms / 1000)
    signer = Signer(settings.secret_key)
    queue = CircuitBreaker(RqQueue(redis, signer, accepts_unproven=settings.accept_unproven_reports))
    channel = RedisStatusChannel(settings.redis_url, signer, _REDIS_SECONDS, FastPath.READ_BATCHES in paths)
    services = Services(settings, engine, queue, channel, HttpCounters(metrics_folder))
    return create_app(services, paths, telemetry)
