"""What can go wrong on our side of a judgement; never a word about the author's program.

::

    JudgingFault             the attempt is given back with this reason
    ├── TransientError       something that passes stands in the way: the attempt is not charged
    ├── PackageUnavailable   the problem's package cannot be fetched, or is not what its hash says
    │   └── PackageServerUnavailable  the main server does not answer now (a TransientError too)
    ├── PackageBroken        the package is here and cannot be judged by (its validator failed, say)
    ├── LanguageUnavailable  the language is not in the catalog, or not on this host
    └── SandboxBroken        the box broke: says what the sandbox said
"""

from __future__ import annotations


class JudgingFault(Exception):
    """Ours: the submission is not to blame. ``reason`` is for the operator, found by the submission's id."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TransientError(JudgingFault):
    """It says nothing about this submission and passes: the main server is away, the disk is full."""


class PackageUnavailable(JudgingFault):
    """The package cannot be had now; another attempt may find it."""


class PackageServerUnavailable(PackageUnavailable, TransientError):
    """Nobody can say whether there is such a package: the main server cannot be asked."""


class PackageBroken(JudgingFault):
    """The package's own programs or files are at fault; its author has to act."""


class LanguageUnavailable(JudgingFault):
    """This worker cannot judge the language."""


class SandboxBroken(JudgingFault):
    """The sandbox failed in a way that says nothing about the program."""
