"""The record that a worker keeps in Redis, so that operators and clients see its state."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from judge_core.model.account import Tier
from judge_core.model.versioning import known_fields


class WorkerState(StrEnum):
    """The state of a worker."""

    IDLE = "idle"
    BUSY = "busy"
    DRAINING = "draining"
    LOST = "lost"  # it stopped after repeated faults, or pauses after transient errors

    @classmethod
    def _missing_(cls, value: object) -> WorkerState:
        """A state of a later release: such a worker is not counted on."""
        return cls.LOST


@dataclass(frozen=True, slots=True)
class LanguageOnWorker:
    """The result of a language's self-test on a worker: a ``version`` when it passed, else a ``reason``."""

    version: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """A worker's registration, renewed with each heartbeat; it expires when the worker is silent for too
    long.

    ``since`` is when the worker started, ``submission_since`` when it leased the submission that it judges
    now.
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
        return json.dumps(asdict(self), separators=(",", ":"), allow_nan=False)

    @classmethod
    def load(cls, text: str | bytes) -> WorkerRecord:
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
