"""The dispatcher process: outbox relay, report consumer, reconciler, webhook deliveries and other loops.

Any number may run at once, without a leader. Claims, a consumer group and conditional writes keep them from
doing work twice.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from types import FrameType

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from judge_api.compat.judge0.responses import callback_body
from judge_api.dispatch.background_loop import BackgroundLoop
from judge_api.dispatch.language_check import LanguageCheck
from judge_api.dispatch.metrics import RECONCILED, Counters, ending_count
from judge_api.dispatch.operator_alerts import AlertStores, OperatorAlerts
from judge_api.dispatch.outbox_relay import OutboxRelay, RelayPauses
from judge_api.dispatch.queue_capacity import QueueCapacity
from judge_api.dispatch.queue_sampler import PERIOD_SECONDS, QueueSampler
from judge_api.dispatch.reconciler import Reconciler
from judge_api.dispatch.redis_key_check import RedisKeyCheck
from judge_api.dispatch.report_consumer import ConsumerOptions, ReportStores, open_report_consumer
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.dispatch.shadow_follower import (
    SILENCE_SECONDS,
    ShadowFollower,
    ShadowLimits,
    ShadowStores,
    ShadowThreads,
)
from judge_api.dispatch.trace_eraser import RetentionPeriods, TraceEraser
from judge_api.lti.grades import LtiGrades
from judge_api.lti.platform_client import PlatformClient
from judge_api.secret_files import with_secrets
from judge_api.services.account_administration import AccountAdministration
from judge_api.services.backend_check import BackendCheck
from judge_api.services.dolos import Dolos
from judge_api.services.event_similarity import SimilarityJobs
from judge_api.services.installation_record import record_installation
from judge_api.services.live_workers import Router, WorkerCache
from judge_api.services.mailer import Mailer
from judge_api.services.maintenance_switch import MaintenanceSwitch
from judge_api.services.notice_mail import NoticeMail
from judge_api.services.running_events import RunningEvents
from judge_api.services.scoreboards import Scoreboards
from judge_api.settings import Settings, SettingsError
from judge_api.store.alert_sources import AlertSources
from judge_api.store.attempts import AttemptStore
from judge_api.store.audit import AuditLog
from judge_api.store.engine import open_engine
from judge_api.store.event_results import EventResultStore
from judge_api.store.event_similarity import SimilarityStore
from judge_api.store.events import EventStore
from judge_api.store.kept_traces import KeptTraces
from judge_api.store.lti import LtiStore
from judge_api.store.maintenance import MaintenanceStore
from judge_api.store.notices import NoticeStore
from judge_api.store.operator_webhooks import AlertStore, OperatorMessageStore
from judge_api.store.outbox import Outbox
from judge_api.store.problems import ProblemStore
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.schema_version import bring_up_to_date
from judge_api.store.shadows import ShadowStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.unreadable_rows import UnreadableRows, end_nameless, end_unreadable
from judge_api.store.verdicts import VerdictStore
from judge_api.store.webhook_deliveries import DeliveryStore, MessageFormat
from judge_api.webhooks.delivery_worker import BodyBuilder, DeliveryWorker, event_body
from judge_api.webhooks.http_reader import HttpReader
from judge_api.webhooks.http_sender import HttpSender
from judge_api.webhooks.operator_messages import OperatorMessageWorker
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.fast_paths import FastPath
from judge_core.languages import load_languages, use_own_languages
from judge_core.logging import configure_logging, get_logger
from judge_core.model.errors import StoreUnavailable
from judge_core.model.routing import queue_of_worker
from judge_core.redis.client import create_redis_client, keep_connections
from judge_core.redis.signer import Signer
from judge_core.redis.status_channel import RedisStatusChannel
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from judge_core.redis.unserved_languages import UnservedLanguages
from judge_core.redis.worker_registry import WorkerRegistry
from judge_core.startup_objects import freeze_startup_objects
from judge_core.telemetry import Telemetry, TelemetryMissing, open_telemetry

_logger = get_logger(__name__)
_QUEUE_SECONDS = 2.0
_HOLDING_POLL = 0.5
_RECONCILE_EVERY = 2.0
_CLAIM_EVERY = 2.0
_REMOVE_ENDED_EVERY = 3600.0
_CHECK_KEYS_EVERY = 2.0
_ADJUST_EVERY = 1.0
_CHECK_LANGUAGES_EVERY = 1.0
_DELIVERIES_POLL = 0.5
_CLEAN_UP_EVERY = 3600.0
_ALERT_EVERY = 5.0
_OPERATOR_MESSAGES_POLL = 2.0
_DELETE_ACCOUNTS_EVERY = 600.0
_OLDER_RELEASES_EVERY = 30.0
_ERASE_EVERY = 3600.0
_NOTICES_EVERY = 2.0
_SIMILARITY_POLL = 2.0
_GRADES_EVERY = 5.0
_SHADOWS_EVERY = 2.0
_END_SECONDS = 10.0


class Dispatcher:
    """All background loops over one database and one Redis."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        clock: Clock = SYSTEM_CLOCK,
        name: str | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        name = name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        url = settings.redis_url
        redis = create_redis_client(url, _QUEUE_SECONDS)
        signer = Signer(settings.secret_key)
        unproven = settings.accept_unproven_reports
        queue = self._queue = RqQueue(redis, signer, clock, accepts_unproven=unproven)
        self._attempts = AttemptStore(engine, settings.max_attempts)
        self._engine, self._unreadable = engine, UnreadableEntries(redis)
        self._registry = WorkerRegistry(url, unreadable_entries=self._unreadable, clock=clock)
        self._channel, self._counters = RedisStatusChannel(url, signer), Counters(url)
        live_workers = WorkerCache(self._registry, clock)
        self._key_check = RedisKeyCheck(redis, clock, lambda: map(queue_of_worker, live_workers.last_known()))
        self._capacity = QueueCapacity(queue, live_workers, settings.tiers)
        self._outbox = Outbox(engine, tiers=settings.tiers)
        self._maintenance = MaintenanceSwitch(MaintenanceStore(engine), clock)
        router = Router(live_workers, settings.tiers)
        self._relay = OutboxRelay(self._outbox, queue, self._capacity, router, name, clock)
        self._relay_pauses = RelayPauses()
        unserved = UnservedLanguages(url, _QUEUE_SECONDS)
        self._language_check = LanguageCheck(router, self._relay, self._outbox, unserved, clock)
        self.stores = stores = ReportStores(VerdictStore(engine), self._attempts)
        options = ConsumerOptions(name, accepts_unproven=unproven, telemetry=telemetry)
        self._consumer = open_report_consumer(stores, url, options, signer, clock)
        orphan_options = replace(options, name=f"{name}-adopter")
        self._orphan_consumer = open_report_consumer(stores, url, orphan_options, signer, clock)
        self._reconciler = Reconciler(self._attempts, queue, router, clock=clock)
        self._sampler = QueueSampler(QueueSampleStore(engine), self._registry, settings.tiers)
        self._administration = AccountAdministration(engine, settings.public_url)
        self._deliveries = open_delivery_worker(engine, settings)
        self._traces = TraceEraser(
            KeptTraces(engine), RetentionPeriods.of(settings), settings.data / "logs", clock
        )
        self._notices = NoticeStore(engine)
        self._notice_mail = NoticeMail(self._notices, Mailer(settings), settings.public_url)
        self._grades = open_lti_grades(engine, settings, clock)
        self._alert_store = AlertStore(engine)
        self._alerts = open_operator_alerts(engine, settings, self._registry, clock)
        self._operator_messages = open_operator_messages(engine, settings)
        self._open_event_work(engine, settings, name)
        self._relay_loop = BackgroundLoop("outbox relay", self._relay_step)
        self.loops = (self._relay_loop, *self._other_loops())

    def _open_event_work(self, engine: Engine, settings: Settings, name: str) -> None:
        """Prepare slow work on events: reports of similar programs, and contests that are followed."""
        self._name, self._is_ending = name, threading.Event()
        self._similarity = open_similarity_jobs(engine, settings)
        self._shadows = ShadowThreads(ShadowStore(engine), open_shadow_follower(engine, settings), name)

    def _other_loops(self) -> tuple[BackgroundLoop, ...]:
        return (
            BackgroundLoop("report consumer", self._consume_step),
            BackgroundLoop("orphaned reports", self._claim_orphaned_step),
            BackgroundLoop("ended consumers", self._remove_ended_step),
            BackgroundLoop("reconciler", self._reconcile_step),
            BackgroundLoop("key types", self._check_key_check_step),
            BackgroundLoop("older releases", self._older_releases_step),
            BackgroundLoop("queue capacity", self._adjust_capacity_step),
            BackgroundLoop("languages", self._check_languages_step),
            BackgroundLoop("queue sampler", self._sample_step),
            BackgroundLoop("webhook deliveries", self._deliver_step),
            BackgroundLoop("webhook clean-up", self._clean_up_step),
            BackgroundLoop("operator alerts", self._alert_step),
            BackgroundLoop("operator messages", self._operator_messages_step),
            BackgroundLoop("account deletions", self._delete_accounts_step),
            BackgroundLoop("retention", self._erase_step),
            BackgroundLoop("notices", self._notices_step),
            BackgroundLoop("similarity", self._similarity_step),
            BackgroundLoop("grades of learning platforms", self._grades_step),
            BackgroundLoop("shadows", self._shadows_step),
        )

    def start(self) -> None:
        for loop in self.loops:
            loop.start()

    def stop(self) -> bool:
        """End all loops after their current steps; False when one did not end in time."""
        self._is_ending.set()
        for loop in self.loops:
            loop.stop()
        ended = [loop.join(_END_SECONDS) for loop in self.loops]
        self._shadows.end(_END_SECONDS)
        self._deliveries.finish(_END_SECONDS)
        return all(ended)

    def _relay_step(self) -> float:
        if self._maintenance.is_holding:
            return _HOLDING_POLL
        try:
            relayed = self._relay.relay_once()
        except UnreadableRows as found:
            return self._end_unreadable(found.errors)
        return self._relay_pauses.after(relayed)

    def _consume_step(self) -> float:
        self._consumer.consume_once()
        return 0.0

    def _claim_orphaned_step(self) -> float:
        self._orphan_consumer.claim_orphaned()
        return _CLAIM_EVERY

    def _remove_ended_step(self) -> float:
        self._orphan_consumer.remove_ended()
        return _REMOVE_ENDED_EVERY

    def _reconcile_step(self) -> float:
        try:
            repairs = self._reconciler.reconcile_once()
        except UnreadableRows as found:
            return self._end_unreadable(found.errors)
        if repairs.statuses:
            self._channel.publish(repairs.statuses)
            name, _ = ending_count(RECONCILED)
            self._counters.add({name: len(repairs.statuses)})
        if repairs.statuses or repairs.sent_again:
            self._relay_loop.wake()
        return _RECONCILE_EVERY

    def _check_key_check_step(self) -> float:
        self._key_check.check_once()
        return _CHECK_KEYS_EVERY

    def _older_releases_step(self) -> float:
        self._attempts.mark_sent_by_other_releases()
        self._end_unreadable(self._outbox.of_unreadable_tiers())
        if moved := self._outbox.adopt_undefined():
            counts = ", ".join(f"{count} of {tier}" for tier, count in moved.items())
            _logger.warning("Submissions of undefined tiers go to the normal queue", moved=counts)
            self._relay_loop.wake()
        if nameless := end_nameless(self._engine):
            _logger.error("Submissions whose id cannot be read were ended", count=nameless)
        return _OLDER_RELEASES_EVERY

    def _end_unreadable(self, errors: Mapping[str, str]) -> float:
        """End these submissions, so that the loop can go on with the other submissions. Returns 0, since the
        next step needs no pause."""
        for id, error in errors.items():
            held = end_unreadable(self._engine, id, error)
            if held is not None:
                _logger.error("A submission whose record cannot be read was ended", submission=id, held=held)
                self._unreadable.keep_copy(EntrySource.ROWS, f"submissions/{id}", held.encode(), error)
        return 0.0

    def _adjust_capacity_step(self) -> float:
        self._registry.record_dispatcher_heartbeat()
        self._queue.suspend_other_workers()
        self._capacity.adjust()
        return _ADJUST_EVERY

    def _check_languages_step(self) -> float:
        try:
            resumed = self._language_check.check_once()
        except UnreadableRows as found:
            return self._end_unreadable(found.errors)
        if resumed:
            self._relay_loop.wake()
        return _CHECK_LANGUAGES_EVERY

    def _deliver_step(self) -> float:
        self._deliveries.begin()
        if not self._deliveries.is_sending:
            return _DELIVERIES_POLL
        self._deliveries.collect(_DELIVERIES_POLL)
        return 0.0

    def _clean_up_step(self) -> float:
        self._deliveries.delete_old()
        self._alert_store.forget_old()
        self._notices.delete_old()
        return _CLEAN_UP_EVERY

    def _alert_step(self) -> float:
        self._alerts.check_once()
        return _ALERT_EVERY

    def _operator_messages_step(self) -> float:
        return 0.0 if self._operator_messages.deliver_once() else _OPERATOR_MESSAGES_POLL

    def _delete_accounts_step(self) -> float:
        self._administration.delete_due()
        return _DELETE_ACCOUNTS_EVERY

    def _erase_step(self) -> float:
        self._traces.erase_once()
        return _ERASE_EVERY

    def _notices_step(self) -> float:
        settled = self._notices.settle()
        self._notice_mail.send_once()
        return 0.0 if settled else _NOTICES_EVERY

    def _similarity_step(self) -> float:
        return 0.0 if self._similarity.run_once(self._name, self._is_ending.is_set) else _SIMILARITY_POLL

    def _grades_step(self) -> float:
        self._grades.collect_once()
        return 0.0 if self._grades.send_once() else _GRADES_EVERY

    def _shadows_step(self) -> float:
        return 0.0 if self._shadows.begin() else _SHADOWS_EVERY

    def _sample_step(self) -> float:
        self._sampler.sample_once()
        return PERIOD_SECONDS


