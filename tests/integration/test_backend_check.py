"""If Redis or PostgreSQL is configured badly, the start says so and names the fix."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from judge_api.services.backend_check import BackendCheck
from judge_api.settings import Settings
from judge_api.store.server_check import database_warnings
from judge_core.redis.memory_check import redis_warnings, warnings_of
from tests.support.redis_server import RedisServer


@pytest.mark.parametrize(
    ("memory", "words"),
    [
        ({"maxmemory": 0, "maxmemory_policy": "noeviction", "used_memory": 1 << 40}, []),
        ({"maxmemory": 512 << 20, "maxmemory_policy": "noeviction", "used_memory": 1}, []),
        ({}, []),
        ({"maxmemory": 0, "maxmemory_policy": "allkeys-lru"}, ["CONFIG SET maxmemory-policy noeviction"]),
        ({"maxmemory": 512 << 20, "maxmemory_policy": "volatile-ttl"}, ["maxmemory-policy volatile-ttl"]),
        ({"maxmemory": 8 << 20}, ["CONFIG SET maxmemory 128mb"]),
        ({"maxmemory": 512 << 20, "used_memory": 500 << 20}, ["uses 500 of 512 MB"]),
    ],
)
def test_a_wrong_memory_setting_of_redis_is_named_with_its_fix(
    memory: dict[str, Any], words: list[str]
) -> None:
    found = warnings_of(memory)
    assert len(found) == len(words)
    assert all(word in warning for word, warning in zip(words, found, strict=True))


def test_a_redis_that_may_evict_keys_is_reported_with_the_fix(redis_server: RedisServer) -> None:
    assert redis_warnings(redis_server.url, 2.0) == []
    redis_server.client().config_set("maxmemory-policy", "allkeys-lru")
    assert "allkeys-lru" in redis_warnings(redis_server.url, 2.0)[0]


def test_a_postgresql_without_fsync_or_with_too_few_connections_is_reported(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        assert database_warnings(engine, 1) == []
        return
    with engine.connect() as connection:
        most = int(connection.execute(text("SHOW max_connections")).scalar_one())
        fsync = connection.execute(text("SHOW fsync")).scalar_one()
    found = database_warnings(engine, most)
    assert "Fix: raise max_connections" in found[-1]
    assert any("fsync off" in warning for warning in found) == (fsync == "off")


def test_the_dispatcher_logs_wrong_settings_of_redis_and_ignores_an_unreachable_redis(
    engine: Engine, redis_server: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.client().config_set("maxmemory-policy", "allkeys-lru")
    settings = Settings.from_env({"GAVEL_DATA": str(tmp_path), "GAVEL_REDIS_URL": redis_server.url})
    with caplog.at_level(logging.WARNING):
        BackendCheck(engine, settings).log()
    assert "Redis or the database is not configured as Gavel needs it" in caplog.text
    redis_server.stop()
    assert BackendCheck(engine, settings).warnings() == ()
    redis_server.start()
