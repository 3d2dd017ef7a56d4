"""The errors of the sandbox itself. They say nothing about the program that ran.

::

    SandboxError
    ├── CannotIsolate     this host cannot isolate: the message says what is missing
    │   ├── UnsafeFolder  another user of the host may have prepared a folder that is needed
    │   └── CannotServeFiles  the slot's boxes would share the pages of the host's files
    ├── BoxFault          the sandbox failed: the run says nothing about the program
    ├── Cancelled         the run was ended by Sandbox.cancel
    └── Misuse            no sandbox can do what the command asks (a mount outside the shares)
"""

from __future__ import annotations


class SandboxError(Exception):
    """Base class of the sandbox's errors."""


class CannotIsolate(SandboxError):
    """No backend can isolate on this host, or the chosen one cannot. The message says what is missing."""


class UnsafeFolder(CannotIsolate):
    """A folder belongs to another user, or others may write to it."""


class CannotServeFiles(CannotIsolate):
    """The slot cannot have files of its own: FUSE cannot be mounted here, or no copy can be made."""


class BoxFault(SandboxError):
    """The sandbox failed: the launcher died, a mount failed, the socket broke."""


class Cancelled(SandboxError):
    """The run was ended by ``cancel``. It has no ending."""


class Misuse(SandboxError):
    """The command cannot be run as it is."""
