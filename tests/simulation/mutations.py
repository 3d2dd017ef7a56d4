"""Known bugs, which are put into the code one at a time. The simulation must find each of them.

A bug that other repairs heal is not in the list, because it breaks no promise. These are such bugs: a job
that is removed before its report is sent, an outbox row that is deleted before its job is sent, a submission
that is stored without its outbox row, a claim without an end, a lost submission that is returned after some
passes and not sent again, and a late report of an earlier attempt that returns the current attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import update

from judge_api.dispatch import outbox_relay, reconciler, report_consumer, rq_queue
from judge_api.dispatch.report_consumer import EntryReader
from judge_api.services import status_service
from judge_api.store import attempts, row_mapping, verdicts
from judge_api.store import outbox as outbox_module
from judge_api.store import submissions as submission_store
from judge_api.store.attempts import CURRENT_ATTEMPT
from judge_api.store.compiled_statements import CompiledStatement
from judge_api.store.engine import write_transaction
from judge_api.store.event_results import EventResultStore
from judge_api.store.records import AcceptedSubmission
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import new_id, outbox, submissions
from judge_core.clock import utc_now_ms
from judge_core.messages import StatusFields
from judge_core.model.account import Tier
from judge_core.model.errors import StoreUnavailable
from judge_core.model.submission import Kind, Stage, Status, rfc3339
from judge_core.redis import status_channel, worker_scripts
from judge_core.redis.client import LuaScript
from workers import redis_link

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Mutation:
    """The description of a bug, and the patch that makes it."""

    bug: str
    apply: Callable[[Patch], None]

    @property
    def name(self) -> str:
        """The name of the bug for ``--bug``."""
        return self.apply.__name__.strip("_").replace("_", "-")

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Puts the bug into the code during the block."""
        with pytest.MonkeyPatch.context() as patch:
            self.apply(patch)
            yield


def _record_any_attempt(patch: Patch) -> None:
    statement = update(submissions).where(CURRENT_ATTEMPT[0])
    statement = statement.values(stage=Stage.DONE.value, open=False)
    columns = ("finished_at", *row_mapping.OUTCOME_COLUMNS)
    recording = CompiledStatement(statement.returning(*row_mapping.RECORDED_COLUMNS), columns=columns)
    patch.setattr(verdicts, "_RECORD", recording)


def _leave_cancelled_ones_in_the_outbox(patch: Patch) -> None:
    def cancel(self: Any, id: str, by: str = "") -> int | None:
        with write_transaction(self._engine) as connection:
            which = (submissions.c.id == id, submissions.c.open, submissions.c.finished_at.is_(None))
            values = {"stage": Stage.CANCELLED.value, "finished_at": self._clock(), "reason": by}
            statement = update(submissions).where(*which).values(**values)
            attempt: int | None = connection.execute(statement.returning(submissions.c.attempt)).scalar()
            return attempt

    patch.setattr(SubmissionStore, "cancel", cancel)


def _claim_no_orphans(patch: Patch) -> None:
    patch.setattr(report_consumer.ReportConsumer, "claim_orphaned", lambda _self: 0)


def _find_nothing_lost(patch: Patch) -> None:
    whole = reconciler._check

    def check(*arguments: Any) -> Any:
        found = whole(*arguments)
        return None if found is reconciler.Inconsistency.LOST else found

    patch.setattr(reconciler, "_check", check)


def _forget_abandoned_attempts(patch: Patch) -> None:
    patch.setattr(reconciler.Reconciler, "_to_return", lambda _self, _overdue: [])


def _end_job_without_report(patch: Patch) -> None:
    text = worker_scripts.FINISH.text.replace("redis.call('XADD', KEYS[4], '*', unpack(fields))", "")
    patch.setattr(redis_link, "FINISH", LuaScript(text))


def _decode_job_ids_strictly(patch: Patch) -> None:
    patch.setattr(rq_queue.RqQueue, "_job_ids", lambda _self, _key, found: [id.decode() for id in found])


