"""What a worker says of itself, so that operators and clients know what is there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from judge_core.model.account import Tier
from judge_core.model.versioning import known_fields

WORKERS_SET = "gavel:workers"
"""Names of all workers that have registered and not said good-bye; the cards themselves expire."""


def order_key(worker: str) -> str:
    """What operators want of a worker: ``drain``. The worker reads it with every heartbeat."""
    return f"gavel:worker-order:{worker}"


class WorkerState(StrEnum):
    """What a worker is doing."""

    IDLE = "idle"
    BUSY = "busy"
    DRAINING = "draining"
    LOST = "lost"  # it took itself out after repeated faults, or pauses while it is hindered

    @classmethod
    def _missing_(cls, value: object) -> WorkerState:
        """A state of a later release: nothing is known to be served by it."""
        return cls.LOST


@dataclass(frozen=True, slots=True)
class LanguageOnWorker:
    """Whether a language's self-test passed there: ``version`` when it did, else the ``reason``."""

    version: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerCard:
    """A worker's registration, renewed with each heartbeat; gone when it is silent for too long.

    ``since`` is when the worker began, ``submission_since`` when it took what it has now.
    """

    name: str
    queue: Tier
    host: str
    pid: int
    state: WorkerState
    since: str
    heartbeat: str
    submission: str | None = None
    submission_since: str | None = None
    judged: int = 0
    faults: int = 0
    reason: str | None = None
    sandbox: dict[str, Any] = field(default_factory=dict)
    languages: dict[str, LanguageOnWorker] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def dump(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def load(cls, text: str | bytes) -> WorkerCard:
        data = json.loads(text)
        languages = {
            id: LanguageOnWorker(**known_fields(LanguageOnWorker, found))
            for id, found in data.get("languages", {}).items()
        }
        return cls(
            **{
                **known_fields(cls, data),
                "queue": Tier(data["queue"]),
                "state": WorkerState(data["state"]),
                "languages": languages,
            }
        )
