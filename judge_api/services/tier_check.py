"""Finds accounts and workers with tiers that are not defined, for operators.

Accounts are counted at most once a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Engine, func, select

from judge_api.services.cached_warnings import CachedWarnings
from judge_api.store.engine import read_connection
from judge_api.store.tables import accounts
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.errors import StoreUnavailable
from judge_core.model.tiers import Tiers
from judge_core.model.worker import WorkerRecord


class TierCheck:
    """Makes the warnings. While the database does not answer, the last count is used."""

    def __init__(self, engine: Engine, tiers: Tiers, clock: Clock = SYSTEM_CLOCK) -> None:
        self._engine = engine
        self._tiers = tiers
        self._cached = CachedWarnings(self._read, clock)

    def warnings(self) -> tuple[str, ...]:
        """A text for each undefined tier that an account has. Each text says what to do."""
        return self._cached.latest()

    def worker_warnings(self, workers: Iterable[WorkerRecord]) -> list[str]:
        """A text for each live worker that uses the queue of an undefined tier."""
        return [
            f"the worker {worker.name} is of the tier {worker.queue}, which is not defined: nothing "
            "is sent to it. Add the tier to GAVEL_TIERS of the main server, or start the worker with "
            "another --queue"
            for worker in workers
            if worker.queue not in self._tiers
        ]

    def _read(self) -> tuple[str, ...] | None:
        try:
            found = undefined_tiers(self._engine, self._tiers)
        except StoreUnavailable:
            return None
        return tuple(
            f"{_accounts(count)} of the tier {tier[:64]!r}, which is not defined: submissions go to the "
            f"normal queue. Add the tier to GAVEL_TIERS, or move accounts by `gavel accounts tier NAME TIER`"
            for tier, count in found.items()
        )


def _accounts(count: int) -> str:
    return "1 account is" if count == 1 else f"{count} accounts are"


def undefined_tiers(engine: Engine, tiers: Tiers) -> Mapping[str, int]:
    """The number of accounts of each undefined tier. May raise ``StoreUnavailable``."""
    known = [tier.value for tier in tiers]
    query = (
        select(accounts.c.tier, func.count())
        .where(accounts.c.tier.not_in(known), accounts.c.deleted_at.is_(None))
        .group_by(accounts.c.tier)
        .order_by(accounts.c.tier)
    )
    with read_connection(engine) as connection:
        return {str(tier): count for tier, count in connection.execute(query)}