def open_operator_alerts(
    engine: Engine, settings: Settings, registry: WorkerRegistry, clock: Clock
) -> OperatorAlerts:
    """The watcher whose alerts are announced to operators' webhooks."""
    stores = AlertStores(AlertStore(engine), AlertSources(engine), QueueSampleStore(engine))
    return OperatorAlerts(stores, registry, settings.alert_backlog, clock)


def open_similarity_jobs(engine: Engine, settings: Settings) -> SimilarityJobs:
    """The jobs that compute the reports of similar programs."""
    use_own_languages(settings.languages_dir)
    return SimilarityJobs(
        SimilarityStore(engine),
        EventStore(engine),
        ProblemStore(engine),
        load_languages(),
        Dolos(settings.dolos),
    )


def open_lti_grades(engine: Engine, settings: Settings, clock: Clock = SYSTEM_CLOCK) -> LtiGrades:
    """The sender of grades to learning platforms."""
    policy, store, events = UrlPolicy(settings.webhook_networks), LtiStore(engine), EventStore(engine)
    scoreboards = Scoreboards(events, EventResultStore(engine), ProblemStore(engine), clock)
    client = PlatformClient(store, HttpSender(policy), policy)
    return LtiGrades(store, events, scoreboards, client, clock)


def open_shadow_follower(engine: Engine, settings: Settings) -> ShadowFollower:
    """The follower of other systems' contests."""
    use_own_languages(settings.languages_dir)
    stores = ShadowStores(
        ShadowStore(engine),
        EventStore(engine),
        EventResultStore(engine),
        ProblemStore(engine),
        SubmissionStore(engine),
    )
    reader = HttpReader(UrlPolicy(settings.webhook_networks), SILENCE_SECONDS)
    return ShadowFollower(stores, load_languages(), reader, ShadowLimits(settings.source_bytes))


