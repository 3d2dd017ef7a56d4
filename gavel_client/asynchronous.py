"""The client for asyncio. It has the calls of :class:`Gavel` and runs each in a thread.

>>> async with AsyncGavel("http://127.0.0.1:8000", key) as gavel:
...     receipts = await asyncio.gather(*(gavel.submit("aplusb", "python3", each) for each in sources))
...     verdicts = [each.verdict for each in await asyncio.gather(*(gavel.wait(r.id) for r in receipts))]
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from gavel_client.client import Gavel
from gavel_client.results import Status

P = ParamSpec("P")
R = TypeVar("R")


def _in_thread(
    method: Callable[Concatenate[Gavel, P], R],
) -> Callable[Concatenate[AsyncGavel, P], Coroutine[Any, Any, R]]:
    """The method of :class:`Gavel` as a coroutine."""

    @wraps(method)
    async def call(self: AsyncGavel, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.in_thread(lambda gavel: method(gavel, *args, **kwargs))

    return call


class AsyncGavel:
    """A client of one server, with one account. At most ``threads`` calls run at once; further calls wait.

    Each thread has its own HTTP session. If you cancel a call, only the wait for it ends. Its request goes
    on, so a submission is still made.
    """

    def __init__(self, url: str, key: str | None = None, patience: float = 0.0, threads: int = 32) -> None:
        self._open = partial(Gavel, url, key, patience)
        self._threads = ThreadPoolExecutor(threads, "gavel-client")
        self._own = threading.local()
        self._opened: list[Gavel] = []

    async def in_thread(self, act: Callable[[Gavel], R]) -> R:
        """Run any function of a client in a thread, such as ``lambda gavel: AdminClient(gavel).queues()``."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._act, act)

    def _act(self, act: Callable[[Gavel], R]) -> R:
        if not hasattr(self._own, "gavel"):
            self._own.gavel = self._open()
            self._opened.append(self._own.gavel)
        return act(self._own.gavel)

    submit = _in_thread(Gavel.submit)
    run = _in_thread(Gavel.run)
    submit_batch = _in_thread(Gavel.submit_batch)
    run_batch = _in_thread(Gavel.run_batch)
    statuses = _in_thread(Gavel.statuses)
    status = _in_thread(Gavel.status)
    wait = _in_thread(Gavel.wait)
    cancel = _in_thread(Gavel.cancel)
    submission = _in_thread(Gavel.submission)
    problems = _in_thread(Gavel.problems)
    languages = _in_thread(Gavel.languages)
    me = _in_thread(Gavel.me)
    add_problem = _in_thread(Gavel.add_problem)
    convert_problem = _in_thread(Gavel.convert_problem)
    answers = _in_thread(Gavel.answers)
    reason = _in_thread(Gavel.reason)
    fetch = _in_thread(Gavel.fetch)
    fetch_bytes = _in_thread(Gavel.fetch_bytes)
    send = _in_thread(Gavel.send)
    send_file = _in_thread(Gavel.send_file)

    async def history(self, **filters: Any) -> dict[str, Any]:
        """One page of your submissions. The filters are ``problem``, ``verdict``, ``cursor`` and
        ``limit``."""
        return await self.in_thread(lambda gavel: gavel.history(**filters))

    async def watch(self, submission: str, seconds: float | None = None) -> AsyncIterator[Status]:
        """Yield the changes of the status, the final status last. Changes that follow each other quickly may
        appear as one. Raises ``WatchTimeout`` after ``seconds``."""
        loop = asyncio.get_running_loop()
        with self._open() as gavel:
            changes = gavel.watch(submission, seconds)
            while (status := await loop.run_in_executor(self._threads, next, changes, None)) is not None:
                yield status

    async def close(self) -> None:
        """Wait for the calls that run, and close the sessions."""
        await asyncio.to_thread(self._threads.shutdown)
        for gavel in self._opened:
            gavel.close()

    async def __aenter__(self) -> AsyncGavel:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
