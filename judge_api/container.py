"""Builds every service of an API process from its settings, in one place."""

from __future__ import annotations

from typing import cast

from flask import current_app
from sqlalchemy import Engine

from judge_api.dispatch.metrics import Counters
from judge_api.lti.courses import Courses
from judge_api.lti.launches import Launches
from judge_api.lti.platform_client import PlatformClient
from judge_api.services.account_administration import AccountAdministration
from judge_api.services.account_export import AccountExport
from judge_api.services.account_import import AccountImport
from judge_api.services.auth_cache import AuthCache
from judge_api.services.backend_check import BackendCheck
from judge_api.services.disk_space import DiskSpace
from judge_api.services.dolos import Dolos
from judge_api.services.email_service import EmailService
from judge_api.services.event_access import EventAccess
from judge_api.services.event_archive import EventArchive
from judge_api.services.event_invitations import EventInvitations
from judge_api.services.event_rejudging import EventRejudging, RejudgingStores
from judge_api.services.http_counters import HttpCounters
from judge_api.services.language_availability import LanguageAvailability, LanguageOutages
from judge_api.services.live_programs import LivePrograms
from judge_api.services.live_workers import Router, WorkerCache
from judge_api.services.mailer import Mailer
from judge_api.services.maintenance_switch import HeldQueue, MaintenanceSwitch
from judge_api.services.object_packages import open_package_store
from judge_api.services.open_streams import OpenStreams, StreamLimits
from judge_api.services.package_verification import PackageVerification
from judge_api.services.password_service import PasswordService
from judge_api.services.pending_reason import PendingReasonFinder
from judge_api.services.problem_archive import ProblemArchive
from judge_api.services.problem_solutions import ProblemSolutions
from judge_api.services.problem_visibility import ProblemAccess, VisibleProblems
from judge_api.services.queue_health import QueueHealth
from judge_api.services.queue_position import QueuePositions
from judge_api.services.queue_stats_cache import QueueStatsCache
from judge_api.services.rate_limits import RateLimits, RedisRateLimitStorage
from judge_api.services.recent_logs import RecentLogs
from judge_api.services.retry_after import RetryAfter
from judge_api.services.running_events import RunningEvents
from judge_api.services.scoreboards import ScoreboardFeed, Scoreboards, dump_body
from judge_api.services.second_factor_service import SecondFactorService
from judge_api.services.sign_in_guard import SignInGuard
from judge_api.services.single_sign_on import SignInRequests, SingleSignOn
from judge_api.services.status_service import StatusService
from judge_api.services.status_subscriptions import StatusSubscriptions
from judge_api.services.submission_policy import AdmissionLimits, SubmissionEvents, SubmissionPolicy
from judge_api.services.submission_service import JudgeQueue, SubmissionService
from judge_api.services.support_files import SupportFiles
from judge_api.services.tier_check import TierCheck
from judge_api.services.verification_progress import VerificationProgress
from judge_api.settings import Settings, connection_pool
from judge_api.store.accounts import AccountStore
from judge_api.store.attempts import AttemptStore
from judge_api.store.audit import AuditLog
from judge_api.store.coding_sessions import CodingSessionStore
from judge_api.store.drafts import DraftStore
from judge_api.store.event_invitations import EventInvitationStore
from judge_api.store.event_rejudgings import EventRejudgingStore
from judge_api.store.event_results import EventResultStore
from judge_api.store.event_similarity import SimilarityStore
from judge_api.store.events import EventStore
from judge_api.store.favorites import FavoriteStore
from judge_api.store.groups import GroupStore
from judge_api.store.identities import IdentityStore
from judge_api.store.ignored_failures import IgnoredFailureStore
from judge_api.store.invitations import InvitationStore
from judge_api.store.lti import LtiStore
from judge_api.store.maintenance import MaintenanceStore
from judge_api.store.notices import NoticeStore
from judge_api.store.one_time_links import OneTimeLinkStore
from judge_api.store.operator_webhooks import OperatorMessageStore, OperatorWebhookStore
from judge_api.store.outbox import Outbox
from judge_api.store.passwords import PasswordStore
from judge_api.store.pending_submissions import PendingSubmissionStore
from judge_api.store.problem_faults import ProblemFaultStore
from judge_api.store.problem_lives import ProblemLifeStore
from judge_api.store.problem_members import ProblemMemberStore
from judge_api.store.problem_numbers import ProblemNumberStore
from judge_api.store.problem_verifications import ProblemVerificationStore
from judge_api.store.problem_versions import ProblemVersionStore
from judge_api.store.problems import ProblemStore
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.recent_attempts import RecentAttemptStore
from judge_api.store.retention import Retention
from judge_api.store.second_factors import SecondFactorStore
from judge_api.store.sessions import SessionStore
from judge_api.store.shadows import ShadowStore
from judge_api.store.statistics import StatisticsStore
from judge_api.store.submission_comments import SubmissionCommentStore
from judge_api.store.submission_links import SubmissionLinkStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_api.store.webhook_deliveries import DeliveryStore
from judge_api.store.webhooks import WebhookStore
from judge_api.store.write_check import WriteCheck
from judge_api.webhooks.http_sender import HttpSender
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.languages import load_languages, use_own_languages
from judge_core.model.account import Quotas
from judge_core.model.tiers import DEFAULT_TIERS, Tiers
from judge_core.redis.client import PersistentConnections, create_redis_client
from judge_core.redis.status_channel import StatusChannel
from judge_core.redis.unreadable_entries import UnreadableEntries
from judge_core.redis.unserved_languages import UnservedLanguages
from judge_core.redis.worker_registry import WorkerRegistry

