"""Stores the time since when no live worker of a tier has a language. Dispatchers write it, and all servers
read it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from judge_core.model.account import Tier
from judge_core.model.json_records import InvalidField, parse_moment
from judge_core.model.submission import rfc3339
from judge_core.redis.client import create_redis_client, translate_redis_errors
from judge_core.redis.keys import UNSERVED_KEY

TierLanguage = tuple[Tier, str]
_MAX_ENTRIES = 10_000
_MAX_LANGUAGE = 100


class UnservedLanguages:
    """Reads and writes the times. Every method may raise ``QueueUnavailable``."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        self._redis = create_redis_client(url, timeout_seconds)

    def read(self) -> dict[TierLanguage, datetime]:
        """The time since when each language is unserved. Unreadable entries are left out."""
        with translate_redis_errors():
            if self._redis.hlen(UNSERVED_KEY) > _MAX_ENTRIES:
                return {}
            entries: Any = self._redis.hgetall(UNSERVED_KEY)
        found = (_parse(field, value) for field, value in entries.items())
        return dict(entry for entry in found if entry is not None)

    def add(self, unserved: Iterable[TierLanguage], since: datetime | None = None) -> None:
        """Record that these are unserved from now on. Languages that were unserved before keep their time."""
        at = rfc3339(since or datetime.now(UTC)) or ""
        with translate_redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            for tier, language in unserved:
                pipeline.hsetnx(UNSERVED_KEY, f"{tier}|{language}", at)
            pipeline.execute()

    def remove(self, served: Iterable[TierLanguage]) -> None:
        """Record that live workers have these languages again."""
        fields = [f"{tier}|{language}" for tier, language in served]
        if fields:
            with translate_redis_errors():
                self._redis.hdel(UNSERVED_KEY, *fields)


def _parse(field: bytes, value: bytes) -> tuple[TierLanguage, datetime] | None:
    try:
        tier, _, language = field.decode("ascii").partition("|")
        if not 0 < len(language) <= _MAX_LANGUAGE:
            return None
        return (Tier(tier), language), parse_moment(value.decode("ascii"))
    except (ValueError, InvalidField):
        return None
