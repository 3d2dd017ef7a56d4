"""The live workers as they registered, and the languages that run on them.

Registrations are read from Redis at most once a second.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Mapping

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.languages import find_language
from judge_core.model.account import Tier
from judge_core.model.errors import FieldFault, QueueUnavailable, UnknownLanguage
from judge_core.model.language import Language, OfferedLanguage
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.worker_registry import WorkerRegistry

CACHE_SECONDS = 1.0


class WorkerCache:
    """Caches the worker registry, so that most requests do not read Redis."""

    def __init__(self, registry: WorkerRegistry, clock: Clock = SYSTEM_CLOCK) -> None:
        self._registry = registry
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._workers: tuple[WorkerRecord, ...] = ()
        self._last_known: tuple[WorkerRecord, ...] = ()
        self._failure: QueueUnavailable | None = None

    def workers(self) -> tuple[WorkerRecord, ...]:
        """The live workers. Raises ``QueueUnavailable``; a failure is cached as well."""
        with self._lock:
            if self._clock.monotonic() - self._read_at > CACHE_SECONDS:
                self._read()
        if self._failure is not None:
            raise self._failure
        return self._workers

    def last_known(self) -> tuple[WorkerRecord, ...]:
        """The live workers, or the last ones seen: a restart must not make every language unavailable."""
        try:
            return self.workers() or self._last_known
        except QueueUnavailable:
            return self._last_known

    def serves(self, tier: Tier) -> bool:
        """Whether a live worker takes from this tier's queue. Raises ``QueueUnavailable``."""
        ready = (WorkerState.IDLE, WorkerState.BUSY)
        return any(worker.queue is tier and worker.state in ready for worker in self.workers())

    def is_paused(self, tier: Tier) -> bool:
        """Whether operators have paused this tier's queue. Raises ``QueueUnavailable``.

        Redis is not asked while the cached failure is fresh: a hung Redis takes its whole timeout to fail.
        """
        self.workers()
        return self._registry.is_paused(tier)

    def _read(self) -> None:
        try:
            self._workers = tuple(self._registry.workers())
            self._last_known = self._workers or self._last_known
            self._failure = None
        except QueueUnavailable as error:
            self._failure = error
        finally:
            self._read_at = self._clock.monotonic()


NOT_REGISTERED = "no worker has registered it yet"


class LanguageAvailability:
    """A language is available if a worker has it, and refused if every worker says that it does not."""

    def __init__(self, languages: Mapping[str, Language], workers: WorkerCache) -> None:
        self._languages = languages
        self._workers = workers

    def all(self) -> list[OfferedLanguage]:
        workers = self._workers.last_known()
        return [_offer(language, workers) for language in self._languages.values()]

    def find(self, name: str, field: str = "language") -> Language:
        """The language with this id or alias. Raises ``UnknownLanguage``, which suggests similar names."""
        language = find_language(name, self._languages)
        if language is None:
            raise UnknownLanguage(FieldFault(field, self._unknown(name)))
        offer = _offer(language, self._workers.last_known())
        if not offer.available and offer.reason != NOT_REGISTERED:
            raise UnknownLanguage(FieldFault(field, f"{language.name} does not run here: {offer.reason}"))
        return language

    def _unknown(self, name: str) -> str:
        names = [*self._languages, *(alias for each in self._languages.values() for alias in each.aliases)]
        similar = difflib.get_close_matches(name.lower()[:64], names, n=3)
        hint = f"did you mean {' or '.join(similar)}?" if similar else "GET /languages lists what there is"
        return f"there is no language {name[:64]!r}; {hint}"


def _offer(language: Language, workers: tuple[WorkerRecord, ...]) -> OfferedLanguage:
    registered = [worker.languages[language.id] for worker in workers if language.id in worker.languages]
    versions = [each.version for each in registered if each.version]
    if versions:
        return OfferedLanguage(language, True, version=versions[0])
    reasons = [each.reason for each in registered if each.reason]
    return OfferedLanguage(language, False, reason=reasons[0] if reasons else NOT_REGISTERED)
