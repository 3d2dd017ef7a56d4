"""Reads the entries of the streams of reports, and refuses those that their sender may not have sent.

Streams are untrusted. A report counts under three conditions. Its stream belongs to the Redis user of its
worker. It carries the proof that its sender was handed the attempt. No other worker holds the lease.

The id of an entry holds the time of Redis' clock. A report from a host whose clock is far off gets that time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from judge_core.logging import get_logger
from judge_core.messages import Report, UnreadableMessage
from judge_core.model.submission import from_rfc3339, rfc3339
from judge_core.redis.keys import NO_WORKER, reports_stream
from judge_core.redis.signer import Signer
from judge_core.redis.worker_users import user_of_worker

_logger = get_logger(__name__)
_MAX_ATTEMPT_DIGITS = 6
_MAX_ID_BYTES = 64
_MAX_CLOCK_DIFFERENCE = timedelta(minutes=1)
_MAX_TIME_MS = 253_402_300_799_999


@dataclass(frozen=True, slots=True)
class UnreadableReport:
    """A report that cannot be parsed, and the attempt that its stream entry names and proves."""

    submission: str
    attempt: int
    problem: str


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry of a stream with its fields as Redis holds them.

    It has a report, or an unreadable one, or neither. With a ``fault`` it is set aside.
    """

    stream: str
    id: bytes
    fields: Mapping[bytes, bytes]
    report: Report | None = None
    unreadable: UnreadableReport | None = None
    fault: str | None = None

    def refused(self, fault: str) -> StreamEntry:
        return replace(self, report=None, unreadable=None, fault=fault)


class EntryReader:
    """Reads entries. With ``accepts_unproven`` reports without a proof count on the stream that the workers
    of the release before share."""

    def __init__(self, signer: Signer, accepts_unproven: bool) -> None:
        self._signer = signer
        self._accepts_unproven = accepts_unproven

    def read(self, stream: str, id: bytes, fields: Mapping[bytes, bytes]) -> StreamEntry:
        entry = StreamEntry(stream, id, fields)
        if not fields:  # deleted from the stream since it was read
            return entry
        try:
            report = Report.load(fields.get(b"report", b""))
        except UnreadableMessage as error:
            unreadable = self._unreadable_report(fields, str(error))
            _logger.error("A report could not be read", entry=id.decode(), reason=str(error))
            return replace(entry, unreadable=unreadable, fault=str(error))
        fault = self._fault_of(stream, fields, report)
        return entry.refused(fault) if fault else replace(entry, report=_with_redis_time(report, id))

    def _fault_of(self, stream: str, fields: Mapping[bytes, bytes], report: Report) -> str | None:
        if reports_stream(user_of_worker(report.worker)) != stream:
            return "a report in another worker's name"
        proof = fields.get(b"proof")
        if self._signer.is_proof(proof, report.submission, report.attempt):
            return None
        if proof is None and self._accepts_unproven and user_of_worker(report.worker) is None:
            return None
        return "a report without the proof that its sender was handed the attempt"

    def _unreadable_report(self, fields: Mapping[bytes, bytes], problem: str) -> UnreadableReport | None:
        """The attempt that the entry names, if it is proven. The reconciler repairs any other."""
        named = named_attempt(fields)
        if named is None or not self._signer.is_proof(fields.get(b"proof"), *named):
            return None
        return UnreadableReport(*named, problem)


def named_attempt(fields: Mapping[bytes, bytes]) -> tuple[str, int] | None:
    """The submission and the attempt that an entry names; ``None`` if it names none."""
    submission, attempt = fields.get(b"submission", b""), fields.get(b"attempt", b"")
    if not submission.replace(b"-", b"").isalnum() or len(submission) > _MAX_ID_BYTES:  # so it is ASCII
        return None
    if not attempt.isdigit() or len(attempt) > _MAX_ATTEMPT_DIGITS:
        return None
    return submission.decode("ascii"), int(attempt)


def _with_redis_time(report: Report, id: bytes) -> Report:
    """The report, moved to the time at which Redis got it if its own is far from that. Its duration stays."""
    received, at = _time_of_entry(id), from_rfc3339(report.at)
    if received is None or at is None or abs(at - received) <= _MAX_CLOCK_DIFFERENCE:
        return report
    began = from_rfc3339(report.started_at)
    started_at = rfc3339(received - max(timedelta(), at - began)) if began is not None else None
    return replace(report, at=rfc3339(received) or report.at, started_at=started_at)


def _time_of_entry(id: bytes) -> datetime | None:
    milliseconds = id.partition(b"-")[0]
    if not milliseconds.isdigit() or int(milliseconds) > _MAX_TIME_MS:
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def refuse_without_lease(entries: Sequence[StreamEntry], leases: Sequence[bytes | None]) -> list[StreamEntry]:
    """Refuse each report whose attempt another worker holds now. ``leases`` are those of the reports.

    A worker sends its last report and deletes its lease in one step.
    """
    by_report = iter(leases)
    return [
        entry.refused("a report of an attempt whose lease another worker holds")
        if entry.report is not None and _is_held_by_another(entry.report, next(by_report))
        else entry
        for entry in entries
    ]


def _is_held_by_another(report: Report, lease: bytes | None) -> bool:
    """A tombstone under a name without a secret outlives an attempt that another dispatcher sent with one."""
    attempt, separator, worker = (lease or b"").partition(b":")
    is_free = not separator or attempt != str(report.attempt).encode()
    return not is_free and worker not in (NO_WORKER.encode(), report.worker.encode())
