"""Checks how Redis is configured. A Redis that evicts keys loses jobs and leases. A Redis with little memory
accepts no new work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judge_core.redis.client import create_redis_client, translate_redis_errors

LEAST_MEMORY_MB = 128
_NEARLY_FULL = 0.9


def redis_warnings(url: str, timeout_seconds: float) -> list[str]:
    """The faults of this Redis' configuration, each with its fix. May raise ``QueueUnavailable``."""
    client = create_redis_client(url, timeout_seconds)
    try:
        with translate_redis_errors():
            found: Any = client.info("memory")
    finally:
        client.close()
    return warnings_of(found)


def warnings_of(memory: Mapping[str, Any]) -> list[str]:
    """The faults in the answer to ``INFO memory``. If Redis reports no limits, there are no faults."""
    most, used = int(memory.get("maxmemory", 0)), int(memory.get("used_memory", 0))
    policy = str(memory.get("maxmemory_policy", "noeviction"))
    found = []
    if policy != "noeviction":
        found.append(
            f"Redis removes keys when its memory is full (maxmemory-policy {policy}): leases and jobs would "
            "vanish, and their submissions be judged again. Fix: `CONFIG SET maxmemory-policy noeviction`, "
            "and the same line in redis.conf"
        )
    if most == 0:
        return found
    if most < LEAST_MEMORY_MB << 20:
        found.append(
            f"Redis may use {most >> 20} MB only. New work waits in the database while this memory is full. "
            f"Fix: `CONFIG SET maxmemory {LEAST_MEMORY_MB}mb` or more, and the same in redis.conf"
        )
    if used > most * _NEARLY_FULL:
        found.append(
            f"Redis uses {used >> 20} of {most >> 20} MB: when it is full, new work waits in the database. "
            "Fix: raise maxmemory, or give other programs' data a Redis of their own"
        )
    return found
