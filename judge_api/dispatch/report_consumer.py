"""Writes what workers report into the store, once, and tells it.

Reports come by a Redis stream with a consumer group. An entry is acknowledged only after the store has
committed; whoever dies in between leaves it to another recorder. Recording twice changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError
from sqlalchemy.exc import SQLAlchemyError

from judge_api.dispatch.metrics import Measured, ending, measure_verdict
from judge_api.store.attempts import HINDERED, AttemptStore, Retreat
from judge_core.logging import get_logger
from judge_core.messages import (
    RECORDERS_GROUP,
    REPORTS_STREAM,
    Report,
    ReportKind,
    UnreadableMessage,
)
from judge_core.model.errors import StoreUnavailable
from judge_core.model.submission import Status
from judge_core.redis.client import named_failures, open_redis
from judge_core.redis.counters import Tallies
from judge_core.redis.persistent_connections import Command, RedisLines
from judge_core.redis.redis_status_channel import ask_knowing_how_to_tell, telling

_logger = get_logger(__name__)
_BATCH = 64
_BUSY_SECONDS = 0.003
_GATHER_SECONDS = 0.010
"""While reports come sooner than ``_BUSY_SECONDS`` after a commit, so long is waited for others to share the
next. A client that submits again as soon as it is told takes longer, and never waits here."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """An attempt whose report cannot be read."""

    submission: str
    attempt: int
    problem: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the stream; ``report`` is ``None`` when nobody can read it, and ``spoilt`` then says
    whose it was if at least the envelope can be read."""

    id: bytes
    report: Report | None
    spoilt: Spoilt | None = None


class Recorder:
    """Safe in any number: the group gives each entry to one, and the store records once."""

    def __init__(
        self,
        attempts: AttemptStore,
        redis_url: str,
        name: str,
        block_seconds: float = 1.0,
        orphaned_seconds: float = 5.0,
    ) -> None:
        self._attempts = attempts
        self._orphaned_ms = int(orphaned_seconds * 1000)
        self._unsettled = False
        self._settled_at = 0.0
        self._measured = Measured(Tallies(redis_url))
        self._name = name
        self._block_ms = max(1, int(block_seconds * 1000))
        self._redis: Redis = open_redis(redis_url, block_seconds + 2.0)
        self._lines = RedisLines(self._redis)

    def record_once(self) -> int:
        """Wait a moment for reports and record them; how many there were. Raises
        ``QueueUnavailable`` or ``StoreUnavailable``: what was read is then read again."""
        with named_failures():
            entries = self._read("0") if self._unsettled else []
            entries = entries or self._read_new()
            self._unsettled = True
            self._settle(entries)
            self._unsettled = False
        self._measured.tell()
        return len(entries)

    def _read_new(self) -> list[Entry]:
        entries = self._read(">")
        if entries and time.monotonic() - self._settled_at < _BUSY_SECONDS:
            # A commit costs the same for one as for many, and a lone report never waits here.
            self._unsettled = True
            time.sleep(_GATHER_SECONDS)
            entries += self._read(">", block=False)
        return entries

    def adopt(self) -> int:
        """Record what a recorder that is gone had read and not acknowledged; how many it were."""
        with named_failures():
            try:
                answer: Any = self._redis.xautoclaim(
                    REPORTS_STREAM, RECORDERS_GROUP, self._name, min_idle_time=self._orphaned_ms, count=_BATCH
                )
            except ResponseError as error:
                self._make_group(error)
                return 0
            entries = [_entry(id, fields) for id, fields in answer[1] if fields]
            self._settle(entries)
            return len(entries)

    def _read(self, after: str, block: bool = True) -> list[Entry]:
        wait = ("BLOCK", self._block_ms) if block else ()
        place = (
            "GROUP",
            RECORDERS_GROUP,
            self._name,
            "COUNT",
            _BATCH,
            *wait,
            "STREAMS",
            REPORTS_STREAM,
            after,
        )
        try:
            answer: Any = self._lines.ask("XREADGROUP", *place)
        except ResponseError as error:
            self._make_group(error)
            return []
        entries = dict(answer or ()).get(REPORTS_STREAM.encode(), ())
        return [_entry(id, _paired(fields or ())) for id, fields in entries]

    def _make_group(self, error: ResponseError) -> None:
        # A fresh or emptied Redis has no group. From "0": what was reported before we came counts too.
        if not str(error).startswith("NOGROUP"):
            raise error
        try:
            self._redis.xgroup_create(REPORTS_STREAM, RECORDERS_GROUP, id="0", mkstream=True)
        except ResponseError as taken:
            if not str(taken).startswith("BUSYGROUP"):
                raise

    def _settle(self, entries: Sequence[Entry]) -> None:
        if entries:
            statuses = self._write([entry.report for entry in entries if entry.report is not None])
            statuses += self._charge([entry.spoilt for entry in entries if entry.spoilt is not None])
            self._finish(entries, statuses)
            self._settled_at = time.monotonic()

    def _write(self, reports: Sequence[Report]) -> list[Status]:
        started = [report for report in reports if report.kind is ReportKind.STARTED]
        finished = [report for report in reports if report.kind is ReportKind.FINISHED]
        if started:
            self._attempts.begin(started)
        statuses = self._record(finished)
        self._measure(finished, statuses)
        statuses += [self._give_back(report) for report in reports if report.kind in _RETREATS]
        return [status for status in statuses if status is not None]

    def _measure(self, reports: Sequence[Report], statuses: Sequence[Status | None]) -> None:
        for report, status in zip(reports, statuses, strict=True):
            if status is not None:
                self._measured.count(measure_verdict(report, status))
                _logger.info("Verdict recorded", **_named(status))

    def _charge(self, spoilt: Sequence[Spoilt]) -> list[Status]:
        # Free of charge it would be judged, and reported so, without end.
        found = [
            self._attempts.give_back(
                one.submission, one.attempt, Retreat(f"its report could not be read: {one.problem}")
            )
            for one in spoilt
        ]
        return [status for status in found if status is not None]

    def _record(self, reports: Sequence[Report]) -> list[Status | None]:
        if not reports:
            return []
        try:
            return self._attempts.record_all(reports)
        except StoreUnavailable:
            raise
        except _REFUSED:
            # One report that the database refuses must not hold up the others.
            return [self._record_alone(report) for report in reports]

    def _record_alone(self, report: Report) -> Status | None:
        try:
            return self._attempts.record(report)
        except _REFUSED as error:
            _logger.exception(
                "A report could not be recorded", submission=report.submission, attempt=report.attempt
            )
            why = Retreat(f"its report could not be recorded: {type(error).__name__}", report.worker)
            return self._attempts.give_back(report.submission, report.attempt, why)

    def _give_back(self, report: Report) -> Status | None:
        _logger.warning(
            "A worker gave an attempt back",
            submission=report.submission,
            attempt=report.attempt,
            worker=report.worker,
            reason=report.reason,
        )
        status = self._attempts.give_back(report.submission, report.attempt, _retreat(report))
        if status is not None:
            self._measured.count((ending(report.kind.value),))
        return status

    def _finish(self, entries: Sequence[Entry], statuses: Sequence[Status]) -> None:
        ids = [entry.id for entry in entries]
        commands: list[Command] = [telling(status) for status in statuses]
        commands.append(("XACK", REPORTS_STREAM, RECORDERS_GROUP, *ids))
        commands.append(("XDEL", REPORTS_STREAM, *ids))
        ask_knowing_how_to_tell(self._lines, commands)


