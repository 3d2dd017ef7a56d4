"""What the web needs from the rest of the house, in one record made by the process entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app
from sqlalchemy import Engine

from judge_api.services.auth_cache import Keyring
from judge_api.services.language_availability import Offers
from judge_api.services.queue_health import QueueWatch
from judge_api.services.queue_stats_cache import QueueBoard
from judge_api.services.rate_limits import Rates
from judge_api.services.retry_after import BacklogHint
from judge_api.services.status_service import StatusDesk
from judge_api.services.status_subscriptions import Hub
from judge_api.services.submission_policy import Admission
from judge_api.services.submission_service import Intake, JudgeQueue
from judge_api.services.worker_cache import WorkerBoard
from judge_api.settings import Settings
from judge_api.store.accounts import AccountStore
from judge_api.store.attempts import AttemptStore
from judge_api.store.audit import AuditLog
from judge_api.store.invitations import InvitationStore
from judge_api.store.outbox import Outbox
from judge_api.store.problems import ProblemStore
from judge_api.store.queue_samples import SampleStore
from judge_api.store.statistics import StandingStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhook_deliveries import DeliveryStore
from judge_api.store.webhooks import WebhookStore
from judge_api.webhooks.url_policy import Guide
from judge_core.languages import load_languages
from judge_core.model.language import Language
from judge_core.model.quotas import Quotas
from judge_core.packages import PackageLibrary
from judge_core.redis.counters import Tallies
from judge_core.redis.status_channel import Channel
from judge_core.redis.worker_registry import Fleet

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
    intake: Intake
    admission: Admission
    backlog: BacklogHint
    queue_board: QueueBoard
    webhooks: WebhookStore
    deliveries: DeliveryStore
    guide: Guide
    hub: Hub
    desk: StatusDesk
    keyring: Keyring
    offers: Offers
    rates: Rates
    samples: SampleStore
    standings: StandingStore
    outbox: Outbox
    board: WorkerBoard
    fleet: Fleet
    tallies: Tallies
    queue_watch: QueueWatch


def services() -> Services:
    return cast(Services, current_app.extensions[KEY])


def wire_services(settings: Settings, engine: Engine, queue: JudgeQueue, channel: Channel) -> Services:
    """Nothing is connected here; what is not reachable shows when it is used."""
    submissions, problems, accounts = SubmissionStore(engine), ProblemStore(engine), AccountStore(engine)
    languages = load_languages()
    quotas = Quotas.plain(settings.max_unfinished, settings.source_bytes).changed(settings.quotas)
    fleet = Fleet(settings.redis_url, _REDIS_SECONDS)
    board = WorkerBoard(fleet)
    offers = Offers(languages, board)
    hub = Hub(channel)
    rates, outbox, samples = Rates(settings.redis_url), Outbox(engine), SampleStore(engine)
    intake = Intake(submissions, outbox, queue)
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
        intake=intake,
        admission=Admission(intake, problems, offers, quotas, rates),
        backlog=BacklogHint(outbox),
        queue_board=QueueBoard(samples, outbox),
        webhooks=WebhookStore(engine),
        deliveries=DeliveryStore(engine),
        guide=Guide(settings.webhook_networks),
        hub=hub,
        desk=StatusDesk(channel, submissions, hub),
        keyring=Keyring(accounts),
        offers=offers,
        rates=rates,
        samples=samples,
        standings=StandingStore(engine),
        outbox=outbox,
        board=board,
        fleet=fleet,
        tallies=Tallies(settings.redis_url, _REDIS_SECONDS),
        queue_watch=QueueWatch(),
    )
