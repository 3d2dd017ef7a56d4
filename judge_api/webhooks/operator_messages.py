"""Sends messages to operators' webhooks. They are signed and retried like the messages to accounts'
webhooks."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from judge_api.store.operator_webhooks import MessageResult, OperatorMessage, OperatorMessageStore
from judge_api.store.webhook_deliveries import LONGEST_JITTER, PAUSES, DeliveryState
from judge_api.webhooks.http_sender import TIMEOUT_SECONDS, DeliveryError, HttpSender, WebhookRequest
from judge_api.webhooks.signing import signed_headers
from judge_core.logging import get_logger
from judge_core.model.submission import rfc3339

_logger = get_logger(__name__)
_AT_ONCE = 8
_LEASE_SECONDS = 3 * TIMEOUT_SECONDS
_GONE = 410


class OperatorMessageWorker:
    """Sends messages. Any number of workers may run at once, since each message is claimed by one of them. A
    message may arrive twice, with the same id."""

    def __init__(
        self, messages: OperatorMessageStore, sender: HttpSender, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._messages = messages
        self._sender = sender
        self._pauses = pauses
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="operator-webhooks")

    def deliver_once(self) -> int:
        """Send the messages that are due, and wait for the answers. Returns how many there were."""
        claimed = self._messages.claim(_AT_ONCE, _LEASE_SECONDS)
        tries = [(message, self._pool.submit(self._try, message)) for message in claimed]
        for message, future in tries:
            self._messages.record(self._result_of(message, future))
        return len(claimed)

    def _result_of(self, message: OperatorMessage, future: Future[MessageResult]) -> MessageResult:
        """The result of a try. An unexpected error counts as a failed try, so that the message is not tried
        without end, and the results of the other messages are recorded."""
        error = future.exception()
        if error is None:
            return future.result()
        _logger.error(
            "An unexpected error occurred while a message to operators was sent",
            message=message.id,
            error=repr(error),
        )
        return self._failed(message, None, f"an error of the sender: {type(error).__name__}")

    def _try(self, message: OperatorMessage) -> MessageResult:
        try:
            answer = self._sender.send(_request(message))
        except DeliveryError as error:
            return self._failed(message, None, str(error))
        if 200 <= answer < 300:
            return MessageResult(message, DeliveryState.DELIVERED, answer)
        return self._failed(message, answer, f"it answered {answer}")

    def _failed(self, message: OperatorMessage, answer: int | None, why: str) -> MessageResult:
        if answer == _GONE or message.tries > len(self._pauses):
            _logger.warning("A message to operators was given up", message=message.id, reason=why)
            reason = f"given up after {message.tries} tries; the last reason: {why}"
            return MessageResult(message, DeliveryState.GIVEN_UP, answer, reason)
        pause = self._pauses[message.tries - 1] * random.uniform(0.9, LONGEST_JITTER)
        again = datetime.now(UTC) + timedelta(seconds=pause)
        return MessageResult(message, DeliveryState.PENDING, answer, why, again)


def _request(message: OperatorMessage) -> WebhookRequest:
    body = {"type": message.type, "timestamp": rfc3339(message.created_at), "data": message.data}
    content = json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Gavel-Webhooks/1"}
    signed = signed_headers(message.secret, f"op_{message.id}", int(time.time()), content)
    return WebhookRequest("POST", message.url, headers | signed, content)
