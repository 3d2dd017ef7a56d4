"""Accounts, with a tier, which decides the queue, and a role, which decides the permissions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@-]*$"
SHORTEST_NAME, LONGEST_NAME = 2, 64
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256


class Tier(StrEnum):
    """The class of service of an account. It alone decides the queue, never the request."""

    NORMAL = "normal"
    PREMIUM = "premium"


def name_fault(name: str) -> str | None:
    """The fault of an account's name; ``None`` for a valid one."""
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        return f"must have {SHORTEST_NAME} to {LONGEST_NAME} characters"
    if re.fullmatch(NAME_PATTERN, name) is None or name.endswith("\n"):
        return "must begin with a letter or digit, and have only letters, digits, dots, @, - and _"
    return None


class Role(StrEnum):
    """The permissions of an account beyond its own submissions."""

    USER = "user"
    AUTHOR = "author"
    ADMIN = "admin"


class Scope(StrEnum):
    """One thing that an API key may do, within the role of its account. Every key may read."""

    READ = "read"
    SUBMIT = "submit"
    AUTHOR = "author"
    OPERATE = "operate"


class LinkPurpose(StrEnum):
    """The act that a one-time link allows."""

    PASSWORD = "password"
    SIGN_IN = "sign-in"


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
