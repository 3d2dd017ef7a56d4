"""Parses the records that workers keep in Redis. The records are untrusted, since a thief of a worker's
credentials can write any text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from judge_core.logging import get_logger
from judge_core.messages import UnreadableMessage
from judge_core.model.json_records import InvalidField
from judge_core.model.routing import queue_name
from judge_core.model.worker import WorkerRecord

logger = get_logger(__name__)
_MAX_BYTES = 256 * 1024
_MAX_LOGGED = 1_000
_MAX_NAME_BYTES = 200
_LOGGED_LENGTH = 64


class WorkerRecordParser:
    """Parses many records, skips the unreadable ones, and logs one warning for each worker.

    ``on_unreadable`` is called once for each unreadable record, until it can be read again.
    """

    def __init__(self, on_unreadable: Callable[[str, bytes, str], None] = lambda *_: None) -> None:
        self._logged: set[str] = set()
        self._on_unreadable = on_unreadable

    def parse(
        self, found: Iterable[tuple[str, bytes]], may_serve: Callable[[str], bool] = lambda _: True
    ) -> list[WorkerRecord]:
        """The records of these workers, without the unreadable ones and those of a queue that the worker may
        not serve."""
        records = []
        for name, text in found:
            try:
                record = parse_worker_record(name, text)
                if not may_serve(queue := queue_name(record.queue, record.pool)):
                    raise UnreadableMessage(f"its Redis user has no right to the queue {queue}")
                records.append(record)
                self._logged.discard(name)
            except UnreadableMessage as fault:
                if self._warn(name, fault):
                    self._on_unreadable(name, text, str(fault))
        return records

    def parse_names(self, members: Iterable[bytes]) -> list[str]:
        """The names, sorted, without names that no worker can have."""
        names = []
        for member in members:
            if is_worker_name(member):
                names.append(member.decode())
            else:
                self._warn(repr(member[:_LOGGED_LENGTH]), UnreadableMessage("no worker can have this name"))
        return sorted(names)

    def _warn(self, name: str, fault: UnreadableMessage) -> bool:
        """Log one warning about this worker until its record can be read again. Returns whether this call
        logged it."""
        if name in self._logged or len(self._logged) >= _MAX_LOGGED:
            return False
        self._logged.add(name)
        logger.warning(
            "A worker record cannot be read, so the worker is skipped",
            worker=name[:_LOGGED_LENGTH],
            reason=fault,
        )
        return True


def is_worker_name(member: bytes) -> bool:
    """Whether a worker can have this name: it appears in keys, logs and paths of the API."""
    try:
        return 0 < len(member) <= _MAX_NAME_BYTES and member.decode().isprintable()
    except UnicodeDecodeError:
        return False


def parse_worker_record(name: str, text: bytes) -> WorkerRecord:
    """The record of the worker ``name``. Raises only ``UnreadableMessage``, whatever the text is."""
    if len(text) > _MAX_BYTES:
        raise UnreadableMessage(f"longer than {_MAX_BYTES} bytes")
    try:
        record = WorkerRecord.load(text)
    except InvalidField as fault:
        raise UnreadableMessage(f"not a worker record: {fault}") from None
    except (ValueError, RecursionError) as error:
        # The error's own message is left out, since it may repeat the text.
        raise UnreadableMessage(f"not a worker record: {type(error).__name__}") from None
    if record.name != name:
        raise UnreadableMessage("not a worker record: it is another worker's")
    return record
