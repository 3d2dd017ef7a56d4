"""Planned maintenance: what happens to new submissions, and what the pages say of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_MESSAGE = 500


class MaintenanceMode(StrEnum):
    """New submissions are judged, accepted and held, or refused."""

    OPEN = "open"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The switch and the banner. ``until`` is when it is expected to end. It does not end by itself."""

    mode: MaintenanceMode = MaintenanceMode.OPEN
    message: str = ""
    until: datetime | None = None
    since: datetime | None = None
