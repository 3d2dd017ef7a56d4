"""Accounts, with a tier, which decides the queue, and a role, which decides the permissions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@-]*$"
SHORTEST_NAME, LONGEST_NAME = 2, 64
LONGEST_FULL_NAME, LONGEST_EMAIL, LONGEST_GROUP = 128, 254, 64
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256


TIER_PATTERN = r"[a-z][a-z0-9-]{1,15}"


class Tier(str):
    """The class of service of an account, by its name. It alone decides the queue, never the request.

    Any valid name makes a tier. :mod:`judge_core.model.tiers` has those that an installation defines.
    """

    __slots__ = ()
    NORMAL: ClassVar[Tier]
    PREMIUM: ClassVar[Tier]

    def __new__(cls, name: str) -> Tier:
        """Raises ``ValueError`` for what cannot be the name of a tier."""
        if cls is not name.__class__ and not is_tier_name(name):
            shown = name[:32] if isinstance(name, str) else name
            raise ValueError(
                f"{shown!r} is no name for a tier: "
                "use 2 to 16 small letters, digits and hyphens, a letter first"
            )
        return super().__new__(cls, name)

    @property
    def value(self) -> str:
        """The name as a plain text."""
        return str(self)

    def __deepcopy__(self, _memo: Any) -> Tier:
        return self


def is_tier_name(name: object) -> bool:
    """Whether a value can be the name of a tier, defined or not."""
    return isinstance(name, str) and _TIER_NAME(name) is not None


_TIER_NAME = re.compile(TIER_PATTERN).fullmatch
Tier.NORMAL, Tier.PREMIUM = Tier("normal"), Tier("premium")


_EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"


def email_fault(address: str) -> str | None:
    """The fault of an e-mail address; ``None`` for one that mail can be sent to."""
    if len(address) > LONGEST_EMAIL:
        return f"must have at most {LONGEST_EMAIL} characters"
    if re.fullmatch(_EMAIL, address) is None:
        return "must be an address such as ada@example.org"
    return None


def full_name_fault(name: str) -> str | None:
    """The fault of a person's name; ``None`` for a valid one."""
    if len(name) > LONGEST_FULL_NAME:
        return f"must have at most {LONGEST_FULL_NAME} characters"
    return None if name.isprintable() else "must have only printable characters"


def group_fault(name: str) -> str | None:
    """The fault of a group's name; ``None`` for a valid one."""
    if not 1 <= len(name) <= LONGEST_GROUP:
        return f"must have 1 to {LONGEST_GROUP} characters"
    return None if name.isprintable() and "/" not in name else "must have only printable characters, and no /"


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
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its secrets, which stay in the store.

    ``event`` is the slug of the only event that the account may see; ``None`` for an account without this
    limit. An invitation to an event makes such accounts.
    """

    id: str
    name: str
    tier: Tier
    role: Role
    created_at: datetime
    disabled: bool = False
    full_name: str | None = None
    email: str | None = None
    email_verified: bool = False
    deletion_due: datetime | None = None
    event: str | None = None

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def may_add_problems(self) -> bool:
        return self.role in (Role.ADMIN, Role.AUTHOR)
