"""Carries the streams of a live run over Redis: the worker's side of :mod:`judge_core.program_streams`."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from redis import Redis

from judge_core.logging import get_logger
from judge_core.messages import JudgeRequest, UnreadableMessage
from judge_core.model.errors import QueueUnavailable
from judge_core.program_streams import (
    MAX_CHUNK,
    OutputKind,
    ProgramInput,
    ProgramOutput,
    StageEnd,
    dump_stage_end,
    parse_program_input,
)
from judge_core.redis.client import PersistentConnections, translate_redis_errors
from judge_core.redis.keys import program_input_key, program_output_key

_logger = get_logger(__name__)
_BLOCK_MS = 400
_OPEN_SECONDS = 3.0
_OPEN_STEP_SECONDS = 0.05
_CLOSE_SECONDS = 2.0
_RETRY_SECONDS = 0.2
_PAUSE_SECONDS = 0.02
"""The pause after each sending. Output that the program writes during the pause is sent together."""
_MOST_ENTRIES = 64


class ProgramStreams:
    """Opens the streams of live runs, over one client of Redis."""

    def __init__(self, redis: Redis) -> None:
        self._connections = PersistentConnections(redis)

    def open(self, request: JudgeRequest) -> RedisClientStreams | None:
        """The streams to a request's client, or ``None`` if the client has gone. Waits a short time for them,
        since the main server may not have made them yet."""
        client = RedisClientStreams(self._connections, request)
        ends = time.monotonic() + _OPEN_SECONDS
        while not client.exists():
            if time.monotonic() > ends:
                return None
            time.sleep(_OPEN_STEP_SECONDS)
        client.start()
        return client


class RedisClientStreams:
    """The client of one live run: see ``workers.judging.live_run.LiveClient``. One thread sends, and another
    thread receives."""

    def __init__(self, connections: PersistentConnections, request: JudgeRequest) -> None:
        self._connections = connections
        self._request = request
        self._input = program_input_key(request.submission, request.submission_secret)
        self._output = program_output_key(request.submission, request.submission_secret)
        self._after = b"0"
        self._number = 0
        self._is_gone = False
        self._waiting: deque[tuple[OutputKind, bytes]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._sender = threading.Thread(target=self._send_all, name="live-output", daemon=True)

    def exists(self) -> bool:
        """Whether the main server has made the streams, and has not removed them."""
        try:
            with translate_redis_errors():
                return bool(self._connections.execute("EXISTS", self._input))
        except QueueUnavailable:
            return False

    def start(self) -> None:
        """Begin to send."""
        self._sender.start()

    def send(self, kind: OutputKind, data: bytes) -> None:
        with self._changed:
            self._waiting.append((kind, data))
            self._changed.notify()

    def send_end(self, end: StageEnd) -> None:
        self.send(OutputKind.EXIT, dump_stage_end(end))

    def receive(self) -> Sequence[ProgramInput] | None:
        try:
            with translate_redis_errors():
                found = self._connections.execute(
                    "XREAD", "COUNT", _MOST_ENTRIES, "BLOCK", _BLOCK_MS, "STREAMS", self._input, self._after
                )
        except QueueUnavailable:
            time.sleep(_RETRY_SECONDS)
            return ()
        if not found:
            return None if self._is_gone or not self._is_kept() else ()
        return list(self._read(found))

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._sender.join(_CLOSE_SECONDS)

    def _is_kept(self) -> bool:
        """Whether the streams may exist: as :meth:`exists`, but true while Redis is unreachable, since it may
        still have them."""
        try:
            with translate_redis_errors():
                return bool(self._connections.execute("EXISTS", self._input))
        except QueueUnavailable:
            return True

    def _read(self, found: Any) -> Iterator[ProgramInput]:
        streams = found.items() if isinstance(found, dict) else found
        for _, entries in streams:
            for id, fields in entries:
                self._after = id
                pairs = dict(zip(fields[::2], fields[1::2], strict=False))
                try:
                    yield parse_program_input(pairs)
                except UnreadableMessage as fault:
                    _logger.warning("An input for a program is dropped", reason=str(fault))

    def _send_all(self) -> None:
        """Send what is queued. Ends when the queue is empty after ``close``, or when the client has gone."""
        while not self._is_gone:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                waiting, self._waiting = self._waiting, deque()
            if not waiting:
                return
            self._send(list(_joined(waiting)))
            if not self._closing:
                time.sleep(_PAUSE_SECONDS)

    def _send(self, chunks: Sequence[tuple[OutputKind, bytes]]) -> None:
        entries = [ProgramOutput(self._number + place, *chunk) for place, chunk in enumerate(chunks, 1)]
        self._number += len(entries)
        ends: float | None = None
        while not self._is_gone:
            try:
                self._add(entries)
                return
            except QueueUnavailable as error:
                # Redis may have written some entries. The reader knows repeated entries by their numbers.
                ends = ends or time.monotonic() + _CLOSE_SECONDS
                if time.monotonic() > ends:
                    _logger.warning("The output of a live run is lost", reason=str(error))
                    self._is_gone = True
                time.sleep(_RETRY_SECONDS)

    def _add(self, entries: Sequence[ProgramOutput]) -> None:
        request = self._request
        head = ("XADD", self._output, "NOMKSTREAM", "*")
        for start in range(0, len(entries), _MOST_ENTRIES):
            part = entries[start : start + _MOST_ENTRIES]
            commands = [(*head, *entry.fields(request.attempt, request.proof)) for entry in part]
            with translate_redis_errors():
                ids = self._connections.execute_all(commands)
            if None in ids:
                self._is_gone = True
                return


def _joined(waiting: Sequence[tuple[OutputKind, bytes]] | deque[tuple[OutputKind, bytes]]) -> Any:
    """Join chunks of the same output that follow each other, then cut them to the size of an entry."""
    kept: tuple[OutputKind, bytearray] | None = None
    for kind, data in waiting:
        if kept is not None and kept[0] is kind and kind in (OutputKind.STDOUT, OutputKind.STDERR):
            kept[1].extend(data)
            continue
        if kept is not None:
            yield from _cut(*kept)
        kept = kind, bytearray(data)
    if kept is not None:
        yield from _cut(*kept)


def _cut(kind: OutputKind, data: bytearray) -> Iterator[tuple[OutputKind, bytes]]:
    for start in range(0, max(1, len(data)), MAX_CHUNK):
        yield kind, bytes(data[start : start + MAX_CHUNK])
