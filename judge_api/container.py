"""What the web needs from the rest of the house, in one record made by the process entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app
from sqlalchemy import Engine

from judge_api.services.auth_cache import AuthCache
from judge_api.services.language_availability import LanguageAvailability
from judge_api.services.queue_health import QueueHealth
from judge_api.services.queue_stats_cache import QueueStatsCache
from judge_api.services.rate_limits import RateLimits
from judge_api.services.retry_after import RetryAfter
from judge_api.services.status_service import StatusService
from judge_api.services.status_subscriptions import StatusSubscriptions
from judge_api.services.submission_policy import SubmissionPolicy
from judge_api.services.submission_service import JudgeQueue, SubmissionService
from judge_api.services.worker_cache import WorkerCache
from judge_api.settings import Settings
from judge_api.store.accounts import AccountStore
from judge_api.store.attempts import AttemptStore
from judge_api.store.audit import AuditLog
from judge_api.store.invitations import InvitationStore
from judge_api.store.outbox import Outbox
from judge_api.store.problems import ProblemStore
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.statistics import StatisticsStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhook_deliveries import DeliveryStore
from judge_api.store.webhooks import WebhookStore
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.languages import load_languages
from judge_core.model.language import Language
from judge_core.model.quotas import Quotas
from judge_core.packages import PackageLibrary
from judge_core.redis.counters import Counters
from judge_core.redis.status_channel import StatusChannel
from judge_core.redis.worker_registry import WorkerRegistry

KEY = "gavel"
_REDIS_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Services:
    """Made once per process; the blueprints take it with :func:`services`."""

    settings: Settings
    engine: Engine
    accounts: AccountStore
    audit: AuditLog
    invitations: InvitationStore
    submissions: SubmissionStore
    attempts: AttemptStore
    problems: ProblemStore
    library: PackageLibrary
    languages: Mapping[str, Language]
    quotas: Quotas
    submission_service: SubmissionService
    submission_policy: SubmissionPolicy
    retry_after: RetryAfter
    queue_stats: QueueStatsCache
    webhooks: WebhookStore
    deliveries: DeliveryStore
    url_policy: UrlPolicy
    status_subscriptions: StatusSubscriptions
    status_service: StatusService
    auth_cache: AuthCache
    language_availability: LanguageAvailability
    rate_limits: RateLimits
    queue_samples: QueueSampleStore
    statistics: StatisticsStore
    outbox: Outbox
    worker_cache: WorkerCache
    worker_registry: WorkerRegistry
    counters: Counters
    queue_health: QueueHealth


def services() -> Services:
    return cast(Services, current_app.extensions[KEY])


def build_services(settings: Settings, engine: Engine, queue: JudgeQueue, channel: StatusChannel) -> Services:
    """Nothing is connected here; what is not reachable shows when it is used."""
    submissions, problems, accounts = SubmissionStore(engine), ProblemStore(engine), AccountStore(engine)
    languages = load_languages()
    quotas = Quotas.plain(settings.max_unfinished, settings.source_bytes).changed(settings.quotas)
    worker_registry = WorkerRegistry(settings.redis_url, _REDIS_SECONDS)
    board = WorkerCache(worker_registry)
    offers = LanguageAvailability(languages, board)
    hub = StatusSubscriptions(channel)
    rates, outbox, samples = RateLimits(settings.redis_url), Outbox(engine), QueueSampleStore(engine)
    intake = SubmissionService(submissions, outbox, queue)
    return Services(
        settings=settings,
        engine=engine,
        accounts=accounts,
        audit=AuditLog(engine),
        invitations=InvitationStore(engine),
        submissions=submissions,
        attempts=AttemptStore(engine, settings.max_attempts),
        problems=problems,
        library=PackageLibrary(settings.packages),
        languages=languages,
        quotas=quotas,
        submission_service=intake,
        submission_policy=SubmissionPolicy(intake, problems, offers, quotas, rates),
        retry_after=RetryAfter(outbox),
        queue_stats=QueueStatsCache(samples, outbox),
        webhooks=WebhookStore(engine),
        deliveries=DeliveryStore(engine),
        url_policy=UrlPolicy(settings.webhook_networks),
        status_subscriptions=hub,
        status_service=StatusService(channel, submissions, hub),
        auth_cache=AuthCache(accounts),
        language_availability=offers,
        rate_limits=rates,
        queue_samples=samples,
        statistics=StatisticsStore(engine),
        outbox=outbox,
        worker_cache=board,
        worker_registry=worker_registry,
        counters=Counters(settings.redis_url, _REDIS_SECONDS),
        queue_health=QueueHealth(),
    )
