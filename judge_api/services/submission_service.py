"""Stores a submission, then tries to put it into its queue at once. Also cancels submissions and revokes
attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from judge_api.services.live_workers import Router
from judge_api.services.status_service import StatusService
from judge_api.store.outbox import Outbox
from judge_api.store.records import CONTEST_PRIORITY, LIVE_PRIORITY, AcceptedSubmission, NewSubmission
from judge_api.store.submissions import SubmissionStore
from judge_core.logging import get_logger
from judge_core.messages import JudgeRequest
from judge_core.model.errors import QueueUnavailable, Refused, StoreUnavailable
from judge_core.model.submission import Status

logger = get_logger(__name__)


class JudgeQueue(Protocol):
    """Holds attempts until a worker leases them. All but ``ready`` may raise ``QueueUnavailable``."""

    def ready(self) -> bool:
        """False while the queue is known to be unreachable, or while submissions are held. Then do not send,
        since the outbox relay sends the submissions later."""
        ...

    def send(self, queue: str, requests: Sequence[JudgeRequest]) -> bool:
        """Append the requests to the queue. Sending a request twice changes nothing.

        Returns False if none was sent, because the queue is full or paused. The queue is short on purpose,
        and the outbox relay fills it in fair order. Raises ``QueueUnavailable`` within the queue's own time
        limit.
        """
        ...

    def send_ahead(self, queue: str, requests: Sequence[JudgeRequest]) -> bool:
        """The same as :meth:`send`, but these requests go before all requests of :meth:`send`."""
        ...

    def revoke(self, submission: str, attempt: int) -> None:
        """End one attempt: remove its job and revoke its lease. The submission stays open for its next
        attempt.

        Even if this fails, the worker's reports about the attempt are not recorded.
        """
        ...

    def cancel(self, submission: str, attempt: int) -> None:
        """End the submission: remove its job, and stop the worker that judges it.

        Even if this fails, the verdict is not recorded.
        """
        ...


class SubmissionService:
    """Accepts submissions. When :meth:`submit` returns, the submission is stored, even if the queue fails.

    Errors of the queue do not reach the caller. The outbox relay sends later what could not be sent.
    """

    def __init__(
        self,
        submissions: SubmissionStore,
        outbox: Outbox,
        queue: JudgeQueue,
        statuses: StatusService,
        router: Router,
    ) -> None:
        self._submissions = submissions
        self._outbox = outbox
        self._queue = queue
        self._statuses = statuses
        self._router = router

    def submit(self, new: NewSubmission) -> AcceptedSubmission:
        """Store a submission. Then try to send it, unless it is to wait behind live work. Raises what
        ``SubmissionStore.accept`` raises."""
        accepted = self._submissions.accept(
            self._held_if_unserved(new), send_now=new.priority <= LIVE_PRIORITY and self._queue.ready()
        )
        self._after_storing(accepted, new)
        return accepted

    def submit_batch(self, batch: Sequence[NewSubmission]) -> list[AcceptedSubmission | Refused]:
        """The same as :meth:`submit` for many submissions of one account. Each is accepted or refused on its
        own."""
        stored = [self._held_if_unserved(new) for new in batch]
        results = self._submissions.accept_batch(stored, send_first=self._queue.ready())
        for new, result in zip(stored, results, strict=True):
            if isinstance(result, AcceptedSubmission):
                self._after_storing(result, new)
        return results

    def _held_if_unserved(self, new: NewSubmission) -> NewSubmission:
        """The submission. It is marked as held if no live worker has its language."""
        is_unserved = self._router.routes().is_unserved(new.tier, new.language)
        return replace(new, held=True) if is_unserved else new

    def with_keys(self, account_id: str, keys: Sequence[str]) -> dict[str, tuple[Status, str | None]]:
        """An account's submissions by their idempotency keys, each with the hash of its body."""
        return self._submissions.with_keys(account_id, keys)

    def _after_storing(self, accepted: AcceptedSubmission, new: NewSubmission) -> None:
        if not accepted.duplicate:
            status = accepted.status
            logger.info("Accepted", submission=status.id, attempt=status.attempt, queue=status.queue.value)
            self._statuses.accepted(status)
        goes_ahead = new.priority <= CONTEST_PRIORITY
        if accepted.request is not None and not self._send(accepted.request, goes_ahead):
            self._release_to_relay(accepted.request)

    def cancel(self, status: Status, by: str = "its owner") -> bool:
        """End a submission without a verdict. Returns True exactly once, and False if it had ended already.

        ``status`` may be an earlier status: the attempt that is running now is stopped.
        """
        attempt = self._submissions.cancel(status.id, by)
        if attempt is None:
            return False
        try:
            self._queue.cancel(status.id, attempt)
        except QueueUnavailable as error:
            # The store does not record later reports of a worker about this submission.
            logger.warning(
                "A submission was cancelled, but could not be removed from the queue",
                submission=status.id,
                reason=error,
            )
        return True

    def revoke(self, submission: str, attempt: int) -> None:
        """Remove an attempt from the queue and from its worker. A new attempt has replaced it."""
        try:
            self._queue.revoke(submission, attempt)
        except QueueUnavailable as error:
            logger.warning(
                "A submission was requeued, but could not be taken from its worker",
                submission=submission,
                reason=error,
            )

    def _send(self, request: JudgeRequest, goes_ahead: bool) -> bool:
        queues = self._router.routes().queues(request.queue, request.language)
        send = self._queue.send_ahead if goes_ahead else self._queue.send
        try:
            return bool(queues) and send(queues[0], [request])
        except QueueUnavailable as error:
            logger.warning(
                "The queue cannot be reached, so the outbox relay sends the submission later",
                submission=request.submission,
                reason=error,
            )
            return False

    def _release_to_relay(self, request: JudgeRequest) -> None:
        try:
            self._outbox.release([request.submission])
        except StoreUnavailable:
            # The row is committed, so the relay sends it when the claim on it expires.
            logger.warning("The claim on an outbox row could not be released", submission=request.submission)
