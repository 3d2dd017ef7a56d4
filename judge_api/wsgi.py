"""The API's process entry: ``gunicorn -c python:judge_api.gunicorn_conf judge_api.wsgi:app``.

``app`` is made when it is first asked for, so that importing this module does no work.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from judge_api.app import create_app
from judge_api.container import build_services
from judge_api.dispatch.circuit_breaker import CircuitBreaker
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.settings import Settings
from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from judge_core.logging import configure_logging
from judge_core.redis.client import create_redis_client
from judge_core.redis.redis_status_channel import RedisStatusChannel

if TYPE_CHECKING:
    from apiflask import APIFlask

_LIVE_SECONDS = 0.5


def __getattr__(name: str) -> APIFlask:
    if name == "app":
        return application()
    raise AttributeError(name)


def application() -> APIFlask:
    """The application of this process, by its environment."""
    settings = Settings.from_env(os.environ)
    configure_logging(settings.log_format.value, "api", settings.log_level)
    counts = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return build(settings, Path(counts) if counts else None)


def build(settings: Settings, counts: Path | None = None) -> APIFlask:
    """The application over real stores; brings the schema up to date first."""
    settings = with_secrets(settings)
    engine = open_engine(settings.database_url, settings.database_limits)
    migrate(engine)
    redis = create_redis_client(settings.redis_url, settings.enqueue_budget_ms / 1000)
    queue = CircuitBreaker(RqQueue(redis))
    channel = RedisStatusChannel(settings.redis_url, _LIVE_SECONDS)
    return create_app(build_services(settings, engine, queue, channel), counts)


def with_secrets(settings: Settings) -> Settings:
    """Secrets that were not given are made once and kept in the data folder, readable by its owner only."""
    return replace(
        settings,
        secret_key=settings.secret_key or keep_secret(settings.data / "secret_key"),
        worker_token=settings.worker_token or keep_secret(settings.data / "worker_token"),
    )


def keep_secret(path: Path) -> str:
    """The secret in this file; several processes that start at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mine = path.with_name(f".{path.name}.{os.getpid()}")
    mine.touch(mode=0o600)
    mine.write_text(secrets.token_urlsafe(32))
    try:
        path.hardlink_to(mine)
    except FileExistsError:
        pass  # another process was first: its secret counts
    finally:
        mine.unlink()
    return path.read_text().strip()
