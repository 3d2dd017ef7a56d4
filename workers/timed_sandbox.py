"""A sandbox that adds up its overhead: the time of runs besides the programs' own."""

from __future__ import annotations

from sandbox import Command, Isolation, PairReport, RunReport, Sandbox


class TimedSandbox:
    """Wraps a :class:`sandbox.Sandbox`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._overhead_ms = 0.0

    @property
    def isolation(self) -> Isolation:
        return self._sandbox.isolation

    def run(self, command: Command) -> RunReport:
        report = self._sandbox.run(command)
        self._overhead_ms += report.overhead_ms
        return report

    def run_pair(self, first: Command, second: Command, *, ordered: bool = False) -> PairReport:
        pair = self._sandbox.run_pair(first, second, ordered=ordered)
        self._overhead_ms += max(pair.first.overhead_ms, pair.second.overhead_ms)
        return pair

    def cancel(self) -> None:
        self._sandbox.cancel()

    def close(self) -> None:
        self._sandbox.close()

    def pop_overhead_ms(self) -> float:
        """The overhead since the last call."""
        overhead_ms, self._overhead_ms = self._overhead_ms, 0.0
        return overhead_ms