KEY = "gavel"
_REDIS_SECONDS = 0.5
_RATE_LIMIT_SECONDS = 0.25


class Stores:
    """Every store of the server, over one database."""

    def __init__(self, engine: Engine, max_attempts: int, tiers: Tiers = DEFAULT_TIERS) -> None:
        self.engine = engine
        self.accounts = AccountStore(engine)
        self.attempts = AttemptStore(engine, max_attempts)
        self.audit = AuditLog(engine)
        self.coding_sessions = CodingSessionStore(engine)
        self.deliveries = DeliveryStore(engine)
        self.drafts = DraftStore(engine)
        self.event_invitations = EventInvitationStore(engine)
        self.event_rejudgings = EventRejudgingStore(engine)
        self.lti = LtiStore(engine)
        self.event_results = EventResultStore(engine)
        self.events = EventStore(engine)
        self.favorites = FavoriteStore(engine)
        self.groups = GroupStore(engine)
        self.identities = IdentityStore(engine)
        self.ignored_failures = IgnoredFailureStore(engine)
        self.invitations = InvitationStore(engine)
        self.notices = NoticeStore(engine)
        self.one_time_links = OneTimeLinkStore(engine)
        self.operator_messages = OperatorMessageStore(engine)
        self.operator_webhooks = OperatorWebhookStore(engine)
        self.outbox = Outbox(engine, tiers=tiers)
        self.passwords = PasswordStore(engine)
        self.pending = PendingSubmissionStore(engine)
        self.problem_faults = ProblemFaultStore(engine)
        self.problem_lives = ProblemLifeStore(engine)
        self.problem_members = ProblemMemberStore(engine)
        self.problem_verifications = ProblemVerificationStore(engine)
        self.problem_numbers = ProblemNumberStore(engine)
        self.problem_versions = ProblemVersionStore(engine)
        self.problems = ProblemStore(engine)
        self.queue_samples = QueueSampleStore(engine)
        self.recent_attempts = RecentAttemptStore(engine)
        self.retention = Retention(engine)
        self.second_factors = SecondFactorStore(engine)
        self.sessions = SessionStore(engine)
        self.shadows = ShadowStore(engine)
        self.similarity = SimilarityStore(engine)
        self.statistics = StatisticsStore(engine)
        self.submission_comments = SubmissionCommentStore(engine)
        self.submission_links = SubmissionLinkStore(engine)
        self.submissions = SubmissionStore(engine)
        self.webhooks = WebhookStore(engine)


