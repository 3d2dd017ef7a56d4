"""Workers' cards as they lie in Redis, read with care: who has taken a worker writes there what they like."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from judge_core.logging import get_logger
from judge_core.messages import UnreadableMessage
from judge_core.model.submission import from_rfc3339
from judge_core.model.worker import LanguageOnWorker, WorkerCard

logger = get_logger(__name__)
_LARGEST = 256 * 1024
_DEEPEST = 6
_MOST_TOLD = 1_000
_SHOWN = 64
_TEXTS = ("name", "host", "since", "heartbeat")
_TEXTS_OR_NONE = ("submission", "submission_since", "reason")
_COUNTS = ("pid", "judged", "faults")


class CardReader:
    """Passes over what cannot be read, so that no worker's words stop anything; one warning is logged."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def read(self, found: Iterable[tuple[str, bytes]]) -> list[WorkerCard]:
        """The cards of these names, those left out that are none."""
        cards = []
        for name, text in found:
            try:
                cards.append(read_card(name, text))
                self._told.discard(name)
            except UnreadableMessage as fault:
                self._tell(name, fault)
        return cards

    def names(self, members: Iterable[bytes]) -> list[str]:
        """Names in order, those left out that are no text."""
        found = []
        for member in members:
            try:
                found.append(member.decode())
            except UnicodeDecodeError:
                self._tell(repr(member[:_SHOWN]), UnreadableMessage("its name is no text"))
        return sorted(found)

    def _tell(self, name: str, fault: UnreadableMessage) -> None:
        if name in self._told or len(self._told) >= _MOST_TOLD:
            return
        self._told.add(name)
        logger.warning("Passed over a worker whose card cannot be read", worker=name[:_SHOWN], fault=fault)


def read_card(name: str, text: bytes) -> WorkerCard:
    """The card of the worker ``name``. Raises ``UnreadableMessage``, whatever the text is."""
    if len(text) > _LARGEST:
        raise UnreadableMessage(f"longer than {_LARGEST} bytes")
    try:
        card = WorkerCard.load(text)
        fault = _fault_of(card, name)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # Not the error's own words: they may repeat the text.
        raise UnreadableMessage(f"not a card of ours: {type(error).__name__}") from error
    if fault:
        raise UnreadableMessage(fault)
    return card


def _fault_of(card: WorkerCard, name: str) -> str:
    """What of it is not as the record says: JSON has other types than it."""
    wrong = [each for each in _TEXTS if not isinstance(getattr(card, each), str)]
    wrong += [each for each in _TEXTS_OR_NONE if not isinstance(getattr(card, each), str | None)]
    wrong += [each for each in _COUNTS if type(getattr(card, each)) is not int]
    wrong += [each for each in ("sandbox", "versions") if not isinstance(getattr(card, each), dict)]
    if wrong:
        return f"of another type: {', '.join(wrong)}"
    if card.name != name:
        return "it is another worker's"
    since = from_rfc3339(card.submission_since)
    if since is not None and since.tzinfo is None:
        return "a moment without its zone: submission_since"
    if not all(map(_is_language, card.languages.values())):
        return "of another type: languages"
    plain = _is_plain(card.sandbox, _DEEPEST) and _is_plain(card.versions, _DEEPEST)
    return "" if plain else "sandbox or versions nested too deep, or not numbers"


def _is_language(found: LanguageOnWorker) -> bool:
    return isinstance(found.version, str | None) and isinstance(found.reason, str | None)


def _is_plain(value: Any, depth: int) -> bool:
    """Whether it can be copied and told again as JSON."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(_is_plain(each, depth - 1) for each in inner)
    return not isinstance(value, float) or math.isfinite(value)
