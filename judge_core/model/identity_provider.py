"""Providers of single sign-on (OpenID Connect) as data, and the fields that a person's claims set in an
account."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from judge_core.model.account import (
    LONGEST_NAME,
    SHORTEST_NAME,
    Role,
    Tier,
    email_fault,
    full_name_fault,
    group_fault,
)
from judge_core.model.tiers import DEFAULT_TIERS, Tiers

Claims = Mapping[str, object]
Value = TypeVar("Value")
DEFAULT_SCOPES = ("openid", "profile", "email")
DEFAULT_CLAIMS = {"name": "preferred_username", "full_name": "name", "email": "email"}
MOST_PROVIDERS, MOST_GROUPS = 20, 50
LONGEST_SUBJECT = 255
_CLAIM_FIELDS = ("name", "full_name", "email", "tier", "role", "groups")
_PROVIDER_NAME = r"[a-z0-9][a-z0-9-]{0,31}"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ROLE_ORDER = (Role.ADMIN, Role.AUTHOR, Role.USER)


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """One provider. ``claims`` names the claim for each field of an account. ``tiers``, ``roles`` and
    ``groups`` map the values of those claims.

    If ``tiers`` or ``roles`` is empty, the claim's values are the names of tiers or roles. If ``groups`` is
    empty, every value is the name of a group.
    """

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False, default="")
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    sign_up: bool = True
    sign_out: bool = False
    allow_admin: bool = False
    claims: Mapping[str, str] = field(default_factory=lambda: DEFAULT_CLAIMS)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    require: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as a provider describes it. If tier, role or groups is ``None``, the account keeps its own."""

    subject: str
    name: str
    full_name: str | None = None
    email: str | None = None
    email_verified: bool = False
    tier: Tier | None = None
    role: Role | None = None
    groups: tuple[str, ...] | None = None


def claim_of(claims: Claims, path: str) -> object:
    """The claim of this name, or of a path of names (``realm_access.roles``). ``None`` if it is missing."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def is_member(provider: IdentityProvider, claims: Claims) -> bool:
    """Whether the person has every claim that the provider's settings require."""
    return all(set(values) & set(_texts(claim_of(claims, path))) for path, values in provider.require.items())


def profile_of(provider: IdentityProvider, claims: Claims, tiers: Tiers = DEFAULT_TIERS) -> Profile:
    """The profile of a person. A claim that is missing or invalid counts as absent."""
    email = _text(provider, claims, "email", email_fault)
    verified = claims.get("email_verified") in (True, "true") and email is not None
    return Profile(
        subject=str(claims.get("sub", "")),
        name=_account_name(provider, claims),
        full_name=_text(provider, claims, "full_name", full_name_fault),
        email=email,
        email_verified=verified and provider.claims["email"] == "email",
        tier=_tier(provider, claims, tiers),
        role=_role(provider, claims),
        groups=_groups(provider, claims),
    )


def _tier(provider: IdentityProvider, claims: Claims, tiers: Tiers) -> Tier | None:
    """The heaviest defined tier in the claim, else ``normal``. ``None`` if the settings name no claim."""
    order = [tier for tier in tiers.by_weight if tier != Tier.NORMAL]
    return _highest(_values(provider, claims, "tier"), provider.tiers, [*order, Tier.NORMAL])


def _role(provider: IdentityProvider, claims: Claims) -> Role | None:
    """The highest role in the claim. The role admin counts only if the settings allow it."""
    order = _ROLE_ORDER if provider.allow_admin else _ROLE_ORDER[1:]
    return _highest(_values(provider, claims, "role"), provider.roles, order)


def _highest(
    values: Sequence[str] | None,
    known: Mapping[str, Value],
    order: Sequence[Value],
) -> Value | None:
    """The highest value that the claim's texts name, else the lowest value. ``None`` if ``values`` is
    ``None``."""
    if values is None:
        return None
    names = known or {str(each): each for each in order}
    meant = {names[value] for value in values if value in names}
    return next((each for each in order if each in meant), order[-1])