class Services(Stores):
    """Every store and service of one API process. Built once; views get it from :func:`services`.

    No connection is opened here. A server that cannot be reached causes an error at its first use.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        queue: JudgeQueue,
        channel: StatusChannel,
        metrics: HttpCounters,
    ) -> None:
        super().__init__(engine, settings.max_attempts, settings.tiers)
        self.settings = settings
        self.disk_space = DiskSpace(settings)
        self.dolos = Dolos(settings.dolos)
        self.recent_logs = RecentLogs(settings.data)
        self.write_check = WriteCheck(engine)
        self.tier_check = TierCheck(engine, settings.tiers)
        self.backend_check = BackendCheck(engine, settings)
        self.maintenance = MaintenanceSwitch(MaintenanceStore(engine))
        self.quotas = Quotas.uniform(settings.max_unfinished, settings.source_bytes).with_changes(
            settings.quotas
        )
        use_own_languages(settings.languages_dir)
        self.languages = load_languages()
        self.package_store = open_package_store(settings)
        self.problem_solutions = ProblemSolutions(self.package_store)
        self.auth_cache = AuthCache(self.accounts, tiers=settings.tiers)
        self.running_events = RunningEvents(self.events)
        self.rate_limits = _rate_limits(settings.redis_url)
        self.open_streams = OpenStreams(
            StreamLimits.within(connection_pool(), settings.account_streams, settings.address_streams)
        )
        self.sign_in_guard = SignInGuard(self.rate_limits, settings.secret_key)
        self._open_account_services()
        self.url_policy = UrlPolicy(settings.webhook_networks)
        self._open_problem_services()
        self._open_lti_services()

        self._open_queue_services(settings.redis_url)
        self.http_counters = metrics

        self._open_status_services(channel)
        self.submission_service = SubmissionService(
            self.submissions,
            self.outbox,
            HeldQueue(queue, self.maintenance),
            self.status_service,
            self.router,
        )
        self.submission_policy = _submission_policy(self)
        self.queue_positions = _queue_positions(self)
        self._open_judging_services()

    def _open_judging_services(self) -> None:
        """Make the services that submit programs themselves: to verify packages, and to rejudge events."""
        self.event_rejudging = _event_rejudging(self)
        self.package_verification = PackageVerification(
            self.submission_policy, self.problems, self.package_store
        )
        self.verification_progress = VerificationProgress(
            self.package_verification, self.problem_verifications, self.problem_versions, self.accounts
        )

    def _open_queue_services(self, redis_url: str) -> None:
        """Make the services for queues and workers, and other services over Redis."""
        self.worker_registry = WorkerRegistry(redis_url, _REDIS_SECONDS)
        self.worker_cache = WorkerCache(self.worker_registry)
        self.router = Router(self.worker_cache, self.settings.tiers)
        self.language_outages = LanguageOutages(self.router, UnservedLanguages(redis_url, _REDIS_SECONDS))
        self.language_availability = LanguageAvailability(
            self.languages, self.worker_cache, self.router, self.language_outages
        )
        self.pending_reasons = PendingReasonFinder(
            self.pending, self.worker_cache, self.worker_registry, self.language_outages, self.maintenance
        )
        self.queue_stats = QueueStatsCache(self.queue_samples, self.outbox)
        self.queue_health = QueueHealth()
        self.retry_after = RetryAfter(self.outbox)
        self.counters = Counters(redis_url, _REDIS_SECONDS)
        self.unreadable_entries = UnreadableEntries(create_redis_client(redis_url, _REDIS_SECONDS))
        self.support_files = SupportFiles(redis_url)
        self.live_programs = LivePrograms(redis_url, self.settings.secret_key)

    def _open_status_services(self, channel: StatusChannel) -> None:
        self.status_subscriptions = StatusSubscriptions(channel)
        self.status_service = StatusService(
            channel, self.submissions, self.status_subscriptions, running=self.running_events
        )

    def _open_problem_services(self) -> None:
        """Make the services that decide which account sees which problem, also by its events."""
        self.event_access = EventAccess(self.events, self.running_events)
        self.invitations_to_events = EventInvitations(self.event_invitations, self.events)
        self.scoreboards = Scoreboards(self.events, self.event_results, self.problems)
        self.scoreboard_feed = ScoreboardFeed(self.scoreboards, dump_body)
        self.problem_access = ProblemAccess(self.problem_members, self.running_events)
        self.visible_problems = VisibleProblems(self.problems, self.problem_access)

    def _open_lti_services(self) -> None:
        """Make the services for learning platforms. The addresses of platforms are limited like those of
        webhooks."""
        site, secret = self.settings.public_url, self.settings.secret_key
        self.lti_client = PlatformClient(self.lti, HttpSender(self.url_policy), self.url_policy)
        self.lti_launches = Launches(self.lti, self.lti_client, secret, site)
        self.lti_courses = Courses(self.lti, self.events, self.single_sign_on, self.lti_client)

    def _open_account_services(self) -> None:
        """Make the services for passwords and accounts, over the stores."""
        self.account_administration = AccountAdministration(
            self.engine, self.settings.public_url, tiers=self.settings.tiers
        )
        self.single_sign_on = SingleSignOn(self.engine, self.settings, self.account_administration)
        self.sign_in_requests = SignInRequests(self.settings.secret_key)
        self.second_factor_service = SecondFactorService(self.engine, self.rate_limits)
        mailer = Mailer(self.settings)
        self.email_service = EmailService(self.engine, self.rate_limits, mailer, self.settings.public_url)
        self.account_export = AccountExport(self.engine, self.languages, self.running_events)
        self.account_import = AccountImport(self.engine)
        self.problem_archive = ProblemArchive(self.submissions, self.accounts, self.languages)
        self.event_archive = EventArchive(self.events, self.event_results, self.submissions, self.languages)
        self.password_service = PasswordService(
            self.passwords, self.one_time_links, self.sign_in_guard, self.audit
        )


def services() -> Services:
    """The services of the application that handles the current request."""
    return cast(Services, current_app.extensions[KEY])


def _submission_policy(services: Services) -> SubmissionPolicy:
    return SubmissionPolicy(
        services.submission_service,
        services.visible_problems,
        services.language_availability,
        AdmissionLimits(services.quotas, services.rate_limits, services.disk_space, services.maintenance),
        SubmissionEvents(services.event_access, services.running_events),
    )


def _event_rejudging(services: Services) -> EventRejudging:
    stores = RejudgingStores(
        services.event_rejudgings,
        services.event_results,
        services.submissions,
        services.problems,
        services.attempts,
        VerdictStore(services.engine),
    )
    return EventRejudging(
        stores,
        services.submission_service,
        services.status_service,
        services.scoreboards,
        services.settings.database_answer_seconds,
    )


def _queue_positions(services: Services) -> QueuePositions:
    return QueuePositions(
        services.submissions,
        services.outbox,
        services.queue_samples,
        services.worker_cache,
        services.language_outages,
    )


def _rate_limits(redis_url: str) -> RateLimits:
    connections = PersistentConnections(create_redis_client(redis_url, _RATE_LIMIT_SECONDS))
    return RateLimits(RedisRateLimitStorage(connections))
