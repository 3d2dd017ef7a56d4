"""The messages between main server and workers, and the names under which they lie in Redis.

A worker is told everything by its request and needs no database. Processes of two releases work side by
side: see :mod:`judge_core.model.versioning`. ``VERSION`` rises when a message changes in a way that an older
reader would misread. A reader refuses what is newer than its own version or older than ``OLDEST``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from judge_core.model.account import Tier
from judge_core.model.submission import Kind, Outcome, Stage
from judge_core.model.versioning import known_fields, shallow

VERSION = 1
OLDEST = 1
"""The oldest version that this release still reads; the one before must be, or no upgrade can roll."""

REPORTS_STREAM = "gavel:reports"
RECORDERS_GROUP = "recorders"
STATUS_CHANNEL = "gavel:status-changed"
WORKERS_CHANNEL = "gavel:worker-commands"
LEASE_SECONDS = 10.0
"""How long a worker may be silent before its submission goes to another, if nothing else is set."""
LONGEST_LEASE_SECONDS = 120.0
"""No worker asks for a longer one: a lease that seems to run longer was given before a clock was set back."""


def live_key(submission: str) -> str:
    """The live status of a submission: a hint with an expiry; the store is the truth."""
    return f"gavel:live:{submission}"


def lease_key(submission: str) -> str:
    """Who judges it now: ``attempt:worker``, expiring unless its heartbeat renews it."""
    return f"gavel:lease:{submission}"


def worker_key(worker: str) -> str:
    """What a worker says of itself, as JSON with an expiry."""
    return f"gavel:worker:{worker}"


def job_id(submission: str, attempt: int) -> str:
    """RQ's id for one attempt; the pair is unique for ever."""
    return f"{submission}-{attempt}"


class UnreadableMessage(Exception):
    """A message that is not one of ours."""


class WrongVersion(UnreadableMessage):
    """A message of another release, too far from this one; it says which side has to be updated."""


def version_fault(version: int) -> str | None:
    """Why a process that speaks this version cannot work with this one; ``None`` when it can."""
    if version > VERSION:
        return f"protocol version {version} is newer than {VERSION}, the newest known here: update this side"
    if version < OLDEST:
        return f"protocol version {version} is older than {OLDEST}, the oldest known here: update that side"
    return None


@dataclass(frozen=True, slots=True)
class PackageRef:
    """A problem package by content: the worker fetches ``hash`` and verifies it."""

    slug: str
    hash: str


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Limits asked for by the request; ``None`` leaves the problem's or the default one."""

    cpu_seconds: float | None = None
    wall_seconds: float | None = None
    memory_kb: int | None = None
    output_kb: int | None = None
    processes: int | None = None
    stack_kb: int | None = None


@dataclass(frozen=True, slots=True)
class CustomRun:
    """Own input instead of a problem's tests; without ``expected_output`` a clean exit is AC.

    ``remembered`` is what a dialect wants to tell its client again; judging does not look at it.
    """

    cases: tuple[tuple[str, str | None], ...]
    limits: RunLimits = RunLimits()
    arguments: tuple[str, ...] = ()
    compiler_arguments: tuple[str, ...] = ()
    repeat: int = 1
    merge_stderr: bool = False
    remembered: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a worker repeats to the watchers of a submission: it does not need it for judging."""

    serial: int
    owner: str
    kind: Kind
    submitted_at: str


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """One attempt at one submission, whole: what the worker gets from the queue.

    Without a ``ticket`` nobody watches, and the worker tells no progress.
    """

    submission: str
    attempt: int
    queue: Tier
    language: str
    source: str
    package: PackageRef | None = None
    run: CustomRun | None = None
    run_all: bool = False
    samples_only: bool = False
    ticket: Ticket | None = None
    version: int = VERSION

    def dump(self) -> str:
        data = shallow(self)
        data["package"] = shallow(self.package) if self.package else None
        data["run"] = asdict(self.run) if self.run else None
        data["ticket"] = shallow(self.ticket) if self.ticket else None
        return _write(data)

    @classmethod
    def load(cls, text: str) -> JudgeRequest:
        data = _open(text)
        package = data.get("package")
        run = data.get("run")
        ticket = data.get("ticket")
        return cls(
            **{
                **known_fields(cls, data),
                "queue": Tier(data["queue"]),
                "package": PackageRef(**known_fields(PackageRef, package)) if package else None,
                "run": custom_run_from(run) if run else None,
                "ticket": _ticket_from(ticket) if ticket else None,
            }
        )


def _ticket_from(data: dict[str, Any]) -> Ticket:
    return Ticket(**{**known_fields(Ticket, data), "kind": Kind(data["kind"])})


def custom_run_from(data: dict[str, Any]) -> CustomRun:
    """The inverse of ``asdict`` on a custom run, as JSON brings it back."""
    return CustomRun(
        **{
            **known_fields(CustomRun, data),
            "cases": tuple((stdin, expected) for stdin, expected in data["cases"]),
            "limits": RunLimits(**known_fields(RunLimits, data.get("limits") or {})),
            "arguments": tuple(data.get("arguments") or ()),
            "compiler_arguments": tuple(data.get("compiler_arguments") or ()),
        }
    )


class ReportKind(StrEnum):
    """What a worker tells the main server about an attempt."""

    STARTED = "started"
    FINISHED = "finished"
    FAULT = "fault"  # ours: the attempt is given back, with a reason
    RETURNED = "returned"  # handed back untouched (drain); costs no attempt
    HINDERED = "hindered"  # the worker could not judge anything now; costs no attempt, comes back later


@dataclass(frozen=True, slots=True)
class Report:
    """One durable message of a worker; ``outcome`` is there exactly when it finished.

    ``at`` is when it was said, ``started_at`` when the attempt began: a quick attempt sends one report only.
    """

    kind: ReportKind
    submission: str
    attempt: int
    worker: str
    at: str
    started_at: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    version: int = VERSION

    def dump(self) -> str:
        return _write({**shallow(self), "outcome": self.outcome.to_json() if self.outcome else None})

    @classmethod
    def load(cls, text: str) -> Report:
        data = _open(text)
        outcome = data.get("outcome")
        return cls(
            **{
                **known_fields(cls, data),
                "kind": ReportKind(data["kind"]),
                "outcome": Outcome.from_json(outcome) if outcome else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """A hint about a running attempt: goes to live status only and may be lost."""

    submission: str
    attempt: int
    stage: Stage
    tests_done: int
    tests_total: int
    at: str


# Made once: ``json.dumps`` with any option makes an encoder anew at each call.
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _open(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UnreadableMessage(f"not JSON: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("version"), int):
        raise UnreadableMessage("a message needs an integer 'version'")
    if fault := version_fault(data["version"]):
        raise WrongVersion(fault)
    return data
