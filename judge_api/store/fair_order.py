"""Fair order in the outbox: accounts take turns within their tier.

Each waiting row has a turn. An account's next row comes one turn after its last one, and never before
the turn being served; so an account that floods queues up behind itself, and a lone submission of
another stands at the front.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, select

from judge_api.store.tables import outbox
from judge_core.model.account import Tier

_KIND = (outbox.c.tier == bindparam("tier"), outbox.c.priority == bindparam("priority"))
SERVED = select(func.min(outbox.c.turn)).where(*_KIND).scalar_subquery()
LAST_OF_ACCOUNT = (
    select(func.max(outbox.c.turn))
    .where(outbox.c.account_id == bindparam("account"), *_KIND)
    .scalar_subquery()
)
_TURNS = select(SERVED, LAST_OF_ACCOUNT)


def next_turn(connection: Connection, account_id: str, tier: Tier, priority: int) -> int:
    """The turn of a row that is about to be added."""
    place = {"account": account_id, "tier": tier.value, "priority": priority}
    served, mine = connection.execute(_TURNS, place).one()
    return turn_after(served, mine)


def turn_after(served: int | None, mine: int | None) -> int:
    """The next turn of an account whose last waiting row has the turn ``mine``."""
    return max(served or 0, 0 if mine is None else mine + 1)
