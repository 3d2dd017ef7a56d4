"""The outbox of webhooks: one row for each submission and address. It is written, or becomes due, in the
transaction that ends the submission.

A transaction that ends a submission calls :func:`enqueue_deliveries`, so that a crash cannot lose the
messages. A row is claimed for a while and sent, and its result is recorded. If a process dies, its claims
expire.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BindParameter,
    Connection,
    Engine,
    RowMapping,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from judge_api.store.compiled_statements import CompiledStatement
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each
from judge_api.store.records import MAX_FUTURE
from judge_api.store.row_mapping import storable
from judge_api.store.tables import deliveries, submissions, webhooks
from judge_core.clock import utc_now

PAUSES: tuple[float, ...] = (5, 30, 120, 600, 3600, 4 * 3600, 8 * 3600)
"""The pauses between the tries, in seconds."""
LONGEST_JITTER = 1.2
"""The greatest factor by which jitter lengthens a pause."""
LONGEST_PAUSE = timedelta(seconds=max(PAUSES) * LONGEST_JITTER)
"""A time further ahead than this was written before the clock was set back."""


class MessageFormat(StrEnum):
    """The API whose format a message has."""

    GAVEL = "gavel"
    JUDGE0 = "judge0"


class DeliveryState(StrEnum):
    """WAITING for the verdict, PENDING to be sent, and the two final states."""

    WAITING = "waiting"
    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery that could be claimed now."""

    id: int
    account: str
    url: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to send now. It is not signed if it has no ``secret``. ``tries`` includes this try.
    ``claimed_until`` is the end of its claim."""

    id: int
    submission: str
    url: str
    secret: str | None
    format: str
    """The name of a :class:`MessageFormat`. In a damaged row it can be any text."""
    tries: int
    account: str
    claimed_until: datetime


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of a try: a final state, or PENDING with the time of the next try."""

    delivery: Delivery
    state: DeliveryState
    answer: int | None = None
    reason: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as the webhook's owner sees it."""

    id: int
    submission_id: str
    attempt: int
    state: DeliveryState
    tries: int
    answer: int | None
    reason: str | None
    created_at: datetime
    ended_at: datetime | None
    not_before: datetime


# These are compiled once, because they run with every verdict. Most find no webhook.
_AT = bindparam("at", type_=deliveries.c.not_before.type)
_ENDED: BindParameter[str] = bindparam("ended")
_PENDING = literal(DeliveryState.PENDING.value)
_INSERT_FOR_WEBHOOKS = CompiledStatement(
    insert(deliveries).from_select(
        ["submission_id", "attempt", "webhook_id", "form", "state", "not_before", "created_at"],
        select(
            submissions.c.id,
            submissions.c.attempt,
            webhooks.c.id,
            literal(MessageFormat.GAVEL.value),
            _PENDING,
            _AT,
            _AT,
        )
        .join(webhooks, webhooks.c.account_id == submissions.c.account_id)
        .where(submissions.c.id == _ENDED),
    )
)
_START_CALLBACKS = CompiledStatement(
    update(deliveries)
    .where(deliveries.c.submission_id == _ENDED, deliveries.c.state == DeliveryState.WAITING.value)
    .values(state=_PENDING, not_before=_AT, created_at=_AT)
)


def add_callback(connection: Connection, submission: str, url: str, at: datetime) -> None:
    """Let the verdict be sent to this address, which came with the submission."""
    connection.execute(
        insert(deliveries).values(
            submission_id=submission,
            attempt=1,
            url=url,
            form=MessageFormat.JUDGE0.value,
            state=DeliveryState.WAITING.value,
            not_before=at,
            created_at=at,
        )
    )


def enqueue_deliveries(connection: Connection, ended: Sequence[str], at: datetime) -> None:
    """Enqueue messages about submissions that have just ended, to all their webhooks and callbacks."""
    values = [{"ended": id, "at": at} for id in ended]
    _INSERT_FOR_WEBHOOKS.run_each(connection, values)
    _START_CALLBACKS.run_each(connection, values)


def sent_again(at: datetime) -> dict[str, object]:
    """The column values that make a message due again, with no tries. They remove its claim, so a try that is
    still running records nothing."""
    return {
        "state": DeliveryState.PENDING.value,
        "tries": 0,
        "not_before": at,
        "claimed_until": None,
        "answer": None,
        "reason": None,
        "ended_at": None,
    }


