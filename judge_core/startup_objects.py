"""Exempts the objects that exist after a process's start from garbage collections, also during the start.

A process has very many objects once everything is imported. The first full collection under load would look
at each of them, and all requests would wait for it. Collections during the imports find nothing, and make the
start longer.
"""

from __future__ import annotations

import gc


def begin_start() -> None:
    """Collect nothing until :func:`freeze_startup_objects`. Call it before the imports."""
    gc.disable()


def freeze_startup_objects() -> None:
    """Collect once, then exempt the objects that are alive now. Call it after the start, before the work.

    Reference counts still free these objects; only cycles among them are kept until the process ends.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
