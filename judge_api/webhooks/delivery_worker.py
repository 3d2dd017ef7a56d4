"""Sends the webhook messages that are due, retries with growing pauses, and gives up with a reason."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhook_deliveries import (
    LONGEST_JITTER,
    PAUSES,
    Delivery,
    DeliveryResult,
    DeliveryState,
    DeliveryStore,
    DueDelivery,
    MessageFormat,
)
from judge_api.webhooks.delivery_scheduler import AT_ONCE, DeliveryScheduler
from judge_api.webhooks.http_sender import TIMEOUT_SECONDS, DeliveryError, HttpSender, WebhookRequest
from judge_api.webhooks.signing import signed_headers
from judge_core.logging import get_logger
from judge_core.model.submission import Status, rfc3339

logger = get_logger(__name__)
TRIES = len(PAUSES) + 1
KEEP = timedelta(days=30)
_LOOK_AT = 4 * AT_ONCE
_MOST_LOOKS = 8
_SLOW_SECONDS = TIMEOUT_SECONDS / 2
_GONE = 410
_LEASE_SECONDS = 3 * TIMEOUT_SECONDS
_METHODS = {MessageFormat.GAVEL: "POST", MessageFormat.JUDGE0: "PUT"}
_USER_AGENT = "Gavel-Webhooks/1"

BodyBuilder = Callable[[Status], object]


def event_body(status: Status) -> dict[str, object]:
    """The message of a webhook: its type, its time, and the status as ``GET /status`` returns it."""
    ended = status.finished_at or datetime.now(UTC)
    return {"type": "submission.finished", "timestamp": rfc3339(ended), "data": status.to_json()}


@dataclass(frozen=True, slots=True)
class _Sent:
    """The result of a try, and whether the receiver was slow."""

    result: DeliveryResult
    was_slow: bool


class DeliveryWorker:
    """Sends messages. Any number of workers may run at once, since each delivery is claimed by one of them.
    Accounts take turns, and a slow receiver delays only the messages of its account: see
    :class:`DeliveryScheduler`.

    If the process dies after the receiver has answered, a message arrives twice. Both have the same
    ``webhook-id``.
    """

    def __init__(
        self,
        deliveries: DeliveryStore,
        submissions: SubmissionStore,
        sender: HttpSender,
        bodies: Mapping[MessageFormat, BodyBuilder],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._deliveries = deliveries
        self._submissions = submissions
        self._sender = sender
        self._bodies = bodies
        self._pauses = pauses
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks")
        self._scheduler = DeliveryScheduler()
        self._futures: dict[Future[_Sent], Delivery] = {}

    def deliver_once(self) -> int:
        """Send the messages that may be sent now, and wait for the answers. Returns how many were claimed."""
        begun = self.begin()
        while self.is_sending:
            self.collect(TIMEOUT_SECONDS)
        return begun

    def begin(self) -> int:
        """Claim the messages that are due and may be sent now, and begin to send them. A message whose
        submission cannot be read is given up. Returns how many were claimed."""
        chosen = self._choose()
        if not chosen:
            return 0
        found = self._deliveries.claim(len(chosen), _LEASE_SECONDS, set(chosen))
        statuses = self._submissions.statuses({one.submission for one in found})
        for one in found:
            if one.submission in statuses:
                self._scheduler.begin(chosen[one.id])
                self._futures[self._pool.submit(self._send, one, statuses[one.submission])] = one
        missing = [one for one in found if one.submission not in statuses]
        if missing:
            self._deliveries.record([_given_up(one, "its submission cannot be read") for one in missing])
        return len(found)

    def collect(self, seconds: float) -> int:
        """Wait until a try has ended, and record the results. Returns how many were recorded."""
        done, _ = futures.wait(self._futures, seconds, futures.FIRST_COMPLETED)
        self._deliveries.record([self._result_of(future) for future in done])
        for future in done:
            was_slow = bool(future.exception()) or future.result().was_slow
            self._scheduler.end(self._futures.pop(future).id, was_slow)
        return len(done)

    def _result_of(self, future: Future[_Sent]) -> DeliveryResult:
        """The result of a try. An unexpected error counts as a failed try, so that the message is not tried
        without end."""
        error = future.exception()
        if error is None:
            return future.result().result
        delivery = self._futures[future]
        logger.error(
            "An unexpected error occurred while a webhook message was sent",
            delivery=delivery.id,
            error=repr(error),
        )
        return self._failed(delivery, None, f"an error of the sender: {type(error).__name__}")

    def finish(self, seconds: float) -> None:
        """Wait for the messages that are being sent, and record their results, before the process ends."""
        deadline = time.monotonic() + seconds
        while self._futures and (left := deadline - time.monotonic()) > 0:
            self.collect(left)

    @property
    def is_sending(self) -> bool:
        return bool(self._futures)

    def _choose(self) -> dict[int, DueDelivery]:
        """Choose due messages until as many are being sent as allowed, or until every account had its
        turn."""
        candidates: list[DueDelivery] = []
        chosen: list[DueDelivery] = []
        sending = {delivery.id for delivery in self._futures.values()}
        seen = self._scheduler.full_accounts()
        for _ in range(_MOST_LOOKS):
            due = self._deliveries.due(_LOOK_AT, seen)
            # A claim may look expired after the clock was set. Messages that this worker is sending are not
            # sent again.
            candidates += (one for one in due if one.id not in sending)
            chosen = self._scheduler.choose(candidates)
            seen |= {one.account for one in due}
            if len(due) < _LOOK_AT or len(chosen) == self._scheduler.free:
                break
        return {one.id: one for one in chosen}

    def _send(self, delivery: Delivery, status: Status) -> _Sent:
        began = time.monotonic()
        result = self._try(delivery, status)
        return _Sent(result, time.monotonic() - began > _SLOW_SECONDS)

    def delete_old(self) -> None:
        """Delete the deliveries that ended long ago."""
        self._deliveries.purge(datetime.now(UTC) - KEEP)

    def _try(self, delivery: Delivery, status: Status) -> DeliveryResult:
        try:
            answer = self._sender.send(self._request(delivery, status))
        except DeliveryError as error:
            return self._failed(delivery, None, str(error))
        if 200 <= answer < 300:
            return DeliveryResult(delivery, DeliveryState.DELIVERED, answer)
        more = "; redirects are not followed" if 300 <= answer < 400 else ""
        return self._failed(delivery, answer, f"it answered {answer}{more}")

    def _request(self, delivery: Delivery, status: Status) -> WebhookRequest:
        body = json.dumps(
            self._bodies[MessageFormat(delivery.format)](status), separators=(",", ":"), allow_nan=False
        ).encode()
        headers = {"Content-Type": "application/json", "User-Agent": _USER_AGENT}
        if delivery.secret is not None:
            headers |= signed_headers(delivery.secret, f"dlv_{delivery.id}", int(time.time()), body)
        return WebhookRequest(_METHODS[MessageFormat(delivery.format)], delivery.url, headers, body)

    def _failed(self, delivery: Delivery, answer: int | None, why: str) -> DeliveryResult:
        if answer == _GONE or delivery.tries > len(self._pauses):
            logger.warning(
                "Webhook given up",
                delivery=delivery.id,
                submission=delivery.submission,
                tries=delivery.tries,
                reason=why,
            )
            reason = f"given up after {delivery.tries} tries; the last reason: {why}"
            return DeliveryResult(delivery, DeliveryState.GIVEN_UP, answer, reason)
        pause = self._pauses[delivery.tries - 1] * random.uniform(0.9, LONGEST_JITTER)
        again = datetime.now(UTC) + timedelta(seconds=pause)
        return DeliveryResult(delivery, DeliveryState.PENDING, answer, why, again)


def _given_up(delivery: Delivery, why: str) -> DeliveryResult:
    logger.warning("Webhook given up", delivery=delivery.id, submission=delivery.submission, reason=why)
    return DeliveryResult(delivery, DeliveryState.GIVEN_UP, None, why)
