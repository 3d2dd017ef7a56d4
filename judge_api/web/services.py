"""What the web needs from the rest of the house, in one record made by the process entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app
from sqlalchemy import Engine

from judge_api.catalog.packages import PackageLibrary
from judge_api.domain.language import Language
from judge_api.domain.quota import Quotas
from judge_api.events.fleet import Fleet
from judge_api.events.tallies import Tallies
from judge_api.intake import Intake
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
from judge_api.web.watching import StatusDesk
from judge_api.web.worker_board import WorkerBoard
from judge_api.webhooks.addresses import Guide

KEY = "gavel"


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
