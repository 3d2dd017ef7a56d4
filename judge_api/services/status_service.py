"""The one place where the web learns a status: live first, the store when in doubt.

All four ways to learn a verdict (poll, long poll, SSE, WebSocket) ask here and tell the same object.
"""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TypeVar

from judge_api.services.status_subscriptions import StatusSubscriptions, Watch
from judge_api.store.submissions import SubmissionStore
from judge_core.logging import get_logger
from judge_core.logging_throttle import ThrottledWarning
from judge_core.messages import UnreadableMessage
from judge_core.model.account import Account
from judge_core.model.errors import GavelError, NotFound, QueueUnavailable
from judge_core.model.submission import Status
from judge_core.redis.status_channel import StatusChannel
from judge_core.redis.status_codec import load_status_of, order_text

logger = get_logger(__name__)
DOUBT_SECONDS = 2.0
BREAK_SECONDS = 1.0
_REMEMBERED = 20_000
_LONGEST_ID = 64
Found = TypeVar("Found")


class StatusService:
    """Answers where a submission stands. May raise ``StoreUnavailable``, never ``QueueUnavailable``."""

    def __init__(
        self, channel: StatusChannel, submissions: SubmissionStore, hub: StatusSubscriptions
    ) -> None:
        self._channel = channel
        self._submissions = submissions
        self._hub = hub
        self._doubted: OrderedDict[str, float] = OrderedDict()
        self._broken_until = 0.0
        self._unreadable = ThrottledWarning(logger, "Live status cannot be read, read from the store")

    def current(self, submission: str) -> Status | None:
        """One read of Redis as a rule.

        The store is asked when Redis does not know it, does not answer or says what cannot be read, and once
        in a while for what seems unfinished: a Redis restored from an older file would say so for ever.
        """
        if not may_be_id(submission):
            return None
        live = self._live(submission)
        if live is not None:
            if live.stage.is_final or not self.is_doubtful(submission):
                return live
            self._doubted[submission] = time.monotonic()
        kept = self._submissions.status(submission)
        if kept is None or (live is not None and live.order >= kept.order):
            return live
        self._tell(kept)
        return kept

    def visible(self, submission: str, account: Account) -> Status:
        """As :meth:`current` for one who asks; what is not there and what is not theirs look the same."""
        status = self.current(submission)
        if status is None or not may_see(account, status):
            raise NotFound(f"there is no submission {submission[:64]!r} of yours")
        return status

    def refresh(self, submission: str) -> Status | None:
        """The truth, whatever Redis says."""
        self._doubted.pop(submission, None)
        return self._submissions.status(submission)

    def publish_change(self, submission: str) -> None:
        """Tell watchers what the store says now, after it was changed here."""
        status = self.refresh(submission)
        if status is not None:
            self._tell(status)

    def changes(self, submission: str, seen: str, beat: float) -> Iterator[Status | None]:
        """Every status later than ``seen`` (an order text) as it comes, ``None`` as a heartbeat.

        Ends after the last one. Outlasts a store that is away.
        """
        with self._hub.watch(submission) as watch:
            status = outlast(watch, lambda: self.current(submission))
            while True:
                if status is not None and order_text(status) > seen:
                    seen = order_text(status)
                    yield status
                    if status.stage.is_final:
                        return
                else:
                    yield None
                status = outlast(watch, lambda: self.next(watch, submission, beat))

    def next(self, watch: Watch, submission: str, seconds: float) -> Status | None:
        """What the watch says, or the store when the watch may have missed something; ``None`` is rare."""
        news = watch.wait(seconds)
        if watch.has_missed():
            return self._latest_of(news, submission)
        return news[0] if news else self.current(submission)

    def _latest_of(self, news: list[Status], submission: str) -> Status | None:
        kept = self.refresh(submission)
        known = [status for status in (*news, kept) if status is not None]
        return max(known, key=lambda status: status.order) if known else None

    def live_text(self, submission: str) -> bytes | None:
        """What Redis says, unread; ``None`` says nothing."""
        if time.monotonic() < self._broken_until:
            return None
        try:
            return self._channel.latest_text(submission)
        except QueueUnavailable as error:
            # A hung Redis costs its timeout once a second, not once a request.
            self._broken_until = time.monotonic() + BREAK_SECONDS
            logger.warning("Live status not reached, read from the store", error=error)
            return None

    def _live(self, submission: str) -> Status | None:
        text = self.live_text(submission)
        if text is None:
            return None
        try:
            return load_status_of(submission, text)
        except UnreadableMessage as fault:
            self._unreadable.log(fault)
            return None

    def _tell(self, status: Status) -> None:
        if time.monotonic() < self._broken_until:
            return
        try:
            self._channel.publish([status])
        except QueueUnavailable:
            self._broken_until = time.monotonic() + BREAK_SECONDS

    def is_doubtful(self, submission: str) -> bool:
        """Whether it is time to ask the store about what Redis calls unfinished; :meth:`current` does."""
        now = time.monotonic()
        since = self._doubted.get(submission)
        if since is None:
            # What is asked for together for the first time is not to be doubted together for ever.
            since = self._doubted[submission] = now - random.uniform(0.0, DOUBT_SECONDS / 2)
        if now - since < DOUBT_SECONDS:
            if len(self._doubted) > _REMEMBERED:
                self._doubted.popitem(last=False)
            return False
        return True


def may_be_id(text: str) -> bool:
    """Whether any submission could have this id; what cannot is asked of neither Redis nor the store."""
    return len(text) <= _LONGEST_ID and text.isascii() and text.isprintable()


def outlast(watch: Watch, look: Callable[[], Found | None]) -> Found | None:
    """What was found; ``None`` when it could not be looked for. Then it is to be looked up still, in a moment
    and not by all at once."""
    try:
        return look()
    except GavelError:
        time.sleep(random.uniform(BREAK_SECONDS, 2 * BREAK_SECONDS))
        watch.miss()
        return None


def may_see(account: Account, status: Status) -> bool:
    return account.is_admin or status.owner == account.id
