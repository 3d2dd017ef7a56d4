"""Accounts. An account's tier decides its queue and its quota, and its role decides its permissions.

Quotas are only numbers here. The server counts what an account uses of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@-]*$"
SHORTEST_NAME, LONGEST_NAME = 2, 64
LONGEST_FULL_NAME, LONGEST_EMAIL, LONGEST_GROUP = 128, 254, 64
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256


TIER_PATTERN = r"[a-z][a-z0-9-]{1,15}"


class Tier(str):
    """The tier of an account, by its name. The tier decides the queue of a submission. The request cannot
    change it.

    Any valid name makes a tier. :mod:`judge_core.model.tiers` has those that an installation defines.
    """

    __slots__ = ()
    NORMAL: ClassVar[Tier]
    PREMIUM: ClassVar[Tier]

    def __new__(cls, name: str) -> Tier:
        """The tier of this name. Raises ``ValueError`` if the name is not valid."""
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
    """The fault of an e-mail address; ``None`` for a valid one."""
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


@dataclass(frozen=True, slots=True)
class AuthenticatedKey:
    """The account that a key or session belongs to, and the id and dates of the key or session."""

    account: Account
    key_id: str
    last_used_at: datetime | None
    expires_at: datetime | None
    made_from: str | None
    scopes: tuple[Scope, ...] | None = None
    is_session: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether the key has only some scopes."""
        return self.scopes is not None

    def allows(self, scope: Scope) -> bool:
        return self.scopes is None or scope in self.scopes


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of one tier. ``None`` means no limit.

    The store checks ``unfinished`` in the transaction that stores a submission. The other limits are checked
    before that transaction. The ``run_*`` limits are the greatest values that a run may ask for.
    ``run_unfinished`` is the part of ``unfinished`` that runs may take. The default is half of it.
    """

    unfinished: int
    source_bytes: int
    per_minute: int | None = None
    per_day: int | None = None
    run_cases: int = 20
    run_bytes: int = 1_048_576
    run_cpu_seconds: float = 15.0
    run_wall_seconds: float = 30.0
    run_memory_kb: int = 524_288
    run_output_kb: int = 65_536
    run_processes: int = 120
    run_repeat: int = 20
    run_unfinished: int | None = None

    @property
    def runs_at_once(self) -> int:
        """How many unfinished runs an account may have. The rest of its limit is kept for submissions."""
        return max(1, self.unfinished // 2) if self.run_unfinished is None else self.run_unfinished


@dataclass(frozen=True, slots=True)
class LimitState:
    """A limit of an account, and how many further acts it allows. The present act is already counted.

    ``window`` is the length of the limit's time window, and ``reset`` the time until the next window begins,
    both in seconds. Both are ``None`` for a limit on the number of unfinished submissions.
    """

    name: str
    quota: int
    remaining: int
    window: int | None = None
    reset: int | None = None


@dataclass(frozen=True, slots=True)
class Quotas:
    """One quota for each tier."""

    by_tier: Mapping[Tier, Quota]

    def of(self, tier: Tier) -> Quota:
        """The limits of a tier. An undefined tier has those of ``normal``."""
        return self.by_tier[self.serving(tier)]

    def serving(self, tier: Tier) -> Tier:
        """The tier itself, or ``normal`` for an undefined one."""
        return tier if tier in self.by_tier else Tier.NORMAL

    @classmethod
    def uniform(cls, unfinished: Mapping[Tier, int], source_bytes: int) -> Quotas:
        """Quotas that are the same for every tier, except for the number of unfinished submissions."""
        return cls({tier: Quota(number, source_bytes) for tier, number in unfinished.items()})

    def with_changes(self, changes: QuotaChanges) -> Quotas:
        """The same quotas, changed by the numbers that :func:`parse_quota_changes` returns."""
        return Quotas({tier: replace(q, **changes.get(tier, {})) for tier, q in self.by_tier.items()})  # type: ignore[arg-type]


QuotaChanges = Mapping[Tier, Mapping[str, int | float]]
_FRACTIONS = ("run_cpu_seconds", "run_wall_seconds")


def parse_quota_changes(data: Mapping[str, object]) -> QuotaChanges:
    """The numbers of a quota file, by tier. Raises ``ValueError``, whose message names the wrong entry."""
    return {_tier(name): _numbers(name, table) for name, table in data.items()}


def _tier(name: str) -> Tier:
    try:
        return Tier(name)
    except ValueError as error:
        raise ValueError(f"[{name[:32]}] is no tier: {error}") from error


def _numbers(tier: str, table: object) -> Mapping[str, int | float]:
    if not isinstance(table, dict):
        raise ValueError(f"[{tier}] must be a table of numbers")
    known = [field.name for field in fields(Quota)]
    for name, number in table.items():
        if name not in known:
            raise ValueError(f"[{tier}] {name} is not known: choose from {', '.join(known)}")
        allowed, kind = ((int, float), "number") if name in _FRACTIONS else ((int,), "whole number")
        if isinstance(number, bool) or not isinstance(number, allowed) or not 0 < number < 1e12:
            raise ValueError(f"[{tier}] {name} = {number!r} must be a positive {kind} below 1e12")
    return table
