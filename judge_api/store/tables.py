"""The tables: one schema for SQLite and PostgreSQL. Every change needs a migration.

The module has over 500 lines, because tables refer to each other, and migrations are compared with all of
them.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


def new_id() -> str:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits. Its order is the order of creation."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


class _SqliteUtcDateTime(sqlite.DATETIME):
    """Writes the same text as SQLAlchemy's own type, but faster, since that type formats seven numbers."""

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:
        return _written


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "microseconds")


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, always in UTC and always aware. SQLite stores no time zone, so it is added to the
    values read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteUtcDateTime())  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(self.impl_instance)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# These conditions are texts without parameters, because a database uses a partial index only if the query
# contains the index's condition.
JUDGED = text("kind = 'submission' AND verdict IS NOT NULL")
IN_FLIGHT = text("open AND sent")
# This must be a text too, because SQLAlchemy writes a truth value for SQLite as ``open = 1``, which is not
# the index's condition.
OPEN = text("submissions.open")
ACCEPTED = text("kind = 'submission' AND verdict = 'AC'")
SCORED = text("kind = 'submission' AND verdict = 'AC' AND score IS NOT NULL")
Serial = BigInteger().with_variant(Integer, "sqlite")
Id = String(36)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("tier", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False, server_default=text("false")),
    Column("password_hash", Text),
    Column("full_name", String(128)),
    Column("email", String(254), index=True),
    Column("email_verified_at", UtcDateTime),
    # The language of the pages; null means the browser's.
    Column("locale", String(16)),
    # Whether notices are sent by e-mail too; null means yes.
    Column("notice_mails", Boolean),
    # When the account is to be deleted, if it has asked for that.
    Column("deletion_due", UtcDateTime, index=True),
    # The row of a deleted account stays, with an anonymous name, for the submissions that refer to it.
    Column("deleted_at", UtcDateTime),
    # The slug of the only event that the account may see. It is no foreign key, because the event may be
    # deleted.
    Column("event", String(64)),
)