def open_operator_messages(engine: Engine, settings: Settings) -> OperatorMessageWorker:
    """The sender of messages to operators' webhooks."""
    return OperatorMessageWorker(
        OperatorMessageStore(engine), HttpSender(UrlPolicy(settings.webhook_networks))
    )


def open_delivery_worker(engine: Engine, settings: Settings) -> DeliveryWorker:
    """The sender of webhook messages, in Gavel's format and in Judge0's."""
    running = RunningEvents(EventStore(engine))
    writers: dict[MessageFormat, BodyBuilder] = {
        MessageFormat.GAVEL: lambda status: event_body(running.shown_to_owner(status)),
        MessageFormat.JUDGE0: callback_body,
    }
    sender = HttpSender(UrlPolicy(settings.webhook_networks))
    return DeliveryWorker(DeliveryStore(engine), SubmissionStore(engine), sender, writers)


def run(settings: Settings, telemetry: Telemetry | None = None) -> int:
    """Run until SIGTERM or SIGINT; returns the exit status."""
    keep_connections(FastPath.CONNECTIONS in settings.fast_paths)
    compiled = FastPath.STATEMENTS in settings.fast_paths
    engine = open_engine(settings.database_url, settings.database_limits, compiled)
    bring_up_to_date(engine)
    dispatcher = Dispatcher(engine, settings, telemetry=telemetry)
    stop_requested = threading.Event()

    def request_stop(_signal: int, _frame: FrameType | None) -> None:
        stop_requested.set()

    signal.signal(signal.SIGTERM, request_stop)
    signal.signal(signal.SIGINT, request_stop)
    freeze_startup_objects()
    dispatcher.start()
    _logger.info("Dispatcher started")
    BackendCheck(engine, settings).log()
    record_installation(AuditLog(engine), os.environ)
    stop_requested.wait()
    ended = dispatcher.stop()
    if telemetry is not None:
        telemetry.close()
    _logger.info("Dispatcher ended", orderly=ended)
    return 0 if ended else 1


def _require_urls(settings: Settings) -> None:
    """Raise ``SettingsError`` for URLs of a database or of Redis that no client can use."""
    name = "GAVEL_DATABASE_URL"
    try:
        open_engine(settings.database_url).dispose()
        name = "GAVEL_REDIS_URL"
        create_redis_client(settings.redis_url, _QUEUE_SECONDS)
    except (SQLAlchemyError, ValueError) as error:
        raise SettingsError(f"{name} cannot be read: {error}") from error


def main() -> int:
    """Entry point of the process. If it cannot start, it prints the reason and returns 1."""
    try:
        settings = with_secrets(Settings.from_env(os.environ))
        _require_urls(settings)
        telemetry = open_telemetry("gavel-dispatcher", os.environ)
    except (SettingsError, TelemetryMissing, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    configure_logging(settings.log_format, "dispatcher", settings.log_level)
    try:
        return run(settings, telemetry)
    except StoreUnavailable as error:
        _logger.error("The dispatcher cannot start", reason=str(error))
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
