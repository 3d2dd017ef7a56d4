"""The tiers of an installation, as data: their weights, and which tier's workers help which other tier.

Every other tier is *undefined*. Rows and workers of such a tier may be left from earlier settings. Its
submissions go to the tier ``normal``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations

from judge_core.model.account import Tier
from judge_core.model.errors import FieldFault, Invalid

MOST_TIERS = 16
MOST_WEIGHT = 1_000
RESERVED_NAMES = frozenset({"admin", "default"})
"""Names that mean something else: an account of ``credentials.json``, and the default pool."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """The defined tiers with their weights. A heavier tier is served first, and by default its accounts may
    have more unfinished submissions.

    ``helpers`` has pairs of two tiers: workers of the second may judge for the first.
    """

    weights: Mapping[Tier, int]
    helpers: frozenset[tuple[Tier, Tier]] = frozenset()

    def __iter__(self) -> Iterator[Tier]:
        """All tiers, as they are named in the settings."""
        return iter(self.weights)

    def __len__(self) -> int:
        return len(self.weights)

    def __contains__(self, tier: object) -> bool:
        return tier in self.weights

    def __str__(self) -> str:
        return ", ".join(self.weights)

    @property
    def by_weight(self) -> tuple[Tier, ...]:
        """The tiers, the heaviest first."""
        return tuple(sorted(self.weights, key=lambda tier: -self.weights[tier]))

    @property
    def heaviest(self) -> Tier:
        return self.by_weight[0]

    def serving(self, tier: Tier) -> Tier:
        """The tier that judges for accounts of this one: the same tier, or ``normal`` if it is undefined."""
        return tier if tier in self.weights else Tier.NORMAL

    def require(self, tier: Tier, field: str = "tier") -> None:
        """Raise ``Invalid`` for an undefined tier."""
        if tier not in self.weights:
            raise Invalid(
                FieldFault(
                    field, f"{tier.value!r} is no tier here: choose from {self}; GAVEL_TIERS defines others"
                )
            )

    def helpers_of(self, tier: Tier) -> tuple[Tier, ...]:
        """The tiers whose workers may judge for this one, the lightest first."""
        return tuple(each for each in reversed(self.by_weight) if (tier, each) in self.helpers)

    def is_heavier(self, tier: Tier, other: Tier) -> bool:
        return self.weights.get(tier, 0) > self.weights.get(other, 0)

    def all_helping(self) -> Tiers:
        """The same tiers, where each helps all others."""
        return replace(self, helpers=frozenset(permutations(self.weights, 2)))


DEFAULT_TIERS = Tiers({Tier.NORMAL: 1, Tier.PREMIUM: 10})


def parse_tiers(text: str) -> Tiers:
    """Tiers with weights, such as ``normal=1,premium=10,gold=20``. Raises ``ValueError``."""
    weights: dict[Tier, int] = {}
    for part in _parts(text):
        name, _, weight = part.partition("=")
        tier = Tier(name)
        if tier in weights:
            raise ValueError(f"{tier} is named twice: name it once")
        if tier in RESERVED_NAMES:
            raise ValueError(f"{tier} is no name for a tier, since it has another meaning: use another name")
        weights[tier] = _weight(part, weight)
    if Tier.NORMAL not in weights:
        raise ValueError(
            "normal is missing: it is the tier of new accounts. Write it with its weight, such as normal=1"
        )
    if len(weights) > MOST_TIERS:
        raise ValueError(f"there are {len(weights)} tiers; at most {MOST_TIERS} are allowed")
    return Tiers(weights)


def parse_helpers(text: str) -> frozenset[tuple[Tier, Tier]]:
    """Pairs such as ``gold=premium``: workers of premium may judge for gold. Raises ``ValueError``."""
    pairs = set()
    for part in _parts(text):
        tier, separator, helper = part.partition("=")
        if not separator or tier == helper:
            raise ValueError(f"{part!r} must name two tiers, such as gold=premium")
        pairs.add((Tier(tier), Tier(helper)))
    return frozenset(pairs)


def _parts(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _weight(part: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 4 or not 1 <= int(text) <= MOST_WEIGHT:
        raise ValueError(f"{part!r} must be a tier and its weight from 1 to {MOST_WEIGHT}, such as gold=20")
    return int(text)
