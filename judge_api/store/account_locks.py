"""Locks that a transaction takes before it checks something about accounts and then writes.

SQLite has one writer at a time. In PostgreSQL two transactions could otherwise pass the same check, and both
would write.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select, text

from judge_api.store.tables import accounts
from judge_core.model.account import Role
from judge_core.model.errors import Conflict, NotFound

_NAMES_LOCK = 0x67616E61
_NAMES_AT_ONCE = 500


def lock_account(connection: Connection, account_id: str) -> None:
    """Lock the account until the transaction ends. Other transactions that call this for the account wait.

    Raises ``NotFound`` if the account was deleted. Its row stays, and its keys work for a few seconds more in
    processes that have cached them. Personal data that is stored then would never be deleted.
    """
    of_account = select(accounts.c.deleted_at.is_not(None)).where(accounts.c.id == account_id)
    if connection.execute(of_account.with_for_update(key_share=True)).scalar():
        raise account_was_deleted()


def account_was_deleted() -> NotFound:
    """The error for a change of an account that was deleted after the request was checked."""
    return NotFound("this account has just been deleted")


def require_other_admin(connection: Connection, account_id: str) -> None:
    """Raise ``Conflict`` if this account is the only administrator that is not disabled.

    All administrators are locked. Otherwise two of them could remove each other at the same moment.
    """
    admins = select(accounts.c.id).where(accounts.c.role == Role.ADMIN.value, accounts.c.disabled.is_(False))
    locked = admins.order_by(accounts.c.id).with_for_update(key_share=True)
    if list(connection.execute(locked).scalars()) == [account_id]:
        raise last_administrator("this is")


def last_administrator(who: str) -> Conflict:
    """The error for an act that would leave no administrator. ``who`` is the subject with its verb."""
    return Conflict(f"{who} the last administrator: make another account an administrator first")


def require_other_letters(connection: Connection, names: Iterable[str]) -> None:
    """Raise ``Conflict`` if an account's name differs from one of these in capitals only, since people would
    mistake ``Admin`` for ``admin``.

    A pair of such names in ``names`` raises it too. Transactions that add accounts take turns from here to
    their end.
    """
    asked = _require_own_letters(names)
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _NAMES_LOCK})
    lowered = func.lower(accounts.c.name)
    lines = list(asked.items())
    for start in range(0, len(lines), _NAMES_AT_ONCE):
        part = dict(lines[start : start + _NAMES_AT_ONCE])
        found = select(accounts.c.name).where(lowered.in_(part), accounts.c.name.not_in(part.values()))
        other = connection.execute(found.order_by(accounts.c.name).limit(1)).scalar()
        if other is not None:
            raise _taken(part[other.lower()], other)


def _require_own_letters(names: Iterable[str]) -> dict[str, str]:
    """The names by their small letters. Raises ``Conflict`` if two of them differ in capitals only."""
    asked: dict[str, str] = {}
    for name in names:
        other = asked.setdefault(name.lower(), name)
        if other != name:
            raise _taken(name, other)
    return asked


def _taken(name: str, other: str) -> Conflict:
    return Conflict(f"the name {name!r} is taken: {other!r} differs in capitals only. Choose another")
