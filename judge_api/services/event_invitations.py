"""Invites persons without an account to an event, and lets each of them in once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from judge_api.events.rules import Visibility
from judge_api.events.windows import closes_at
from judge_api.services.event_access import EventView
from judge_api.store.event_invitations import (
    EventInvitation,
    EventInvitationStore,
    InvitationState,
    MadeInvitation,
    NewInvitation,
)
from judge_api.store.events import EventStore, StoredEvent
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339

SESSION_AFTER_END = timedelta(days=14)
"""How long a session lasts after the event, so that the person can read the report if the jury allows it."""
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class FoundInvitation:
    """The invitation of a link, with its event. ``fault`` says why it cannot be opened now."""

    invitation: EventInvitation
    event: StoredEvent
    now: datetime
    fault: str | None

    @property
    def state(self) -> InvitationState:
        return self.invitation.state(self.now)


class EventInvitations:
    """Makes and opens invitations. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: EventInvitationStore, events: EventStore, clock: Clock = SYSTEM_CLOCK) -> None:
        self._store = store
        self._events = events
        self._clock = clock

    def invite(
        self, view: EventView, by: Account, people: Sequence[NewInvitation], expires: datetime | None
    ) -> list[MadeInvitation]:
        """Make invitations. They can be opened until ``expires``, or by default until the event's end.

        Raises ``Invalid`` or ``Conflict``.
        """
        _require_own_windows(view.event)
        expires = self._expiry(view.event, expires)
        return self._store.add(view.event.id, people, by.id, expires)

    def find(self, token: str) -> FoundInvitation:
        """The invitation of a link. The link stays unused. Raises ``Invalid`` for an unknown link."""
        found = self._store.by_token(token)
        event = self._events.get(found[1]) if found else None
        if found is None or event is None:
            raise Invalid(FieldFault("token", "is not known: open the whole link of your invitation"))
        now = self._clock.now()
        return FoundInvitation(found[0], event, now, _fault(found[0], event, now))

    def open(self, token: str) -> tuple[FoundInvitation, str]:
        """Use up the link. Returns the secret of a new session.

        Raises ``Invalid`` for an unknown link, and ``Conflict`` if the link cannot be used now. The link then
        stays unused, unless another request has used it.
        """
        found = self.find(token)
        if found.fault is not None:
            raise Conflict(found.fault)
        secret = self._store.open(token, found.invitation, found.event, session_end(found.event))
        if secret is None:
            raise Conflict(self.find(token).fault or "the invitation has changed: open its link again")
        return found, secret

    def renew(self, view: EventView, id: str, expires: datetime | None) -> MadeInvitation:
        """A new link for an invitation, for a person who has lost the link or cannot use the same browser.

        Raises ``Conflict`` for a revoked invitation.
        """
        found = self.get(view, id)
        if found.revoked_at is not None:
            raise Conflict("this invitation was revoked: make a new one")
        token = self._store.renew(found, self._expiry(view.event, expires))
        return MadeInvitation(found.id, found.name, found.email, token)

    def get(self, view: EventView, id: str) -> EventInvitation:
        """The invitation of this event with this id. Raises ``NotFound``."""
        found = self._store.get(view.event.id, id) if "\x00" not in id else None
        if found is None:
            raise NotFound(f"there is no invitation {id[:64]!r} to this event")
        return found

    def _expiry(self, event: StoredEvent, expires: datetime | None) -> datetime:
        """The moment until which a link can be opened."""
        if expires is None:
            return event.times.ends_at
        if expires <= self._clock.now():
            raise Invalid(FieldFault("expires_at", "must be in the future"))
        return min(expires, event.times.ends_at)


def session_end(event: StoredEvent) -> datetime:
    """The time at which the session of an invited person ends, unless the invitation is revoked earlier."""
    return closes_at(event.rules, event.times, _NO_TIME) + SESSION_AFTER_END


def _require_own_windows(event: StoredEvent) -> None:
    faults = []
    if event.rules.length_minutes is None:
        why = "is missing: an invitation starts a person's own time, so set its length"
        faults.append(FieldFault("rules.length_minutes", why))
    if event.visibility is Visibility.JURY:
        faults.append(FieldFault("visibility", "must let members see the event: choose members"))
    if faults:
        raise Invalid(*faults)


def _fault(invitation: EventInvitation, event: StoredEvent, now: datetime) -> str | None:
    """The reason why an invitation cannot be opened now, for the invited person."""
    ask = "ask the person who invited you for a new link"
    times, clock = event.times, event.times.clock(now)
    if invitation.revoked_at is not None:
        return "this invitation was revoked: ask the person who invited you"
    if invitation.used_at is not None:
        used = rfc3339(invitation.used_at)
        return f"this link was used in another browser at {used}, and works once: continue there, or {ask}"
    if clock >= times.ends_at:
        return "the time for this invitation is over: the event has ended"
    if invitation.expires_at <= clock:
        return f"this link expired at {rfc3339(invitation.expires_at)}: {ask}"
    if clock < times.starts_at:
        return (
            f"the event has not begun: open this link from {rfc3339(times.starts_at)} on. "
            "The link stays unused until then"
        )
    if times.paused_at is not None:
        return "the event is paused: open this link when it goes on. The link stays unused until then"
    return None
