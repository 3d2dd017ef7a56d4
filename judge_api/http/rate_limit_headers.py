"""The headers ``RateLimit-Policy`` and ``RateLimit``, as draft-ietf-httpapi-ratelimit-headers-08 has them."""

from __future__ import annotations

from collections.abc import Sequence

from judge_core.model.account import LimitState


def rate_limit_headers(limits: Sequence[LimitState]) -> list[tuple[str, str]]:
    """The limits that an act counted against, and what is left of each; nothing without limits."""
    if not limits:
        return []
    return [
        ("RateLimit-Policy", ", ".join([_policy(each) for each in limits])),
        ("RateLimit", ", ".join([_state(each) for each in limits])),
    ]


def _policy(limit: LimitState) -> str:
    window = "" if limit.window is None else f";w={limit.window}"
    return f'"{limit.name}";q={limit.quota}{window}'


def _state(limit: LimitState) -> str:
    reset = "" if limit.reset is None else f";t={limit.reset}"
    return f'"{limit.name}";r={limit.remaining}{reset}'
