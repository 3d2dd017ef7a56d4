"""What can go wrong with the sandbox itself; never a word about the program that ran.

::

    SandboxError
    ├── CannotIsolate     this host cannot isolate: says what is missing
    ├── BoxFault          the box broke for a reason of ours: the run says nothing
    ├── Cancelled         the run was ended from outside by Sandbox.cancel
    └── Misuse            the caller asked for what no sandbox can do (a mount outside the shares)
"""

from __future__ import annotations


class SandboxError(Exception):
    """Root of the sandbox's own faults."""


class CannotIsolate(SandboxError):
    """No backend can isolate on this host; the message lists what was tried and what is missing."""


class BoxFault(SandboxError):
    """Ours to blame: the launcher died, a mount failed, the wire broke."""


class Cancelled(SandboxError):
    """The run was cut short by ``cancel``; it has no ending."""


class Misuse(SandboxError):
    """The command cannot be run as it is put."""
