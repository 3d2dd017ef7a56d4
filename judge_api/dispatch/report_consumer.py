"""Consumes the workers' reports from a Redis stream, writes verdicts into the database and publishes them.

The stream has a consumer group. An entry is acknowledged only after the database has committed. The entries
of a consumer that dies before that are claimed by another consumer. Recording a report twice changes nothing.

Streams are untrusted. A report counts under three conditions: its stream belongs to the Redis user of its
worker, it has the proof that its sender was handed the attempt, and no other worker holds the lease. A
setting allows reports without a proof from workers of release 0.2.0 (:class:`EntryReader`). Other entries are
set aside.

The id of an entry contains the time of Redis' clock. If the clock of a worker's host is far off, the report
gets that time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError
from sqlalchemy.exc import SQLAlchemyError

from judge_api.dispatch.metrics import Counters, MetricsBuffer, ending_count, verdict_counts
from judge_api.store.attempts import NO_LANGUAGE, TRANSIENT_ERROR, AttemptStore, RequeueReason
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.messages import Report, ReportKind, UnreadableMessage, named_attempt
from judge_core.model.errors import StoreUnavailable
from judge_core.model.submission import Status, from_rfc3339, rfc3339
from judge_core.redis.client import (
    Argument,
    Command,
    LuaScript,
    PersistentConnections,
    create_redis_client,
    translate_redis_errors,
)
from judge_core.redis.keys import NO_WORKER, REPORT_CONSUMERS_GROUP, reports_stream
from judge_core.redis.signer import JobNames, Signer
from judge_core.redis.status_channel import execute_with_publish_script, publish_command
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from judge_core.redis.worker_users import WorkerUsers, user_of_worker
from judge_core.telemetry import SpanTimes, Telemetry
from judge_core.tracing import trace_id

_logger = get_logger(__name__)
_MAX_CLOCK_DIFFERENCE = timedelta(minutes=1)
_MAX_TIME_MS = 253_402_300_799_999


@dataclass(frozen=True, slots=True)
class UnreadableReport:
    """A report that cannot be parsed, and the attempt of its stream entry, which has a valid proof."""

    submission: str
    attempt: int
    problem: str


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry of a stream with its fields as Redis holds them.

    It has a ``report``, an ``unreadable`` report, or neither. If it has a ``fault``, it is set aside.
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
    """Reads entries. ``accepts_unproven`` allows reports without a proof on the stream that the workers of
    release 0.2.0 share."""

    def __init__(self, signer: Signer, accepts_unproven: bool) -> None:
        self._signer = signer
        self._accepts_unproven = accepts_unproven

    def read(self, stream: str, id: bytes, fields: Mapping[bytes, bytes]) -> StreamEntry:
        if not fields:  # The entry was deleted from the stream since it was read.
            return StreamEntry(stream, id, fields)
        try:
            report = Report.load(fields.get(b"report", b""))
        except UnreadableMessage as error:
            unreadable = self._unreadable_report(fields, str(error))
            _logger.error("A report could not be read", entry=id.decode(), reason=str(error))
            return StreamEntry(stream, id, fields, unreadable=unreadable, fault=str(error))
        if fault := self._fault_of(stream, fields, report):
            return StreamEntry(stream, id, fields, fault=fault)
        return StreamEntry(stream, id, fields, _with_redis_time(report, id))

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
        """The attempt that the entry names, if the entry has its proof. Without a proof, the reconciler
        repairs the submission."""
        named = named_attempt(fields)
        if named is None or not self._signer.is_proof(fields.get(b"proof"), *named):
            return None
        return UnreadableReport(*named, problem)


def _with_redis_time(report: Report, id: bytes) -> Report:
    """The report. If its time is far from the time at which Redis received it, the time of Redis replaces it.
    The duration stays."""
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
    """Refuse each report of an attempt whose lease another worker holds now. ``leases`` has one lease for
    each report.

    The worker of an attempt sends its last report and deletes its lease in one step.
    """
    by_report = iter(leases)
    return [
        entry.refused("a report of an attempt whose lease another worker holds")
        if entry.report is not None and _is_held_by_another(entry.report, next(by_report))
        else entry
        for entry in entries
    ]


def _is_held_by_another(report: Report, lease: bytes | None) -> bool:
    """Whether this lease gives the report's attempt to another worker. A revoked lease gives it to no worker.
    Such a lease may remain under a name without a secret, although another dispatcher has sent the attempt
    under a name with a secret."""
    attempt, separator, worker = (lease or b"").partition(b":")
    is_free = not separator or attempt != str(report.attempt).encode()
    return not is_free and worker not in (NO_WORKER.encode(), report.worker.encode())


# One step, since a consumer that reads an entry between the check and the removal would lose the entry.
_REMOVE_ENDED = LuaScript(
    """
    local found = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
    if found.err then return 0 end
    local removed = 0
    for _, fields in ipairs(found) do
        local info = {}
        for i = 1, #fields, 2 do info[fields[i]] = fields[i + 1] end
        if info['pending'] == 0 and info['idle'] > tonumber(ARGV[2]) then
            redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], info['name'])
            removed = removed + 1
        end
    end
    return removed
    """
)
_BATCH = 64
_REDIS_SECONDS = 2.0
"""How long Redis may take to answer, in addition to the time for which a read blocks."""


@dataclass(frozen=True, slots=True)
class ConsumerOptions:
    """The name of a consumer in the group, and its times in seconds.

    A read waits up to ``block`` for reports. An entry that another consumer has not
    acknowledged within ``orphaned`` is claimed. A consumer that has asked for nothing within ``ended`` has
    ended. If reports come within ``busy`` after a commit, the consumer
    waits for ``gather``, so that further reports share the next commit. A single client that submits again
    at once is slower than ``busy``, so its reports do not wait. For ``accepts_unproven`` see
    :class:`EntryReader`.
    """

    name: str
    block: float = 1.0
    orphaned: float = 5.0
    ended: float = 3600.0
    busy: float = 0.003
    gather: float = 0.010
    accepts_unproven: bool = False
    telemetry: Telemetry | None = None


@dataclass(frozen=True, slots=True)
class ReportStores:
    """The stores into which reports are written."""

    verdicts: VerdictStore
    attempts: AttemptStore


class ReportConsumer:
    """Records reports. Any number may run at once: the group gives each entry to one consumer, and the
    database records it once."""

    def __init__(
        self,
        stores: ReportStores,
        redis: Redis,
        metrics: MetricsBuffer,
        options: ConsumerOptions,
        signer: Signer,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._signer = signer
        self._users = WorkerUsers(redis, clock.monotonic)
        self._reader = EntryReader(signer, options.accepts_unproven)
        self._names = JobNames(signer, are_secret=not options.accepts_unproven)
        self._verdicts = stores.verdicts
        self._attempts = stores.attempts
        self._redis = redis
        self._connections = PersistentConnections(redis)
        self._unreadable = UnreadableEntries(redis)
        self._metrics = metrics
        self._options = options
        self._clock = clock
        self._has_unrecorded = False
        self._recorded_at = 0.0

    def consume_once(self) -> int:
        """Wait for reports and record them. Returns how many there were.

        Raises ``QueueUnavailable`` or ``StoreUnavailable``. The next call then reads the same entries again.
        """
        with translate_redis_errors():
            entries = self._read("0") if self._has_unrecorded else []
            entries = entries or self._read_new()
            self._has_unrecorded = True
            self._record_entries(entries)
            self._has_unrecorded = False
        self._metrics.flush()
        return len(entries)

    def claim_orphaned(self) -> int:
        """Record entries that another consumer has read and not acknowledged for ``orphaned`` seconds.
        Returns how many there were."""
        return sum(self._claim_orphaned(reports_stream(user)) for user in self._users.all())

    def remove_ended(self) -> int:
        """Remove the consumers of dispatchers that have ended, unless they have entries that are not
        acknowledged. Each start of a dispatcher has new names. Returns how many were removed."""
        arguments: list[Argument] = [REPORT_CONSUMERS_GROUP, int(self._options.ended * 1000)]
        with translate_redis_errors():
            streams = [reports_stream(user) for user in self._users.all()]
            return sum(_REMOVE_ENDED.run(self._connections, [stream], arguments) for stream in streams)

    def _claim_orphaned(self, stream: str) -> int:
        idle_ms = int(self._options.orphaned * 1000)
        with translate_redis_errors():
            try:
                answer: Any = self._redis.xautoclaim(
                    stream, REPORT_CONSUMERS_GROUP, self._options.name, min_idle_time=idle_ms, count=_BATCH
                )
            except ResponseError as error:
                self._create_group(stream, error)
                return 0
            found = [
                self._reader.read(stream, id, fields or {}) for id, fields in answer[1] if id is not None
            ]
            self._record_entries(found)
            return len(found)

    def _read_new(self) -> list[StreamEntry]:
        entries = self._read(">")
        if entries and self._clock.monotonic() - self._recorded_at < self._options.busy:
            # A commit costs the same for one report as for many. A report that comes more than ``busy``
            # seconds after the last commit does not wait.
            self._has_unrecorded = True
            self._clock.sleep(self._options.gather)
            entries += self._read(">", block=False)
        return entries

    def _read(self, after: str, block: bool = True) -> list[StreamEntry]:
        wait = ("BLOCK", max(1, int(self._options.block * 1000))) if block else ()
        group = ("GROUP", REPORT_CONSUMERS_GROUP, self._options.name)
        streams = [reports_stream(user) for user in self._users.all()]
        places = ("STREAMS", *streams, *([after] * len(streams)))
        try:
            answer: Any = self._connections.execute("XREADGROUP", *group, "COUNT", _BATCH, *wait, *places)
        except ResponseError as error:
            for stream in streams:
                self._create_group(stream, error)
            return []
        return [
            self._reader.read(stream.decode(), id, _pairs(fields or ()))
            for stream, found in _streams_of(answer)
            for id, fields in found
        ]

    def _create_group(self, stream: str, error: ResponseError) -> None:
        # A new or emptied Redis has no group. The group begins at "0", so that reports that came before it
        # count too.
        if not str(error).startswith("NOGROUP"):
            raise error
        try:
            self._redis.xgroup_create(stream, REPORT_CONSUMERS_GROUP, id="0", mkstream=True)
        except ResponseError as exists:
            if not str(exists).startswith("BUSYGROUP"):
                raise

    def _record_entries(self, entries: Sequence[StreamEntry]) -> None:
        if entries:
            entries, statuses = self._refuse_without_lease(entries), list[Status]()
            try:
                self._record_or_set_aside(entries, statuses)
            except StoreUnavailable:
                # Publish now: when the entries are read again, reports that are already recorded give no
                # status.
                self._publish_and_acknowledge((), statuses)
                raise
            for entry in entries:
                if entry.fault is not None:
                    self._keep_odd(entry, entry.fault)
            self._publish_and_acknowledge(entries, statuses)
            self._recorded_at = self._clock.monotonic()

    def _refuse_without_lease(self, entries: Sequence[StreamEntry]) -> Sequence[StreamEntry]:
        names, reports = self._names, (entry.report for entry in entries if entry.report is not None)
        keys = [names.lease_key(report.submission, report.attempt) for report in reports]
        return refuse_without_lease(entries, self._connections.execute("MGET", *keys)) if keys else entries

    def _record_or_set_aside(self, entries: Sequence[StreamEntry], statuses: list[Status]) -> None:
        """Record all entries together. If the content of an entry is at fault, record each by itself.

        Each transaction adds its new statuses to ``statuses``, also if a later one fails.
        """
        try:
            self._record_all(entries, statuses)
        except StoreUnavailable:
            raise
        except _REFUSED:
            for entry in entries:
                self._record_one_or_set_aside(entry, statuses)

    def _record_one_or_set_aside(self, entry: StreamEntry, statuses: list[Status]) -> None:
        try:
            self._record_all([entry], statuses)
        except StoreUnavailable:
            raise
        except _REFUSED as error:
            _logger.exception(
                "An unexpected error occurred while a report was recorded", entry=entry.id.decode()
            )
            self._keep_odd(entry, f"recording it raised {type(error).__name__}")

    def _record_all(self, entries: Sequence[StreamEntry], statuses: list[Status]) -> None:
        self._record([entry.report for entry in entries if entry.report is not None], statuses)
        for entry in entries:
            if entry.unreadable and (status := self._return_unreadable(entry.unreadable)) is not None:
                statuses.append(status)

    def _keep_odd(self, entry: StreamEntry, reason: str) -> None:
        content = b" ".join(entry.fields.values())
        self._unreadable.keep_copy(EntrySource.REPORTS, entry.stream, content, reason)

    def _record(self, reports: Sequence[Report], statuses: list[Status]) -> None:
        started = [report for report in reports if report.kind is ReportKind.STARTED]
        finished = [report for report in reports if report.kind is ReportKind.FINISHED]
        if started:
            self._attempts.begin(started)
        if finished:
            self._record_verdicts(finished, statuses)
        for report in reports:
            if report.kind in _RETURN_KINDS and (status := self._return_attempt(report)) is not None:
                statuses.append(status)

    def _add_verdicts(
        self, statuses: list[Status], reports: Sequence[Report], recorded: Sequence[Status | None]
    ) -> None:
        statuses += [status for status in recorded if status is not None]
        for report, status in zip(reports, recorded, strict=True):
            if status is not None:
                self._metrics.count(verdict_counts(report, status))
                _logger.info("Verdict recorded", **_log_fields(status), **_trace_fields(report))
                if self._options.telemetry is not None:
                    self._export(self._options.telemetry, report, status)

    def _export(self, telemetry: Telemetry, report: Report, status: Status) -> None:
        """Export the span from the worker's report to the recorded verdict."""
        now = self._clock.now()
        times = SpanTimes(min(from_rfc3339(report.at) or now, now), now)
        verdict = status.outcome.verdict.value if status.outcome else status.stage.value
        attributes = {
            "gavel.submission": status.id,
            "gavel.verdict": verdict,
            "gavel.queue": status.queue.value,
        }
        telemetry.record("record verdict", report.traceparent, times, attributes)

    def _return_unreadable(self, one: UnreadableReport) -> Status | None:
        # The attempt is charged. Otherwise the submission would be judged and reported in the same way
        # without end.
        why = RequeueReason(f"its report could not be read: {one.problem}")
        return self._attempts.requeue_or_fail(one.submission, one.attempt, why)

    def _record_verdicts(self, reports: Sequence[Report], statuses: list[Status]) -> None:
        try:
            recorded = self._verdicts.record_all(reports)
        except StoreUnavailable:
            raise
        except _REFUSED:
            # A report that the database refuses must not delay the other reports.
            for report in reports:
                self._add_verdicts(statuses, [report], [self._record_alone(report)])
        else:
            self._add_verdicts(statuses, reports, recorded)

    def _record_alone(self, report: Report) -> Status | None:
        try:
            return self._verdicts.record(report)
        except _REFUSED as error:
            _logger.exception(
                "A report could not be recorded", submission=report.submission, attempt=report.attempt
            )
            why = RequeueReason(f"its report could not be recorded: {type(error).__name__}", report.worker)
            return self._attempts.requeue_or_fail(report.submission, report.attempt, why)

    def _return_attempt(self, report: Report) -> Status | None:
        _logger.warning(
            "A worker returned an attempt",
            submission=report.submission,
            attempt=report.attempt,
            worker=report.worker,
            reason=report.reason,
        )
        status = self._attempts.requeue_or_fail(report.submission, report.attempt, _return_reason(report))
        if status is not None:
            self._metrics.count((ending_count(report.kind.value),))
        return status

    def _publish_and_acknowledge(self, entries: Sequence[StreamEntry], statuses: Sequence[Status]) -> None:
        """Publish the statuses, and remove the entries from their streams."""
        commands: list[Command] = [publish_command(statuses, self._signer)] if statuses else []
        for stream in dict.fromkeys(entry.stream for entry in entries):
            ids = [entry.id for entry in entries if entry.stream == stream]
            # Delete before acknowledging, because an entry that is acknowledged and not deleted would stay in
            # the stream for ever.
            commands.append(("XDEL", stream, *ids))
            commands.append(("XACK", stream, REPORT_CONSUMERS_GROUP, *ids))
        if commands:
            execute_with_publish_script(self._connections, commands)


