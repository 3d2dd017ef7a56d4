"""One subscription to the channel for a whole process, shared by everybody who watches.

Two thousand watchers cost two thousand small objects, not two thousand connections to Redis.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from judge_core.logging import get_logger
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Status
from judge_core.redis.status_channel import StatusChannel

logger = get_logger(__name__)
_LISTEN_SECONDS = 1.0
_RETRY_SECONDS = 0.5


class Watch:
    """What one client has not been told yet: the latest status of each submission that it follows.

    Older news of the same submission is replaced, so a slow client never makes anything pile up.
    """

    __slots__ = ("_bell", "_hub", "_missed", "_news", "ids")

    def __init__(self, hub: StatusSubscriptions) -> None:
        self._hub = hub
        self._bell = threading.Event()
        self._news: dict[str, Status] = {}
        self._missed = False
        self.ids: set[str] = set()

    def follow(self, submission: str) -> None:
        self._hub.add(submission, self)

    def unfollow(self, submission: str) -> None:
        self._hub.remove(submission, self)
        self._news.pop(submission, None)

    def put(self, status: Status) -> None:
        known = self._news.get(status.id)
        if known is None or status.order > known.order:
            self._news[status.id] = status
            self._bell.set()

    def miss(self) -> None:
        """Something may have been told that was not heard."""
        self._missed = True
        self._bell.set()

    def ring(self) -> None:
        self._bell.set()

    def wait(self, seconds: float) -> list[Status]:
        """The news, at once if there is any, else as soon as it comes; empty when none came in time."""
        self._bell.wait(seconds)
        self._bell.clear()
        news, self._news = self._news, {}
        return list(news.values())

    def has_missed(self) -> bool:
        """Whether to look into the store; asking resets it."""
        missed, self._missed = self._missed, False
        return missed


class StatusSubscriptions:
    """Listens while somebody watches; a broken channel makes every watch look into the store."""

    def __init__(self, channel: StatusChannel) -> None:
        self._channel = channel
        self._watches: dict[str, set[Watch]] = {}
        self._lock = threading.Lock()
        self._listening = threading.Event()
        self._thread: threading.Thread | None = None
        self._ended = False

    @contextmanager
    def watch(self, *submissions: str) -> Iterator[Watch]:
        """Follow these; news from now on is in the watch."""
        self._start()
        watch = Watch(self)
        try:
            for submission in submissions:
                watch.follow(submission)
            yield watch
        finally:
            for submission in list(watch.ids):
                watch.unfollow(submission)

    def add(self, submission: str, watch: Watch) -> None:
        with self._lock:
            self._watches.setdefault(submission, set()).add(watch)
            watch.ids.add(submission)

    def remove(self, submission: str, watch: Watch) -> None:
        with self._lock:
            watch.ids.discard(submission)
            others = self._watches.get(submission)
            if others is not None:
                others.discard(watch)
                if not others:
                    del self._watches[submission]

    def watching(self) -> int:
        """How many pairs of watch and submission there are, for /metrics."""
        with self._lock:
            return sum(len(watches) for watches in self._watches.values())

    def end(self) -> None:
        """Stop listening and wake everybody; for tests and for a server that goes down."""
        self._ended = True
        self._tell_all_missed()
        if self._thread is not None:
            self._thread.join(timeout=2 * _LISTEN_SECONDS)

    def is_listening(self) -> bool:
        return self._listening.is_set() and self._thread is not None and self._thread.is_alive()

    def _start(self) -> None:
        # At the first watch and not at the making: a server forks after it has made its services.
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._listen, name="hub", daemon=True)
                    self._thread.start()
        self._listening.wait(_LISTEN_SECONDS)

    def _listen(self) -> None:
        while not self._ended:
            try:
                self._listen_until_it_breaks()
            except QueueUnavailable as error:
                if self._listening.is_set():
                    logger.warning("Channel of statuses broke, watching the store", error=error)
            except Exception:
                logger.exception("Listening to statuses broke off, it begins again")
            finally:
                self._listening.clear()
            self._tell_all_missed()
            time.sleep(_RETRY_SECONDS)

    def _listen_until_it_breaks(self) -> None:
        with self._channel.listen() as listener:
            # Between the break and now anything may have been told.
            self._tell_all_missed()
            self._listening.set()
            while not self._ended:
                status = listener.wait(_LISTEN_SECONDS, self._is_watched)
                if status is not None:
                    self._pass_on(status)

    def _is_watched(self, submission: str) -> bool:
        return submission in self._watches

    def _pass_on(self, status: Status) -> None:
        with self._lock:
            watches = [*self._watches.get(status.id, ())]
        for watch in watches:
            watch.put(status)

    def _tell_all_missed(self) -> None:
        with self._lock:
            everybody = {watch for watches in self._watches.values() for watch in watches}
        for watch in everybody:
            watch.miss()
