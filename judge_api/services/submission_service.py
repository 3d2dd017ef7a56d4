"""May a submission enter? Then let it in: kept first, sent at once if the queue allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from judge_api.store.models import LIVE_PRIORITY, AcceptedSubmission, NewSubmission
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_core.logging import get_logger
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable, StoreUnavailable
from judge_core.model.submission import Status

logger = get_logger(__name__)


class JudgeQueue(Protocol):
    """Where attempts wait for a worker."""

    def ready(self) -> bool:
        """False while the queue is known to be in trouble: do not even try, the relay will send."""
        ...

    def send(self, tier: Tier, requests: Sequence[JudgeRequest]) -> bool:
        """Put them at the end of the tier's queue, all or none; sending one twice does no harm.

        False when the queue has no room just now: it is kept short on purpose, and the relay feeds it in
        fair order. Raises ``QueueUnavailable`` within the queue's own time budget.
        """
        ...

    def revoke(self, submission: str, attempt: int) -> None:
        """The attempt was taken back: its job goes, and the worker that has it finds that it lost it.

        May raise ``QueueUnavailable``; whatever that worker reports will then simply not be recorded.
        """
        ...

    def cancel(self, submission: str, attempt: int) -> None:
        """The submission was cancelled: take it out, and stop the worker that has it.

        May raise ``QueueUnavailable``; the verdict will then simply not be recorded.
        """
        ...


class SubmissionService:
    """The door. When :meth:`submit` has returned, the submission is kept, whatever the queue does.

    The queue's troubles never reach the caller: what could not be sent at once is left to the relay.
    """

    def __init__(self, submissions: SubmissionStore, outbox: Outbox, queue: JudgeQueue) -> None:
        self._submissions = submissions
        self._outbox = outbox
        self._queue = queue

    def submit(self, new: NewSubmission) -> AcceptedSubmission:
        """Keep it, then try to send it. Raises what ``SubmissionStore.accept`` raises."""
        accepted = self._submissions.accept(
            new, send_now=new.priority <= LIVE_PRIORITY and self._queue.ready()
        )
        if not accepted.duplicate:
            status = accepted.status
            logger.info("Accepted", submission=status.id, attempt=status.attempt, queue=status.queue.value)
        if accepted.request is not None and not self._send(accepted.request):
            self._leave_to_relay(accepted.request)
        return accepted

    def cancel(self, status: Status, by: str = "its owner") -> bool:
        """End it without a verdict; True exactly once, False when it had ended already."""
        if not self._submissions.cancel(status.id, by):
            return False
        try:
            self._queue.cancel(status.id, status.attempt)
        except QueueUnavailable as error:
            # Whatever is judged of it from here on is not recorded.
            logger.warning("Cancelled, but not taken from the queue", submission=status.id, error=error)
        return True

    def revoke(self, submission: str, attempt: int) -> None:
        """Tell the queue, and whoever judges it, that this attempt is no longer wanted."""
        try:
            self._queue.revoke(submission, attempt)
        except QueueUnavailable as error:
            logger.warning("Taken back, but not from its worker", submission=submission, error=error)

    def _send(self, request: JudgeRequest) -> bool:
        try:
            return self._queue.send(request.queue, [request])
        except QueueUnavailable as error:
            logger.warning("Queue not reached, left to the relay", submission=request.submission, error=error)
            return False

    def _leave_to_relay(self, request: JudgeRequest) -> None:
        try:
            self._outbox.release([request.submission])
        except StoreUnavailable:
            # It is committed: the relay takes it when our hold on the row runs out.
            logger.warning("Outbox row not released", submission=request.submission)
