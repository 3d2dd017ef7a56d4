"""Authentication and authorisation of a request. A ``require_*`` without parameters may run before all views
of a blueprint.
An API key is sent as ``Authorization: Bearer``. A browser's session is a key in a cookie. A browser also
sends the cookie with requests of other sites' pages, so a request that changes something by a session also
needs the CSRF token.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import cast

from flask import g, request

from judge_api.container import Services, services
from judge_api.http.one_event import require_within_event
from judge_api.services.sign_in_guard import SignInClient
from judge_core.model.account import Account, AuthenticatedKey, Scope
from judge_core.model.errors import Forbidden, StoreUnavailable, Unauthorized

COOKIE = "gavel_session"
DEVICE_COOKIE = "gavel_device"
"""The cookie of a browser that has signed in before. Wrong passwords from it have limits of their own."""
CSRF_HEADER = "X-CSRF-Token"
RECHECK_SECONDS = 20.0
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def current_account() -> Account:
    """The account of this request. Only for views whose blueprint requires an account."""
    return cast(Account, g.authenticated_key.account)


def signed_in_session() -> str | None:
    """The id of the session of this request, whichever header it came in.

    ``None`` if the request came with an API key.
    """
    key: AuthenticatedKey = g.authenticated_key
    return key.key_id if key.is_session else None


def sign_in_client() -> SignInClient:
    """The address and the browser of this request, for the limits on wrong passwords."""
    return SignInClient(request.remote_addr or "unknown", request.cookies.get(DEVICE_COOKIE, ""))


def browser_account() -> Account | None:
    """The account of this browser's session.

    It is for public routes that do not change the account, so it needs no CSRF token.
    """
    found = services().auth_cache.find(request.cookies.get(COOKIE, ""), of_one_event=True)
    return found.account if found else None


def csrf_token(session_secret: str) -> str:
    """The CSRF token of a session. The token of another session does not match."""
    key = services().settings.secret_key.encode()
    return hmac.new(key, b"csrf:" + session_secret.encode(), hashlib.sha256).hexdigest()


def authenticate() -> AuthenticatedKey | None:
    """The account and key of the request. ``None`` without credentials, and for a cookie whose session has
    ended. Raises ``Unauthorized`` for a wrong key in the header, and ``Forbidden`` for a missing CSRF token
    and for a route outside of the account's event."""
    header = request.headers.get("Authorization")
    if header is not None:
        return _by_header(_bearer_secret(header))
    secret = request.cookies.get(COOKIE)
    return _by_cookie(secret) if secret else None


def optional_key() -> AuthenticatedKey | None:
    """The same as :func:`authenticate`. Wrong credentials count as none, because a public view does not need
    any."""
    try:
        return authenticate()
    except Unauthorized:
        return None


def optional_account() -> Account | None:
    """The account of the request, if any, as :func:`optional_key` finds it."""
    found = optional_key()
    return found.account if found else None


class CredentialCheck:
    """Whether the credentials of the current request are still valid, for a response that lasts long.

    They are looked up every ``RECHECK_SECONDS``. While the database does not answer, they count as valid.
    ``secret`` is the key of a request to an API in which keys are sent in other ways.
    """

    def __init__(self, secret: str | None = None) -> None:
        self._secret = secret or _secret_of_request()
        self._services: Services = services()
        self._role = current_account().role
        self._next = time.monotonic() + RECHECK_SECONDS

    def holds(self) -> bool:
        if time.monotonic() < self._next:
            return True
        self._next = time.monotonic() + RECHECK_SECONDS
        try:
            found = self._services.auth_cache.find(self._secret, of_one_event=True)
        except StoreUnavailable:
            return True
        return found is not None and found.account.role is self._role


def _secret_of_request() -> str:
    header = request.headers.get("Authorization")
    return _bearer_secret(header) if header is not None else request.cookies.get(COOKIE, "")


def _bearer_secret(header: str) -> str:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthorized("send your API key as 'Authorization: Bearer <key>'")
    return secret.strip()