def _believe_what_redis_holds(patch: Patch) -> None:
    patch.setattr(status_service, "order_bytes", lambda _text: b"~")


def _publish_progress_of_a_rejudging(patch: Patch) -> None:
    def fields(row: Any) -> StatusFields:
        submitted_at = rfc3339(row["submitted_at"]) or ""
        return StatusFields(row["serial"], row["account_id"], Kind(row["kind"]), submitted_at)

    patch.setattr(row_mapping, "_status_fields", fields)


def _forget_idempotency_keys(patch: Patch) -> None:
    whole = SubmissionStore.accept

    def accept(self: Any, new: Any, **options: Any) -> Any:
        return whole(self, replace(new, idempotency_key=None, body_hash=None), **options)

    patch.setattr(SubmissionStore, "accept", accept)


def _put_premium_into_the_normal_queue(patch: Patch) -> None:
    whole = rq_queue.RqQueue.send
    patch.setattr(
        rq_queue.RqQueue, "send", lambda self, _queue, requests: whole(self, Tier.NORMAL.value, requests)
    )


def _acknowledge_before_the_commit(patch: Patch) -> None:
    whole = report_consumer.ReportConsumer._record_entries

    def record_entries(self: Any, entries: Any) -> None:
        if entries:
            self._publish_and_acknowledge(entries, [])
        whole(self, entries)

    patch.setattr(report_consumer.ReportConsumer, "_record_entries", record_entries)


def _answer_before_the_commit(patch: Patch) -> None:
    whole = SubmissionStore.accept

    def accept(self: Any, new: Any, **options: Any) -> Any:
        try:
            return whole(self, new, **options)
        except StoreUnavailable:
            status = Status(
                new_id(),
                0,
                new.account_id,
                Kind.SUBMISSION,
                Stage.QUEUED,
                new.tier,
                None,
                "c",
                1,
                utc_now_ms(),
            )
            return AcceptedSubmission(status)

    patch.setattr(SubmissionStore, "accept", accept)


def _requeue_what_has_ended(patch: Patch) -> None:
    patch.setattr(
        attempts,
        "_current",
        lambda id, attempt: (submissions.c.id == id) & (submissions.c.attempt == attempt),
    )


def _publish_whatever_comes(patch: Patch) -> None:
    for module, name in ((status_channel, "PUBLISH_ALL"), (redis_link, "PUBLISH_PROGRESS")):
        text = getattr(module, name).text.replace("if order ~= '' and order >= new", "if false")
        patch.setattr(module, name, LuaScript(text))


def _prefer_redis_to_the_record(patch: Patch) -> None:
    patch.setattr(status_service, "_gives_way", lambda _live, _stored: False)


def _lease_what_another_has(patch: Patch) -> None:
    text = worker_scripts.TAKE_JOB.text.replace(
        "attempt == mine and holder ~= '-' and holder ~= ARGV[2]", "false"
    )
    patch.setattr(redis_link, "TAKE_JOB", LuaScript(text))


def _report_without_the_lease(patch: Patch) -> None:
    text = worker_scripts.FINISH.text.replace("local lost = kept and kept ~= ARGV[1]", "local lost = false")
    patch.setattr(redis_link, "FINISH", LuaScript(text))


def _serve_new_accounts_last(patch: Patch) -> None:
    patch.setattr(submission_store, "turn_after", lambda served, _last: (served or 0) + 1)


def _claim_the_last_first(patch: Patch) -> None:
    def select_next(*which: Any) -> Any:
        return whole(*which).order_by(None).order_by(outbox.c.turn.desc())

    whole = outbox_module._select_next
    patch.setattr(outbox_module, "_select_next", select_next)
    patch.setattr(outbox_module, "_next", lambda *which: CompiledStatement(select_next(*which)))


