"""Planned maintenance: what happens to new submissions, and the message on the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_MESSAGE = 500


class MaintenanceMode(StrEnum):
    """The treatment of new submissions: they are judged, accepted and held, or refused."""

    OPEN = "open"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The mode, and the message that the pages show. ``until`` is the expected end. The mode does not change
    by itself."""

    mode: MaintenanceMode = MaintenanceMode.OPEN
    message: str = ""
    until: datetime | None = None
    since: datetime | None = None
