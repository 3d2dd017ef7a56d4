"""A sandbox that runs nothing: it answers with the reports it was given, or raises the faults, in turn, and
keeps what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox import Assurance, Command, Conversation, Misuse, Mode, RunReport, SandboxError


@dataclass
class ScriptedSandbox:
    """Give it reports and conversations; it is closed and cancelled without effect."""

    reports: Sequence[RunReport | SandboxError] = ()
    conversations: Sequence[Conversation] = ()
    commands: list[Command] = field(default_factory=list)
    ordered: list[bool] = field(default_factory=list)
    assurance: Assurance = field(default_factory=lambda: Assurance("scripted", Mode.FULL))

    def run(self, command: Command) -> RunReport:
        self.commands.append(command)
        if len(self.commands) > len(self.reports):
            raise Misuse("the script has no further report")
        told = self.reports[len(self.commands) - 1]
        if isinstance(told, SandboxError):
            raise told
        return told

    def converse(self, first: Command, second: Command, *, ordered: bool = False) -> Conversation:
        self.ordered.append(ordered)
        if len(self.ordered) > len(self.conversations):
            raise Misuse("the script has no further conversation")
        return self.conversations[len(self.ordered) - 1]

    def cancel(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is held."""
