"""Changes to accounts by administrators, by the API or the command line, and owners' requests for deletion.
The audit log has each change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from judge_api.store.account_deletion import AccountDeletion
from judge_api.store.account_locks import last_administrator
from judge_api.store.accounts import AccountStore, NewAccount
from judge_api.store.audit import AuditLog
from judge_api.store.groups import GroupStore
from judge_api.store.one_time_links import OneTimeLinkStore
from judge_api.store.second_factors import SecondFactorStore
from judge_core.clock import utc_now
from judge_core.model.account import Account, LinkPurpose, Role, Scope, Tier, group_fault, name_fault
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound, UnreadableRecord
from judge_core.model.tiers import DEFAULT_TIERS, Tiers

COMMAND_LINE = "command line"
"""The name in the audit log for acts of ``gavel`` commands. It has a space, so no account can have it."""
LINK_PATH = "/link"
LINK_LASTS = {LinkPurpose.PASSWORD: timedelta(hours=24), LinkPurpose.SIGN_IN: timedelta(hours=1)}
_LONGEST_KEY_NAME = 64
_LINK_ACTS = {LinkPurpose.PASSWORD: "account.reset-link", LinkPurpose.SIGN_IN: "account.login-link"}


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A one-time link with its secret. It is shown once, when it is made."""

    url: str
    purpose: LinkPurpose
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewKey:
    """An API key to make. Without ``lasts`` it never expires. Without ``scopes`` it may do all that its
    account may do."""

    name: str
    lasts: timedelta | None = None
    scopes: tuple[Scope, ...] | None = None


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """Changes of an account; ``None`` leaves a field as it is."""

    tier: Tier | None = None
    role: Role | None = None
    disabled: bool | None = None
    add_group: str | None = None
    remove_group: str | None = None

    def detail(self) -> dict[str, object]:
        """The changed values, for the audit log."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class AccountAdministration:
    """Changes accounts for administrators. ``actor`` is the name of the acting account.

    Every method may raise ``StoreUnavailable``.
    """

    def __init__(
        self,
        engine: Engine,
        public_url: str,
        clock: Callable[[], datetime] = utc_now,
        tiers: Tiers = DEFAULT_TIERS,
    ) -> None:
        self.engine = engine
        self.accounts = AccountStore(engine, clock)
        self._second_factors = SecondFactorStore(engine, clock)
        self._links = OneTimeLinkStore(engine, clock)
        self._audit = AuditLog(engine, clock)
        self._deletion = AccountDeletion(engine, clock)
        self._groups = GroupStore(engine, clock)
        self.public_url = public_url
        self.tiers = tiers
        self._clock = clock

    def add(self, actor: str, new: NewAccount, password_hash: str | None = None) -> Account:
        """Make an account. Raises ``Invalid`` for a bad name or an undefined tier, and ``Conflict`` for a
        taken name."""
        if fault := name_fault(new.name):
            raise Invalid(FieldFault("name", fault))
        self.tiers.require(new.tier)
        account = self.accounts.add(new.name, new.tier, new.role, password_hash)
        self._audit.record(actor, "account.add", new.name, tier=new.tier.value, role=new.role.value)
        return account

    def issue_key(self, actor: str, account: Account, new: NewKey) -> str:
        """Make an API key for the account. Returns its secret. Raises ``Invalid`` for a bad name."""
        if not 1 <= len(new.name.strip()) <= _LONGEST_KEY_NAME:
            raise Invalid(FieldFault("label", f"must have 1 to {_LONGEST_KEY_NAME} characters"))
        expires = None if new.lasts is None else self._clock() + new.lasts
        key_id, secret = self.accounts.issue_key(account.id, new.name, expires, new.scopes)
        self._audit.record(actor, "key.issue", key_id, name=new.name, owner=account.id, scopes=new.scopes)
        return secret

    def change(self, actor: str, account: Account, changes: AccountChanges) -> Account:
        """Change an account's tier, role or groups, or disable or enable it.

        Raises ``Conflict`` if no administrator would be left, and ``Invalid`` for a bad group name or an
        undefined tier.
        """
        loses_admin = changes.disabled or changes.role not in (None, Role.ADMIN)
        if loses_admin and self._is_last_admin(account):
            raise last_administrator(f"{account.name} is")
        if changes.add_group is not None and (fault := group_fault(changes.add_group)):
            raise Invalid(FieldFault("add_group", fault))
        if changes.tier is not None:
            self.tiers.require(changes.tier)
            account = self.accounts.set_tier(account.id, changes.tier)
        if changes.role is not None:
            account = self.accounts.set_role(account.id, changes.role)
        if changes.disabled is not None:
            account = self.accounts.set_disabled(account.id, changes.disabled)
        if changes.add_group is not None:
            self._groups.add(changes.add_group, account.id)
        if changes.remove_group is not None:
            self._groups.remove(changes.remove_group, account.id)
        self._audit.record(actor, "account.change", account.name, **changes.detail())
        return account

    def remove_second_factor(self, actor: str, account: Account) -> None:
        """Turn off the account's second factor, for a person who has lost both device and recovery codes.
        Raises ``Conflict`` if the account has none."""
        if not self._second_factors.remove(account.id):
            raise Conflict(f"{account.name} has no second factor")
        self._audit.record(actor, "second-factor.removed", account.name)

    def delete(self, actor: str, account: Account) -> str:
        """Delete the account. Records that are kept no longer name it. Raises ``Conflict`` for the last
        administrator."""
        if self._is_last_admin(account):
            raise last_administrator(f"{account.name} is")
        anonymous = self._deletion.delete(account)
        self._audit.record(anonymous if actor == account.name else actor, "account.delete", anonymous)
        return anonymous

    def request_deletion(self, account: Account, after: timedelta) -> datetime:
        """Plan the deletion of the account. Until then its owner may withdraw the request.

        Returns the time of the deletion. Raises ``Conflict`` for the last administrator.
        """
        if self._is_last_admin(account):
            raise last_administrator("you are")
        due = self._clock() + after
        self._deletion.request(account.id, due)
        self._audit.record(account.name, "account.request-deletion", account.name, due=due.isoformat())
        return due

    def withdraw_deletion(self, account: Account) -> None:
        """Withdraw the owner's request for deletion, if there is one."""
        if account.deletion_due is not None:
            self._deletion.request(account.id, None)
            self._audit.record(account.name, "account.keep", account.name)

    def delete_due(self) -> int:
        """Delete the accounts whose deletion is due. Delete also the runs that were unfinished at earlier
        deletions and have ended since. Returns how many accounts were deleted."""
        self._deletion.delete_late_runs()
        found = [account for id in self._deletion.due() if (account := self._readable(id)) is not None]
        deleted = 0
        for account in found:
            try:
                self.delete(account.name, account)
                deleted += 1
            except Conflict:
                # The account is the last administrator now, since others were deleted meanwhile.
                self._deletion.request(account.id, None)
            except NotFound:
                continue  # Another process has deleted it at this moment.
        return deleted

    def _readable(self, id: str) -> Account | None:
        """The account. ``None`` also if its record cannot be read, because one damaged record must not
        prevent the deletion of other accounts."""
        try:
            return self.accounts.get(id)
        except UnreadableRecord:
            return None

    def _is_last_admin(self, account: Account) -> bool:
        return account.is_admin and not account.disabled and self.accounts.count_admins() <= 1

    def make_link(self, actor: str, account: Account, purpose: LinkPurpose) -> MadeLink:
        """Make a link for this account that works once. Raises ``Conflict`` for a disabled account."""
        if account.disabled:
            raise Conflict(f"the account {account.name} is disabled: enable it first")
        expires = self._clock() + LINK_LASTS[purpose]
        token = self._links.create(account.id, purpose, actor, expires)
        self._audit.record(actor, _LINK_ACTS[purpose], account.name)
        return MadeLink(f"{self.public_url}{LINK_PATH}#{token}", purpose, expires)
