"""The event loop of one run or pair: reads outputs and checks limits until every box has ended."""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from typing import Protocol

from sandbox.output_capture import OutputCapture, Sink


class LiveRun(Protocol):
    """A run that has been started, by either backend."""

    @property
    def outputs(self) -> OutputCapture: ...

    @property
    def end_fd(self) -> int:
        """Becomes readable when the box has ended."""
        ...

    @property
    def done(self) -> bool: ...

    def read_end(self) -> None:
        """Record that the box has ended. Raises BoxFault."""
        ...

    def check_limits(self) -> float:
        """Check the limits that the backend itself does not; how many seconds until the next check.

        Raises BoxFault when the run outlives every limit.
        """
        ...

    def is_asleep(self) -> bool:
        """Whether all threads of its box sleep: none runs, waits for a CPU or for a disk."""
        ...

    def kill(self) -> None: ...


def run_event_loop(
    runs: Sequence[LiveRun], on_end: Callable[[int], None], check: Callable[[], float]
) -> None:
    """Serve all runs until each has ended, then read what is left in their pipes. Raises BoxFault.

    ``on_end`` is called with the index of each run as soon as its end is known. ``check`` is called now and
    then, and says after how many seconds at most it wants to be called again.
    """
    poller = select.poll()
    owners: dict[int, tuple[LiveRun, Sink | None]] = {}
    for run in runs:
        owners[run.end_fd] = (run, None)
        owners.update({sink.reader: (run, sink) for sink in run.outputs.sinks})
    for fd in owners:
        poller.register(fd, select.POLLIN)
    while live := [run for run in runs if not run.done]:
        pause = min([check(), *[run.check_limits() for run in live]])
        for fd, _ in poller.poll(max(1.0, pause * 1000)):
            run, sink = owners[fd]
            if not _serve(run, sink):
                poller.unregister(fd)
            if sink is None:
                on_end(runs.index(run))
    for run in runs:
        for sink in run.outputs.sinks:
            sink.drain()


def _serve(run: LiveRun, sink: Sink | None) -> bool:
    """Serve a ready descriptor; False when it need not be watched any more."""
    if sink is None:
        run.read_end()
        return False
    sink.read_once()
    if sink.over_limit:
        run.kill()
        return False
    return not sink.ended
