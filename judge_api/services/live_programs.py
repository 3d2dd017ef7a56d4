"""The main server's side of the streams between running programs and their clients.

While its client is connected, each live run has two streams in Redis; see :mod:`judge_core.program_streams`.
They expire soon after this process has ended, and then the worker ends the program.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from judge_core.logging import get_logger
from judge_core.messages import UnreadableMessage
from judge_core.model.errors import GavelError, QuotaExceeded
from judge_core.program_streams import (
    MAX_CHUNK,
    MAX_INPUT,
    MAX_OUTPUT_ENTRIES,
    InputKind,
    ProgramInput,
    ProgramOutput,
    RawFields,
    has_output_proof,
    parse_program_output,
)
from judge_core.redis.client import PersistentConnections, create_redis_client, translate_redis_errors
from judge_core.redis.keys import program_input_key, program_output_key
from judge_core.redis.signer import Signer

_logger = get_logger(__name__)
MOST_PROGRAMS = 24
"""The largest number of live runs of one process.

Each run uses one connection to Redis, and a Redis client has ``MAX_PERSISTENT_CONNECTIONS``.
"""
KEPT_SECONDS = 30
_RENEW_SECONDS = 8.0
_BLOCK_MS = 500
_REDIS_SECONDS = 3.0
_MOST_ENTRIES = 128
_RETRY_SECONDS = 5


class ProgramLost(GavelError):
    """The program of a live run cannot go on. The message says why."""


class LivePrograms:
    """Opens the streams of live runs."""

    def __init__(self, redis_url: str, secret_key: str) -> None:
        self._signer = Signer(secret_key)
        self._writing = PersistentConnections(create_redis_client(redis_url, _REDIS_SECONDS))
        self._reading = PersistentConnections(create_redis_client(redis_url, _REDIS_SECONDS))
        self._places = threading.BoundedSemaphore(MOST_PROGRAMS)

    def reserve(self) -> LiveProgram:
        """Reserve one of the process's ``MOST_PROGRAMS`` live runs. Raises ``QuotaExceeded`` if none is
        free."""
        if not self._places.acquire(blocking=False):
            raise QuotaExceeded(
                f"the server already runs {MOST_PROGRAMS} live programs: try again later", _RETRY_SECONDS
            )
        return LiveProgram(self._writing, self._reading, self._signer, self._places.release)


class LiveProgram:
    """The streams of one live run. One thread reads. Any thread may send.

    Methods may raise ``QueueUnavailable``.
    """

    def __init__(
        self, writing: PersistentConnections, reading: PersistentConnections, signer: Signer, release: Any
    ) -> None:
        self._writing = writing
        self._reading = reading
        self._signer = signer
        self._release = release
        self._closed = threading.Lock()
        self.submission = ""
        self._after = b"0"
        self._attempt: int | None = None
        self._number = 0
        self._entries_left = MAX_OUTPUT_ENTRIES
        self._input_left = MAX_INPUT
        self._renew_at = 0.0

    def open(self, submission: str) -> None:
        """Make both streams. A worker that already has the submission waits a few seconds for the streams."""
        self.submission = submission
        first = ProgramInput(InputKind.OPEN).fields()
        keys = self._keys()
        with translate_redis_errors():
            self._writing.execute_all([("XADD", key, "*", *first) for key in keys])
        self.renew()

    def send(self, given: ProgramInput) -> None:
        """Send input or a signal to the program. Long input is sent in pieces.

        Raises ``ProgramLost`` after ``MAX_INPUT`` bytes.
        """
        self._input_left -= len(given.data)
        if self._input_left < 0:
            raise ProgramLost(f"a program takes at most {MAX_INPUT} bytes of input from one connection")
        key = self._keys()[0]
        parts = [given.data[start : start + MAX_CHUNK] for start in range(0, len(given.data), MAX_CHUNK)]
        entries = [ProgramInput(given.kind, part) for part in parts or [b""]]
        with translate_redis_errors():
            for entry in entries:
                # There is no retry, because the program would read a repeated entry twice.
                self._writing.execute_once("XADD", key, "NOMKSTREAM", "*", *entry.fields())

    def read(self) -> list[ProgramOutput]:
        """The program's output since the last call. If there is none, waits up to ``_BLOCK_MS`` milliseconds.

        Raises ``ProgramLost`` if another attempt has begun, or if the output comes in more than
        ``MAX_OUTPUT_ENTRIES`` pieces.
        """
        if time.monotonic() > self._renew_at:
            self.renew()
        key = self._keys()[1]
        command = ("XREAD", "COUNT", _MOST_ENTRIES, "BLOCK", _BLOCK_MS, "STREAMS", key, self._after)
        with translate_redis_errors():
            found = self._reading.execute(*command)
        return list(self._read(found)) if found else []

    def renew(self) -> None:
        """Keep the streams for another ``KEPT_SECONDS`` seconds."""
        self._renew_at = time.monotonic() + _RENEW_SECONDS
        with translate_redis_errors():
            self._writing.execute_all([("EXPIRE", key, KEPT_SECONDS) for key in self._keys()])

    def close(self) -> None:
        """Ask the worker to end the program, and free the reservation. A second call does nothing."""
        if not self._closed.acquire(blocking=False):
            return
        self._release()
        if not self.submission:
            return
        written, read = self._keys()
        goodbye = ("XADD", written, "NOMKSTREAM", "*", *ProgramInput(InputKind.CLOSE).fields())
        with translate_redis_errors():
            self._writing.execute_all([goodbye, ("EXPIRE", written, 5), ("DEL", read)])

    def _keys(self) -> tuple[str, str]:
        secret = self._signer.submission_secret(self.submission)
        return program_input_key(self.submission, secret), program_output_key(self.submission, secret)

    def _read(self, found: Any) -> Iterator[ProgramOutput]:
        streams = found.items() if isinstance(found, dict) else found
        for _, entries in streams:
            for id, fields in entries:
                self._after = id
                self._entries_left -= 1
                if self._entries_left < 0:
                    raise ProgramLost("the program's output comes in too many pieces")
                output = self._accepted(dict(zip(fields[::2], fields[1::2], strict=False)))
                if output is not None:
                    yield output

    def _accepted(self, fields: RawFields) -> ProgramOutput | None:
        """The entry as output. ``None`` if it is not new, or not from the worker that has the attempt."""
        if b"proof" not in fields:
            return None
        try:
            attempt, output = parse_program_output(fields)
        except UnreadableMessage as fault:
            _logger.warning(
                "An entry of a live run is dropped", submission=self.submission, reason=str(fault)
            )
            return None
        if not has_output_proof(fields, self._signer.proof(self.submission, attempt)):
            _logger.warning("An entry of a live run has no proof of its sender", submission=self.submission)
            return None
        if self._attempt not in (None, attempt):
            raise ProgramLost("the worker of this program was lost")
        self._attempt = attempt
        if output.number <= self._number:
            return None
        self._number = output.number
        return output