def _count_cancelled_ones_in_events(patch: Patch) -> None:
    patch.setattr(submission_store, "void_event_submission", lambda _connection, _id: None)


def _forget_the_standings(patch: Patch) -> None:
    patch.setattr(verdicts, "_record_in_events", lambda _connection, _rows, _reports: None)


def _believe_reports_without_proof(patch: Patch) -> None:
    patch.setattr(EntryReader, "_fault_of", lambda _self, _stream, _fields, _report: None)


def _leave_orphaned_jobs(patch: Patch) -> None:
    patch.setattr(reconciler.Reconciler, "_remove_orphaned_jobs", lambda _self, _submissions: None)


def _never_acknowledge(patch: Patch) -> None:
    def publish(self: Any, _entries: Any, statuses: Any) -> None:
        commands = [status_channel.publish_command(statuses, self._signer)]
        status_channel.execute_with_publish_script(self._connections, commands)

    patch.setattr(report_consumer.ReportConsumer, "_publish_and_acknowledge", publish)


def _relay_normal_before_premium(patch: Patch) -> None:
    def relay_once(self: Any) -> Any:
        work = self._outbox.claimable()
        tier = Tier.NORMAL if work[Tier.NORMAL] else Tier.PREMIUM
        return self._relay(tier, work[tier])

    patch.setattr(outbox_relay.OutboxRelay, "relay_once", relay_once)


def _skip_a_change_of_the_standings(patch: Patch) -> None:
    whole = EventResultStore.changes_since

    def changes_since(self: Any, event_id: str, revision: int, max_scores: Any) -> Any:
        return whole(self, event_id, revision + 1 if revision else 0, max_scores)

    patch.setattr(EventResultStore, "changes_since", changes_since)


MUTATIONS = (
    Mutation("a verdict is recorded for any attempt that is reported", _record_any_attempt),
    Mutation("a cancelled submission stays open", _leave_cancelled_ones_in_the_outbox),
    Mutation("reports that a dead dispatcher has read are never claimed", _claim_no_orphans),
    Mutation("submissions that Redis lost are not found", _find_nothing_lost),
    Mutation("attempts of dead workers are not returned", _forget_abandoned_attempts),
    Mutation("a job is removed without its report", _end_job_without_report),
    Mutation("an entry of a queue that is not UTF-8 raises", _decode_job_ids_strictly),
    Mutation("a status in Redis counts although a later one was answered", _believe_what_redis_holds),
    Mutation("a rejudging publishes its progress", _publish_progress_of_a_rejudging),
    Mutation("idempotency keys are ignored", _forget_idempotency_keys),
    Mutation("premium submissions go into the normal queue", _put_premium_into_the_normal_queue),
    Mutation("a report is acknowledged before the database has committed", _acknowledge_before_the_commit),
    Mutation("a POST is answered although its transaction failed", _answer_before_the_commit),
    Mutation("an attempt is returned although the submission has ended", _requeue_what_has_ended),
    Mutation("an earlier status is published over a later one", _publish_whatever_comes),
    Mutation("a status in Redis counts against the record", _prefer_redis_to_the_record),
    Mutation("a worker leases an attempt that another one has", _lease_what_another_has),
    Mutation("a worker reports without its lease", _report_without_the_lease),
    Mutation("an account's only submission waits for a later turn", _serve_new_accounts_last),
    Mutation("the relay claims the last turn first", _claim_the_last_first),
    Mutation("a cancelled submission counts in its event", _count_cancelled_ones_in_events),
    Mutation("a verdict does not reach the standings", _forget_the_standings),
    Mutation("a report without proof counts", _believe_reports_without_proof),
    Mutation("jobs of cancelled submissions stay with the workers", _leave_orphaned_jobs),
    Mutation("reports are never acknowledged", _never_acknowledge),
    Mutation("premium is sent only when nothing of normal waits", _relay_normal_before_premium),
    Mutation("the standings miss a change", _skip_a_change_of_the_standings),
)
