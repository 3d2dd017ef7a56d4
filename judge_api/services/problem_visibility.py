"""Decides which problems an account may see and edit.

An account may see and edit its own problems, and an administrator all. Other accounts do not see a problem
that is not published or is under an embargo. But members of an event with such a problem see it from their
start on. While an account is in an exam, it sees only the exam's problems.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from judge_api.services.running_events import RunningEvents
from judge_api.store.problem_members import ProblemMemberStore
from judge_api.store.problem_states import declared_spec, stored_spec
from judge_api.store.problems import ProblemStore
from judge_api.store.reading import CONTENT_ERRORS, describe
from judge_api.store.records import ProblemRow
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import ThrottledWarning, get_logger
from judge_core.model.account import Account
from judge_core.model.errors import FieldFault, UnknownProblem, UnreadableRecord
from judge_core.model.problem import ProblemSpec, is_later

_CACHE_SECONDS = 1.0
_unreadable = ThrottledWarning(get_logger(__name__), "The record of a problem cannot be read")


class ProblemAccess:
    """The rights of an account on a problem. The problem's authors are looked up only if the answer depends
    on them."""

    def __init__(self, members: ProblemMemberStore, running: RunningEvents) -> None:
        self._members = members
        self._running = running

    def may_edit(self, account: Account, slug: str) -> bool:
        """Whether an account may change, verify and publish a problem, and read its faults."""
        return account.is_admin or (account.may_add_problems and self._members.is_member(slug, account.id))

    def may_manage(self, account: Account, slug: str) -> bool:
        """Whether an account may choose a problem's co-authors and delete it."""
        return account.is_admin or (account.may_add_problems and self._members.is_owner(slug, account.id))

    def may_use(self, account: Account, slug: str) -> bool:
        """Whether an account may submit to a problem that is not published."""
        return self.may_edit(account, slug) or self._running.grants(account, slug)

    def is_hidden_by_exam(self, account: Account, slug: str) -> bool:
        """Whether an exam or an event hides the problem from the account.

        An exam hides it if the account is in the exam and the exam has only other problems, or if the account
        may not take part from its address. For an account that belongs to one event, every problem that the
        event does not show is hidden.
        """
        return self._running.hides_problem(account, slug)

    def may_see(self, account: Account | None, row: ProblemRow) -> bool:
        """Whether an account, or a client without an account, may see this problem."""
        if account is not None and self._running.in_exam(account):
            return not self._running.hides_problem(account, row.slug)
        if not is_hidden(row) or (account is not None and self.may_edit(account, row.slug)):
            return True
        return self._running.grants(account, row.slug)

    def visible(self, account: Account | None, rows: Sequence[ProblemRow]) -> list[ProblemRow]:
        """The problems that a list shows to an account. While the account is in an exam, they are the exam's.
        Otherwise problems that only an event shows to the account are left out."""
        if account is not None and self._running.in_exam(account):
            return [row for row in rows if not self._running.hides_problem(account, row.slug)]
        if not any(is_hidden(row) for row in rows):
            return list(rows)
        own = {row.slug for row in self.editable(account, rows)} if account else set()
        return [row for row in rows if row.slug in own or not is_hidden(row)]

    def editable(self, account: Account, rows: Sequence[ProblemRow]) -> list[ProblemRow]:
        """The problems that an account may edit."""
        if account.is_admin:
            return list(rows)
        own = self._members.slugs_of(account.id) if account.may_add_problems else set()
        return [row for row in rows if row.slug in own]


class VisibleProblems:
    """Looks up problems by slug for an account. Each problem is cached for a second."""

    def __init__(self, problems: ProblemStore, access: ProblemAccess, clock: Clock = SYSTEM_CLOCK) -> None:
        self._problems = problems
        self._access = access
        self._clock = clock
        self._cached: dict[str, tuple[float, ProblemSpec]] = {}

    def get(self, account: Account, slug: str, field: str = "problem", granted: bool = False) -> ProblemSpec:
        """The problem. Raises ``UnknownProblem`` for this field if the account may not see it.

        ``granted`` is true if an event shows the problem to the account, even under an embargo.
        """
        spec = self._look_up(slug)
        if (
            spec is None
            or self._access.is_hidden_by_exam(account, slug)
            or (
                spec.is_embargoed(self._clock.now())
                and not granted
                and not self._access.may_use(account, slug)
            )
        ):
            raise UnknownProblem(
                FieldFault(field, f"there is no problem {slug[:64]!r}; GET /problems lists them")
            )
        return spec

    def clear(self) -> None:
        """Drop the cached problems. Call it after a problem was added or changed."""
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
        spec = parsed_spec(slug, stored_spec(row.spec, row.state))
        self._cached[slug] = (now + _CACHE_SECONDS, spec)
        return spec


def is_hidden(row: ProblemRow) -> bool:
    """Whether the problem is not published or is under an embargo."""
    return not row.is_published or is_later(row.spec.get("embargo_until"), datetime.now(UTC))


def with_specs(rows: Iterable[ProblemRow]) -> Iterator[tuple[ProblemRow, ProblemSpec]]:
    """The problems with their parsed specs. Problems whose spec cannot be read are left out."""
    for row in rows:
        with contextlib.suppress(UnreadableRecord):
            yield row, spec_of(row)


def spec_of(row: ProblemRow) -> ProblemSpec:
    """The parsed spec of a problem's package. Raises ``UnreadableRecord``."""
    return parsed_spec(row.slug, declared_spec(row.spec))


def parsed_spec(slug: str, spec: dict[str, Any]) -> ProblemSpec:
    """The parsed spec from a record. Raises ``UnreadableRecord``."""
    try:
        return ProblemSpec.from_json(spec)
    except CONTENT_ERRORS as error:
        _unreadable.log(f"{slug}: {describe(error)}")
        raise UnreadableRecord(
            f"the record of the problem {slug!r} cannot be read: add the problem again"
        ) from error
