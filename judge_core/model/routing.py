"""Finds the queues whose workers can judge a language, from the records of the live workers.

The workers of a tier are in pools, and each pool has a queue of its own. A worker names its pool itself, so a
pool exists as long as it has a worker. The queue of the default pool has the tier's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from judge_core.model.account import TIER_PATTERN, Tier
from judge_core.model.tiers import DEFAULT_TIERS, Tiers
from judge_core.model.worker import DEFAULT_POOL, POOL_PATTERN, WorkerRecord, WorkerState

_QUEUE = re.compile(rf"({TIER_PATTERN})(?:\.({POOL_PATTERN}))?")
_TAKES_WORK = (WorkerState.IDLE, WorkerState.BUSY)


def queue_name(tier: Tier, pool: str = DEFAULT_POOL) -> str:
    """The name of a pool's queue. It has no colon, since RQ could use a name with a colon for another key."""
    return tier.value if pool == DEFAULT_POOL else f"{tier.value}.{pool}"


def tier_of_queue(name: str) -> Tier | None:
    """The tier whose pool has this queue; ``None`` if no queue of Gavel can have this name."""
    found = _QUEUE.fullmatch(name)
    return Tier(found[1]) if found else None


def queue_of_worker(worker: WorkerRecord) -> str:
    """The one queue from which a worker takes submissions."""
    return queue_name(worker.queue, worker.pool)


def takes_work(worker: WorkerRecord) -> bool:
    """Whether a worker takes submissions now. A draining or lost worker takes none."""
    return worker.state in _TAKES_WORK


def can_judge(worker: WorkerRecord, language: str) -> bool:
    """Whether a worker has the language. A worker that has registered no languages counts as having all."""
    offered = worker.languages.get(language)
    return not worker.languages or (offered is not None and offered.version is not None)


@dataclass(frozen=True, slots=True)
class Pool:
    """The workers of one queue that take work now."""

    tier: Tier
    queue: str
    workers: tuple[WorkerRecord, ...]

    def capable(self, language: str) -> int:
        """How many of its workers have the language."""
        return sum(can_judge(worker, language) for worker in self.workers)

    def has_all(self, language: str) -> bool:
        """Whether each of its workers has the language, so that none has to return a submission."""
        return self.capable(language) == len(self.workers)

    @property
    def name(self) -> str:
        return self.workers[0].pool

    @property
    def is_outside_band(self) -> bool:
        """Whether its workers have their own pool because they are too slow or too fast."""
        return self.name != DEFAULT_POOL and all(worker.outside_band for worker in self.workers)

    @property
    def languages(self) -> frozenset[str]:
        """Every language that at least one of its workers can judge."""
        return frozenset(
            id
            for worker in self.workers
            for id, offered in worker.languages.items()
            if offered.version is not None
        )

    @property
    def takes_any(self) -> bool:
        """Whether one of its workers has registered no languages, and so counts as having all."""
        return any(not worker.languages for worker in self.workers)

    def idle(self, language: str) -> int:
        """How many of its workers have the language and are idle."""
        return sum(
            worker.state is WorkerState.IDLE and can_judge(worker, language) for worker in self.workers
        )


