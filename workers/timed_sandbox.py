"""A sandbox that adds up our own time around the runs: what judging costs beside the programs themselves."""

from __future__ import annotations

from sandbox import Assurance, Command, Conversation, RunReport, Sandbox


class MeteredSandbox:
    """See :class:`sandbox.Sandbox`; everything is done by the one inside."""

    def __init__(self, inside: Sandbox) -> None:
        self._inside = inside
        self._overhead_ms = 0.0

    @property
    def assurance(self) -> Assurance:
        return self._inside.assurance

    def run(self, command: Command) -> RunReport:
        report = self._inside.run(command)
        self._overhead_ms += report.overhead_ms
        return report

    def converse(self, first: Command, second: Command, *, ordered: bool = False) -> Conversation:
        told = self._inside.converse(first, second, ordered=ordered)
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
