"""A sandbox that runs no program. It records the commands, and returns scripted reports or raises scripted
errors in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox import Command, Isolation, IsolationMode, Misuse, PairReport, RunReport, SandboxError


@dataclass
class ScriptedSandbox:
    """A sandbox with scripted reports and pairs. Closing and cancelling it have no effect."""

    reports: Sequence[RunReport | SandboxError] = ()
    pairs: Sequence[PairReport] = ()
    commands: list[Command] = field(default_factory=list)
    ordered: list[bool] = field(default_factory=list)
    isolation: Isolation = field(default_factory=lambda: Isolation("scripted", IsolationMode.FULL))

    def run(self, command: Command) -> RunReport:
        self.commands.append(command)
        if len(self.commands) > len(self.reports):
            raise Misuse("the script has no further report")
        report = self.reports[len(self.commands) - 1]
        if isinstance(report, SandboxError):
            raise report
        return report

    def run_pair(
        self, first: Command, second: Command, *, ordered: bool = False, record_bytes: int = 0
    ) -> PairReport:
        self.ordered.append(ordered)
        if len(self.ordered) > len(self.pairs):
            raise Misuse("the script has no further pair")
        return self.pairs[len(self.ordered) - 1]

    def cancel(self) -> None:
        """Do nothing, because nothing runs."""

    def close(self) -> None:
        """Do nothing, because nothing is open."""
