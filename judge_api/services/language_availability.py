"""Says which languages are available here, and since when no live worker of a tier has a language."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from judge_api.services.live_workers import Router, WorkerCache
from judge_api.store.records import HeldSubmissions
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.languages import find_language
from judge_core.model.account import Tier
from judge_core.model.errors import FieldFault, QueueUnavailable, UnknownLanguage
from judge_core.model.language import Language, OfferedLanguage
from judge_core.model.submission import Stage, Status, rfc3339
from judge_core.model.worker import WorkerRecord
from judge_core.redis.unserved_languages import TierLanguage, UnservedLanguages

CACHE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Outage:
    """A language that no live worker of a tier has. ``since`` is ``None`` while the time is not known."""

    tier: Tier
    language: str
    since: datetime | None
    kept_free: Tier | None = None
    """The tier whose only worker with the language stays free for the tier's own submissions. A second worker
    would help."""

    def to_json(self) -> dict[str, str | None]:
        return {"language": self.language, "since": rfc3339(self.since)}

    def __str__(self) -> str:
        since = f" since {self.since:%Y-%m-%d %H:%M} UTC" if self.since else ""
        return f"no {self.tier} worker for {self.language}{since}"


class LanguageOutages:
    """The outages of languages.

    Their times are read from Redis at most once a second. No method raises ``QueueUnavailable``.
    """

    def __init__(self, router: Router, unserved: UnservedLanguages, clock: Clock = SYSTEM_CLOCK) -> None:
        self._router = router
        self._unserved = unserved
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._since: Mapping[TierLanguage, datetime] = {}

    def concerns(self, status: Status) -> bool:
        """Whether a submission waits for a worker that has its language.

        It is cheap, because every poll of a waiting submission calls it.
        """
        return status.stage is Stage.QUEUED and self._router.lacks_worker(status.queue, status.language)

    def of(self, status: Status) -> Outage | None:
        """The outage that makes a submission wait now. ``None`` if there is none."""
        if not self.concerns(status):
            return None
        tier, language = status.queue, status.language
        kept_free = self._router.routes().kept_free(tier, language)
        return Outage(tier, language, self.since(tier, language), kept_free)

    def since(self, tier: Tier, language: str) -> datetime | None:
        """The time since when no live worker has the language. ``None`` if no dispatcher has seen it."""
        with self._lock:
            self._read_if_due()
            return self._since.get((tier, language))

    def all(self, held: Iterable[HeldSubmissions]) -> list[tuple[Outage, int]]:
        """The outages that an operator should know, each with the number of submissions that wait for its
        end.

        These are the languages that submissions wait for, and the known outages of each tier for which a live
        worker still judges some language.
        """
        waiting = {(each.tier, each.language): each for each in held}
        with self._lock:
            self._read_if_due()
            since = dict(self._since)
        routes = self._router.routes()
        lost = {each for each in since if routes.judged_languages(each[0]) and not routes.has_worker(*each)}
        return [
            (
                Outage(tier, language, since.get((tier, language)) or waiting[tier, language].oldest),
                waiting[tier, language].count if (tier, language) in waiting else 0,
            )
            for tier, language in sorted({*waiting, *lost})
        ]

    def status_json(self, status: Status) -> dict[str, Any]:
        """A status as clients see it. If the submission waits for a worker, the status says for which
        language and since when."""
        return status_json(status, self.of(status))

    def _read_if_due(self) -> None:
        if self._clock.monotonic() - self._read_at <= CACHE_SECONDS:
            return
        try:
            self._since = self._unserved.read()
        except QueueUnavailable:
            pass
        finally:
            self._read_at = self._clock.monotonic()


def status_json(status: Status, outage: Outage | None) -> dict[str, Any]:
    """A status as clients see it, with the outage whose end the submission waits for."""
    body = status.to_json()
    if outage is not None:
        body["no_worker"] = outage.to_json()
    return body


NOT_REGISTERED = "no worker has registered it yet"
_NOT_USABLE = "no worker here can use it"
AWAITED = timedelta(hours=1)
"""How long submissions in a language are accepted after its last worker died. They wait for another worker.
"""


class LanguageAvailability:
    """The languages that are available in a tier: a live worker of the tier, or of another tier whose workers
    may judge for this one, has the language.

    A submission is refused if no such worker has the language, at least one of them says why it lacks the
    language, and none had it lately.
    """

    def __init__(
        self,
        languages: Mapping[str, Language],
        workers: WorkerCache,
        router: Router,
        outages: LanguageOutages,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._languages = languages
        self._workers = workers
        self._router = router
        self._outages = outages
        self._clock = clock

    def all(self, tier: Tier | None = None) -> list[OfferedLanguage]:
        """The languages of a tier, or those of any tier."""
        workers = self._usable(tier)
        return [_offer(language, workers) for language in self._languages.values()]

    def find(self, name: str, tier: Tier, field: str = "language") -> Language:
        """The language with this id or alias. Raises ``UnknownLanguage``, which suggests similar names."""
        language = find_language(name, self._languages)
        if language is None:
            raise UnknownLanguage(FieldFault(field, self._unknown(name)))
        offer = _offer(language, self._usable(tier))
        if not offer.available and offer.reason != NOT_REGISTERED and not self._is_awaited(tier, language):
            hint = "choose another language, or ask an administrator to add this one"
            raise UnknownLanguage(FieldFault(field, f"{language.name} does not run here: {hint}"))
        return language

    def _usable(self, tier: Tier | None) -> tuple[WorkerRecord, ...]:
        """The workers that may judge for the tier, or all workers."""
        own = self._workers.last_known(tier)
        if tier is None:
            return own
        return (*own, *(worker for pool in self._router.routes().lenders(tier) for worker in pool.workers))

    def _is_awaited(self, tier: Tier, language: Language) -> bool:
        """Whether a worker had the language until a short time ago, and may have it again."""
        since = self._outages.since(tier, language.id)
        return since is not None and self._clock.now() - since < AWAITED

    def _unknown(self, name: str) -> str:
        names = [*self._languages, *(alias for each in self._languages.values() for alias in each.aliases)]
        similar = difflib.get_close_matches(name.lower()[:64], names, n=3)
        hint = f"did you mean {' or '.join(similar)}?" if similar else "GET /languages lists the languages"
        return f"there is no language {name[:64]!r}; {hint}"


def shown_reason(offer: OfferedLanguage, is_admin: bool) -> str | None:
    """The reason why a language is not available.

    A worker's reason may name paths and settings of its host, so only administrators see it.
    """
    if offer.reason is None or is_admin or offer.reason == NOT_REGISTERED:
        return offer.reason
    return _NOT_USABLE


def _offer(language: Language, workers: Sequence[WorkerRecord]) -> OfferedLanguage:
    registered = [worker.languages[language.id] for worker in workers if language.id in worker.languages]
    versions = [each.version for each in registered if each.version]
    if versions:
        return OfferedLanguage(language, True, version=versions[0])
    reasons = [each.reason for each in registered if each.reason]
    return OfferedLanguage(language, False, reason=reasons[0] if reasons else NOT_REGISTERED)
