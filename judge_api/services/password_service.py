"""Changes passwords, with the present password or with a one-time link. A change ends the account's other
sessions, and a reset ends all sessions."""

from __future__ import annotations

from dataclasses import dataclass

from judge_api.services.password_hashing import hash_password, verify_password
from judge_api.services.sign_in_guard import SignInClient, SignInGuard
from judge_api.store.audit import AuditLog
from judge_api.store.one_time_links import OneTimeLink, OneTimeLinkStore
from judge_api.store.passwords import PasswordStore
from judge_core.model.account import Account, LinkPurpose
from judge_core.model.errors import FieldFault, Invalid

_BAD_LINK = "is used, expired or wrong: ask for a new link"


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """A request to change a password. ``session`` is the id of the session that stays valid."""

    current: str | None
    new: str
    session: str | None
    client: SignInClient


class PasswordService:
    """Changes and resets passwords. Methods raise ``Invalid`` with the wrong field, and ``QuotaExceeded``
    after many guesses."""

    def __init__(
        self, passwords: PasswordStore, links: OneTimeLinkStore, guard: SignInGuard, audit: AuditLog
    ) -> None:
        self._passwords = passwords
        self._links = links
        self._guard = guard
        self._audit = audit

    def change(self, account: Account, change: PasswordChange) -> None:
        """Set a new password. The present password is needed, unless the account has none yet."""
        self.confirm(account, change.current, change.client)
        if change.new == change.current:
            raise Invalid(FieldFault("new_password", "is the present password: choose another one"))
        ended = self._passwords.set(account.id, hash_password(change.new), change.session)
        self._audit.record(account.name, "password.change", account.name, sessions_ended=ended)

    def link(self, token: str) -> OneTimeLink:
        """The link of this token. The link stays unused."""
        link = self._links.find(token)
        if link is None:
            raise Invalid(FieldFault("token", _BAD_LINK))
        return link

    def reset(self, token: str, new_password: str) -> Account:
        """Set the password of the link's account and end all its sessions. The link then no longer works."""
        link = self.link(token)
        if link.purpose is not LinkPurpose.PASSWORD:
            raise Invalid(
                FieldFault(
                    "token", "belongs to a link for another purpose: ask for a link to reset the password"
                )
            )
        if not self._passwords.reset(token, link.account.id, hash_password(new_password)):
            raise Invalid(FieldFault("token", _BAD_LINK))
        self._audit.record(link.account.name, "password.reset", link.account.name)
        return link.account

    def confirm(self, account: Account, current: str | None, client: SignInClient) -> None:
        """Require the present password, unless the account has none. Each guess is counted before it is
        checked."""
        stored = self._passwords.hash_of(account.id)
        if stored is None:
            return
        if current is None:
            raise Invalid(FieldFault("current_password", "is missing: send the present password"))
        counted = self._guard.begin(account.name, account.id, client)
        if not verify_password(stored, current):
            raise Invalid(FieldFault("current_password", "is wrong"))
        self._guard.succeeded(counted)
