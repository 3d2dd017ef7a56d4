"""What is owed to webhooks: one row for each verdict and address, written with the verdict itself.

Whoever records a verdict calls :func:`owe` inside the same transaction, so that no crash lies between
the two. A row is claimed for a while, sent, and settled; a claimer that dies loses its claim by time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
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

from judge_api.store.compiled_statements import Prepared
from judge_api.store.engine import reading, writing
from judge_api.store.ids import utc_now
from judge_api.store.row_mapping import storable
from judge_api.store.tables import deliveries, submissions, webhooks


class Form(StrEnum):
    """Whose words the message is written in."""

    GAVEL = "gavel"
    JUDGE0 = "judge0"


class DeliveryState(StrEnum):
    """WAITING for the verdict, PENDING to be sent, and the two ends."""

    WAITING = "waiting"
    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to send now; without a ``secret`` it is not signed. ``tries`` counts this one."""

    id: int
    submission: str
    url: str
    secret: str | None
    form: Form
    tries: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of a try: its end, or (PENDING) when to try again."""

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


# Written with every verdict, mostly for nobody.
_AT = bindparam("at", type_=deliveries.c.not_before.type)
_ENDED: BindParameter[str] = bindparam("ended")
_PENDING = literal(DeliveryState.PENDING.value)
_OWE = Prepared(
    insert(deliveries).from_select(
        ["submission_id", "attempt", "webhook_id", "form", "state", "not_before", "created_at"],
        select(
            submissions.c.id,
            submissions.c.attempt,
            webhooks.c.id,
            literal(Form.GAVEL.value),
            _PENDING,
            _AT,
            _AT,
        )
        .join(webhooks, webhooks.c.account_id == submissions.c.account_id)
        .where(submissions.c.id == _ENDED),
    )
)
_RELEASE = Prepared(
    update(deliveries)
    .where(deliveries.c.submission_id == _ENDED, deliveries.c.state == DeliveryState.WAITING.value)
    .values(state=_PENDING, not_before=_AT, created_at=_AT)
)


def await_verdict(connection: Connection, submission: str, url: str, at: datetime) -> None:
    """This address, which came with the submission, is told when the verdict is there."""
    connection.execute(
        insert(deliveries).values(
            submission_id=submission,
            attempt=1,
            url=url,
            form=Form.JUDGE0.value,
            state=DeliveryState.WAITING.value,
            not_before=at,
            created_at=at,
        )
    )


def owe(connection: Connection, ended: Sequence[str], at: datetime) -> None:
    """These submissions have just got their final status: whoever wants to know is owed a message."""
    told = [{"ended": id, "at": at} for id in ended]
    _OWE.run_each(connection, told)
    _RELEASE.run_each(connection, told)


class DeliveryStore:
    """What the messenger works off. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def claim(self, limit: int, lease_seconds: float) -> list[Delivery]:
        """Take up to ``limit`` that are due and that nobody holds, oldest first."""
        if not self._has_work():
            return []
        at = self._clock()
        with writing(self._engine) as connection:
            due = select(deliveries.c.id).where(_due(at)).order_by(deliveries.c.not_before).limit(limit)
            ids = list(connection.execute(due.with_for_update(skip_locked=True)).scalars())
            held = {"claimed_until": at + timedelta(seconds=lease_seconds), "tries": deliveries.c.tries + 1}
            connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**held))
            return _claimed(connection, ids)

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Write down what came of each; who has lost its claim in the meantime changes nothing."""
        with writing(self._engine) as connection:
            for one in sorted(settlements, key=lambda each: each.delivery.id):
                connection.execute(self._settling(one))

    def _settling(self, one: Settlement) -> Update:
        at = self._clock()
        mine = and_(
            deliveries.c.id == one.delivery.id,
            deliveries.c.tries == one.delivery.tries,
            deliveries.c.state == DeliveryState.PENDING.value,
        )
        return (
            update(deliveries)
            .where(mine)
            .values(
                state=one.state.value,
                answer=one.answer,
                reason=storable(one.reason),
                not_before=one.not_before or at,
                claimed_until=None,
                ended_at=None if one.state is DeliveryState.PENDING else at,
            )
        )

    def lately(self, webhook_id: str, limit: int = 50) -> list[DeliveryRow]:
        """A webhook's latest, newest first."""
        names = DeliveryRow.__slots__
        query = select(*(deliveries.c[name] for name in names)).where(deliveries.c.webhook_id == webhook_id)
        query = query.order_by(deliveries.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return [DeliveryRow(**{**row, "state": DeliveryState(row["state"])}) for row in rows]

    def forget(self, before: datetime) -> int:
        """Drop what ended before this moment; how many it were."""
        with writing(self._engine) as connection:
            return connection.execute(delete(deliveries).where(deliveries.c.ended_at < before)).rowcount

    def count(self, state: DeliveryState) -> int:
        query = select(func.count()).where(deliveries.c.state == state.value)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def _has_work(self) -> bool:
        query = select(deliveries.c.id).where(_due(self._clock())).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None


def _due(at: datetime) -> ColumnElement[bool]:
    return and_(
        deliveries.c.state == DeliveryState.PENDING.value,
        deliveries.c.not_before <= at,
        or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until < at),
    )


def _claimed(connection: Connection, ids: Sequence[int]) -> list[Delivery]:
    columns = (deliveries, webhooks.c.url.label("hook_url"), webhooks.c.secret)
    query = select(*columns).join(webhooks, isouter=True).where(deliveries.c.id.in_(ids))
    return [
        Delivery(
            id=row["id"],
            submission=row["submission_id"],
            url=row["hook_url"] or row["url"],
            secret=row["secret"],
            form=Form(row["form"]),
            tries=row["tries"],
        )
        for row in connection.execute(query.order_by(deliveries.c.id)).mappings()
    ]
