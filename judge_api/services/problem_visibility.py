"""Problems that are kept from the public until a day: only who may add problems sees them before."""

from __future__ import annotations

from datetime import UTC, datetime

from judge_api.store.models import ProblemRow
from judge_core.model.account import Account
from judge_core.model.problem import ProblemSpec, is_later


def may_see(account: Account | None, spec: ProblemSpec) -> bool:
    """Whether a problem is there at all for somebody, who may be nobody that is known."""
    return _adds_problems(account) or not spec.is_embargoed(datetime.now(UTC))


def is_offered(account: Account | None, row: ProblemRow | None) -> bool:
    """The same for a row of the store; one that is not there is not offered."""
    return row is not None and (_adds_problems(account) or not is_embargoed(row))


def is_embargoed(row: ProblemRow) -> bool:
    return is_later(row.spec.get("embargo_until"), datetime.now(UTC))


def _adds_problems(account: Account | None) -> bool:
    return account is not None and account.may_add_problems
