"""The record that a worker keeps in Redis, so that operators and clients see its state."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from judge_core.model.account import Tier
from judge_core.model.json_records import (
    SUBMISSION_ID,
    WORKER_NAME,
    integer,
    mapping,
    member,
    moment,
    number,
    optional,
    plain_object,
    printable,
    record,
    remembered,
    text,
    tier,
)

DEFAULT_POOL = "default"
POOL_PATTERN = r"[a-z][a-z0-9-]{0,31}"


class WorkerState(StrEnum):
    """The state of a worker."""

    IDLE = "idle"
    BUSY = "busy"
    DRAINING = "draining"
    LOST = "lost"  # it stopped after repeated faults, or pauses (transient errors, full disk)

    @classmethod
    def _missing_(cls, value: object) -> WorkerState:
        """A state of a later release: such a worker counts as lost."""
        return cls.LOST


@dataclass(frozen=True, slots=True)
class LanguageOnWorker:
    """A language on a worker: its ``version`` if the toolchain works, else a ``reason``."""

    version: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """A worker's registration, renewed with each heartbeat. It expires if the heartbeats stop for too long.

    ``since`` is when the worker started, ``submission_since`` when it leased the submission that it judges
    now. ``queue`` and ``pool`` name the one queue from which it takes submissions
    (:mod:`judge_core.model.routing`). ``speed`` is the speed of one core, 0 if it was not measured.
    ``outside_band`` is the reason if that speed is outside the allowed band.
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
    pool: str = DEFAULT_POOL
    architecture: str = ""
    memory_mb: int = 0
    speed: float = 0.0
    outside_band: str | None = None

    def dump(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), allow_nan=False)

    @classmethod
    def load(cls, text: str | bytes) -> WorkerRecord:
        """The inverse of :meth:`dump`. Raises only ``ValueError`` or ``RecursionError``, whatever the text
        is."""
        return parse_worker_record(json.loads(text))


_MAX_REASON = 100_000
_MAX_DEPTH = 6
parse_worker_record = record(
    WorkerRecord,
    {
        "name": WORKER_NAME,
        "queue": tier,
        "host": printable(255),
        "pid": integer(),
        "state": member(WorkerState),
        "since": text(64),
        "heartbeat": text(64),
        "submission": optional(SUBMISSION_ID),
        "submission_since": optional(moment),
        "judged": integer(0, 2**53),
        "faults": integer(0, 2**53),
        "reason": optional(text(_MAX_REASON)),
        "sandbox": plain_object(_MAX_DEPTH),
        # Each heartbeat repeats the languages, and most workers have the same ones.
        "languages": remembered(
            mapping(
                record(LanguageOnWorker, dict.fromkeys(("version", "reason"), optional(text(_MAX_REASON)))),
                most=1_000,
            )
        ),
        "versions": mapping(text(1_000), most=100),
        "pool": text(32, POOL_PATTERN),
        "architecture": text(64),
        "memory_mb": integer(),
        "speed": number(0, 1e6),
        "outside_band": optional(text(_MAX_REASON)),
    },
)
