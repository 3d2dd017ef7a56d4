"""Webhooks of operators: their addresses, the alerts that were announced, and the messages to be sent.

An alert has a key. The process that inserts the alert's row also stores its messages, in the same
transaction. So several dispatchers that see the same alert send one message, and a crash cannot lose it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each
from judge_api.store.records import MAX_FUTURE
from judge_api.store.row_mapping import storable
from judge_api.store.tables import new_id, operator_alerts, operator_messages, operator_webhooks
from judge_api.store.webhook_deliveries import LONGEST_PAUSE, DeliveryState, sent_again
from judge_api.store.webhooks import MAX_WEBHOOKS, Webhook, new_secret
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict

_KEPT = timedelta(days=7)
"""How long the announcement of an alert is remembered, and how long a message is kept after its end."""


class AlertType(StrEnum):
    """The kinds of messages to operators."""

    TEST = "webhook.test"
    QUEUE_DOWN = "queue.down"
    QUEUE_UP = "queue.up"
    BACKLOG_HIGH = "backlog.high"
    BACKLOG_NORMAL = "backlog.normal"
    WORKER_LOST = "worker.lost"
    SUBMISSIONS_FAILED = "submissions.failed"
    REJUDGE_FINISHED = "rejudge.finished"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message to all webhooks of operators."""

    type: AlertType
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OperatorMessage:
    """One message to send now. ``tries`` includes this try. ``claimed_until`` is the end of its claim."""

    id: int
    url: str
    secret: str
    type: str
    data: Any
    created_at: datetime
    tries: int
    claimed_until: datetime


