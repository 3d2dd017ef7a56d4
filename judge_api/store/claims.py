"""The condition by which a claim of a dispatcher or a request is free for another dispatcher or request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_

LONGEST = timedelta(hours=1)
"""A claim that seems to last longer than this was made before the clock was set back. The bound is far
above the claims, since the clocks of two hosts may differ."""


def is_free(claimed_until: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Whether there is no claim, or the claim has ended, or its end is more than ``LONGEST`` ahead."""
    return or_(claimed_until.is_(None), claimed_until <= now, claimed_until > now + LONGEST)
