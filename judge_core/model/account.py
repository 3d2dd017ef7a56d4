"""Accounts, with a tier, which decides the queue, and a role, which decides the permissions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tier(StrEnum):
    """The class of service of an account. It alone decides the queue, never the request."""

    NORMAL = "normal"
    PREMIUM = "premium"


class Role(StrEnum):
    """The permissions of an account beyond its own submissions."""

    USER = "user"
    AUTHOR = "author"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its secrets, which stay in the store."""

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