def _groups(provider: IdentityProvider, claims: Claims) -> tuple[str, ...] | None:
    values = _values(provider, claims, "groups")
    if values is None:
        return None
    names = [provider.groups.get(value) if provider.groups else value.strip("/") for value in values]
    return tuple(dict.fromkeys(name for name in names if name and group_fault(name) is None))[:MOST_GROUPS]


def _values(provider: IdentityProvider, claims: Claims, kind: str) -> Sequence[str] | None:
    """The texts of the claim that the settings name. ``None`` if they name no claim."""
    path = provider.claims.get(kind)
    return None if path is None else _texts(claim_of(claims, path))


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [str(each) for each in found if isinstance(each, str | int) and not isinstance(each, bool)]


def _text(
    provider: IdentityProvider, claims: Claims, kind: str, fault: Callable[[str], str | None]
) -> str | None:
    value = claim_of(claims, provider.claims[kind]) if kind in provider.claims else None
    text = value.strip() if isinstance(value, str) else ""
    return text if text and fault(text) is None else None


def _account_name(provider: IdentityProvider, claims: Claims) -> str:
    """A valid name for a new account, from the name claim, else the e-mail address, else the provider's
    name."""
    email = claim_of(claims, provider.claims.get("email", "email"))
    of_email = email.split("@")[0] if isinstance(email, str) else ""
    for found in (claim_of(claims, provider.claims["name"]), of_email, provider.name):
        if isinstance(found, str) and len(name := _valid_letters(found)) >= SHORTEST_NAME:
            return name
    return f"{provider.name}-user"


def _valid_letters(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._@-]+", "-", text).strip(".-_@")[:LONGEST_NAME]


def numbered_name(name: str, number: int) -> str:
    """The name with a number, such as ``ada-2``, for an account whose name is taken."""
    ending = f"-{number}"
    return name[: LONGEST_NAME - len(ending)] + ending


def parse_identity_providers(
    data: Mapping[str, object], read_file: Callable[[str], str]
) -> tuple[IdentityProvider, ...]:
    """The providers of a settings file, one table each. Raises ``ValueError``, whose message names the wrong
    entry.

    ``read_file`` reads the file of a secret. It raises ``ValueError``, too.
    """
    if len(data) > MOST_PROVIDERS:
        raise ValueError(f"there are more than {MOST_PROVIDERS} providers")
    found = tuple(_provider(name, table, read_file) for name, table in data.items())
    issuers = [provider.issuer for provider in found]
    if twice := {issuer for issuer in issuers if issuers.count(issuer) > 1}:
        raise ValueError(f"the issuer {min(twice)} is in two tables: give each provider its own")
    return found


_KNOWN: Mapping[str, type] = {
    "title": str,
    "issuer": str,
    "client_id": str,
    "client_secret": str,
    "client_secret_file": str,
    "scopes": list,
    "sign_up": bool,
    "sign_out": bool,
    "allow_admin": bool,
    "claims": dict,
    "tiers": dict,
    "roles": dict,
    "groups": dict,
    "require": dict,
}
_NEEDED = ("issuer", "client_id")
_KIND_NAMES = {str: "a text", list: "a list of texts", bool: "true or false", dict: "a table"}


def _provider(name: str, table: object, read_file: Callable[[str], str]) -> IdentityProvider:
    if re.fullmatch(_PROVIDER_NAME, name) is None:
        raise ValueError(f"[{name}] must have 1 to 32 small letters, digits and hyphens")
    if not isinstance(table, dict):
        raise ValueError(f"{name} must be a table: write [{name}] above its keys")
    _require_known(name, table)
    given = {key: table[key] for key in ("sign_up", "sign_out", "allow_admin") if key in table}
    return IdentityProvider(
        name=name,
        title=str(table.get("title", name)).strip()[:64] or name,
        issuer=_issuer(name, table["issuer"]),
        client_id=table["client_id"],
        client_secret=_secret(name, table, read_file),
        scopes=_scopes(name, table),
        claims=_claims(name, table.get("claims", {})),
        tiers=_meanings(name, table, "tiers", Tier),
        roles=_roles(name, table),
        groups=_meanings(name, table, "groups", _group_name),
        require={key: _required(name, key, value) for key, value in table.get("require", {}).items()},
        **given,
    )


