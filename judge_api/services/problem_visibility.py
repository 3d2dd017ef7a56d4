"""Decides which problems an account may see: during an embargo, only authors and administrators see one."""

from __future__ import annotations

from datetime import UTC, datetime

from judge_api.store.problems import ProblemStore
from judge_api.store.records import ProblemRow
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Account
from judge_core.model.errors import FieldFault, UnknownProblem
from judge_core.model.problem import ProblemSpec, is_later

_CACHE_SECONDS = 1.0


class VisibleProblems:
    """Looks problems up by slug for an account. Each problem is cached for a second."""

    def __init__(self, problems: ProblemStore, clock: Clock = SYSTEM_CLOCK) -> None:
        self._problems = problems
        self._clock = clock
        self._cached: dict[str, tuple[float, ProblemSpec]] = {}

    def get(self, account: Account, slug: str, field: str = "problem") -> ProblemSpec:
        """The problem. Raises ``UnknownProblem`` about this field if the account may not see it."""
        spec = self._look_up(slug)
        if spec is None or (spec.is_embargoed(self._clock.now()) and not _adds_problems(account)):
            raise UnknownProblem(
                FieldFault(field, f"there is no problem {slug[:64]!r}; GET /problems lists them")
            )
        return spec

    def clear(self) -> None:
        """Drop what is cached. Call it after a problem was added or changed."""
        self._cached.clear()

    def _look_up(self, slug: str) -> ProblemSpec | None:
        now = self._clock.monotonic()
        cached = self._cached.get(slug)
        if cached is not None and cached[0] > now:
            return cached[1]
        row = self._problems.get(slug)
        if row is None:
            self._cached.pop(slug, None)
            return None
        spec = ProblemSpec.from_json(row.spec)
        self._cached[slug] = (now + _CACHE_SECONDS, spec)
        return spec


def may_see_problem(account: Account | None, row: ProblemRow) -> bool:
    """Whether an account, or a client without one, may see this problem."""
    return _adds_problems(account) or not is_embargoed(row)


def is_embargoed(row: ProblemRow) -> bool:
    return is_later(row.spec.get("embargo_until"), datetime.now(UTC))


def _adds_problems(account: Account | None) -> bool:
    return account is not None and account.may_add_problems