class DeliveryStore:
    """Stores deliveries for the delivery worker. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def due(self, limit: int, without: Collection[str] = ()) -> list[DueDelivery]:
        """The unclaimed deliveries that are due, the earliest first, except those of the accounts in
        ``without``."""
        if not self._has_work():
            return []
        query = (
            select(
                deliveries.c.id, submissions.c.account_id, webhooks.c.url.label("hook_url"), deliveries.c.url
            )
            .join(submissions, submissions.c.id == deliveries.c.submission_id)
            .join(webhooks, webhooks.c.id == deliveries.c.webhook_id, isouter=True)
            .where(_DUE, submissions.c.account_id.not_in(list(without)))
            .order_by(deliveries.c.not_before, deliveries.c.id)
            .limit(limit)
            .params(_moments(self._clock()))
        )
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _due_delivery)

    def claim(self, limit: int, lease_seconds: float, only: Collection[int] | None = None) -> list[Delivery]:
        """Claim up to ``limit`` unclaimed deliveries that are due, the earliest first. With ``only``,
        deliveries with other ids are left out."""
        if not self._has_work():
            return []
        at = self._clock()
        with write_transaction(self._engine) as connection:
            due = select(deliveries.c.id).where(_DUE).order_by(deliveries.c.not_before).limit(limit)
            if only is not None:
                due = due.where(deliveries.c.id.in_(list(only)))
            due = due.with_for_update(skip_locked=True)
            ids = list(connection.execute(due, _moments(at)).scalars())
            claim = {"claimed_until": at + timedelta(seconds=lease_seconds), "tries": deliveries.c.tries + 1}
            connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**claim))
            return _claimed(connection, ids)

    def record(self, results: Sequence[DeliveryResult]) -> None:
        """Record the results. A result changes nothing if its delivery was claimed again since."""
        with write_transaction(self._engine) as connection:
            for one in sorted(results, key=lambda each: each.delivery.id):
                connection.execute(self._update_for(one))

    def _update_for(self, one: DeliveryResult) -> Update:
        at = self._clock()
        claimed = and_(
            deliveries.c.id == one.delivery.id,
            deliveries.c.tries == one.delivery.tries,
            # After ``resend`` a later try has the same number. Its claim ends later.
            deliveries.c.claimed_until == one.delivery.claimed_until,
            deliveries.c.state == DeliveryState.PENDING.value,
        )
        return (
            update(deliveries)
            .where(claimed)
            .values(
                state=one.state.value,
                answer=one.answer,
                reason=storable(one.reason),
                not_before=one.not_before or at,
                claimed_until=None,
                ended_at=None if one.state is DeliveryState.PENDING else at,
            )
        )

    def recent(self, webhook_id: str, limit: int = 50) -> list[DeliveryRow]:
        """A webhook's latest deliveries, newest first."""
        names = DeliveryRow.__slots__
        query = select(*(deliveries.c[name] for name in names)).where(deliveries.c.webhook_id == webhook_id)
        query = query.order_by(deliveries.c.id.desc()).limit(limit)
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _delivery_row)

    def resend(self, webhook_id: str, id: int) -> bool:
        """Send a message again, with its tries counted from 0. False if the webhook has no such message."""
        which = and_(deliveries.c.id == id, deliveries.c.webhook_id == webhook_id)
        with write_transaction(self._engine) as connection:
            again = sent_again(self._clock())
            return connection.execute(update(deliveries).where(which).values(again)).rowcount == 1

    def purge(self, before: datetime) -> int:
        """Delete deliveries that ended before this time. Returns how many."""
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(deliveries).where(deliveries.c.ended_at < before)).rowcount

    def count(self, state: DeliveryState) -> int:
        """How many deliveries are in a state."""
        query = select(func.count()).where(deliveries.c.state == state.value)
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def _has_work(self) -> bool:
        with read_connection(self._engine) as connection:
            return bool(_ANY_DUE.all(connection, _moments(self._clock())))


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=deliveries.c.not_before.type)


_LONGEST_PAUSES = {
    f"after_{tries}": timedelta(seconds=pause * LONGEST_JITTER) for tries, pause in enumerate(PAUSES, 1)
}
# If a time is further ahead than the longest pause before this try, it was written before the clock was set
# back. The first try has no pause.
_IS_POSTPONED_TOO_FAR = or_(
    deliveries.c.tries == 0,
    *(
        and_(deliveries.c.tries == tries, deliveries.c.not_before > _moment(name))
        for tries, name in enumerate(_LONGEST_PAUSES, 1)
    ),
)
_DUE = and_(
    deliveries.c.state == DeliveryState.PENDING.value,
    or_(deliveries.c.not_before <= _moment("at"), _IS_POSTPONED_TOO_FAR),
    or_(
        deliveries.c.claimed_until.is_(None),
        deliveries.c.claimed_until < _moment("at"),
        deliveries.c.claimed_until > _moment("max_future"),
    ),
)
# Compiled once, because the delivery worker runs it twice a second.
_ANY_DUE = CompiledStatement(select(deliveries.c.id).where(_DUE).limit(1))


def _moments(at: datetime) -> dict[str, datetime]:
    """The parameters of ``_DUE``."""
    pauses = {name: at + pause for name, pause in _LONGEST_PAUSES.items()}
    return {"at": at, "max_future": at + MAX_FUTURE, **pauses}


def _claimed(connection: Connection, ids: Sequence[int]) -> list[Delivery]:
    columns = (
        *(deliveries.c[name] for name in ("id", "submission_id", "url", "form", "tries", "claimed_until")),
        webhooks.c.url.label("hook_url"),
        webhooks.c.secret,
        submissions.c.account_id.label("account"),
    )
    query = (
        select(*columns)
        .join(submissions, submissions.c.id == deliveries.c.submission_id)
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id, isouter=True)
        .where(deliveries.c.id.in_(ids))
    )
    return read_each(connection, query.order_by(deliveries.c.id), _delivery)


def _due_delivery(row: RowMapping) -> DueDelivery:
    return DueDelivery(row["id"], row["account_id"], row["hook_url"] or row["url"] or "")


def _delivery_row(row: RowMapping) -> DeliveryRow:
    return DeliveryRow(**{**row, "state": DeliveryState(row["state"])})


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row["id"],
        submission=row["submission_id"],
        url=row["hook_url"] or row["url"] or "",
        secret=row["secret"],
        format=row["form"],
        tries=row["tries"],
        account=row["account"],
        claimed_until=row["claimed_until"],
    )
