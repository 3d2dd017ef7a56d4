"""Fair order in the outbox: accounts take turns within their tier.

Each waiting row has a turn. An account's next row comes one turn after its last one, and never before the
turn being served. So an account with many submissions waits behind its own, and another account's single
submission is served next.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, select

from judge_api.store.tables import outbox
from judge_core.model.account import Tier

_SAME_QUEUE = (outbox.c.tier == bindparam("tier"), outbox.c.priority == bindparam("priority"))
SERVED_TURN = select(func.min(outbox.c.turn)).where(*_SAME_QUEUE).scalar_subquery()
LAST_TURN_OF_ACCOUNT = (
    select(func.max(outbox.c.turn))
    .where(outbox.c.account_id == bindparam("account"), *_SAME_QUEUE)
    .scalar_subquery()
)
_SERVED = select(SERVED_TURN)


def turn_at_front(connection: Connection, tier: Tier, priority: int) -> int:
    """The turn being served: for a row that has waited before and must not wait behind its account's
    others."""
    served = connection.execute(_SERVED, {"tier": tier.value, "priority": priority}).scalar_one()
    return served or 0


def turn_after(served: int | None, last_of_account: int | None) -> int:
    """The turn of an account's next row; ``None`` means that nothing waits, of anyone or of the account."""
    return max(served or 0, 0 if last_of_account is None else last_of_account + 1)