account_groups = Table(
    "account_groups",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("added_at", UtcDateTime, nullable=False),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("secret", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # The second factor has no effect until a code confirms that the device has the secret.
    Column("confirmed_at", UtcDateTime),
    # The time step of the last accepted code, so that no code is accepted twice.
    Column("used_step", BigInteger),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", String(64), primary_key=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    # For a session, the key from which it was made. The session ends with that key.
    Column("made_from", Id, index=True),
    # The network address of the last use that was recorded.
    Column("address", String(64)),
    # For a key, its scopes, separated by spaces. Null means all scopes.
    Column("scopes", String(64)),
    # For a session of a single sign-on, the provider's id of its session (the claim ``sid``).
    Column("provider_session", String(255), index=True),
)

one_time_links = Table(
    "one_time_links",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("purpose", String(16), nullable=False),
    Column("made_by", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    # For a single sign-on that waits for the second factor, its provider and the provider's session.
    Column("provider", String(32)),
    Column("provider_session", String(255)),
)

identities = Table(
    "identities",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    # ``issuer`` is the provider's URL, ``subject`` the provider's id of the person. Neither changes.
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    # The groups that the provider gave at the last sign-in.
    Column("groups", JSON(none_as_null=True)),
    UniqueConstraint("issuer", "subject"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("made_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("used_by", String(64)),
)

submissions = Table(
    "submissions",
    metadata,
    Column("serial", Serial, primary_key=True, autoincrement=True),
    Column("id", Id, nullable=False, unique=True),
    Column("account_id", Id, ForeignKey("accounts.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("problem", String(255)),
    Column("package_hash", String(64)),
    # While the submission is judged again with other tests, the package hash behind the recorded verdict.
    Column("former_hash", String(64)),
    Column("language", String(32), nullable=False),
    Column("source", Text, nullable=False),
    # For a program of several files, all the files and its entry point. ``source`` is one of the files then.
    Column("files", JSON(none_as_null=True)),
    Column("run", JSON),
    Column("run_all", Boolean, nullable=False, default=False),
    Column("samples_only", Boolean, nullable=False, default=False),
    Column("tier", String(16), nullable=False),
    Column("priority", Integer, nullable=False, default=0),
    Column("idempotency_key", String(255)),
    Column("body_hash", String(64)),
    Column("stage", String(16), nullable=False),
    Column("attempt", Integer, nullable=False, default=1),
    Column("faults", Integer, nullable=False, default=0),
    Column("hindered", Integer, nullable=False, default=0, server_default=text("0")),
    Column("open", Boolean, nullable=False, default=True),
    # True if the submission was sent to the queue and its outbox row was deleted. Then the queue must have it
    # while it is open.
    Column("sent", Boolean, nullable=False, default=False, server_default=text("false")),
    Column("verdict", String(8)),
    Column("cpu_ms", Integer),
    Column("wall_ms", Integer),
    Column("memory_kb", Integer),
    Column("score", Float),
    Column("compile_output", Text),
    Column("tests", JSON),
    Column("tests_done", Integer, nullable=False, default=0),
    Column("tests_total", Integer, nullable=False, default=0),
    Column("sandbox", JSON),
    Column("reason", Text),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    # The trace of the client's request, if the client sent one.
    Column("traceparent", String(55)),
    # The event to which it was posted, if any. The standings use ``event_submissions`` instead.
    Column("event_id", Id),
    UniqueConstraint("account_id", "idempotency_key"),
    Index("ix_submissions_account", "account_id", "serial"),
    Index("ix_submissions_problem", "problem", "serial"),
    Index("ix_submissions_finished", "finished_at"),
    # An index of open submissions only, so that it stays small however long the history grows. It has every
    # column that is needed to count an account's unfinished submissions; SQLite needs ``open`` as well.
    Index(
        "ix_submissions_open",
        "account_id",
        "finished_at",
        "kind",
        "open",
        postgresql_where=text("open"),
        sqlite_where=text("open"),
    ),
    # The submissions that the queue should have, for the reconciler. Submissions in the outbox are not
    # indexed.
    Index("ix_submissions_sent", "queued_at", postgresql_where=IN_FLIGHT, sqlite_where=IN_FLIGHT),
    Index(
        "ix_submissions_judged",
        "account_id",
        "problem",
        "verdict",
        postgresql_where=JUDGED,
        sqlite_where=JUDGED,
    ),
    Index(
        "ix_submissions_accepted",
        "problem",
        "language",
        "serial",
        "cpu_ms",
        postgresql_where=ACCEPTED,
        sqlite_where=ACCEPTED,
    ),
    # For scoring problems, to find accepted submissions with less than full marks.
    Index(
        "ix_submissions_scored",
        "account_id",
        "problem",
        "score",
        postgresql_where=SCORED,
        sqlite_where=SCORED,
    ),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("submission_id", Id, ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Id, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("tier", String(16), nullable=False),
    Column("priority", Integer, nullable=False, default=0),
    # The row's place in its tier; see outbox.py.
    Column("turn", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("claimed_until", UtcDateTime),
    Column("claimed_by", String(64)),
    Index("ix_outbox_order", "tier", "priority", "turn", "submission_id"),
    Index("ix_outbox_account", "account_id", "tier", "priority", "turn"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("submission_id", Id, ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("worker", String(128)),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ending", String(16)),
    Column("reason", Text),
    Column("timings", JSON),
)

problems = Table(
    "problems",
    metadata,
    Column("slug", String(255), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("author", Text),
    Column("format", String(32), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("statement", Text),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", Id),
    # draft, published or archived; see problem_states.py.
    Column("state", String(16), nullable=False, server_default=text("'published'")),
)

problem_versions = Table(
    "problem_versions",
    metadata,
    Column("slug", String(255), ForeignKey("problems.slug", ondelete="CASCADE"), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
    Column("time_limit", Float),
    # Null in a version that an earlier release added; the package has the values.
    Column("spec", JSON),
    Column("judging_hash", String(64)),
    Column("uuid", String(64)),
    Column("added_by", Id),
    # When a verification of the version passed.
    Column("verified_at", UtcDateTime),
)

# Verifications of versions. Each submission of the package is judged as a run.
problem_verifications = Table(
    "problem_verifications",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String(255), ForeignKey("problems.slug", ondelete="CASCADE"), nullable=False),
    Column("version", String(64), nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("begun_by", Id),
    Column("ended_at", UtcDateTime),
    Column("passed", Boolean),
    Column("lines", JSON, nullable=False),
    Index(None, "slug", "version"),
)

# The accounts, apart from administrators, that may edit a problem. See problem_members.py for the roles.
problem_members = Table(
    "problem_members",
    metadata,
    Column("slug", String(255), ForeignKey("problems.slug", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("role", String(16), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", Id),
)

# Faults of problems that made submissions fail, for the problems' authors. Only the latest of each problem
# are kept.
problem_faults = Table(
    "problem_faults",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("slug", String(255), ForeignKey("problems.slug", ondelete="CASCADE"), nullable=False, index=True),
    Column("version", String(64), nullable=False),
    Column("submission_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("account", String(64), index=True),
    Column("act", String(64), nullable=False),
    Column("subject", String(255), index=True),
    Column("detail", JSON),
    sqlite_autoincrement=True,
)

operator_webhooks = Table(
    "operator_webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", String(2048), nullable=False),
    Column("secret", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
operator_alerts = Table(
    "operator_alerts",
    metadata,
    # The alert, such as backlog:normal. A second dispatcher that sees the same alert announces nothing.
    Column("key", String(255), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    # True for an alert that lasts until it is over, such as a backlog. Other alerts are deleted after some
    # time.
    Column("lasts", Boolean, nullable=False),
)
operator_messages = Table(
    "operator_messages",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column(
        "webhook_id", Id, ForeignKey("operator_webhooks.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("type", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("not_before", UtcDateTime, nullable=False),
    Column("claimed_until", UtcDateTime),
    Column("answer", Integer),
    Column("reason", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "state", "not_before"),
    sqlite_autoincrement=True,
)
# One row, which says what happens to new submissions, and has the message on the pages.
maintenance = Table(
    "maintenance",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mode", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("until", UtcDateTime),
    Column("since", UtcDateTime, nullable=False),
)

queue_samples = Table(
    "queue_samples",
    metadata,
    Column("at", UtcDateTime, primary_key=True),
    Column("tier", String(16), primary_key=True),
    Column("waiting", Integer, nullable=False),
    Column("oldest_ms", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("workers", Integer, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("wait_p50_ms", Integer),
    Column("wait_p99_ms", Integer),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("problem", String(255), nullable=False),
    Column("language", String(32), nullable=False),
    Column("source", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    UniqueConstraint("account_id", "problem", "language"),
    sqlite_autoincrement=True,
)

favorites = Table(
    "favorites",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("problem", String(255), primary_key=True),
    Column("saved_at", UtcDateTime, nullable=False),
)

# LeetCode's coding sessions. An account without a row has one session with all its submissions.
coding_sessions = Table(
    "coding_sessions",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(64), nullable=False),
)

# The submissions of each session, from ``first_serial`` to before ``next_serial``. ``next_serial`` is null in
# the active session's last span.
coding_session_spans = Table(
    "coding_session_spans",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("first_serial", BigInteger, primary_key=True, autoincrement=False),
    Column("next_serial", BigInteger),
    Column("number", Integer, nullable=False),
)

# The small numbers by which LeetCode's clients list problems.
problem_numbers = Table(
    "problem_numbers",
    metadata,
    Column("slug", String(255), ForeignKey("problems.slug", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("url", String(2048), nullable=False),
    Column("secret", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("submission_id", Id, ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    # Exactly one is set: a webhook of the account, or an address that came with the submission.
    Column("webhook_id", Id, ForeignKey("webhooks.id", ondelete="CASCADE"), index=True),
    Column("url", String(2048)),
    Column("form", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("not_before", UtcDateTime, nullable=False),
    Column("claimed_until", UtcDateTime),
    Column("answer", Integer),
    Column("reason", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "state", "not_before"),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("title", String(200), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
    # The end with the time for late submissions and the longest extension; null for an event of an earlier
    # release.
    Column("closes_at", UtcDateTime),
    Column("thawed_at", UtcDateTime),
    # The pauses that have ended, as pairs of texts, and the start of the present pause.
    Column("pauses", JSON),
    Column("paused_at", UtcDateTime),
    # The class decides where the event's submissions come in the queue; null means practice. The tier's
    # workers judge them; null means the tier of each account.
    Column("service_class", String(16)),
    Column("service_tier", String(16)),
    # See judge_api/events/rules.py.
    Column("rules", JSON, nullable=False),
    Column("freezes", Boolean, nullable=False),
    Column("visibility", String(16), nullable=False),
    Column("joining", String(16), nullable=False),
    Column("password_hash", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Id, nullable=False),
    # Each change of a submission or message of the event raises it. Readers ask for the changes since a
    # revision.
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    # Each change of the event, its problems or its members raises it. Readers then begin again.
    Column("setup_revision", BigInteger, nullable=False, server_default=text("0")),
)

event_problems = Table(
    "event_problems",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("slug", String(255), primary_key=True),
    Column("label", String(16), nullable=False),
    Column("position", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("colour", String(32)),
    Column("withdrawn", Boolean, nullable=False),
    UniqueConstraint("event_id", "label"),
    Index(None, "slug"),
)

# A member is an account, or a team of several accounts.
event_members = Table(
    "event_members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("category", String(16), nullable=False),
    Column("affiliation", String(128)),
    Column("started_at", UtcDateTime),
    Column("extension_seconds", Integer, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    # The member's id in another system, such as the id of an ICPC team.
    Column("external_id", String(64)),
    UniqueConstraint("event_id", "name"),
)

event_member_accounts = Table(
    "event_member_accounts",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("member_id", Id, ForeignKey("event_members.id", ondelete="CASCADE"), nullable=False, index=True),
    # The address that the account used first, if the rules allow only one address.
    Column("address", String(64)),
)

# The results from which standings are computed. They have no foreign key to submissions, so that they stay
# when submissions are purged.
event_submissions = Table(
    "event_submissions",
    metadata,
    Column("submission_id", Id, primary_key=True),
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("member_id", Id, nullable=False),
    Column("problem", String(255), nullable=False),
    Column("language", String(32), nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("verdict", String(8)),
    Column("score", Float),
    Column("groups", JSON),
    Column("tokened", Boolean, nullable=False),
    # Why the jury disqualified the submission; null if it counts.
    Column("disqualified", String(500)),
    Column("judged_at", UtcDateTime),
    Column("revision", BigInteger, nullable=False),
    Index(None, "event_id", "revision"),
    Index(None, "member_id", "problem"),
)

# Rejudgings of submissions of events. The submissions are run again, and their results do not change until
# the jury applies the rejudging.
event_rejudgings = Table(
    "event_rejudgings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("reason", String(500), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("ended_at", UtcDateTime),
    # The request that prepares or applies the rejudging, and until when its claim holds. Null after the
    # preparation, until a request begins to apply the rejudging.
    Column("claimed_by", Id),
    Column("claimed_until", UtcDateTime),
)

event_rejudged = Table(
    "event_rejudged",
    metadata,
    Column("rejudging_id", Id, ForeignKey("event_rejudgings.id", ondelete="CASCADE"), primary_key=True),
    Column("submission_id", Id, primary_key=True),
    # The run of the same program with all tests; null if it could not be run again.
    Column("run_id", Id),
)

# A comparison of an event's accepted programs by Dolos. One dispatcher works on it until ``claimed_until``.
event_similarity_reports = Table(
    "event_similarity_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    # The ids of the earlier events, and the least similarity in per cent.
    Column("options", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Id, nullable=False),
    # How many groups of one problem and one language there are, and how many are compared.
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    # How many programs were compared, and what was left out and why.
    Column("programs", Integer, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("claimed_by", String(128)),
    Column("claimed_until", UtcDateTime),
    Column("ended_at", UtcDateTime),
)

event_similar_pairs = Table(
    "event_similar_pairs",
    metadata,
    Column("report_id", Id, ForeignKey("event_similarity_reports.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("problem", String(255), nullable=False),
    Column("language", String(32), nullable=False),
    Column("left_id", Id, nullable=False),
    Column("right_id", Id, nullable=False),
    # ``similarity`` is the share of both programs that is alike, from 0 to 1. ``longest`` counts Dolos'
    # fingerprints in the longest common passage, and ``overlap`` those of both programs that occur in the
    # other one too. ``passages`` has lines and columns on both sides.
    Column("similarity", Float, nullable=False),
    Column("longest", Integer, nullable=False),
    Column("overlap", Integer, nullable=False),
    Column("passages", JSON, nullable=False),
)

# Events that follow another system's contest live. One dispatcher follows until ``claimed_until``.
event_shadows = Table(
    "event_shadows",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    # The contest's address in the other system's Contest API, and how to sign in there.
    Column("url", String(2048), nullable=False),
    Column("user", String(128)),
    Column("secret", String(512)),
    # Gavel's language for each language id of the other system.
    Column("languages", JSON, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    # The token from which the feed goes on after a lost connection.
    Column("token", Text),
    Column("error", String(500)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("heard_at", UtcDateTime),
    Column("claimed_by", String(128)),
    Column("claimed_until", UtcDateTime),
)

# The last state of each object of the feed that a comparison needs. ``parent`` is a judgement's submission.
event_shadow_objects = Table(
    "event_shadow_objects",
    metadata,
    Column("event_id", Id, ForeignKey("event_shadows.event_id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("id", String(255), primary_key=True),
    Column("parent", String(255)),
    Column("data", JSON, nullable=False),
    Index(None, "event_id", "parent"),
)

event_shadow_submissions = Table(
    "event_shadow_submissions",
    metadata,
    Column("event_id", Id, ForeignKey("event_shadows.event_id", ondelete="CASCADE"), primary_key=True),
    # The submission's id in the other system, and that system's judgement.
    Column("id", String(255), primary_key=True),
    Column("deleted", Boolean, nullable=False),
    Column("judgement_type", String(64)),
    Column("verdict", String(8)),
    # The submission's id here, once it is submitted. Until then, why it is not submitted, and the time of the
    # next try (null means never).
    Column("submission_id", Id, index=True),
    Column("fault", String(500)),
    Column("tries", Integer, nullable=False),
    Column("not_before", UtcDateTime),
    Column("looked_at", UtcDateTime),
    Column("looked_by", String(64)),
    Column("note", String(1000)),
)

# The balloons that were delivered to their teams.
event_balloons = Table(
    "event_balloons",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", Id, primary_key=True),
    Column("problem", String(255), primary_key=True),
    Column("delivered_at", UtcDateTime, nullable=False),
    Column("delivered_by", Id, nullable=False),
)

# A jury's comments on submissions, about a line of the source or about all of it.
submission_comments = Table(
    "submission_comments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("line", Integer),
    Column("text", Text, nullable=False),
    Column("author_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Links by which the owners of submissions show them to others. The token is stored as it is, so that the
# owner can copy the link again; the source that it opens is stored in the same database.
submission_links = Table(
    "submission_links",
    metadata,
    Column("submission_id", Id, ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token", String(64), nullable=False, unique=True),
    Column("made_at", UtcDateTime, nullable=False),
)

# Questions and announcements. A message without a question is an announcement.
event_messages = Table(
    "event_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("member_id", Id),
    Column("problem", String(255)),
    Column("question", Text),
    Column("answer", Text),
    Column("to_all", Boolean, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("answered_by", Id),
)

# Invitations to an event for persons without an account. ``used_at`` is when the present link was used,
# ``opened_at`` is when the first link was used, which began the member's time.
event_invitations = Table(
    "event_invitations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("email", String(254)),
    Column("made_by", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("opened_at", UtcDateTime),
    Column("account_id", Id, index=True),
    Column("member_id", Id),
    Column("revoked_at", UtcDateTime),
    # Whether the invited person may read the report about them.
    Column("shows_report", Boolean, nullable=False),
)

# Learning platforms (LTI 1.3) that an operator has registered.
lti_platforms = Table(
    "lti_platforms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("title", String(64), nullable=False),
    Column("issuer", String(255), nullable=False),
    Column("client_id", String(255), nullable=False),
    Column("auth_url", String(2048), nullable=False),
    Column("token_url", String(2048), nullable=False),
    Column("jwks_url", String(2048), nullable=False),
    Column("deployments", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("issuer", "client_id"),
)

# The key with which this installation signs for learning platforms: one row, with the private key.
lti_keys = Table(
    "lti_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("jwk", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# The nonces of accepted launches, kept until a launch with them would be too old anyway.
lti_nonces = Table(
    "lti_nonces",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

# An event, or one of its problems (by its label), to which a platform may link.
lti_links = Table(
    "lti_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("platform_id", Id, ForeignKey("lti_platforms.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("problem", String(255)),
    Column("created_by", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# The places on platforms from which links were launched. A copied course has its own place.
lti_placements = Table(
    "lti_placements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link_id", Id, ForeignKey("lti_links.id", ondelete="CASCADE"), nullable=False),
    Column("deployment", String(255), nullable=False),
    Column("resource_link", String(255), nullable=False),
    Column("title", String(255)),
    Column("lineitem_url", String(2048)),
    Column("memberships_url", String(2048)),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("link_id", "deployment", "resource_link"),
)

# The learners of a placement, with the grade that the platform has or will get, from 0 to 1.
lti_grades = Table(
    "lti_grades",
    metadata,
    Column("placement_id", Id, ForeignKey("lti_placements.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("subject", String(255), nullable=False),
    Column("score", Float),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", UtcDateTime),
    Column("claimed_until", UtcDateTime),
    Column("reason", Text),
    Column("sent_at", UtcDateTime),
    Index(None, "state", "not_before"),
)

# Failed submissions that an operator has marked as ignored, since they need no attention any more.
ignored_failures = Table(
    "ignored_failures",
    metadata,
    Column("submission_id", Id, ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("ignored_by", String(64), nullable=False),
    Column("ignored_at", UtcDateTime, nullable=False),
)

# Changes that others made to an account's submissions and events. The notice of a rejudging is not published
# until it is known whether the result has changed.
notices = Table(
    "notices",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("submission_id", Id, ForeignKey("submissions.id", ondelete="CASCADE"), index=True),
    Column("event", String(255)),
    Column("detail", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime, index=True),
    Column("read_at", UtcDateTime),
    Column("mailed_at", UtcDateTime),
    sqlite_autoincrement=True,
)
