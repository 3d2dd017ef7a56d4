"""Drives the runs of one command or one conversation to their end: outputs served, limits looked after."""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from typing import Protocol

from sandbox.output_capture import Outputs, Sink


class LiveRun(Protocol):
    """A run that has been started, whatever backend started it."""

    @property
    def outputs(self) -> Outputs: ...

    @property
    def end_fd(self) -> int:
        """Becomes readable when the box has ended."""
        ...

    @property
    def done(self) -> bool: ...

    def hear(self) -> None:
        """Take note that the box has ended. Raises BoxFault."""
        ...

    def look(self) -> float:
        """Look after the limits that the backend itself does not; how many seconds until the next look.

        Raises BoxFault when the run outlives every limit.
        """
        ...

    def kill(self) -> None: ...


def drive(runs: Sequence[LiveRun], note_end: Callable[[int], None]) -> None:
    """Serve all runs until each has ended, then take what is left in their pipes. Raises BoxFault.

    ``note_end`` is told the place of each run in the sequence as soon as its end is known.
    """
    poller = select.poll()
    owners: dict[int, tuple[LiveRun, Sink | None]] = {}
    for run in runs:
        owners[run.end_fd] = (run, None)
        owners.update({sink.reader: (run, sink) for sink in run.outputs.sinks})
    for fd in owners:
        poller.register(fd, select.POLLIN)
    while live := [run for run in runs if not run.done]:
        pause = min([run.look() for run in live])
        for fd, _ in poller.poll(max(1.0, pause * 1000)):
            run, sink = owners[fd]
            if not _serve(run, sink):
                poller.unregister(fd)
            if sink is None:
                note_end(runs.index(run))
    for run in runs:
        for sink in run.outputs.sinks:
            sink.drain()


def _serve(run: LiveRun, sink: Sink | None) -> bool:
    """One descriptor is ready; False when nothing more is wanted from it."""
    if sink is None:
        run.hear()
        return False
    sink.take()
    if sink.over:
        run.kill()
        return False
    return not sink.ended
