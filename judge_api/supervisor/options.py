"""What `gavel up` was asked for, in one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge_core.model.account import Tier

DEFAULT_WORKERS: Mapping[Tier, int] = {Tier.NORMAL: 1, Tier.PREMIUM: 1}
MOST_WORKERS = 256


class UnreadableWorkers(ValueError):
    """``--workers`` is not of the form ``normal=2,premium=1``."""


@dataclass(frozen=True, slots=True)
class UpPlan:
    """One run of the house.

    ``redis_url`` and ``database_url`` are set when the operator has their own; ``None`` means ours.
    ``environment`` is what the process was started with: nothing below reads ``os.environ``.
    ``problems`` is the folder of sample packages, where there is one.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: Mapping[Tier, int] = field(default_factory=lambda: dict(DEFAULT_WORKERS))
    environment: Mapping[str, str] = field(default_factory=dict)
    problems: Path | None = None
    sample: bool = True
    ready_seconds: float = 120.0

    @property
    def redis_url(self) -> str | None:
        return self.environment.get("GAVEL_REDIS_URL") or None

    @property
    def database_url(self) -> str | None:
        return self.environment.get("GAVEL_DATABASE_URL") or None


def read_workers(text: str) -> dict[Tier, int]:
    """``normal=2,premium=1``; a tier left out keeps its one worker, ``0`` means none of it here."""
    counts = dict(DEFAULT_WORKERS)
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in [tier.value for tier in Tier] or not number.isdecimal():
            raise UnreadableWorkers(f"{part.strip()!r}: write it like normal=2,premium=1")
        if int(number) > MOST_WORKERS:
            raise UnreadableWorkers(
                f"{part.strip()!r}: at most {MOST_WORKERS} workers of a tier on one machine"
            )
        counts[Tier(name)] = int(number)
    return counts
