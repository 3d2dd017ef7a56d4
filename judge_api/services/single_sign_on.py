"""Signs people in through other servers (OpenID Connect), and links their identities to accounts.

A person without an account gets a new one, if the settings allow it. An existing account is never given to a
person because of an e-mail address: its owner signs in to it and links the identity.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Engine

from judge_api.services.account_administration import AccountAdministration, AccountChanges
from judge_api.services.oidc_client import LoggedOut, OidcClient, SignInSecrets, SsoFault, SsoRefused
from judge_api.settings import Settings, SignUp
from judge_api.store.accounts import NewAccount
from judge_api.store.audit import AuditLog
from judge_api.store.identities import IdentityStore, NewIdentity
from judge_api.store.one_time_links import ProviderSession
from judge_api.store.sessions import SessionStore
from judge_core.model.account import Account, Role, Tier
from judge_core.model.errors import Conflict, NotFound
from judge_core.model.identity_provider import (
    Claims,
    IdentityProvider,
    Profile,
    is_member,
    numbered_name,
    profile_of,
)

SIGN_IN_SECONDS = 600
SINGLE_SIGN_ON = "single sign-on"
"""The name in the audit log for changes that come from claims. It has a space, so no account can have it."""
_HOME = "/problems"
_NUMBERED_NAMES = 9


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """A sign-in that a browser has begun. ``links`` is the session whose account will be linked."""

    provider: str
    state: str
    next: str
    links: str | None = None


class SignInRequests:
    """Seals a request into a cookie. Nonce and verifier are computed from it and the server's secret."""

    def __init__(self, secret_key: str) -> None:
        self._key = secret_key.encode()
        self._serializer = URLSafeTimedSerializer(secret_key, salt="single sign-on")

    def new(self, provider: str, next: str, links: str | None = None) -> SignInRequest:
        return SignInRequest(provider, secrets.token_urlsafe(32), safe_path(next), links)

    def seal(self, request: SignInRequest) -> str:
        return str(self._serializer.dumps(asdict(request)))

    def open(self, cookie: str, provider: str, state: str) -> SignInRequest:
        """The request in this cookie. Raises ``SsoRefused`` if the cookie is too old or not sealed by this
        server, or if the request is for another provider or has another state."""
        try:
            found = SignInRequest(**self._serializer.loads(cookie, max_age=SIGN_IN_SECONDS))
        except (BadSignature, TypeError) as error:
            raise SsoRefused(SsoFault.OUTDATED, "no sign-in was begun, or too long ago") from error
        if found.provider != provider:
            raise SsoRefused(SsoFault.OUTDATED, f"the sign-in was begun with {found.provider}")
        if not hmac.compare_digest(found.state.encode(), state.encode()):
            raise SsoRefused(SsoFault.OUTDATED, "the state is of another sign-in")
        return found

    def secrets_of(self, request: SignInRequest) -> SignInSecrets:
        return SignInSecrets(request.state, self._derive("nonce", request), self._derive("pkce", request))

    def _derive(self, purpose: str, request: SignInRequest) -> str:
        message = f"{purpose}:{request.provider}:{request.state}".encode()
        return urlsafe_b64encode(hmac.digest(self._key, message, hashlib.sha256)).rstrip(b"=").decode()


def safe_path(path: str) -> str:
    """The path to which the browser is sent after signing in. If it leads to another site, it is replaced by
    the list of problems."""
    is_odd = any(ord(letter) < 33 or letter == "\\" for letter in path)
    if is_odd or len(path) > 512 or not path.startswith("/") or path.startswith("//"):
        return _HOME
    parts = urlsplit(path)
    return path if not parts.scheme and not parts.netloc else _HOME


