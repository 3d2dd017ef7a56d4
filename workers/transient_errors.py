"""What stands in a worker's way without being anybody's fault: told from faults, and waited for.

A main server that is away or a full disk would meet every submission that the worker takes. None of them
is charged for it, and the worker takes fewer the longer it lasts.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Iterator

from sandbox import SandboxError
from workers.judging.errors import TransientError

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
_PASSING = (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE)


def is_transient(fault: BaseException) -> bool:
    """Whether it, or what it came from, passes by itself and is not the submission's doing."""
    return any(_passes(one) for one in _causes(fault))


def _passes(fault: BaseException) -> bool:
    if isinstance(fault, OSError):
        return fault.errno in _PASSING
    if isinstance(fault, SandboxError):  # the launcher tells its errors in words
        return os.strerror(errno.ENOSPC) in str(fault)
    return isinstance(fault, TransientError)


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__


def backoff_seconds(in_a_row: int) -> float:
    """Seconds to take nothing after so many hindrances: doubling, bounded, never the same for two workers."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(in_a_row, 10))
    return longest * random.uniform(0.5, 1.0)