def _require_known(name: str, table: Mapping[str, object]) -> None:
    for key, value in table.items():
        if key not in _KNOWN:
            raise ValueError(f"[{name}] {key} is not known: choose from {', '.join(_KNOWN)}")
        if not isinstance(value, _KNOWN[key]):
            raise ValueError(f"[{name}] {key} must be {_KIND_NAMES[_KNOWN[key]]}")
    for key in _NEEDED:
        if not table.get(key):
            raise ValueError(f"[{name}] {key} is missing")


def _issuer(name: str, issuer: str) -> str:
    if not is_safe_url(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise ValueError(f"[{name}] issuer must be an https:// address (http:// only on this host)")
    return issuer


def is_safe_url(url: str) -> bool:
    """Whether no other host on the network can read or change requests: https, or a provider on this host."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def _secret(name: str, table: Mapping[str, str], read_file: Callable[[str], str]) -> str:
    """The client's secret, from the table or from a file beside it; empty for a public client."""
    if "client_secret_file" not in table:
        return table.get("client_secret", "")
    if "client_secret" in table:
        raise ValueError(f"[{name}] has client_secret and client_secret_file: keep one")
    try:
        return read_file(table["client_secret_file"]).strip()
    except ValueError as error:
        raise ValueError(f"[{name}] client_secret_file: {error}") from error


def _scopes(name: str, table: Mapping[str, Sequence[object]]) -> tuple[str, ...]:
    found = table.get("scopes", DEFAULT_SCOPES)
    if not all(isinstance(scope, str) and scope and " " not in scope for scope in found):
        raise ValueError(f"[{name}] scopes must be texts without spaces")
    return tuple(dict.fromkeys(("openid", *(str(scope) for scope in found))))


def _claims(name: str, table: Mapping[str, object]) -> Mapping[str, str]:
    for key, path in table.items():
        if key not in _CLAIM_FIELDS:
            raise ValueError(f"[{name}.claims] {key} is not known: choose from {', '.join(_CLAIM_FIELDS)}")
        if not isinstance(path, str) or not path:
            raise ValueError(f"[{name}.claims] {key} must be the name of a claim")
    return {**DEFAULT_CLAIMS, **{key: str(path) for key, path in table.items()}}


def _roles(name: str, table: Mapping[str, Mapping[str, object]]) -> Mapping[str, Role]:
    roles = _meanings(name, table, "roles", Role)
    if Role.ADMIN in roles.values() and not table.get("allow_admin"):
        raise ValueError(
            f"[{name}.roles] makes administrators: set allow_admin = true in [{name}] if the provider may"
        )
    return roles


def _meanings(
    name: str, table: Mapping[str, Mapping[str, object]], key: str, read: Callable[[str], Value]
) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for value, meaning in table.get(key, {}).items():
        try:
            found[value] = read(str(meaning))
        except ValueError as error:
            raise ValueError(f"[{name}.{key}] {value} = {meaning!r} is wrong: {error}") from error
    if found and key[:-1] not in ("group",) and key[:-1] not in table.get("claims", {}):
        raise ValueError(f"[{name}.{key}] needs the name of a claim: {key[:-1]} in [{name}.claims]")
    return found


def _group_name(name: str) -> str:
    if fault := group_fault(name):
        raise ValueError(fault)
    return name


def _required(name: str, key: str, value: object) -> tuple[str, ...]:
    values = tuple(_texts(value))
    if not values:
        raise ValueError(f"[{name}.require] {key} must be a text or a list of texts")
    return values