_REFUSED = (SQLAlchemyError, ValueError, OverflowError)
_RETREATS = (ReportKind.FAULT, ReportKind.RETURNED, ReportKind.HINDERED)


def _retreat(report: Report) -> Retreat:
    if report.kind is ReportKind.RETURNED:
        reason = report.reason or "the worker was told to stop"
        return Retreat(reason, report.worker, charged=False, ending="returned")
    reason = report.reason or "a fault without a reason"
    if report.kind is ReportKind.HINDERED:
        return Retreat(reason, report.worker, charged=False, ending=HINDERED)
    return Retreat(reason, report.worker)


def _paired(fields: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(fields[::2], fields[1::2], strict=True))


def _entry(id: bytes, fields: dict[bytes, bytes]) -> Entry:
    try:
        return Entry(id, Report.load(fields.get(b"report", b"").decode()))
    except (UnreadableMessage, KeyError, TypeError, ValueError) as error:
        spoilt = _spoilt(fields, type(error).__name__)
        _logger.error(
            "A report could not be read",
            entry=id.decode(),
            problem=type(error).__name__,
            submission=spoilt.submission if spoilt else None,
        )
        return Entry(id, None, spoilt)


def _spoilt(fields: dict[bytes, bytes], problem: str) -> Spoilt | None:
    """Whose report it was, by the envelope; of one that names nobody the reconciler will miss a verdict."""
    try:
        return Spoilt(fields[b"submission"].decode(), int(fields[b"attempt"]), problem)
    except (KeyError, ValueError):
        return None


def _named(status: Status) -> dict[str, object]:
    verdict = status.outcome.verdict.value if status.outcome else None
    return {"submission": status.id, "attempt": status.attempt, "verdict": verdict}
