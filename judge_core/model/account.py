"""Who submits: accounts with a tier (which queue) and a role (which doors)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tier(StrEnum):
    """What an account pays for; it alone decides the queue, never the request."""

    NORMAL = "normal"
    PREMIUM = "premium"


class Role(StrEnum):
    """What an account may do beyond its own submissions."""

    USER = "user"
    AUTHOR = "author"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the rest of the server sees it; secrets stay in the store."""

    id: str
    name: str
    tier: Tier
    role: Role
    created_at: datetime
    disabled: bool = False

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def may_add_problems(self) -> bool:
        return self.role in (Role.ADMIN, Role.AUTHOR)
