"""One Redis subscription for the whole process. All clients that follow submissions share it.

Two thousand followers cost two thousand small objects, and not two thousand connections to Redis.
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


class Subscription:
    """The statuses that one client has not received yet: the latest one of each submission that it follows.

    A later status replaces an earlier one, so statuses never pile up for a slow client.
    """

    __slots__ = ("_finals_only", "_missed", "_pending", "_subscriptions", "_wake", "ids")

    def __init__(self, subscriptions: StatusSubscriptions, finals_only: bool = False) -> None:
        self._subscriptions = subscriptions
        self._finals_only = finals_only
        self._wake = threading.Event()
        self._pending: dict[str, Status] = {}
        self._missed = False
        self.ids: set[str] = set()

    def follow(self, submission: str) -> None:
        self._subscriptions.add(submission, self)

    def unfollow(self, submission: str) -> None:
        self._subscriptions.remove(submission, self)
        self._pending.pop(submission, None)

    def put(self, status: Status) -> None:
        if self._finals_only and not status.stage.is_final:
            return
        pending = self._pending.get(status.id)
        if pending is None or status.order > pending.order:
            self._pending[status.id] = status
            self._wake.set()

    def mark_missed(self) -> None:
        """Note that a status may have been published that this client did not get."""
        self._missed = True
        self._wake.set()

    def wake(self) -> None:
        """Let a :meth:`wait` return early."""
        self._wake.set()

    def wait(self, seconds: float) -> list[Status]:
        """The new statuses, as soon as there are any. Empty if there were none in time."""
        self._wake.wait(seconds)
        self._wake.clear()
        pending, self._pending = self._pending, {}
        return list(pending.values())

    def has_missed(self) -> bool:
        """Whether the store must be read. The call resets this."""
        missed, self._missed = self._missed, False
        return missed


class StatusSubscriptions:
    """Listens to the status channel from the first subscription on, and passes each status on.

    When the connection to the channel breaks, every subscription is marked as one that may have missed a
    status.
    """

    def __init__(self, channel: StatusChannel) -> None:
        self._channel = channel
        self._by_submission: dict[str, set[Subscription]] = {}
        self._lock = threading.Lock()
        self._listening = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def subscribe(self, *submissions: str, finals_only: bool = False) -> Iterator[Subscription]:
        """Follow these submissions.

        From now on, every status of them that is published is put into the subscription, or with
        ``finals_only`` every final status.
        """
        self._start()
        subscription = Subscription(self, finals_only)
        try:
            for submission in submissions:
                subscription.follow(submission)
            yield subscription
        finally:
            for submission in list(subscription.ids):
                subscription.unfollow(submission)

    def add(self, submission: str, subscription: Subscription) -> None:
        with self._lock:
            self._by_submission.setdefault(submission, set()).add(subscription)
            subscription.ids.add(submission)

    def remove(self, submission: str, subscription: Subscription) -> None:
        with self._lock:
            subscription.ids.discard(submission)
            others = self._by_submission.get(submission)
            if others is not None:
                others.discard(subscription)
                if not others:
                    del self._by_submission[submission]

    def count(self) -> int:
        """The number of pairs of subscription and submission."""
        with self._lock:
            return sum(len(subscriptions) for subscriptions in self._by_submission.values())

    def close(self) -> None:
        """Stop listening and wake every subscription."""
        self._closed = True
        self._mark_all_missed()
        if self._thread is not None:
            self._thread.join(timeout=2 * _LISTEN_SECONDS)

    def is_listening(self) -> bool:
        return self._listening.is_set() and self._thread is not None and self._thread.is_alive()

    def _start(self) -> None:
        # The thread starts at the first subscription and not in the constructor, because a server forks after
        # it has made its services.
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._listen, name="status-subscriptions", daemon=True
                    )
                    self._thread.start()
        self._listening.wait(_LISTEN_SECONDS)

    def _listen(self) -> None:
        while not self._closed:
            try:
                self._listen_until_it_breaks()
            except QueueUnavailable as error:
                if self._listening.is_set():
                    logger.warning(
                        "The status channel broke, so statuses are read from the store", reason=error
                    )
            except Exception:
                logger.exception("Listening to statuses failed and starts again")
            finally:
                self._listening.clear()
            self._mark_all_missed()
            time.sleep(_RETRY_SECONDS)

    def _listen_until_it_breaks(self) -> None:
        with self._channel.listen() as listener:
            # Anything may have been published between the break and now.
            self._mark_all_missed()
            self._listening.set()
            while not self._closed:
                status = listener.wait(_LISTEN_SECONDS, self._by_submission.__contains__)
                if status is not None:
                    self._pass_on(status)

    def _pass_on(self, status: Status) -> None:
        with self._lock:
            subscriptions = [*self._by_submission.get(status.id, ())]
        for subscription in subscriptions:
            subscription.put(status)

    def _mark_all_missed(self) -> None:
        with self._lock:
            everyone = {each for subscriptions in self._by_submission.values() for each in subscriptions}
        for subscription in everyone:
            subscription.mark_missed()
