"""May a submission enter? Then let it in: kept first, sent at once if the queue allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from judge_api.domain.account import Tier
from judge_api.domain.protocol import JudgeRequest


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

    def withdraw(self, submission: str, attempt: int) -> None:
        """The submission was cancelled: take it out, and stop the worker that has it.

        May raise ``QueueUnavailable``; the verdict will then simply not be recorded.
        """
        ...
