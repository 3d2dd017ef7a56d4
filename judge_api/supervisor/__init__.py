"""`gavel up`: starts all processes of a judge on one machine, keeps them running, and ends them together."""

from __future__ import annotations


class CannotStart(Exception):
    """`gavel up` cannot start or go on. The message says why, and what to change."""


class Interrupted(Exception):
    """The operator asked to end during the start-up."""
