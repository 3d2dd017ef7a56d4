"""Moves rows from the outbox into the RQ queues, in fair order, up to each queue's capacity.

A row goes only to a queue whose workers can judge its language. A row that no live worker can judge is held.
It waits in the outbox and delays no other row, until a worker has its language (:meth:`OutboxRelay.resume`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from judge_api.dispatch.queue_capacity import QueueCapacity
from judge_api.dispatch.rq_queue import QueueDepth, RqQueue
from judge_api.services.live_workers import Router
from judge_api.store.outbox import ClaimableWork, ClaimFilter, Outbox
from judge_api.store.records import OutboxRow
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.routing import Pool, Routes, queue_name

_logger = get_logger(__name__)
_CLAIM_SECONDS = 10.0
_REJUDGING_CAPACITY = 2
"""Rejudgings are sent to a queue only while fewer jobs than this wait in it. Otherwise a new submission would
wait behind a queue full of them."""
_EMPTY_PAUSE = 0.1
"""Seconds until the next query for a pool for which no row was found. Each such query reads all rows that
wait for other pools."""
_PAUSE = 0.05
_PAUSE_WHILE_FULL = 0.02
_IDLE_PAUSE = 0.2
_ROUNDS_UNTIL_IDLE = 20
_HOLD_EVERY = 1.0
_HELD_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class RelayResult:
    """The result of one round. ``blocked`` is true if rows were left because a queue was full."""

    sent: int
    blocked: bool

    def __add__(self, other: RelayResult) -> RelayResult:
        return RelayResult(self.sent + other.sent, self.blocked or other.blocked)


class RelayPauses:
    """How long a relay waits after a round, in seconds.

    It waits for less time while it has work. Without work it asks the database seldom, to use little CPU. A
    new submission rarely waits for it, because the API sends it to the queue itself. The relay is needed if
    the queue was full or could not be reached.
    """

    def __init__(self) -> None:
        self._rounds_without_work = 0

    def after(self, result: RelayResult) -> float:
        """The pause after a round with this result."""
        if result.sent or result.blocked:
            self._rounds_without_work = 0
            return _PAUSE_WHILE_FULL if result.blocked else 0.0
        self._rounds_without_work += 1
        return _PAUSE if self._rounds_without_work < _ROUNDS_UNTIL_IDLE else _IDLE_PAUSE


@dataclass(frozen=True, slots=True)
class Loan:
    """A way to send a row to a pool of another tier, and whether the pool may take a row in this way now."""

    may_take: Callable[[Pool], bool]
    send: Callable[[Pool, JudgeRequest], bool]


_NOTHING = RelayResult(0, blocked=False)
_BLOCKED = RelayResult(0, blocked=True)


class OutboxRelay:
    """Moves outbox rows into the queues. Any number of relays may run at once, since rows are claimed, and
    the queue skips jobs that it has already.

    The RQ queues are kept short (see :mod:`judge_api.dispatch.queue_capacity`), so the order of the outbox,
    where accounts take turns, decides which submission is next.
    """

    def __init__(
        self,
        outbox: Outbox,
        queue: RqQueue,
        capacity: QueueCapacity,
        router: Router,
        name: str,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._outbox = outbox
        self._queue = queue
        self._capacity = capacity
        self._router = router
        self._name = name
        self._clock = clock
        self._next_look: dict[str, float] = {}
        self._to_spare = Loan(queue.has_idle_pair, queue.lend_idle)
        self._to_front = Loan(lambda _pool: True, queue.lend_front)
        self._to_back = Loan(self._has_room_for_rejudging, self._send_to_back)

    def relay_once(self) -> RelayResult:
        """Send rows of all tiers, the heaviest tier first. Raises ``QueueUnavailable`` or
        ``StoreUnavailable``; no row is lost then."""
        work = self._outbox.claimable()
        tiers = self._outbox.tiers.by_weight
        own = [self._relay(tier, work[tier]) for tier in tiers]
        lent = [self._lend(tier, work[tier]) for tier in tiers if work[tier] is not ClaimableWork.NONE]
        return sum(lent, sum(own, _NOTHING))

    def resume(self) -> int:
        """Resume held rows whose language a live worker has again. Returns how many. Raises
        ``StoreUnavailable``, and ``UnreadableRows`` as :meth:`Outbox.held` does."""
        routes = self._router.routes()
        return sum(
            self._outbox.resume(held.tier, held.language)
            for held in self._outbox.held()
            if not routes.is_unserved(held.tier, held.language)
        )

    def _relay(self, tier: Tier, work: ClaimableWork) -> RelayResult:
        if work is ClaimableWork.NONE:
            return _NOTHING
        routes, live = self._router.routes(), work >= ClaimableWork.LIVE
        if work is not ClaimableWork.CONTEST:
            return self._fill_all(ClaimFilter(tier, live), routes)
        ahead = self._fill_all(ClaimFilter(tier, live, ahead=True), routes)
        return ahead + self._fill_all(ClaimFilter(tier, live, ahead=False), routes)

    def _fill_all(self, which: ClaimFilter, routes: Routes) -> RelayResult:
        tier = which.tier or Tier.NORMAL
        pools = routes.pools(tier)
        # There is only one pool, so no row can delay rows of another pool.
        if len(pools) <= 1 and not routes.lenders(tier):
            queue = pools[0].queue if pools else queue_name(tier)
            return self._fill(queue, which, routes)
        found = [self._fill_pool(each, which, routes) for each in pools]
        self._hold_unserved(tier, routes)
        return sum(found, _NOTHING)

    def _lend(self, tier: Tier, work: ClaimableWork) -> RelayResult:
        """Send rows of a tier to workers of other tiers, if the routes allow it."""
        sent, routes = 0, self._router.routes()
        for pool in routes.lenders(tier):
            keeps_free = routes.keeps_free(pool.tier, tier)
            if work >= ClaimableWork.LIVE:
                which = ClaimFilter(tier, live=True, languages=pool.languages)
                sent += self._lend_all(pool, which, self._to_spare if keeps_free else self._to_front)
            which = ClaimFilter(tier, languages=pool.languages - self._own_languages(tier, routes))
            sent += self._lend_rejudgings(pool, which, self._to_spare if keeps_free else self._to_back)
        return RelayResult(sent, blocked=False)

    def _own_languages(self, tier: Tier, routes: Routes) -> frozenset[str]:
        """The languages that the tier's own workers judge. The tier's rejudgings in these languages are not
        lent."""
        if any(pool.takes_any for pool in routes.pools(tier)):
            return routes.judged_languages(tier)
        return routes.languages(tier)

    def _lend_rejudgings(self, pool: Pool, which: ClaimFilter, loan: Loan) -> int:
        look = f"rejudgings of {which.tier} {pool.queue}"
        if self._clock.monotonic() < self._next_look.get(look, 0.0):
            return 0
        sent = self._lend_all(pool, which, loan)
        if not sent:
            self._next_look[look] = self._clock.monotonic() + _EMPTY_PAUSE
        return sent

    def _lend_all(self, pool: Pool, which: ClaimFilter, loan: Loan) -> int:
        sent = 0
        while which.languages and loan.may_take(pool) and self._lend_one(pool, which, loan):
            sent += 1
        return sent

    def _lend_one(self, pool: Pool, which: ClaimFilter, loan: Loan) -> bool:
        """Send the next row that the pool can judge to the pool. Returns whether a row was sent."""
        rows = self._outbox.claim_chosen(1, self._name, _CLAIM_SECONDS, which)
        for row in rows:
            sent = False
            try:
                sent = loan.send(pool, row.request)
            finally:
                if not sent:
                    self._outbox.release([row.id])
            if sent:
                self._outbox.mark_sent([(row.id, row.request.attempt)])
                _log_sent(pool.queue, rows)
                return True
        return False

    def _has_room_for_rejudging(self, pool: Pool) -> bool:
        return _free(self._queue.room(pool.queue), live=False) > 0

    def _send_to_back(self, pool: Pool, request: JudgeRequest) -> bool:
        return self._queue.send(pool.queue, [request])

    def _fill_pool(self, pool: Pool, which: ClaimFilter, routes: Routes) -> RelayResult:
        """Fill one of several pools. It gets only rows that its workers can judge, so that no row waits
        behind rows for a full pool."""
        look = f"{pool.queue} {which.ahead}"
        if self._clock.monotonic() < self._next_look.get(look, 0.0):
            return _NOTHING
        tier, known = pool.tier, routes.languages(pool.tier)
        own = frozenset(each for each in known if pool.queue in routes.queues(tier, each))
        if not own and not pool.takes_any:
            return _NOTHING
        any_but = replace(which, other_than=known - own)
        chosen = any_but if pool.takes_any else replace(which, languages=own)
        found = self._fill(pool.queue, chosen, routes)
        if found == _NOTHING:
            self._next_look[look] = self._clock.monotonic() + _EMPTY_PAUSE
        return found

    def _fill(self, queue: str, which: ClaimFilter, routes: Routes) -> RelayResult:
        depth = self._queue.room(queue)
        if not depth.paused:
            self._capacity.observe(queue, depth.waiting, depth.capacity)
        free = self._free_ahead(queue, depth) if which.ahead else _free(depth, which.live)
        if free <= 0:
            return _BLOCKED
        claimed = self._outbox.claim_chosen(free, self._name, _CLAIM_SECONDS, which)
        rows = self._without_unserved(claimed, queue, routes)
        if not claimed:
            return _NOTHING
        if rows and not self._send(queue, rows, goes_ahead=bool(which.ahead)):
            return _BLOCKED
        self._outbox.mark_sent((row.id, row.request.attempt) for row in rows)
        _log_sent(queue, rows)
        return RelayResult(len(rows), blocked=len(claimed) == free)

    def _without_unserved(self, rows: Sequence[OutboxRow], queue: str, routes: Routes) -> list[OutboxRow]:
        """The rows that workers of this queue can judge. Other rows are held if no worker can judge them, or
        released for another queue."""
        elsewhere = [
            row for row in rows if queue not in routes.queues(row.request.queue, row.request.language)
        ]
        unserved = [row for row in elsewhere if routes.is_unserved(row.request.queue, row.request.language)]
        for row in unserved:
            _logger.warning(
                "No live worker has the language, so the submission waits",
                submission=row.id,
                language=row.request.language,
                queue=row.request.queue,
            )
        self._outbox.hold(row.id for row in unserved)
        left = {row.id for row in elsewhere}
        self._outbox.release(left - {row.id for row in unserved})
        return [row for row in rows if row.id not in left]

    def _hold_unserved(self, tier: Tier, routes: Routes) -> None:
        """Hold the rows whose language no pool has."""
        if any(pool.takes_any for pool in routes.pools(tier)):
            return
        if self._clock.monotonic() < self._next_look.get(f"unserved {tier}", 0.0):
            return
        self._next_look[f"unserved {tier}"] = self._clock.monotonic() + _HOLD_EVERY
        which = ClaimFilter(tier, other_than=routes.judged_languages(tier))
        rows = self._outbox.claim_chosen(_HELD_AT_ONCE, self._name, _CLAIM_SECONDS, which)
        self._without_unserved(rows, "", routes)

    def _free_ahead(self, queue: str, depth: QueueDepth) -> int:
        """How many jobs the queue can take now to be judged before its other jobs."""
        return 0 if depth.paused else max(0, depth.capacity - self._queue.count_ahead(queue))

    def _send(self, queue: str, rows: Sequence[OutboxRow], goes_ahead: bool) -> bool:
        send, sent = self._queue.send_ahead if goes_ahead else self._queue.send, False
        try:
            sent = send(queue, [row.request for row in rows])
        finally:
            if not sent:
                self._outbox.release([row.id for row in rows])
        return sent


def _free(depth: QueueDepth, live: bool) -> int:
    """How many jobs of this kind of work the queue takes now."""
    if live:
        return depth.free
    return min(depth.free, _REJUDGING_CAPACITY - depth.waiting)


def _log_sent(queue: str, rows: Sequence[OutboxRow]) -> None:
    for row in rows:
        _logger.info(
            "Sent to the queue from the outbox", submission=row.id, attempt=row.request.attempt, queue=queue
        )
