"""Why `gavel up` cannot start or go on; each message tells the operator what to do."""

from __future__ import annotations


class CannotStart(Exception):
    """The start-up stops here; the message says why and what to change."""


class Interrupted(Exception):
    """The operator asked us to end while we were still starting."""
