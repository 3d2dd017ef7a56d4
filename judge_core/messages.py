"""The messages between main server and workers: a request to judge, and a report about an attempt.

A request holds everything that a worker needs; it reads no database. Processes of two releases work side by
side: see :mod:`judge_core.model.versioning`. ``VERSION`` rises when a message changes in a way that an older
reader would misread. A reader refuses messages newer than its own version or older than ``OLDEST_VERSION``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import UnionType
from typing import Any

from judge_core.model.account import Tier
from judge_core.model.submission import Kind, Outcome
from judge_core.model.versioning import known_fields, shallow_dict

VERSION = 1
OLDEST_VERSION = 1
"""The oldest version that this release reads. A rolling upgrade needs it to be the previous release's at
most."""

LEASE_SECONDS = 10.0
"""The default time after which a silent worker loses its submission to another."""
MAX_LEASE_SECONDS = 120.0
"""No worker asks for a longer lease: one that seems to run longer began before a clock was set back."""


class UnreadableMessage(Exception):
    """A text that is not a message of this project."""


class WrongVersion(UnreadableMessage):
    """A message of a release too far from this one; the text names the side to update."""


def version_fault(version: int) -> str | None:
    """The reason why a process of this version cannot work with this one; ``None`` when it can."""
    if version > VERSION:
        return f"protocol version {version} is newer than {VERSION}, the newest known here: update this side"
    if version < OLDEST_VERSION:
        return (
            f"protocol version {version} is older than {OLDEST_VERSION}, "
            "the oldest known here: update that side"
        )
    return None


@dataclass(frozen=True, slots=True)
class PackageRef:
    """A problem package by the hash of its content: the worker fetches it and verifies the hash."""

    slug: str
    hash: str


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Limits that a request asks for; ``None`` means the problem's limit or the default."""

    cpu_seconds: float | None = None
    wall_seconds: float | None = None
    memory_kb: int | None = None
    output_kb: int | None = None
    processes: int | None = None
    stack_kb: int | None = None


@dataclass(frozen=True, slots=True)
class CustomRun:
    """A program with its own input instead of a problem's tests.

    Without an expected output a clean exit is AC. ``remembered`` holds what a compatible API has to repeat
    to its client; judging does not read it.
    """

    cases: tuple[tuple[str, str | None], ...]
    limits: RunLimits = RunLimits()
    arguments: tuple[str, ...] = ()
    compiler_arguments: tuple[str, ...] = ()
    repeat: int = 1
    merge_stderr: bool = False
    remembered: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatusFields:
    """The fields of a submission's status that a worker only copies into what it publishes; judging needs
    none."""

    serial: int
    owner: str
    kind: Kind
    submitted_at: str


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """One attempt at one submission: all that a worker gets from the queue.

    Without ``status_fields`` the worker publishes no progress.
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
    status_fields: StatusFields | None = None
    version: int = VERSION

    def dump(self) -> str:
        data = shallow_dict(self)
        data["package"] = shallow_dict(self.package) if self.package else None
        data["run"] = asdict(self.run) if self.run else None
        status_fields = data.pop("status_fields")
        data["ticket"] = shallow_dict(status_fields) if status_fields else None  # the wire's name since 0.1
        return _write(data)

    @classmethod
    def load(cls, text: str) -> JudgeRequest:
        """The inverse of :meth:`dump`. Raises ``UnreadableMessage``, whatever the text is."""
        with _only_unreadable("a request"):
            return cls._from_json(_read(text))

    @classmethod
    def _from_json(cls, data: dict[str, Any]) -> JudgeRequest:
        package = data.get("package")
        run = data.get("run")
        status_fields = data.get("ticket")
        return cls(
            **{
                **known_fields(cls, data),
                "queue": Tier(data["queue"]),
                "package": PackageRef(**known_fields(PackageRef, package)) if package else None,
                "run": parse_custom_run(run) if run else None,
                "status_fields": _status_fields_from(status_fields) if status_fields else None,
            }
        )


def _status_fields_from(data: dict[str, Any]) -> StatusFields:
    return StatusFields(**{**known_fields(StatusFields, data), "kind": Kind(data["kind"])})


def parse_custom_run(data: dict[str, Any]) -> CustomRun:
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
    """The kinds of reports that a worker sends about an attempt."""

    STARTED = "started"
    FINISHED = "finished"
    FAULT = "fault"  # a fault of the judge: the attempt is requeued, with a reason
    RETURNED = "returned"  # not judged, since the worker drains; costs no attempt
    TRANSIENT_ERROR = "hindered"  # a transient error of the worker; costs no attempt, requeued later


@dataclass(frozen=True, slots=True)
class Report:
    """One durable message of a worker; it has an ``outcome`` exactly when the attempt finished.

    ``at`` is when it was sent, ``started_at`` when the attempt began: a quick attempt sends one report only.
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
        return _write({**shallow_dict(self), "outcome": self.outcome.to_json() if self.outcome else None})

    @classmethod
    def load(cls, text: str) -> Report:
        """The inverse of :meth:`dump`. Raises ``UnreadableMessage``, whatever the text is: a stolen worker's
        credentials can write any."""
        with _only_unreadable("a report"):
            data = _read(text)
            outcome = data.get("outcome")
            report = cls(
                **{
                    **known_fields(cls, data),
                    "kind": ReportKind(data["kind"]),
                    "outcome": Outcome.from_json(outcome) if outcome else None,
                }
            )
            report._check_types()
            return report

    def _check_types(self) -> None:
        _check("attempt", self.attempt, int)
        for name in ("submission", "worker", "at"):
            _check(name, getattr(self, name), str)
        for name in ("started_at", "reason"):
            _check(name, getattr(self, name), str | None)
        _check("timings", self.timings, dict)
        if self.outcome is not None:
            _check("compile_output", self.outcome.compile_output, str | None)
            _check("sandbox", self.outcome.sandbox, dict | None)
            for name in ("tests_total", "cpu_ms", "wall_ms", "memory_kb", "score"):
                _check(name, getattr(self.outcome, name), int | float | None)


# Made once: ``json.dumps`` with any option makes an encoder anew at each call.
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@contextmanager
def _only_unreadable(what: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # Not the error's own words: they may repeat the text.
        raise UnreadableMessage(f"not {what}: {type(error).__name__}") from error


def _check(name: str, value: object, kind: type | UnionType) -> None:
    if not isinstance(value, kind):
        raise UnreadableMessage(f"of another type: {name}")


def _read(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UnreadableMessage(f"not JSON: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("version"), int):
        raise UnreadableMessage("a message needs an integer 'version'")
    if fault := version_fault(data["version"]):
        raise WrongVersion(fault)
    return data