@dataclass(frozen=True, slots=True)
class MessageResult:
    """The result of a try: a final state, or PENDING with the time of the next try."""

    message: OperatorMessage
    state: DeliveryState
    answer: int | None = None
    reason: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as operators see it."""

    id: int
    type: str
    data: Any
    state: DeliveryState
    tries: int
    answer: int | None
    reason: str | None
    created_at: datetime
    ended_at: datetime | None
    not_before: datetime


class OperatorWebhookStore:
    """Stores the addresses. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, url: str) -> tuple[Webhook, str]:
        """Create a webhook. Returns it with its secret. Raises ``Conflict`` at ``MAX_WEBHOOKS``."""
        secret, webhook = new_secret(), Webhook(new_id(), url, self._clock())
        with write_transaction(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                # Without the lock, two requests could pass the limit together.
                connection.exec_driver_sql("LOCK TABLE operator_webhooks IN SHARE ROW EXCLUSIVE MODE")
            count = connection.execute(select(func.count()).select_from(operator_webhooks)).scalar_one()
            if count >= MAX_WEBHOOKS:
                raise Conflict(f"an installation has at most {MAX_WEBHOOKS} webhooks: delete one first")
            values = {"id": webhook.id, "url": url, "secret": secret, "created_at": webhook.created_at}
            connection.execute(insert(operator_webhooks).values(values))
        return webhook, secret

    def all(self) -> Sequence[Webhook]:
        """All webhooks, newest first."""
        columns = (operator_webhooks.c[name] for name in ("id", "url", "created_at"))
        query = select(*columns).order_by(operator_webhooks.c.id.desc())
        with read_connection(self._engine) as connection:
            return read_each(connection, query, lambda row: Webhook(**row))

    def has(self, id: str) -> bool:
        query = select(operator_webhooks.c.id).where(operator_webhooks.c.id == id)
        with read_connection(self._engine) as connection:
            return connection.execute(query).first() is not None

    def remove(self, id: str) -> bool:
        """Delete a webhook with its messages; False when there is no such webhook."""
        with write_transaction(self._engine) as connection:
            return (
                connection.execute(delete(operator_webhooks).where(operator_webhooks.c.id == id)).rowcount
                == 1
            )


class AlertStore:
    """Stores the alerts that were announced. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def has_receivers(self) -> bool:
        with read_connection(self._engine) as connection:
            return connection.execute(select(operator_webhooks.c.id).limit(1)).first() is not None

    def lasting(self) -> dict[str, datetime]:
        """The alerts that last, each with the time of its beginning."""
        query = select(operator_alerts.c.key, operator_alerts.c.since).where(operator_alerts.c.lasts)
        with read_connection(self._engine) as connection:
            return {row.key: row.since for row in connection.execute(query)}

    def begin(self, key: str, announcement: Announcement | None) -> bool:
        """Begin an alert that lasts until it is ended. False if it has begun already."""
        with write_transaction(self._engine) as connection:
            begun = self._insert(connection, [key], lasts=True) == [key]
            if begun and announcement is not None:
                self._enqueue(connection, announcement)
        return begun

    def end(self, key: str, announcement: Announcement) -> bool:
        """End an alert that lasts. False if it has not begun."""
        lasting = and_(operator_alerts.c.key == key, operator_alerts.c.lasts)
        with write_transaction(self._engine) as connection:
            ended = connection.execute(delete(operator_alerts).where(lasting)).rowcount == 1
            if ended:
                self._enqueue(connection, announcement)
        return ended

    def announce_new(self, keys: Sequence[str], announcement: Callable[[Sequence[str]], Announcement]) -> int:
        """Announce in one message the keys that were not announced before. Returns how many."""
        if not keys:
            return 0
        with write_transaction(self._engine) as connection:
            new = self._insert(connection, keys, lasts=False)
            if new:
                self._enqueue(connection, announcement(new))
        return len(new)

    def forget_old(self) -> None:
        """Delete old alerts, apart from alerts that still last, and messages that ended long ago."""
        before = self._clock() - _KEPT
        old = and_(operator_alerts.c.lasts.is_(False), operator_alerts.c.since < before)
        with write_transaction(self._engine) as connection:
            connection.execute(delete(operator_alerts).where(old))
            connection.execute(delete(operator_messages).where(operator_messages.c.ended_at < before))

    def _insert(self, connection: Connection, keys: Sequence[str], lasts: bool) -> list[str]:
        """Store these keys. Returns those that are new."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(operator_alerts).on_conflict_do_nothing().returning(operator_alerts.c.key)
        at = self._clock()
        return [
            key
            for key in dict.fromkeys(keys)
            if connection.execute(statement.values(key=key, since=at, lasts=lasts)).first() is not None
        ]

    def _enqueue(self, connection: Connection, announcement: Announcement) -> None:
        ids = connection.execute(select(operator_webhooks.c.id)).scalars().all()
        for id in ids:
            connection.execute(
                insert(operator_messages).values(_new_message(id, announcement, self._clock()))
            )


class OperatorMessageStore:
    """Stores the messages. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, webhook: str, announcement: Announcement) -> None:
        """Enqueue one message to one webhook."""
        with write_transaction(self._engine) as connection:
            connection.execute(
                insert(operator_messages).values(_new_message(webhook, announcement, self._clock()))
            )

    def claim(self, limit: int, lease_seconds: float) -> list[OperatorMessage]:
        """Claim up to ``limit`` unclaimed messages that are due, the earliest first."""
        at = self._clock()
        due = (
            select(operator_messages.c.id)
            .where(_due(at))
            .order_by(operator_messages.c.not_before)
            .limit(limit)
        )
        with read_connection(self._engine) as connection:
            if connection.execute(due.limit(1)).first() is None:
                return []
        with write_transaction(self._engine) as connection:
            ids = connection.execute(due.with_for_update(skip_locked=True)).scalars().all()
            claimed = {
                "claimed_until": at + timedelta(seconds=lease_seconds),
                "tries": operator_messages.c.tries + 1,
            }
            connection.execute(
                update(operator_messages).where(operator_messages.c.id.in_(ids)).values(claimed)
            )
            query = select(operator_messages, operator_webhooks.c.url, operator_webhooks.c.secret)
            query = query.join(operator_webhooks, operator_webhooks.c.id == operator_messages.c.webhook_id)
            return read_each(connection, query.where(operator_messages.c.id.in_(ids)), _message)

    def record(self, result: MessageResult) -> None:
        """Record a result. It changes nothing if the message was claimed again since."""
        at = self._clock()
        claimed = and_(
            operator_messages.c.id == result.message.id,
            operator_messages.c.tries == result.message.tries,
            # After ``resend`` a later try has the same number. Its claim ends later.
            operator_messages.c.claimed_until == result.message.claimed_until,
        )
        values = {
            "state": result.state.value,
            "answer": result.answer,
            "reason": storable(result.reason),
            "not_before": result.not_before or at,
            "claimed_until": None,
            "ended_at": None if result.state is DeliveryState.PENDING else at,
        }
        with write_transaction(self._engine) as connection:
            connection.execute(update(operator_messages).where(claimed).values(values))

    def recent(self, webhook: str, limit: int = 50) -> list[MessageRow]:
        """A webhook's latest messages, newest first."""
        query = select(*(operator_messages.c[name] for name in MessageRow.__slots__))
        query = query.where(operator_messages.c.webhook_id == webhook).order_by(operator_messages.c.id.desc())
        with read_connection(self._engine) as connection:
            return read_each(connection, query.limit(limit), _row)

    def resend(self, webhook: str, id: int) -> bool:
        """Send a message again, with its tries counted from 0. False if the webhook has no such message."""
        which = and_(operator_messages.c.id == id, operator_messages.c.webhook_id == webhook)
        with write_transaction(self._engine) as connection:
            again = sent_again(self._clock())
            return connection.execute(update(operator_messages).where(which).values(again)).rowcount == 1


def _new_message(webhook: str, announcement: Announcement, at: datetime) -> dict[str, Any]:
    return {
        "webhook_id": webhook,
        "type": announcement.type.value,
        "data": dict(announcement.data),
        "state": DeliveryState.PENDING.value,
        "not_before": at,
        "created_at": at,
    }


def _due(at: datetime) -> ColumnElement[bool]:
    until = operator_messages.c.claimed_until
    not_before = operator_messages.c.not_before
    return and_(
        operator_messages.c.state == DeliveryState.PENDING.value,
        or_(not_before <= at, not_before > at + LONGEST_PAUSE),
        or_(until.is_(None), until < at, until > at + MAX_FUTURE),
    )


def _message(row: RowMapping) -> OperatorMessage:
    return OperatorMessage(**{name: row[name] for name in OperatorMessage.__slots__})


def _row(row: RowMapping) -> MessageRow:
    return MessageRow(**{**row, "state": DeliveryState(row["state"])})
