"""Exempts the objects that exist after a process's start from later garbage collections.

A process has about half a million objects once everything is imported. The first full collection under load
would look at each of them, and all requests would wait for it.
"""

from __future__ import annotations

import gc


def freeze_startup_objects() -> None:
    """Collect once, then exempt the objects that are alive now. Call it after the start, before the work.

    Reference counts still free these objects; only cycles among them are kept until the process ends.
    """
    gc.collect()
    gc.freeze()