def _by_header(secret: str) -> AuthenticatedKey:
    found = services().auth_cache.find(secret, request.remote_addr, of_one_event=True)
    if found is None:
        raise Unauthorized("this API key is unknown, revoked or expired")
    require_within_event(found.account)
    return found


def _by_cookie(secret: str) -> AuthenticatedKey | None:
    found = services().auth_cache.find(secret, request.remote_addr, of_one_event=True)
    if found is None:
        return None
    require_within_event(found.account)
    if request.method not in SAFE_METHODS:
        require_csrf(secret, request.headers.get(CSRF_HEADER, ""))
    return found


def require_csrf(secret: str, token: str) -> None:
    """Refuse a request without the CSRF token of its session. Only requests that change something need
    it."""
    if not hmac.compare_digest(csrf_token(secret).encode(), token.encode()):
        raise Forbidden(
            f"a change by session needs the header {CSRF_HEADER}: GET /session answers with its value"
        )


def require_account() -> None:
    """Refuse requests without an account. A request that changes something needs a key that may submit."""
    _require(Scope.READ if request.method in SAFE_METHODS else Scope.SUBMIT)


def require_owner() -> None:
    """Refuse requests without an account. A request that changes something needs a session, or a key with all
    scopes."""
    _require(Scope.READ)
    if request.method not in SAFE_METHODS and g.authenticated_key.is_limited:
        raise Forbidden("a key with limited scopes cannot change its account: use a key without scopes")


def require_author() -> None:
    """Refuse accounts that are neither author nor administrator."""
    _require(Scope.AUTHOR)
    if request.method != "OPTIONS" and not current_account().may_add_problems:
        raise Forbidden("this needs an account with the role author or admin")


def require_author_or_operator() -> None:
    """Refuse accounts that are neither author nor administrator. A key needs the scope ``author`` or
    ``operate``."""
    found = authenticate() if request.method != "OPTIONS" else None
    if found is not None and found.account.is_admin and found.allows(Scope.OPERATE):
        require_admin()
    else:
        require_author()


def require_admin() -> None:
    """Refuse accounts that are not administrators."""
    _require(Scope.OPERATE)
    if request.method != "OPTIONS":
        require_admin_account()


def require_admin_account() -> None:
    """Refuse accounts that are not administrators, and those that lack a required second factor."""
    if not current_account().is_admin:
        raise Forbidden("this needs an account with the role admin")
    _require_second_factor()


def _require_second_factor() -> None:
    """Refuse administrators without a second factor, if one is required.

    A request with an API key needs no second factor. A request by a session needs one, whichever header the
    session comes in.
    """
    if lacks_second_factor(g.authenticated_key):
        raise Forbidden("administrators need a second factor here: set one up on your account page")


def lacks_second_factor(key: AuthenticatedKey) -> bool:
    """Whether this is a session of an administrator who lacks the second factor that is required here."""
    if not (services().settings.admin_second_factor and key.is_session and key.account.is_admin):
        return False
    return not services().second_factor_service.is_on(key.account)


def require_scope(key: AuthenticatedKey, scope: Scope) -> None:
    """Refuse a key that was made without this scope."""
    if not key.allows(scope):
        raise Forbidden(f"this key was made without the scope {scope.value}: use another key")


def _require(scope: Scope) -> None:
    if request.method == "OPTIONS":
        return
    found = authenticate()
    if found is None:
        raise Unauthorized("send your API key as 'Authorization: Bearer <key>', or sign in")
    require_scope(found, scope)
    g.authenticated_key = found


def require_worker() -> None:
    """Refuse requests without the workers' token. An account's key is not enough."""
    if request.method == "OPTIONS":
        return
    expected = services().settings.worker_token
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not expected or scheme.lower() != "bearer" or not _equal(token.strip(), expected):
        raise Unauthorized("this needs the workers' token as 'Authorization: Bearer <token>'")


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
