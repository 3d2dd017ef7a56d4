"""Faults that the submission did not cause: the package, the host or the sandbox failed. Each has a reason.

::

    JudgingFault             the attempt ends without a verdict, with this reason
    ├── TransientError       a failure that ends by itself; the attempt does not count
    │   └── FilesChanged     a file that the verdict depends on was removed or changed meanwhile
    ├── PackageUnavailable   the problem's package cannot be fetched, or has another hash
    │   └── PackageServerUnavailable  the main server does not answer now (also a TransientError)
    ├── PackageBroken        the package is here and is faulty (its validator failed, for example)
    │   └── PackageLost      the main server says that it has no such package any more
    ├── LanguageUnavailable  the language is not in the catalog, or not on this host
    └── SandboxBroken        the sandbox failed; the reason is its message
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox import BoxFault, Misuse


class JudgingFault(Exception):
    """A fault that is not the submission's. ``reason`` is shown to operators."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TransientError(JudgingFault):
    """A failure that ends by itself and that the submission did not cause, such as a full disk."""


class FilesChanged(TransientError):
    """Files of this host that a verdict depends on were removed or changed during the judgement. They are
    made again for the next attempt."""


class PackageUnavailable(JudgingFault):
    """The package cannot be fetched now. Another attempt may succeed."""


class PackageServerUnavailable(PackageUnavailable, TransientError):
    """The main server does not answer, so whether the package exists is unknown."""


class PackageBroken(JudgingFault):
    """The package's own programs or files are faulty. Its author has to fix them.

    ``is_unusable`` says that the package's own accepted submission fails too, because of the package.
    """

    is_unusable = False


class PackageLost(PackageBroken):
    """The main server itself has no file of this package. So no submission to it can be judged."""

    is_unusable = True


class LanguageUnavailable(JudgingFault):
    """This worker cannot judge the language.

    ``is_submissions`` says that it is the language of the submission, so another worker may judge it.
    Otherwise it is the language of one of the package's programs.
    """

    is_submissions = False


class SandboxBroken(JudgingFault):
    """The sandbox failed in a way that says nothing about the program."""


@contextmanager
def sandbox_errors_as_faults() -> Iterator[None]:
    """Turn an error of the sandbox into a fault of judging. If no sandbox can run a command, the package is
    at fault. Any other failure is the sandbox's own."""
    try:
        yield
    except Misuse as error:
        raise PackageBroken(f"the problem asks for something that no sandbox can do: {error}") from error
    except BoxFault as error:
        raise SandboxBroken(f"the sandbox failed: {error}") from error
