"""Notices languages that lose their last live worker or have a worker again, and resumes held submissions."""

from __future__ import annotations

from datetime import timedelta

from judge_api.dispatch.outbox_relay import OutboxRelay
from judge_api.services.live_workers import Router
from judge_api.store.outbox import Outbox
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.redis.unserved_languages import TierLanguage, UnservedLanguages

_logger = get_logger(__name__)
_FORGOTTEN_AFTER = timedelta(days=1)
"""After this time, a language for which no submission waits is no longer recorded as unserved."""


class LanguageCheck:
    """Records unserved languages. Any number of checks may run at once: the first one that notices a language
    sets its time."""

    def __init__(
        self,
        router: Router,
        relay: OutboxRelay,
        outbox: Outbox,
        unserved: UnservedLanguages,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._router = router
        self._relay = relay
        self._outbox = outbox
        self._unserved = unserved
        self._clock = clock
        self._served: frozenset[TierLanguage] = frozenset()

    def check_once(self) -> int:
        """Record the languages that have lost their last worker, and resume held submissions that can be
        judged again. Returns how many were resumed.

        May raise ``QueueUnavailable`` and ``StoreUnavailable``, and ``UnreadableRows`` with the held
        submissions that must be ended first.
        """
        routes = self._router.current_routes()
        resumed = self._relay.resume()
        served = frozenset(
            (tier, each) for tier in self._outbox.tiers for each in routes.judged_languages(tier)
        )
        held = {(each.tier, each.language) for each in self._outbox.held()}
        self._note_lost({each for each in (self._served - served) | held if not routes.has_worker(*each)})
        known, oldest = self._unserved.read(), self._clock.now() - _FORGOTTEN_AFTER
        self._unserved.remove(
            each
            for each, since in known.items()
            if routes.has_worker(*each) or (since < oldest and each not in held)
        )
        self._served = served
        if resumed:
            _logger.info("Submissions that waited for a worker with their language go on", count=resumed)
        return resumed

    def _note_lost(self, lost: set[TierLanguage]) -> None:
        gone = lost & self._served
        if gone:
            names = ", ".join(sorted(f"{tier} {language}" for tier, language in gone))
            _logger.warning("The last worker that may judge a language for a tier is gone", languages=names)
        if lost:
            self._unserved.add(lost)