class Routes:
    """The routes at one moment. Each is computed at its first use and kept.

    Helpers of a tier are other tiers whose workers may judge its submissions. Workers of a lighter helper do
    so only while the tier has no live worker. Workers of other helpers do so only while another worker of
    their pool is free, so a pool of one worker never helps.
    """

    def __init__(self, workers: Iterable[WorkerRecord] = (), tiers: Tiers = DEFAULT_TIERS) -> None:
        self._tiers = tiers
        members: dict[Tier, dict[str, list[WorkerRecord]]] = {}
        for worker in filter(takes_work, workers):
            members.setdefault(worker.queue, {}).setdefault(queue_of_worker(worker), []).append(worker)
        self._pools: Mapping[Tier, tuple[Pool, ...]] = {
            tier: tuple(Pool(tier, queue, tuple(found)) for queue, found in sorted(queues.items()))
            for tier, queues in members.items()
        }
        self._found: dict[tuple[Tier, str], tuple[str, ...]] = {}

    @property
    def served_tiers(self) -> tuple[Tier, ...]:
        """The tiers, defined or not, that have a worker which takes submissions."""
        return tuple(self._pools)

    def pools(self, tier: Tier) -> tuple[Pool, ...]:
        """The pools of a tier, sorted by the names of their queues. Each has at least one worker."""
        return self._pools.get(tier, ())

    def queues(self, tier: Tier, language: str) -> tuple[str, ...]:
        """The tier's own queues in which a submission can be judged, the best first. Empty if the tier has
        live workers and none of them has the language.

        For a defined tier without a live worker, the result is only the default queue, since the languages of
        the next worker are not known. The result is empty if a worker of another tier may judge the
        submission.
        """
        found = self._found.get((tier, language))
        if found is None:
            found = self._found[tier, language] = self._find(tier, language)
        return found

    def lenders(self, tier: Tier) -> tuple[Pool, ...]:
        """The pools of other tiers whose workers may judge for this one at present."""
        return tuple(
            pool
            for helper in self._tiers.helpers_of(tier)
            for pool in self.pools(helper)
            if self._may_lend(pool, tier)
        )

    def keeps_free(self, helper: Tier, tier: Tier) -> bool:
        """Whether workers that help a tier do so only while another worker of their pool stays free."""
        return not self._tiers.is_heavier(tier, helper)

    def _may_lend(self, pool: Pool, tier: Tier) -> bool:
        return len(pool.workers) > 1 if self.keeps_free(pool.tier, tier) else not self.pools(tier)

    def is_lent(self, tier: Tier, language: str) -> bool:
        """Whether a worker of another tier may judge a submission of this tier and language. Only languages
        that a worker has registered are lent."""
        return any(language in pool.languages for pool in self.lenders(tier))

    def kept_free(self, tier: Tier, language: str) -> Tier | None:
        """The tier of a worker that has the language and would be lent if its pool had another worker."""
        pools = (pool for helper in self._tiers.helpers_of(tier) for pool in self.pools(helper))
        alone = (pool for pool in pools if self.keeps_free(pool.tier, tier) and len(pool.workers) == 1)
        return next((pool.tier for pool in alone if language in pool.languages), None)

    def has_worker(self, tier: Tier, language: str) -> bool:
        """Whether a live worker that may judge for the tier has the language."""
        own = bool(self.pools(tier)) and bool(self.queues(tier, language))
        return own or self.is_lent(tier, language)

    def is_unserved(self, tier: Tier, language: str) -> bool:
        """Whether a submission has to wait outside of all queues."""
        return not self.queues(tier, language) and not self.is_lent(tier, language)

    def leads_to_worker(self, queue: str, tier: Tier, language: str) -> bool:
        """Whether the workers that take jobs from this queue judge for the tier and have the language. Also
        true for the default queue of a tier without live workers."""
        pools = (*self.pools(tier), *self.lenders(tier))
        pool = next((each for each in pools if each.queue == queue), None)
        return bool(pool.capable(language)) if pool else queue in self.queues(tier, language)

    def languages(self, tier: Tier) -> frozenset[str]:
        """Every language that at least one live worker of the tier can judge."""
        return frozenset(id for pool in self.pools(tier) for id in pool.languages)

    def judged_languages(self, tier: Tier) -> frozenset[str]:
        """Every language that at least one live worker may judge for the tier: its own, or a lender's."""
        pools = (*self.pools(tier), *self.lenders(tier))
        return frozenset(id for pool in pools for id in pool.languages)

    def _find(self, tier: Tier, language: str) -> tuple[str, ...]:
        pools = self.pools(tier)
        if not pools:
            return () if self.is_lent(tier, language) or tier not in self._tiers else (queue_name(tier),)
        capable = [pool for pool in pools if pool.capable(language)]
        # Workers outside the speed band measure other times. So they judge only submissions that no other
        # worker of the tier can judge.
        capable = [pool for pool in capable if not pool.is_outside_band] or capable
        # A worker without the language would return the submission, so mixed pools are the last choice.
        chosen = [pool for pool in capable if pool.has_all(language)] or capable
        chosen.sort(key=lambda pool: (-pool.idle(language), -len(pool.workers), pool.queue))
        return tuple(pool.queue for pool in chosen)
