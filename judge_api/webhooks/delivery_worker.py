"""Sends the webhook messages that are due, retries with growing pauses, and gives up with a reason."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhook_deliveries import (
    Delivery,
    DeliveryResult,
    DeliveryState,
    DeliveryStore,
    MessageFormat,
)
from judge_api.webhooks.http_sender import TIMEOUT_SECONDS, DeliveryError, HttpSender, WebhookRequest
from judge_api.webhooks.signing import signed_headers
from judge_core.logging import get_logger
from judge_core.model.submission import Status, rfc3339

logger = get_logger(__name__)
PAUSES: tuple[float, ...] = (5, 30, 120, 600, 3600, 4 * 3600, 8 * 3600)
TRIES = len(PAUSES) + 1
KEEP = timedelta(days=30)
_AT_ONCE = 8
_GONE = 410
_LEASE_SECONDS = 3 * TIMEOUT_SECONDS
_METHODS = {MessageFormat.GAVEL: "POST", MessageFormat.JUDGE0: "PUT"}
_USER_AGENT = "Gavel-Webhooks/1"

BodyBuilder = Callable[[Status], object]


def event_body(status: Status) -> dict[str, object]:
    """The message of a webhook: its type, its time, and the status as ``GET /status`` returns it."""
    ended = status.finished_at or datetime.now(UTC)
    return {"type": "submission.finished", "timestamp": rfc3339(ended), "data": status.to_json()}


class DeliveryWorker:
    """Any number may run: each delivery is claimed by one of them, which records its result.

    A message may arrive twice, if the process died after the receiver answered. Both then carry the same
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
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhooks")

    def deliver_once(self) -> int:
        """Send what is due now. Returns how many messages that were."""
        found = self._deliveries.claim(_AT_ONCE, _LEASE_SECONDS)
        if not found:
            return 0
        statuses = self._submissions.statuses({one.submission for one in found})
        known = [one for one in found if one.submission in statuses]
        results = list(self._pool.map(lambda one: self._try(one, statuses[one.submission]), known))
        self._deliveries.record(results)
        return len(found)

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
            self._bodies[delivery.format](status), separators=(",", ":"), allow_nan=False
        ).encode()
        headers = {"Content-Type": "application/json", "User-Agent": _USER_AGENT}
        if delivery.secret is not None:
            headers |= signed_headers(delivery.secret, f"dlv_{delivery.id}", int(time.time()), body)
        return WebhookRequest(_METHODS[delivery.format], delivery.url, headers, body)

    def _failed(self, delivery: Delivery, answer: int | None, why: str) -> DeliveryResult:
        if answer == _GONE or delivery.tries > len(self._pauses):
            logger.warning(
                "Webhook given up",
                delivery=delivery.id,
                submission=delivery.submission,
                tries=delivery.tries,
                reason=why,
            )
            reason = f"given up after {delivery.tries} tries; the last one: {why}"
            return DeliveryResult(delivery, DeliveryState.GIVEN_UP, answer, reason)
        pause = self._pauses[delivery.tries - 1] * random.uniform(0.9, 1.2)
        again = datetime.now(UTC) + timedelta(seconds=pause)
        return DeliveryResult(delivery, DeliveryState.PENDING, answer, why, again)
