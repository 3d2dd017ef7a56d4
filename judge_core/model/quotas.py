"""The quotas of each tier, as data; the server counts against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from judge_core.model.account import Tier


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of one tier. ``None`` means no limit.

    ``unfinished`` is checked by the store inside the transaction that accepts; the others are checked
    before it. The ``run_*`` limits are the most that a run with its own limits may ask for.
    ``run_unfinished`` is the part of ``unfinished`` that runs may take; by default half of it.
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
        """How many unfinished runs an account may have: the rest is kept for its submissions."""
        return max(1, self.unfinished // 2) if self.run_unfinished is None else self.run_unfinished


@dataclass(frozen=True, slots=True)
class LimitState:
    """A limit of an account after an act that counts against it: how many more it may do.

    ``window`` is the time that the limit is for, and ``reset`` the time until it starts anew, in seconds;
    both are ``None`` for a limit of what is unfinished.
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
        """The limits of a tier; those of ``normal`` for an undefined one."""
        return self.by_tier[self.serving(tier)]

    def serving(self, tier: Tier) -> Tier:
        """The tier itself, or ``normal`` for an undefined one."""
        return tier if tier in self.by_tier else Tier.NORMAL

    @classmethod
    def uniform(cls, unfinished: Mapping[Tier, int], source_bytes: int) -> Quotas:
        """Quotas that are the same for every tier, except for the number of unfinished submissions."""
        return cls({tier: Quota(number, source_bytes) for tier, number in unfinished.items()})

    def with_changes(self, changes: QuotaChanges) -> Quotas:
        """With some numbers of some tiers replaced; the changes come from :func:`parse_quota_changes`."""
        return Quotas({tier: replace(q, **changes.get(tier, {})) for tier, q in self.by_tier.items()})  # type: ignore[arg-type]


QuotaChanges = Mapping[Tier, Mapping[str, int | float]]
_FRACTIONS = ("run_cpu_seconds", "run_wall_seconds")


def parse_quota_changes(data: Mapping[str, object]) -> QuotaChanges:
    """Numbers by tier, as a quota file has them. Raises ``ValueError`` that names what is wrong."""
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
            raise ValueError(f"[{tier}] {name} is not known: there are {', '.join(known)}")
        allowed = (int, float) if name in _FRACTIONS else (int,)
        if isinstance(number, bool) or not isinstance(number, allowed) or not 0 < number < 1e12:
            raise ValueError(f"[{tier}] {name} = {number!r} must be a positive number")
    return table
