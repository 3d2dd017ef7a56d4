"""Follows a submission by Server-Sent Events, else by long polls, else by plain polls.

Each method yields the changes that it sees, and ends after the final status. Polls may miss a change. If a
method fails, the next method continues. A status that was yielded already is not yielded again.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import requests

from gavel_client.errors import RefusedByServer, ServerUnreachable, UnexpectedAnswer, WatchTimeout
from gavel_client.results import Status, read_status
from gavel_client.transport import ApiRequest, Transport, json_of

LONG_POLL_SECONDS = 25
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
HELD_SECONDS = 0.5
"""A long poll that returns the same status sooner was not held by the server."""
SILENCE_SECONDS = 35.0
"""A stream that is silent for so long has failed, since the server sends a heartbeat every 15 s."""
NO_EVENTS = frozenset({404, 405, 406, 429, 501, 503})
"""Statuses of ``/events`` after which polling is tried."""


class StatusFollower:
    """Yields the changes of one submission until its final status. Raises ``WatchTimeout`` after
    ``seconds``."""

    def __init__(
        self,
        transport: Transport,
        submission: str,
        seconds: float | None = None,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        self._transport = transport
        self._silence = silence
        self._submission = submission
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._last: Status | None = None

    def __iter__(self) -> Iterator[Status]:
        for method in (self._events, self._long_polls, self._polls):
            for status in method():
                if self._is_change(status):
                    self._last = status
                    yield status
                    if status.is_final:
                        return
        raise WatchTimeout(f"submission {self._submission} is not finished yet")

    def _is_change(self, status: Status) -> bool:
        return self._last is None or self._last.progress != status.progress

    def _left(self) -> float:
        """The seconds that remain; a year if there is no limit."""
        return 31_536_000.0 if self._deadline is None else self._deadline - time.monotonic()

    def _events(self) -> Iterator[Status]:
        request = ApiRequest(
            "GET",
            f"/events/{self._submission}",
            headers={"Accept": "text/event-stream"},
            read_seconds=min(self._silence, max(1.0, self._left())),
            stream=True,
        )
        try:
            with self._transport.send(request) as response:
                for status in _statuses(response):
                    if status is not None:
                        yield status
                    if self._left() <= 0:
                        return
        except RefusedByServer as error:
            if error.status not in NO_EVENTS:
                raise
        except (ServerUnreachable, UnexpectedAnswer, requests.RequestException):
            return  # polling has its own retries

    def _long_polls(self) -> Iterator[Status]:
        while (left := self._left()) > 0:
            wait = int(min(LONG_POLL_SECONDS, left)) if self._last else 0
            began = time.monotonic()
            try:
                status = self._fetch_status({"wait": wait} if wait else {}, wait)
            except ServerUnreachable:
                return
            was_not_held = time.monotonic() - began < HELD_SECONDS
            is_unchanged = self._last is not None and not self._is_change(status)
            yield status
            if is_unchanged and was_not_held:
                return  # the server does not hold the call, so plain polls with pauses follow

    def _polls(self) -> Iterator[Status]:
        pause = SHORTEST_PAUSE
        while self._left() > 0:
            yield self._fetch_status({}, 0)
            time.sleep(min(random.uniform(0.5, 1.5) * pause, max(0.0, self._left())))
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _fetch_status(self, query: dict[str, Any], wait: float) -> Status:
        request = ApiRequest("GET", f"/status/{self._submission}", query=query, read_seconds=wait + 10.0)
        return read_status(json_of(self._transport.send(request)))


def _statuses(response: requests.Response) -> Iterator[Status | None]:
    """The statuses in a stream of Server-Sent Events; ``None`` for a comment (a heartbeat)."""
    data: list[str] = []
    for line in response.iter_lines(chunk_size=1, decode_unicode=False):
        text = line.decode("utf-8", errors="replace")
        if text.startswith("data:"):
            data.append(text[5:].removeprefix(" "))
        elif text.startswith(":"):
            yield None
        elif not text and data:
            body = json.loads("\n".join(data))
            data.clear()
            if isinstance(body, dict) and "state" in body:
                yield read_status(body)
