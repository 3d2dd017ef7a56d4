"""Finds the account of a request to another judge's API. Clients of these APIs send a key in different
ways."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from flask import request

from judge_api.container import services
from judge_core.model.account import AuthenticatedKey, Scope
from judge_core.model.errors import Unauthorized

_GUEST: datetime | None = None


def key_in_authorization() -> str | None:
    """The API key in the Authorization header: alone, after ``Bearer``, or as the password or else the name
    of ``Basic``."""
    given = request.headers.get("Authorization", "").strip()
    scheme, _, rest = given.partition(" ")
    if scheme.lower() == "basic":
        return _password_in(rest)
    return (rest.strip() if scheme.lower() == "bearer" else given) or None


def _password_in(encoded: str) -> str | None:
    try:
        name, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return password or name or None


def account_of_key(key: str | None) -> AuthenticatedKey:
    """The account of a key. Without a key, the account of guests. Raises ``Unauthorized``."""
    if key is None:
        return _guest()
    found = services().auth_cache.find(key, request.remote_addr)
    if found is None:
        raise Unauthorized("this API key is unknown, revoked or expired")
    return found


def _guest() -> AuthenticatedKey:
    name = services().settings.guest_account
    account = services().accounts.by_name(name) if name else None
    if account is None or account.disabled:
        raise Unauthorized("send your API key in the header Authorization")
    return AuthenticatedKey(account, "", _GUEST, _GUEST, None, (Scope.READ, Scope.SUBMIT))
