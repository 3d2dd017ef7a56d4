"""Deletes accounts. What is kept has an anonymous name: submissions to problems, results in events, and
entries of the audit log.

The row of the account stays for the submissions that refer to it, with a name such as ``deleted-5f0c…``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, Update, delete, exists, func, select, update

from judge_api.store.account_locks import lock_account, require_other_admin
from judge_api.store.audit import has_as_subject
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import (
    account_groups,
    accounts,
    api_keys,
    attempts,
    audit,
    coding_session_spans,
    coding_sessions,
    drafts,
    event_invitations,
    event_member_accounts,
    event_members,
    event_messages,
    event_shadow_submissions,
    events,
    favorites,
    identities,
    ignored_failures,
    invitations,
    lti_grades,
    notices,
    one_time_links,
    problem_members,
    recovery_codes,
    second_factors,
    submission_links,
    submissions,
    webhooks,
)
from judge_core.clock import utc_now
from judge_core.model.account import Account, Role
from judge_core.model.submission import Kind

_OF_THE_ACCOUNT = (
    api_keys,
    one_time_links,
    account_groups,
    problem_members,
    webhooks,
    drafts,
    favorites,
    coding_session_spans,
    coding_sessions,
    second_factors,
    recovery_codes,
    identities,
    lti_grades,
    notices,
    submission_links,
)
_RUNS_AT_ONCE = 500


class AccountDeletion:
    """Deletes accounts. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def request(self, account_id: str, due: datetime | None) -> None:
        """Set when the account is to be deleted; ``None`` withdraws the request."""
        change = update(accounts).where(accounts.c.id == account_id).values(deletion_due=due)
        with write_transaction(self._engine) as connection:
            connection.execute(change)

    def due(self) -> list[str]:
        """The ids of the accounts that are to be deleted by now."""
        query = select(accounts.c.id).where(accounts.c.deletion_due <= self._clock())
        with read_connection(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def delete(self, account: Account) -> str:
        """Delete the account. Returns its anonymous name. Raises ``Conflict`` for the last administrator."""
        anonymous = f"deleted-{secrets.token_hex(6)}"
        with write_transaction(self._engine) as connection:
            if account.is_admin:
                require_other_admin(connection, account.id)
            lock_account(connection, account.id)
            _leave_events(connection, account.id, anonymous)
            for table in _OF_THE_ACCOUNT:
                connection.execute(delete(table).where(table.c.account_id == account.id))
            invited = update(event_invitations).where(event_invitations.c.account_id == account.id)
            # A new link would lead to a deleted account.
            revoked_at = func.coalesce(event_invitations.c.revoked_at, self._clock())
            connection.execute(invited.values(name=anonymous, email=None, revoked_at=revoked_at))
            _rename(connection, account.name, anonymous)
            connection.execute(_emptied(account.id, anonymous, self._clock()))
        while self._delete_runs(submissions.c.account_id == account.id):
            pass
        return anonymous

    def delete_late_runs(self) -> int:
        """Delete the runs of deleted accounts that were unfinished when the account was deleted, and have
        ended since. Returns how many."""
        deleted = select(accounts.c.id).where(accounts.c.deleted_at.is_not(None))
        count = 0
        while found := self._delete_runs(submissions.c.account_id.in_(deleted)):
            count += found
        return count

    def _delete_runs(self, which: ColumnElement[bool]) -> int:
        """Delete some of the finished runs that meet the condition. They hold their account's own input.
        Returns how many."""
        query = (
            select(submissions.c.id)
            .where(which, submissions.c.kind == Kind.RUN.value, submissions.c.open.is_(False))
            .limit(_RUNS_AT_ONCE)
        )
        with read_connection(self._engine) as connection:
            if connection.execute(query).first() is None:
                return 0
        with write_transaction(self._engine) as connection:
            ids = list(connection.execute(query).scalars())
            connection.execute(delete(attempts).where(attempts.c.submission_id.in_(ids)))
            connection.execute(delete(submissions).where(submissions.c.id.in_(ids)))
        return len(ids)


def _leave_events(connection: Connection, account_id: str, anonymous: str) -> None:
    """Make the account's part in events anonymous. If the account was a member by itself, that member keeps
    its results under the anonymous name, and the text of its questions is deleted. A team keeps its name."""
    others = event_member_accounts.alias()
    mine = select(event_member_accounts.c.member_id).where(
        event_member_accounts.c.account_id == account_id,
        ~exists().where(
            others.c.member_id == event_member_accounts.c.member_id, others.c.account_id != account_id
        ),
    )
    alone = list(connection.execute(mine).scalars())
    of_members = event_members.c.id.in_(alone)
    renamed = update(event_members).where(of_members)
    connection.execute(renamed.values(name=anonymous, affiliation=None))
    asked = event_messages.c.member_id.in_(alone) & event_messages.c.question.is_not(None)
    connection.execute(update(event_messages).where(asked).values(question=""))
    in_events = select(event_members.c.event_id).where(of_members)
    raised = update(events).where(events.c.id.in_(in_events))
    connection.execute(raised.values(setup_revision=events.c.setup_revision + 1))
    connection.execute(delete(event_member_accounts).where(event_member_accounts.c.account_id == account_id))


def _rename(connection: Connection, name: str, anonymous: str) -> None:
    """Put the anonymous name wherever another record has the account's name."""
    connection.execute(update(audit).where(audit.c.account == name).values(account=anonymous))
    named = update(audit).where(has_as_subject(name))
    connection.execute(named.values(subject=anonymous, detail=None))
    _rename_owner(connection, name, anonymous)
    for column in (invitations.c.made_by, invitations.c.used_by):
        connection.execute(update(invitations).where(column == name).values({column.name: anonymous}))
    ignored = update(ignored_failures).where(ignored_failures.c.ignored_by == name)
    connection.execute(ignored.values(ignored_by=anonymous))
    made = update(one_time_links).where(one_time_links.c.made_by == name)
    connection.execute(made.values(made_by=anonymous))
    looked_at = update(event_shadow_submissions).where(event_shadow_submissions.c.looked_by == name)
    connection.execute(looked_at.values(looked_by=anonymous))


def _rename_owner(connection: Connection, name: str, anonymous: str) -> None:
    """Replace the name in the details of entries that say who became owner or co-author of a problem."""
    acts = {"problem.owner": "owner", "problem.co-author": "name"}
    query = select(audit.c.id, audit.c.act, audit.c.detail).where(audit.c.act.in_(acts))
    for row in connection.execute(query).all():
        key = acts[row.act]
        if row.detail and row.detail.get(key) == name:
            detail = {**row.detail, key: anonymous}
            connection.execute(update(audit).where(audit.c.id == row.id).values(detail=detail))


def _emptied(account_id: str, anonymous: str, now: datetime) -> Update:
    return (
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(
            name=anonymous,
            role=Role.USER.value,
            disabled=True,
            password_hash=None,
            full_name=None,
            email=None,
            email_verified_at=None,
            locale=None,
            notice_mails=None,
            deletion_due=None,
            deleted_at=now,
        )
    )
