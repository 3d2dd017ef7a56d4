"""Errors that end by themselves and that no submission causes, such as a full disk, or a main server that
does not answer.

Every submission that the worker takes would have them, so no attempt is charged for them. The worker waits
longer after each one in a row.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from judge_core.clock import SYSTEM_JITTER, Jitter
from sandbox import SandboxError
from workers.judging.errors import TransientError

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
_TRANSIENT_ERRNOS = (
    *(errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE),
    *(errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOENT),
)
"""The numbers of errors that end by themselves. Among them are the errors of a failing disk, and of a file
that another program of this host has removed."""


def is_transient(fault: BaseException) -> bool:
    """Whether an error, or one of its causes, is transient."""
    return any(_is_transient_alone(each) for each in _causes(fault))


def _is_transient_alone(fault: BaseException) -> bool:
    if isinstance(fault, OSError):
        return fault.errno in _TRANSIENT_ERRNOS
    if isinstance(fault, SandboxError):  # The launcher reports its errors as text.
        return os.strerror(errno.ENOSPC) in str(fault)
    return isinstance(fault, TransientError)


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__


def backoff_seconds(in_a_row: int, jitter: Jitter = SYSTEM_JITTER) -> float:
    """The pause in seconds after this many transient errors in a row. It doubles up to a bound, and differs
    from worker to worker."""
    return jitter.apply(min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(in_a_row, 10)))