class SingleSignOn:
    """Signs people in and links identities.

    Methods raise ``SsoRefused``. Methods about identities raise ``Conflict`` and ``NotFound``.
    """

    def __init__(self, engine: Engine, settings: Settings, administration: AccountAdministration) -> None:
        self._identities = IdentityStore(engine)
        self._sessions = SessionStore(engine)
        self._audit = AuditLog(engine)
        self._administration = administration
        self._sign_up = settings.sign_up
        self._tiers = settings.tiers
        self.clients: Mapping[str, OidcClient] = {
            provider.name: OidcClient(provider, settings.public_url) for provider in settings.oidc_providers
        }

    def client(self, name: str) -> OidcClient:
        """The client of the provider with this name."""
        if name not in self.clients:
            raise SsoRefused(SsoFault.UNKNOWN_PROVIDER)
        return self.clients[name]

    def sign_in(self, provider: IdentityProvider, claims: Claims) -> Account:
        """The account of this person, with the values that the claims give it. The first sign-in makes the
        account."""
        account = self.account_for(provider, claims)
        self._audit.record(account.name, "session.by-sso", account.name, provider=provider.name)
        return account

    def account_for(self, provider: IdentityProvider, claims: Claims) -> Account:
        """The same as :meth:`sign_in`, for a person who does not sign in now."""
        profile = self._member(provider, claims)
        identity = _identity(provider, profile)
        account = self._identities.account_of(provider.issuer, profile.subject)
        if account is None:
            account = self._add(provider, profile, identity)
        elif account.disabled:
            raise SsoRefused(SsoFault.DISABLED, account.name)
        else:
            account = self._update(provider, account, profile, self._identities.groups_of(identity))
            # This is last: if a change above fails, the next sign-in makes the change.
            self._identities.record_use(identity)
        return account

    def link(self, account: Account, provider: IdentityProvider, claims: Claims) -> None:
        """Link this person to the account. From now on the person may sign in to it."""
        profile = self._member(provider, claims)
        owner = self._identities.account_of(provider.issuer, profile.subject)
        if owner is not None and owner.id != account.id:
            raise SsoRefused(SsoFault.LINKED_ELSEWHERE, owner.name)
        if owner is not None:
            return
        # No groups are stored here, so the first sign-in adds all groups as new ones.
        identity = replace(_identity(provider, profile), groups=None)
        try:
            self._identities.link(account.id, identity)
        except Conflict as error:
            raise SsoRefused(SsoFault.LINKED_ELSEWHERE) from error
        self._audit.record(account.name, "identity.link", account.name, provider=provider.name)

    def unlink(self, account: Account, id: str) -> None:
        """Unlink an identity from the account. Raises ``Conflict`` if it is the only way to sign in."""
        found = next((one for one in self._identities.of(account.id) if one.id == id), None)
        if found is None:
            raise NotFound(f"there is no identity {id[:64]!r} of yours")
        if not self._identities.unlink(account.id, id):
            raise Conflict("this is the only way to sign in to your account: set a password first")
        self._audit.record(account.name, "identity.unlink", account.name, provider=found.provider)

    def unlink_for(self, actor: str, account: Account, id: str) -> None:
        """Unlink an identity from another account, for an administrator. Raises ``Conflict`` as
        :meth:`unlink` does."""
        found = next((one for one in self._identities.of(account.id) if one.id == id), None)
        if found is None:
            raise NotFound(f"{account.name} has no identity {id[:64]!r}")
        if not self._identities.unlink(account.id, id):
            raise Conflict(
                f"this is the only way to sign in to {account.name}: let its owner set a password by a link "
                "first, or disable the account"
            )
        self._audit.record(actor, "identity.unlink", account.name, provider=found.provider)

    def end_sessions(self, provider: IdentityProvider, ended: LoggedOut) -> int:
        """End the sessions that the provider says have ended. Returns their number."""
        account = self._identities.account_of(provider.issuer, ended.subject) if ended.subject else None
        if ended.subject and account is None:
            return 0
        session = ProviderSession(provider.name, ended.session)
        count = self._sessions.end_sso(session, account.id if account else None, ended.before)
        self._audit.record(
            SINGLE_SIGN_ON,
            "session.ended-by-sso",
            account.name if account else provider.name,
            provider=provider.name,
            sessions=count,
        )
        return count

    def _member(self, provider: IdentityProvider, claims: Claims) -> Profile:
        if not is_member(provider, claims):
            raise SsoRefused(SsoFault.NOT_MEMBER, f"required: {dict(provider.require)}")
        return profile_of(provider, claims, self._tiers)

    def _add(self, provider: IdentityProvider, profile: Profile, identity: NewIdentity) -> Account:
        if self._sign_up is SignUp.CLOSED or not provider.sign_up:
            raise SsoRefused(SsoFault.NO_ACCOUNT, profile.name)
        address = profile.email if profile.email_verified else None
        if address is not None and self._identities.is_verified_address(address):
            raise SsoRefused(SsoFault.EMAIL_TAKEN)
        new = NewAccount(
            name=self._free_name(profile.name),
            tier=profile.tier or Tier.NORMAL,
            role=profile.role or Role.USER,
            full_name=profile.full_name,
            email=address,
            groups=profile.groups or (),
        )
        try:
            return self._identities.add_account(new, identity)
        except Conflict as error:
            raise SsoRefused(SsoFault.OUTDATED, str(error)) from error

    def _free_name(self, name: str) -> str:
        """This name, or a similar one if it is taken."""
        numbers = range(2, _NUMBERED_NAMES + 1)
        names = [name, *(numbered_name(name, number) for number in numbers)]
        found = self._identities.free_name(names)
        return found or numbered_name(name, secrets.randbelow(900_000) + 100_000)

    def _update(
        self, provider: IdentityProvider, account: Account, profile: Profile, before: tuple[str, ...]
    ) -> Account:
        """Change the tier, role and groups of an account to those of the claims."""
        changes = AccountChanges(
            tier=profile.tier if profile.tier != account.tier else None,
            role=_new_role(provider, account, profile),
        )
        groups = profile.groups if profile.groups is not None else before
        added = [AccountChanges(add_group=name) for name in groups if name not in before]
        removed = [AccountChanges(remove_group=name) for name in before if name not in groups]
        for change in (changes, *added, *removed):
            if change.detail():
                account = self._changed(account, change)
        return account

    def _changed(self, account: Account, changes: AccountChanges) -> Account:
        try:
            return self._administration.change(SINGLE_SIGN_ON, account, changes)
        except Conflict:
            # The last administrator keeps the role, whatever the provider says.
            return account


def _new_role(provider: IdentityProvider, account: Account, profile: Profile) -> Role | None:
    """The role to change to.

    An administrator keeps the role, unless the provider may make administrators.
    """
    if profile.role is account.role or (account.is_admin and not provider.allow_admin):
        return None
    return profile.role


def _identity(provider: IdentityProvider, profile: Profile) -> NewIdentity:
    return NewIdentity(provider.issuer, profile.subject, provider.name, profile.groups)
