"""Judging what a package brings with it: to find its time limit, and to see that it keeps its promises."""

from __future__ import annotations

from typing import Any

from judge_api.container import services
from judge_api.services.submission_policy import Posted
from judge_core.logging import get_logger
from judge_core.model.account import Account
from judge_core.model.errors import GavelError
from judge_core.model.submission import Kind
from judge_core.packages import StoredPackage
from judge_core.packages.package_store import Bundled

_logger = get_logger(__name__)


def find_time_limit(author: Account, stored: StoredPackage) -> str | None:
    """Run an accepted submission of the package on its samples: the worker that does so calibrates the limit.

    The run's id; ``None`` where the limit is known, or no submission of the package can be handed in as it
    is. Then the first judgement finds the limit.
    """
    if stored.spec.limits.time is not None or services().problems.known_time_limit(stored.hash) is not None:
        return None
    for model in stored.models:
        posted = Posted(
            language=model.language,
            source=model.source,
            kind=Kind.RUN,
            problem=stored.slug,
            idempotency_key=f"time-limit-{stored.hash}",
        )
        try:
            return services().submission_policy.admit(author, posted).status.id
        except GavelError as error:
            _logger.warning("A time limit is not being found yet", problem=stored.slug, reason=str(error))
    return None


def begin_proof(author: Account, slug: str, version: str) -> list[dict[str, Any]]:
    """Hand in every bundled submission as a run by all tests: each line has the id to follow, or why not.

    Nothing is recorded against the problem, and the author's quota holds.
    """
    return [
        {"name": one.name, "expected": sorted(one.expected), **_hand_in(author, slug, one)}
        for one in services().library.bundled(version)
    ]


def _hand_in(author: Account, slug: str, one: Bundled) -> dict[str, Any]:
    if one.model is None:
        note = "several files, or a language that is not known: gavel problems verify judges it"
        return {"language": None, "id": None, "note": note}
    language, source = one.model.language, one.model.source
    posted = Posted(language, source, kind=Kind.RUN, problem=slug, by_all_tests=True)
    try:
        id = services().submission_policy.admit(author, posted).status.id
    except GavelError as error:
        return {"language": language, "id": None, "note": str(error)}
    return {"language": language, "id": id, "note": None}
