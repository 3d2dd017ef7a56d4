"""The current status of a submission: from Redis first, and from the database if Redis may be behind.

Polls, long polls, SSE and WebSockets all read it here, so that all of them answer the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from judge_api.services.running_events import RunningEvents
from judge_api.services.status_subscriptions import StatusSubscriptions, Subscription
from judge_api.store.submissions import SubmissionStore
from judge_core.clock import SYSTEM_CLOCK, SYSTEM_JITTER, Clock, Jitter
from judge_core.logging import ThrottledWarning, get_logger
from judge_core.messages import UnreadableMessage
from judge_core.model.account import Account
from judge_core.model.errors import GavelError, NotFound, QueueUnavailable
from judge_core.model.submission import Status
from judge_core.redis.status_channel import StatusChannel, is_final_text, order_bytes, order_text

logger = get_logger(__name__)
RECHECK_SECONDS = 2.0
REDIS_PAUSE_SECONDS = 1.0
_WAIT_RECHECK_SECONDS = 5.0
ACCEPTED_SECONDS = 2.0
BELIEVED_SECONDS = ACCEPTED_SECONDS
"""How long after a submission was accepted the first unfinished status in Redis is used without a check.

An older submission may have ended, and Redis may have lost its final status. Redis drops a final status after
a minute, and all statuses when it is emptied. If a worker then judges the same attempt a second time, it
publishes progress again.
"""
_MOST_REMEMBERED = 20_000
_MOST_ACCEPTED = 2_000
_LONGEST_ID = 64
Result = TypeVar("Result")


class Accepted(NamedTuple):
    """The status of a submission when this process accepted it, and the time until which it is the answer."""

    status: Status
    until: float


class StatusService:
    """Reads and publishes statuses. May raise ``StoreUnavailable``, never ``QueueUnavailable``."""

    def __init__(
        self,
        channel: StatusChannel,
        submissions: SubmissionStore,
        subscriptions: StatusSubscriptions,
        clock: Clock = SYSTEM_CLOCK,
        jitter: Jitter = SYSTEM_JITTER,
        running: RunningEvents | None = None,
    ) -> None:
        self._running = running
        self._channel = channel
        self._submissions = submissions
        self._subscriptions = subscriptions
        self._clock = clock
        self._jitter = jitter
        self._checked_at: OrderedDict[str, float] = OrderedDict()
        self._accepted: OrderedDict[str, Accepted] = OrderedDict()
        self._unpublished: OrderedDict[str, bytes] = OrderedDict()
        self._pause_until = 0.0
        self._unreadable = ThrottledWarning(
            logger, "A status in Redis is unreadable, so it is read from the store"
        )

    def current(self, submission: str) -> Status | None:
        """The status, usually with one read of Redis. If Redis and the store contradict each other, the store
        is right.

        The store is read if Redis does not know the submission, does not answer or has an unreadable status.
        It is also read every few seconds for a submission that seems unfinished (:meth:`needs_recheck`): in a
        Redis that was restored from an older file, the submission would seem unfinished for ever.
        """
        if not may_be_id(submission):
            return None
        text = self.live_text(submission)
        if text is None and (fresh := self.just_accepted(submission)) is not None:
            return fresh
        live = self._parse_live(submission, text)
        if live is not None:
            if live.stage.is_final or not self.needs_recheck(live):
                return live
            self._note_checked(submission)
        stored = self._submissions.status(submission)
        if text is not None and live is None and stored is not None:
            self._replace(stored)
            return stored
        if live is None or stored is None:
            if stored is not None:
                self._publish(stored)
            return stored
        if not _gives_way(live, stored):
            return live
        if live.order > stored.order:
            self._replace(stored)
        else:
            self._publish(stored)
        return stored

    def accepted(self, status: Status) -> None:
        """Answer with this status for a moment, while Redis has no later one of the submission.

        Most clients ask for a submission immediately after they have posted it, when no worker has published
        anything yet.
        """
        while len(self._accepted) >= _MOST_ACCEPTED:
            self._accepted.popitem(last=False)
        self._accepted[status.id] = Accepted(status, self._clock.monotonic() + ACCEPTED_SECONDS)

    def just_accepted(self, submission: str) -> Status | None:
        """The status that was passed to :meth:`accepted` a moment ago. ``None`` if there is none."""
        found = self._accepted.get(submission)
        if found is None:
            return None
        if self._clock.monotonic() < found.until:
            return found.status
        self._accepted.pop(submission, None)
        return None

    def current_of_many(self, submissions: Sequence[str]) -> dict[str, Status]:
        """The statuses by id, without unknown ids. The store is read once for all of them, and each
        unfinished one is then read as by :meth:`current`."""
        found = self._submissions.statuses(one for one in set(submissions) if may_be_id(one))
        live = {id: self.current(id) for id, stored in found.items() if not stored.stage.is_final}
        return {id: live.get(id) or stored for id, stored in found.items()}

    def visible(self, submission: str, account: Account) -> Status:
        """The same as :meth:`current`. Raises ``NotFound`` for an unknown submission and for one that the
        account may not see."""
        status = self.current(submission)
        if status is None or not self.may_see(account, status):
            raise NotFound(f"there is no submission {submission[:64]!r} of yours")
        return status

    def may_see(self, account: Account, status: Status) -> bool:
        """Whether the account may see the submission.

        It must own the submission or belong to an administrator, and no exam may hide the submission.
        """
        allowed = self._running is None or self._running.may_see_submission(account, status)
        return may_see_submission(account, status) and allowed

    def may_see_at_once(self, account: Account, status: Status) -> bool:
        """Whether the account may see the submission and all of its status. The database is not read: the
        answer is False if it would be needed."""
        if self._running is not None and not self._running.answers_at_once(account, status):
            return False
        return self.may_see(account, status)

    def stored(self, submission: str) -> Status | None:
        """The status in the store, whatever Redis has."""
        self._checked_at.pop(submission, None)
        self._accepted.pop(submission, None)
        return self._submissions.status(submission)

    def publish_change(self, submission: str) -> None:
        """Publish the status that the store has now. Call it after this process has changed the status."""
        status = self.stored(submission)
        if status is not None:
            self._publish(status)

    def forget(self, submission: str) -> None:
        """Drop the status of a deleted submission, in this process and in Redis."""
        self._checked_at.pop(submission, None)
        self._accepted.pop(submission, None)
        self._unpublished.pop(submission, None)
        self._send(lambda: self._channel.forget(submission))

    def changes(self, submission: str, after: str, heartbeat: float) -> Iterator[Status | None]:
        """The statuses later than ``after`` (an order text) as they come, and ``None`` as a heartbeat. If
        several come at once, only the latest is yielded.

        Ends after the final status. While the store is unreachable, heartbeats go on.
        """
        with self._subscriptions.subscribe(submission) as subscription:
            status = self.or_later(subscription, lambda: self.current(submission))
            while True:
                if status is not None and _is_news(status, after):
                    after = order_text(status)
                    yield status
                    if status.stage.is_final:
                        return
                else:
                    yield None
                status = self.or_later(subscription, lambda: self.next(subscription, submission, heartbeat))

    def wait(
        self, status: Status, is_awaited: Callable[[Status], bool], seconds: float, finals_only: bool
    ) -> Status:
        """Wait until ``is_awaited`` accepts a status, and return it. After ``seconds`` return the latest
        status."""
        until, id = self._clock.monotonic() + seconds, status.id
        with self._subscriptions.subscribe(id, finals_only=finals_only) as subscription:
            # A change between the first read and the subscription is not published again.
            latest = self.current(id) or status
            while not is_awaited(latest) and (left := until - self._clock.monotonic()) > 0:
                received = self.next(subscription, id, min(left, _WAIT_RECHECK_SECONDS))
                latest = max(latest, received, key=lambda one: one.order) if received else latest
        return latest

    def next(self, subscription: Subscription, submission: str, seconds: float) -> Status | None:
        """Wait for a status. If the subscription may have missed a status, the store is read. If no status
        came in time, the result is that of :meth:`current`."""
        received = subscription.wait(seconds)
        if subscription.has_missed():
            return self._latest_of(received, submission)
        return received[0] if received else self.current(submission)

    def or_later(self, subscription: Subscription, read: Callable[[], Result | None]) -> Result | None:
        """Return the result of ``read``. If it fails, return ``None``, and mark the subscription to read
        again.

        Before it returns ``None``, it waits a random time, so that not all followers ask a failing store at
        once.
        """
        try:
            return read()
        except GavelError:
            self._clock.sleep(self._jitter.uniform(REDIS_PAUSE_SECONDS, 2 * REDIS_PAUSE_SECONDS))
            subscription.mark_missed()
            return None

    def live_text(self, submission: str) -> bytes | None:
        """The status in Redis, not parsed yet.

        ``None`` if there is none, if Redis does not answer, or if it is earlier than a status that this
        process could not publish.
        """
        if self._clock.monotonic() < self._pause_until:
            return None
        try:
            text = self._channel.latest_text(submission)
        except QueueUnavailable as error:
            # With a hung Redis, one request in a second waits for the timeout, and not every request.
            self._pause_until = self._clock.monotonic() + REDIS_PAUSE_SECONDS
            logger.warning("Redis does not answer, so statuses are read from the store", reason=error)
            return None
        if text is not None:
            # The status kept by ``accepted`` is older than this status. Forget it, so that it is not answered
            # if Redis loses the newer status.
            self._accepted.pop(submission, None)
            if is_final_text(text):
                # If Redis loses this status, an unfinished status that follows is compared with the store at
                # once.
                self._checked_at.pop(submission, None)
        if (
            text is None
            or not self._unpublished
            or order_bytes(text) >= self._unpublished.get(submission, b"")
        ):
            return text
        return None

    def needs_recheck(self, live: Status) -> bool:
        """Whether to compare an unfinished status in Redis with the store now.

        The first status that is seen is compared at once, and so is the first one after a final status. The
        exception is a submission that was just accepted.
        """
        checked_at = self._checked_at.get(live.id)
        if checked_at is None:
            age = (self._clock.now() - live.submitted_at).total_seconds()
            if abs(age) >= BELIEVED_SECONDS:
                return True
            checked_at = self._spread_check(live.id)
        return self._clock.monotonic() - checked_at >= RECHECK_SECONDS

    def _note_checked(self, submission: str) -> None:
        if submission in self._checked_at:
            self._checked_at[submission] = self._clock.monotonic()
        else:
            self._spread_check(submission)

    def _spread_check(self, submission: str) -> float:
        """Note a check at a random moment. Otherwise submissions whose polls began together would all be
        compared at the same time."""
        while len(self._checked_at) >= _MOST_REMEMBERED:
            self._checked_at.popitem(last=False)
        at = self._clock.monotonic() - self._jitter.uniform(0.0, RECHECK_SECONDS / 2)
        self._checked_at[submission] = at
        return at

    def parse(self, submission: str, text: bytes) -> Status:
        """The status in a text of :meth:`live_text`. Raises ``UnreadableMessage``."""
        return self._channel.parse(submission, text)

    def _parse_live(self, submission: str, text: bytes | None) -> Status | None:
        if text is None:
            return None
        try:
            return self.parse(submission, text)
        except UnreadableMessage as fault:
            self._unreadable.log(fault)
            return None

    def _latest_of(self, received: list[Status], submission: str) -> Status | None:
        stored = self.stored(submission)
        latest = max(received, key=lambda status: status.order, default=None)
        if latest is None or stored is None or _gives_way(latest, stored):
            return stored or latest
        return latest

    def _publish(self, status: Status) -> None:
        """Publish a status. If that fails, remember it, because Redis may come back with an earlier
        status."""
        if self._send(lambda: self._channel.publish([status])):
            self._unpublished.pop(status.id, None)
            return
        while len(self._unpublished) >= _MOST_REMEMBERED:
            self._unpublished.popitem(last=False)
        self._unpublished[status.id] = order_text(status).encode()

    def _replace(self, status: Status) -> None:
        self._send(lambda: self._channel.replace(status))

    def _send(self, send: Callable[[], None]) -> bool:
        """Send something to Redis. Returns whether Redis accepted it."""
        if self._clock.monotonic() < self._pause_until:
            return False
        try:
            send()
        except QueueUnavailable:
            self._pause_until = self._clock.monotonic() + REDIS_PAUSE_SECONDS
            return False
        return True


def _is_news(status: Status, after: str) -> bool:
    """Whether a follower gets this status.

    It gets a later status. It also gets the final status if Redis was ahead of the record.
    """
    order = order_text(status)
    return order > after or (status.stage.is_final and order != after)


def _gives_way(live: Status, stored: Status) -> bool:
    """Whether to use the record in the store, which was read later, and not the status in Redis.

    Within one attempt Redis may be ahead, because the store does not keep progress. After a fault, Redis may
    have an attempt that the record does not have. It may also have an unfinished attempt of a submission that
    has ended.
    """
    ended = stored.stage.is_final and not live.stage.is_final
    return ended or live.attempt > stored.attempt or stored.order > live.order


def may_be_id(text: str) -> bool:
    """Whether any submission could have this id. For other texts, neither Redis nor the store is asked."""
    return len(text) <= _LONGEST_ID and text.isascii() and text.isprintable()


def may_see_submission(account: Account, status: Status) -> bool:
    return account.is_admin or status.owner == account.id
