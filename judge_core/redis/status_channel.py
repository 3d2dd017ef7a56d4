"""How changes of status travel from whoever makes them to whoever watches: hints, not the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from judge_core.model.submission import Status


class News(Protocol):
    """What one listener has not heard yet."""

    def wait(self, seconds: float, wanted: Callable[[str], bool] | None = None) -> Status | None:
        """The next status, or ``None`` when none came in time, or one that is not wanted or cannot be read.

        Raises ``QueueUnavailable`` when the channel broke: some may have been missed, look into the store.
        """
        ...


class Channel(Protocol):
    """The latest status of each submission, kept for an hour, and told to all listeners.

    A status that is not later than what is kept (``Status.order``) is neither kept nor told. Every
    method may raise ``QueueUnavailable``.
    """

    def tell(self, statuses: Sequence[Status]) -> None:
        """Keep and tell those that are news; the order among them is kept."""
        ...

    def latest(self, submission: str) -> Status | None:
        """The latest that was told, if it is still kept. May raise ``UnreadableMessage``."""
        ...

    def latest_text(self, submission: str) -> bytes | None:
        """The same as it was written (``live_status.dump_status``): for whoever has seen it before."""
        ...

    def listen(self) -> AbstractContextManager[News]:
        """Everything told from now on, of all submissions; once inside, nothing told later is missed."""
        ...
