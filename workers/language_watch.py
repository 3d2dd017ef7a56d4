"""Finds toolchains that are installed, changed or removed while the worker runs.

Every ten seconds it looks at a few files of the host. If one has changed, it asks the affected languages for
their versions, in its own sandbox slot, and the worker registers the answers. The worker's slot shows files
as they were when the slot was opened, so it is opened again before the next attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.model.language import Language
from judge_core.model.worker import LanguageOnWorker
from sandbox import Sandbox
from workers.judging.toolchain_cache import FileBuilder
from workers.judging.toolchains import Toolchains, forget_toolchains, host_state

_logger = get_logger(__name__)
CHECK_SECONDS = 10.0
TRIES = 3
"""How many checks in a row ask after a change, since an installation may still be in progress."""


class LanguageWatch:
    """Watches the toolchains. ``on_change`` is called with all languages of the worker when one was
    installed, changed or removed."""

    def __init__(
        self,
        toolchains: Toolchains,
        languages: Mapping[str, Language],
        found: Mapping[str, LanguageOnWorker],
        builder: FileBuilder,
        *,
        on_change: Callable[[Mapping[str, LanguageOnWorker]], None],
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._toolchains = toolchains
        self._languages = languages
        self._found = dict(found)
        self._builder = builder
        self._on_change = on_change
        self._clock = clock
        self._host = host_state(toolchains.search_path)
        self._programs = {each.id: toolchains.identity(each) for each in languages.values()}
        self._tries = 0
        self._is_asking = False
        self._checked_at = clock.monotonic()

    def check(self) -> None:
        """Look for changes, at most every ten seconds. The heartbeat's thread calls it."""
        now = self._clock.monotonic()
        if now - self._checked_at < CHECK_SECONDS or self._is_asking:
            return
        self._checked_at = now
        host = host_state(self._toolchains.search_path)
        if host != self._host:
            self._host, self._tries = host, TRIES
        if self._tries:
            self._tries -= 1
            self._look_again()

    def _look_again(self) -> None:
        forget_toolchains()
        wanted = [each for each in self._languages.values() if self._needs_asking(each)]
        if wanted:
            self._is_asking = True
            self._builder.build(lambda sandbox: self._ask(sandbox, wanted))

    def _needs_asking(self, language: Language) -> bool:
        programs = self._toolchains.identity(language)
        is_here = None not in programs
        return programs != self._programs[language.id] or (is_here and not self._is_available(language))

    def _is_available(self, language: Language) -> bool:
        found = self._found.get(language.id)
        return found is not None and found.version is not None

    def _ask(self, sandbox: Sandbox, languages: Iterable[Language]) -> None:
        try:
            programs = {each.id: self._toolchains.identity(each) for each in languages}
            offers = self._toolchains.offer(sandbox, languages)
        finally:
            self._is_asking = False
        changed = {id: programs[id] for id in programs if programs[id] != self._programs[id]}
        self._programs |= changed
        found = {id: LanguageOnWorker(offer.version, offer.reason) for id, offer in offers.items()}
        news = {id: each for id, each in found.items() if id in changed or each != self._found.get(id)}
        if news:
            self._found |= news
            _logger.info("Languages have changed", languages=", ".join(sorted(news)))
            self._on_change(dict(self._found))
