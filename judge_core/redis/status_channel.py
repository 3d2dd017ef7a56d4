"""The channel that carries new statuses to clients that follow a submission. They are hints; the store is
the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from judge_core.model.submission import Status


class StatusListener(Protocol):
    """One subscription to the channel."""

    def wait(self, seconds: float, wanted: Callable[[str], bool] | None = None) -> Status | None:
        """The next status, or ``None`` when none came in time, or one that is not wanted or cannot be read.

        Raises ``QueueUnavailable`` when the channel broke: some may have been missed, so read the store.
        """
        ...


class StatusChannel(Protocol):
    """Keeps the latest status of each submission for an hour, and publishes it to all listeners.

    A status that is not later than the kept one (``Status.order``) is neither kept nor published. Every
    method may raise ``QueueUnavailable``.
    """

    def publish(self, statuses: Sequence[Status]) -> None:
        """Keep and publish those that are new, in this order."""
        ...

    def replace(self, status: Status) -> None:
        """Keep and publish it whatever is kept: the kept one was written by neither a main server nor the
        worker of the attempt."""
        ...

    def latest(self, submission: str) -> Status | None:
        """The latest published status, if it is still kept. May raise ``UnreadableMessage``."""
        ...

    def latest_text(self, submission: str) -> bytes | None:
        """The same as text (``status_codec.dump_status``), for callers that compare it with an earlier
        one."""
        ...

    def parse(self, submission: str, text: bytes) -> Status:
        """The status in a text of :meth:`latest_text`. Raises ``UnreadableMessage`` for one of another
        submission, and for one that neither a main server nor the worker of the attempt has written."""
        ...

    def listen(self) -> AbstractContextManager[StatusListener]:
        """Every status published from now on, of all submissions; none is missed inside the context."""
        ...
