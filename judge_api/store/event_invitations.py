"""Invitations to events, for persons without an account. Only a hash of each link's secret is stored.

A link works once. The first use makes an account that may see only this event, and a member whose own time
begins then. A new link for the same invitation leads to the same account.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from judge_api.store.account_locks import lock_account
from judge_api.store.accounts import secret_row
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.events import NewMember, StoredEvent, insert_member, raise_setup
from judge_api.store.reading import read_each, read_one
from judge_api.store.secret_tokens import EVENT_INVITATION_PREFIX, SESSION_PREFIX, hash_secret, new_secret
from judge_api.store.sessions import SignInMethod, end_sessions
from judge_api.store.tables import accounts, api_keys, event_invitations, event_members, events, new_id
from judge_core.clock import utc_now
from judge_core.model.account import Role, Tier
from judge_core.model.errors import Conflict, NotFound

MOST_OF_EVENT = 2000


class InvitationState(StrEnum):
    """The state of an invitation at a moment."""

    WAITING = "waiting"
    OPENED = "opened"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """A person to invite."""

    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    """An invitation with the secret of its link, which is known only now."""

    id: str
    name: str
    email: str | None
    token: str


@dataclass(frozen=True, slots=True)
class EventInvitation:
    """An invitation. ``used_at`` is when its present link was used. ``account_id`` and ``member_id`` are
    ``None`` until the invitation is opened."""

    id: str
    event_id: str
    name: str
    email: str | None
    made_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    opened_at: datetime | None
    account_id: str | None
    member_id: str | None
    revoked_at: datetime | None
    shows_report: bool

    def state(self, now: datetime) -> InvitationState:
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        if self.opened_at is not None:
            return InvitationState.OPENED
        return InvitationState.EXPIRED if self.expires_at <= now else InvitationState.WAITING


class EventInvitationStore:
    """Stores invitations. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(
        self, event_id: str, new: Sequence[NewInvitation], by: str, expires: datetime
    ) -> list[MadeInvitation]:
        """Make invitations. ``by`` is the id of the inviting account. Raises ``Conflict`` if the event would
        have more than ``MOST_OF_EVENT``, and ``NotFound`` if it was deleted."""
        made = [MadeInvitation(new_id(), each.name, each.email, _new_token()) for each in new]
        now = self._clock()
        rows = [_new_row(each, event_id, by, now, expires) for each in made]
        this_event = select(events.c.id).where(events.c.id == event_id)
        count = select(func.count()).where(event_invitations.c.event_id == event_id)
        with write_transaction(self._engine) as connection:
            # Otherwise two requests could pass the limit together.
            if connection.execute(this_event.with_for_update(key_share=True)).first() is None:
                raise NotFound("there is no such event any more")
            if connection.execute(count).scalar_one() + len(rows) > MOST_OF_EVENT:
                raise Conflict(f"an event has at most {MOST_OF_EVENT} invitations")
            connection.execute(insert(event_invitations), rows)
        return made

    def of_event(self, event_id: str) -> Sequence[EventInvitation]:
        """The invitations of an event, oldest first."""
        query = select(event_invitations).where(event_invitations.c.event_id == event_id)
        with read_connection(self._engine) as connection:
            return read_each(connection, query.order_by(event_invitations.c.id), _invitation)

    def get(self, event_id: str, id: str) -> EventInvitation | None:
        query = select(event_invitations).where(
            event_invitations.c.event_id == event_id, event_invitations.c.id == id
        )
        with read_connection(self._engine) as connection:
            return read_one(connection, query, _invitation)

    def of_account(self, account_id: str) -> EventInvitation | None:
        """The invitation that made this account."""
        query = select(event_invitations).where(event_invitations.c.account_id == account_id)
        with read_connection(self._engine) as connection:
            return read_one(connection, query, _invitation)

    def by_token(self, token: str) -> tuple[EventInvitation, str] | None:
        """The invitation of this link, even if the link was used, and the slug of its event."""
        query = (
            select(event_invitations, events.c.slug)
            .join(events, events.c.id == event_invitations.c.event_id)
            .where(event_invitations.c.hash == hash_secret(token))
        )
        with read_connection(self._engine) as connection:
            return read_one(connection, query, lambda row: (_invitation(row), str(row["slug"])))

    def open(
        self, token: str, invitation: EventInvitation, event: StoredEvent, session_ends: datetime
    ) -> str | None:
        """Use up the link, end earlier sessions and start a new one. The first time, an account and a member
        are made, and the member's time begins. Returns the session's secret, or ``None`` if the link was
        used, revoked or expired meanwhile. Raises ``NotFound`` if the account was deleted."""
        now = self._clock()
        with write_transaction(self._engine) as connection:
            if invitation.account_id is not None:
                lock_account(connection, invitation.account_id)
            raise_setup(connection, event.id)
            if not _use(connection, token, now):
                return None
            account_id = invitation.account_id or _begin(connection, invitation, event, now)
            end_sessions(connection, account_id, now)
            secret = new_secret(SESSION_PREFIX)
            row = secret_row(account_id, SignInMethod.LINK.value, secret, now, session_ends)
            connection.execute(insert(api_keys).values(row))
        return secret

    def renew(self, invitation: EventInvitation, expires: datetime) -> str:
        """Make a new link for the same invitation. The previous link stops working. Returns the new link's
        secret."""
        token = _new_token()
        self._change(invitation.id, hash=hash_secret(token), used_at=None, expires_at=expires)
        return token

    def show_report(self, invitation: EventInvitation, shows: bool) -> None:
        """Set whether the invited person may read the report about them."""
        self._change(invitation.id, shows_report=shows)

    def revoke(self, invitation: EventInvitation) -> None:
        """End an invitation: its link, the session and the account. Submissions and results stay."""
        now = self._clock()
        own = update(event_invitations).where(event_invitations.c.id == invitation.id)
        with write_transaction(self._engine) as connection:
            account_id = connection.execute(
                own.values(revoked_at=now).returning(event_invitations.c.account_id)
            ).scalar_one_or_none()
            if account_id is not None:
                end_sessions(connection, account_id, now)
                disabled = update(accounts).where(accounts.c.id == account_id)
                connection.execute(disabled.values(disabled=True))

    def _change(self, id: str, **values: Any) -> None:
        with write_transaction(self._engine) as connection:
            change = update(event_invitations).where(event_invitations.c.id == id)
            connection.execute(change.values(**values))


