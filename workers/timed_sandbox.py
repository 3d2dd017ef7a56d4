"""A sandbox that adds up our own time around the runs: what judging costs beside the programs themselves."""

from __future__ import annotations

from sandbox import Command, Isolation, PairReport, RunReport, Sandbox


class TimedSandbox:
    """See :class:`sandbox.Sandbox`; everything is done by the one inside."""

    def __init__(self, inside: Sandbox) -> None:
        self._inside = inside
        self._overhead_ms = 0.0

    @property
    def isolation(self) -> Isolation:
        return self._inside.isolation

    def run(self, command: Command) -> RunReport:
        report = self._inside.run(command)
        self._overhead_ms += report.overhead_ms
        return report

    def run_pair(self, first: Command, second: Command, *, ordered: bool = False) -> PairReport:
        told = self._inside.run_pair(first, second, ordered=ordered)
        self._overhead_ms += max(told.first.overhead_ms, told.second.overhead_ms)
        return told

    def cancel(self) -> None:
        self._inside.cancel()

    def close(self) -> None:
        self._inside.close()

    def take_overhead_ms(self) -> float:
        """What has come together since it was last asked."""
        taken, self._overhead_ms = self._overhead_ms, 0.0
        return taken
