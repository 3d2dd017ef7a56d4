"""How to learn of a verdict: Server-Sent Events, else long polls, else plain polls.

Each way gives every change it sees and ends after the final status. When one breaks, the next takes
over where it stopped; a status that was already given is not given again.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import requests

from gavel_client.errors import RefusedByServer, ServerUnreachable, WatchEnded
from gavel_client.results import Status, read_status
from gavel_client.transport import Ask, Transport

LONG_POLL_SECONDS = 25
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
HELD_SECONDS = 0.5
SILENCE_SECONDS = 35.0
"""A stream that says nothing for so long hangs: the server's heartbeats come every 15 s."""
NO_EVENTS = frozenset({404, 405, 406, 429, 501, 503})


class Watch:
    """One submission, watched until it is final or the time is up."""

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
        for way in (self._events, self._long_polls, self._polls):
            for status in way():
                if self._is_news(status):
                    self._last = status
                    yield status
                    if status.is_final:
                        return
        raise WatchEnded(f"submission {self._submission} is not finished yet")

    def _is_news(self, status: Status) -> bool:
        return self._last is None or self._last.progress != status.progress

    def _left(self) -> float:
        """Seconds that remain; a year stands for 'as long as it takes'."""
        return 31_536_000.0 if self._deadline is None else self._deadline - time.monotonic()

    def _events(self) -> Iterator[Status]:
        ask = Ask(
            "GET",
            f"/events/{self._submission}",
            headers={"Accept": "text/event-stream"},
            read_seconds=min(self._silence, max(1.0, self._left())),
            stream=True,
        )
        try:
            with self._transport.send(ask) as answer:
                for status in _statuses(answer):
                    if status is not None:
                        yield status
                    if self._left() <= 0:
                        return
        except RefusedByServer as error:
            if error.status not in NO_EVENTS:
                raise
        except (ServerUnreachable, requests.RequestException):
            return  # the next way has its own retries

    def _long_polls(self) -> Iterator[Status]:
        while (left := self._left()) > 0:
            wait = int(min(LONG_POLL_SECONDS, left)) if self._last else 0
            began = time.monotonic()
            try:
                status = self._ask({"wait": wait} if wait else {}, wait)
            except ServerUnreachable:
                return
            came_at_once = time.monotonic() - began < HELD_SECONDS
            is_old = self._last is not None and not self._is_news(status)
            yield status
            if is_old and came_at_once:
                return  # the server does not hold the call: plain polls, with pauses

    def _polls(self) -> Iterator[Status]:
        pause = SHORTEST_PAUSE
        while self._left() > 0:
            yield self._ask({}, 0)
            time.sleep(min(random.uniform(0.5, 1.5) * pause, max(0.0, self._left())))
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _ask(self, query: dict[str, Any], wait: float) -> Status:
        ask = Ask("GET", f"/status/{self._submission}", query=query, read_seconds=wait + 10.0)
        return read_status(self._transport.send(ask).json())


def _statuses(answer: requests.Response) -> Iterator[Status | None]:
    """The statuses in a stream of Server-Sent Events; ``None`` for a comment (a heartbeat)."""
    data: list[str] = []
    for line in answer.iter_lines(chunk_size=1, decode_unicode=False):
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