def open_report_consumer(
    stores: ReportStores,
    redis_url: str,
    options: ConsumerOptions,
    signer: Signer,
    clock: Clock = SYSTEM_CLOCK,
) -> ReportConsumer:
    """A consumer with its own Redis connections and metrics."""
    redis = create_redis_client(redis_url, options.block + _REDIS_SECONDS)
    metrics = MetricsBuffer(Counters(redis_url), clock)
    return ReportConsumer(stores, redis, metrics, options, signer, clock)


def _trace_fields(report: Report) -> dict[str, str]:
    found = trace_id(report.traceparent) if report.traceparent else None
    return {} if found is None else {"trace": found}


_FAULTS_OF_CONTENT = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
)
_REFUSED = (SQLAlchemyError, *_FAULTS_OF_CONTENT)
_RETURN_KINDS = (ReportKind.FAULT, ReportKind.RETURNED, ReportKind.TRANSIENT_ERROR)


def _return_reason(report: Report) -> RequeueReason:
    kind, worker = report.kind, report.worker
    if kind is ReportKind.RETURNED and report.lacks_language:
        reason = report.reason or "its worker does not have the language"
        return RequeueReason(reason, worker, charged=False, ending=NO_LANGUAGE, confidential=True)
    if kind is ReportKind.RETURNED:
        reason = report.reason or "the worker was asked to stop"
        return RequeueReason(reason, worker, charged=False, ending="returned", confidential=True)
    reason = report.reason or "a fault without a reason"
    if kind is ReportKind.TRANSIENT_ERROR:
        return RequeueReason(reason, worker, charged=False, ending=TRANSIENT_ERROR, confidential=True)
    return RequeueReason(
        reason,
        worker,
        confidential=True,
        package_at_fault=report.package_at_fault,
        package_unusable=report.package_at_fault and report.package_unusable,
    )


def _streams_of(answer: Any) -> Sequence[Any]:
    """The pairs of a stream and its entries in an answer of XREADGROUP, in either protocol of Redis."""
    return list(answer.items()) if isinstance(answer, dict) else answer or ()


def _pairs(fields: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(fields[::2], fields[1::2], strict=True))


def _log_fields(status: Status) -> dict[str, object]:
    verdict = status.outcome.verdict.value if status.outcome else None
    return {"submission": status.id, "attempt": status.attempt, "verdict": verdict}
