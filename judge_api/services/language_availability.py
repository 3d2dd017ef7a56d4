"""The languages on offer: what the catalog knows, joined with what the workers say that they can do."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from judge_api.services.worker_cache import WorkerCache
from judge_core.languages import find_language
from judge_core.model.errors import FieldFault, UnknownLanguage
from judge_core.model.language import Language, Offer
from judge_core.model.worker import WorkerRecord

NOBODY_YET = "no worker has registered it yet"


class LanguageAvailability:
    """A language is offered when a live worker has it, refused when every worker says that it has not."""

    def __init__(self, languages: Mapping[str, Language], board: WorkerCache) -> None:
        self._languages = languages
        self._board = board

    def all(self) -> list[Offer]:
        records = self._board.last_seen()
        return [_offer(language, records) for language in self._languages.values()]

    def find(self, name: str, field: str = "language") -> Language:
        """The language meant by an id or alias. Raises ``UnknownLanguage`` with what was likely meant."""
        language = find_language(name, self._languages)
        if language is None:
            raise UnknownLanguage(FieldFault(field, self._unknown(name)))
        offer = _offer(language, self._board.last_seen())
        if not offer.available and offer.reason != NOBODY_YET:
            raise UnknownLanguage(FieldFault(field, f"{language.name} does not run here: {offer.reason}"))
        return language

    def _unknown(self, name: str) -> str:
        names = [*self._languages, *(alias for each in self._languages.values() for alias in each.aliases)]
        near = difflib.get_close_matches(name.lower()[:64], names, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "GET /languages lists what there is"
        return f"there is no language {name[:64]!r}; {hint}"


def _offer(language: Language, records: tuple[WorkerRecord, ...]) -> Offer:
    said = [record.languages[language.id] for record in records if language.id in record.languages]
    versions = [words.version for words in said if words.version]
    if versions:
        return Offer(language, True, version=versions[0])
    reasons = [words.reason for words in said if words.reason]
    return Offer(language, False, reason=reasons[0] if reasons else NOBODY_YET)
