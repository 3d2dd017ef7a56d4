"""Finds out which languages run here, from the catalog and from what the workers registered."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from judge_api.services.worker_cache import WorkerCache
from judge_core.languages import find_language
from judge_core.model.errors import FieldFault, UnknownLanguage
from judge_core.model.language import Language, OfferedLanguage
from judge_core.model.worker import WorkerRecord

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