def _new_token() -> str:
    return new_secret(EVENT_INVITATION_PREFIX)


def _new_row(
    made: MadeInvitation, event_id: str, by: str, now: datetime, expires: datetime
) -> dict[str, Any]:
    return {
        "id": made.id,
        "event_id": event_id,
        "hash": hash_secret(made.token),
        "name": made.name,
        "email": made.email,
        "made_by": by,
        "created_at": now,
        "expires_at": expires,
        "shows_report": False,
    }


def _use(connection: Connection, token: str, now: datetime) -> bool:
    """Use up the link. False if it is used, revoked or expired by now."""
    unused = update(event_invitations).where(
        event_invitations.c.hash == hash_secret(token),
        event_invitations.c.used_at.is_(None),
        event_invitations.c.revoked_at.is_(None),
        event_invitations.c.expires_at > now,
    )
    return connection.execute(unused.values(used_at=now)).rowcount == 1


def _begin(connection: Connection, invitation: EventInvitation, event: StoredEvent, now: datetime) -> str:
    """Make the account and the member of an invitation. Returns the account's id."""
    account_id, suffix = new_id(), secrets.token_hex(5)
    row = {
        "id": account_id,
        "name": f"invited-{suffix}",
        "tier": Tier.NORMAL.value,
        "role": Role.USER.value,
        "created_at": now,
        "disabled": False,
        "full_name": invitation.name,
        "event": event.slug,
    }
    connection.execute(insert(accounts).values(row))
    taken = select(event_members.c.id).where(
        event_members.c.event_id == event.id, event_members.c.name == invitation.name
    )
    is_taken = connection.execute(taken).first() is not None
    name = f"{invitation.name[:110]} ({suffix})" if is_taken else invitation.name
    member_id = insert_member(connection, event.id, NewMember(name, (account_id,)), [account_id], now)
    started = update(event_members).where(event_members.c.id == member_id)
    connection.execute(started.values(started_at=now))
    opened = update(event_invitations).where(event_invitations.c.id == invitation.id)
    connection.execute(opened.values(opened_at=now, account_id=account_id, member_id=member_id))
    return account_id


def _invitation(row: RowMapping) -> EventInvitation:
    return EventInvitation(**{name: row[name] for name in EventInvitation.__slots__})
