"""Parses the records that workers keep in Redis. They are untrusted: a stolen worker's credentials can
write any text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from judge_core.logging import get_logger
from judge_core.messages import UnreadableMessage
from judge_core.model.submission import from_rfc3339
from judge_core.model.worker import LanguageOnWorker, WorkerRecord

logger = get_logger(__name__)
_MAX_BYTES = 256 * 1024
_MAX_DEPTH = 6
_MAX_LOGGED = 1_000
_MAX_NAME_BYTES = 200
_LOGGED_LENGTH = 64
_TEXTS = ("name", "host", "since", "heartbeat")
_TEXTS_OR_NONE = ("submission", "submission_since", "reason")
_COUNTS = ("pid", "judged", "faults")


class WorkerRecordParser:
    """Parses many records, skips the unreadable ones, and logs one warning for each worker.

    ``on_unreadable`` is called once for each unreadable record, until it can be read again.
    """

    def __init__(self, on_unreadable: Callable[[str, bytes, str], None] = lambda *_: None) -> None:
        self._logged: set[str] = set()
        self._on_unreadable = on_unreadable

    def parse(self, found: Iterable[tuple[str, bytes]]) -> list[WorkerRecord]:
        """The records of these workers, without the unreadable ones."""
        records = []
        for name, text in found:
            try:
                records.append(parse_worker_record(name, text))
                self._logged.discard(name)
            except UnreadableMessage as fault:
                if self._warn(name, fault):
                    self._on_unreadable(name, text, str(fault))
        return records

    def parse_names(self, members: Iterable[bytes]) -> list[str]:
        """The names in order, without those that no worker can have."""
        names = []
        for member in members:
            if is_worker_name(member):
                names.append(member.decode())
            else:
                self._warn(repr(member[:_LOGGED_LENGTH]), UnreadableMessage("no worker can have this name"))
        return sorted(names)

    def _warn(self, name: str, fault: UnreadableMessage) -> bool:
        """Whether this worker was readable before."""
        if name in self._logged or len(self._logged) >= _MAX_LOGGED:
            return False
        self._logged.add(name)
        logger.warning(
            "A worker record cannot be read, the worker is skipped", worker=name[:_LOGGED_LENGTH], fault=fault
        )
        return True


def is_worker_name(member: bytes) -> bool:
    """Whether a worker can have this name: it appears in keys, logs and paths of the API."""
    try:
        return 0 < len(member) <= _MAX_NAME_BYTES and member.decode().isprintable()
    except UnicodeDecodeError:
        return False


def parse_worker_record(name: str, text: bytes) -> WorkerRecord:
    """The record of the worker ``name``. Raises ``UnreadableMessage``, whatever the text is."""
    if len(text) > _MAX_BYTES:
        raise UnreadableMessage(f"longer than {_MAX_BYTES} bytes")
    try:
        record = WorkerRecord.load(text)
        fault = _fault_of(record, name)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # Not the error's own words: they may repeat the text.
        raise UnreadableMessage(f"not a worker record: {type(error).__name__}") from error
    if fault:
        raise UnreadableMessage(fault)
    return record


def _fault_of(record: WorkerRecord, name: str) -> str:
    """What is wrong with the types and values of a record: JSON may hold others than it declares."""
    wrong = [each for each in _TEXTS if not isinstance(getattr(record, each), str)]
    wrong += [each for each in _TEXTS_OR_NONE if not isinstance(getattr(record, each), str | None)]
    wrong += [each for each in _COUNTS if type(getattr(record, each)) is not int]
    wrong += [each for each in ("sandbox", "versions") if not isinstance(getattr(record, each), dict)]
    if wrong:
        return f"of another type: {', '.join(wrong)}"
    if record.name != name:
        return "it is another worker's"
    since = from_rfc3339(record.submission_since)
    if since is not None and since.tzinfo is None:
        return "a moment without its zone: submission_since"
    if not all(map(_is_language, record.languages.values())):
        return "of another type: languages"
    plain = _is_plain(record.sandbox, _MAX_DEPTH) and _is_plain(record.versions, _MAX_DEPTH)
    return "" if plain else "sandbox or versions nested too deep, or not numbers"


def _is_language(found: LanguageOnWorker) -> bool:
    return isinstance(found.version, str | None) and isinstance(found.reason, str | None)


def _is_plain(value: Any, depth: int) -> bool:
    """Whether it can be copied, and written as JSON again."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(_is_plain(each, depth - 1) for each in inner)
    return not isinstance(value, float) or math.isfinite(value)
