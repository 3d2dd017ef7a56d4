"""The bounds of every number in a problem package, by key.

``docs/reference/problem-packages.md`` shows them as a table.

They are far wider than problems need, and each of them can be set as a limit on a host.
"""

from __future__ import annotations

from judge_core.model.numbers import Bounds

_HOUR = 3600
_TIB = 1 << 20
TIME = Bounds(0.001, _HOUR, "s")
SCORE = Bounds(0, 1e15)
SIGNED_SCORE = Bounds(-1e15, 1e15)
MULTIPLIER = Bounds(0, 1)

LIMITS: dict[str, Bounds] = {
    "time_limit": TIME,
    "memory": Bounds(1, _TIB, "MiB"),
    "output": Bounds(1, 4096, "MiB"),
    "code": Bounds(1, 65536, "KiB"),
    "compilation_time": Bounds(1, _HOUR, "s"),
    "compilation_memory": Bounds(1, _TIB, "MiB"),
    "validation_time": Bounds(1, _HOUR, "s"),
    "validation_memory": Bounds(1, _TIB, "MiB"),
    "validation_output": Bounds(1, 4096, "MiB"),
    "validation_passes": Bounds(2, 1000),
    "time_resolution": Bounds(0.001, 600, "s"),
    "time_multiplier": Bounds(1, 100),
    "time_safety_margin": Bounds(1, 100),
    "ac_to_time_limit": Bounds(1, 100),
    "time_limit_to_tle": Bounds(1, 100),
    "time_factors": Bounds(0.1, 100),
    "memory_extras": Bounds(0, 65536, "MiB"),
}
"""The keys below ``limits``, and below its ``time_multipliers``."""

SCORES: dict[str, Bounds] = {
    "accept_score": SIGNED_SCORE,
    "reject_score": SIGNED_SCORE,
    "range": SIGNED_SCORE,
    "score": SCORE,
    "max_score": SCORE,
}
"""The keys of test groups. ``range`` also takes ``-inf`` and ``+inf``, which mean no bound."""
