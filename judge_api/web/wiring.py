"""Makes the record of services for one process from its settings."""

from __future__ import annotations

from sqlalchemy import Engine

from judge_api.catalog.languages import load_languages
from judge_api.catalog.packages import PackageLibrary
from judge_api.domain.quota import Quotas
from judge_api.events.channel import Channel
from judge_api.events.fleet import Fleet
from judge_api.events.tallies import Tallies
from judge_api.intake import Intake, JudgeQueue
from judge_api.settings import Settings
from judge_api.store.accounts import AccountStore
from judge_api.store.attempts import AttemptStore
from judge_api.store.audit import AuditLog
from judge_api.store.deliveries import DeliveryStore
from judge_api.store.invitations import InvitationStore
from judge_api.store.outbox import Outbox
from judge_api.store.problems import ProblemStore
from judge_api.store.samples import SampleStore
from judge_api.store.standings import StandingStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhooks import WebhookStore
from judge_api.web.admission import Admission
from judge_api.web.backlog import BacklogHint
from judge_api.web.hub import Hub
from judge_api.web.keyring import Keyring
from judge_api.web.offers import Offers
from judge_api.web.queue_board import QueueBoard
from judge_api.web.queue_watch import QueueWatch
from judge_api.web.rates import Rates
from judge_api.web.services import Services
from judge_api.web.watching import StatusDesk
from judge_api.web.worker_board import WorkerBoard
from judge_api.webhooks.addresses import Guide

_REDIS_SECONDS = 0.5


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
