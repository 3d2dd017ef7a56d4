"""Routes to sign up, sign in and sign out. A session is a secret in a cookie that scripts cannot read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from limits import RateLimitItemPerHour

from judge_api.container import services
from judge_api.http.auth import COOKIE, DEVICE_COOKIE, authenticate, csrf_token, sign_in_client
from judge_api.http.json import json_response
from judge_api.http.openapi import SECURITY, error_responses, public
from judge_api.schemas.requests import SignInIn, SignUpIn
from judge_api.schemas.responses import AccountOut, SessionOut, SignedOutOut
from judge_api.services.oidc_client import SsoRefused
from judge_api.services.password_hashing import hash_password, verify_password
from judge_api.settings import SignUp
from judge_api.store.secret_tokens import SESSION_PREFIX
from judge_api.store.sessions import SignInMethod
from judge_api.views.account import account_body
from judge_core.clock import utc_now
from judge_core.model.account import Account, AuthenticatedKey, LinkPurpose, Role, Tier
from judge_core.model.errors import AccountDisabled, FieldFault, Forbidden, Invalid, Unauthorized

blueprint = APIBlueprint("sessions", __name__, tag="Accounts")
SESSION_LASTS = timedelta(days=14)
_SIGN_UPS = RateLimitItemPerHour(300)
_DEVICE_LASTS = timedelta(days=365)


@blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/accounts")
@blueprint.input(SignUpIn)
@blueprint.output(AccountOut, status_code=201)
@public(blueprint, 400, 403, 409, 413, 415, 422, 429)
def sign_up(json_data: SignUpIn) -> Response:
    """Make an account of the normal tier. The server may require an invitation, or allow no sign-up."""
    invitation = _needed_invitation(json_data)
    services().rate_limits.count(_SIGN_UPS, "sign-ups of one address", sign_in_client().network)
    account = services().accounts.add(
        json_data.name, Tier.NORMAL, Role.USER, hash_password(json_data.password), invitation
    )
    services().audit.record(account.name, "account.sign-up", account.name)
    return json_response(account_body(account), 201)


@blueprint.post("/session")
@blueprint.input(SignInIn)
@blueprint.output(SessionOut, status_code=201)
@public(blueprint, 400, 401, 413, 415, 422, 429)
def sign_in(json_data: SignInIn) -> Response:
    """Sign in by name and password, by an API key, or by a one-time link.

    The answer sets the session's cookie.
    """
    if json_data.key is not None:
        services().sign_in_guard.count_sign_in(sign_in_client())
        return _session_by_key(_by_key(json_data.key))
    if json_data.link is not None:
        return _session_by_link(json_data.link, json_data.code)
    account = account_by_password(json_data)
    response = _start_session(account, utc_now() + SESSION_LASTS)
    _set_device_cookie(response, account)
    return response


@blueprint.get("/session")
@blueprint.output(SessionOut)
@blueprint.doc(security=SECURITY, responses=error_responses(401))
def show_session() -> Response:
    """The signed-in account, and the CSRF token for requests that change something by this session."""
    found = authenticate()
    if found is None:
        raise Unauthorized("there is no session; sign in first")
    return json_response(_session_body(found.account, request.cookies.get(COOKIE, "")))


@blueprint.delete("/session")
@blueprint.output(SignedOutOut)
@blueprint.doc(security=SECURITY, responses={204: "Signed out", **error_responses(403)})
def sign_out() -> Response:
    """Sign out: the session ends on the server, not only in the browser.

    If the session came from a single sign-on provider with ``sign_out``, the answer names the provider's page
    that ends the session there too.
    """
    found, url = authenticate(), None
    # A request with an API key has no session to end.
    if found is not None and "Authorization" not in request.headers:
        url = _sign_out_url(found.key_id)
        services().accounts.revoke_key(found.account.id, found.key_id)
        services().auth_cache.clear()
    response = Response(status=204) if url is None else json_response({"sign_out_url": url})
    set_session_cookie(response, "", 0)
    return response


def _sign_out_url(session: str) -> str | None:
    """The provider's page to sign out.

    It is ``None`` if no provider made the session, if its settings do not allow this, or if it does not
    answer.
    """
    clients = services().single_sign_on.clients
    client = clients.get(services().sessions.provider_of(session) or "") if clients else None
    if client is None or not client.provider.sign_out:
        return None
    try:
        return client.sign_out_url()
    except SsoRefused:
        return None


def _needed_invitation(body: SignUpIn) -> str | None:
    """The invitation that this sign-up uses. ``None`` if sign-up needs no invitation."""
    allowed = services().settings.sign_up
    if allowed is SignUp.SSO:
        raise Forbidden("accounts are made by single sign-on here: choose it on the sign-in page")
    if allowed is SignUp.CLOSED:
        raise Forbidden("sign-up is closed here: ask an administrator for an account")
    if allowed is SignUp.INVITATION and body.invitation is None:
        raise Invalid(FieldFault("invitation", "is missing: ask an administrator for one"))
    return body.invitation if allowed is SignUp.INVITATION else None


def _by_key(key: str) -> AuthenticatedKey:
    if key.startswith(SESSION_PREFIX):
        raise Unauthorized("a session makes no other session: sign in by name and password or by an API key")
    found = services().auth_cache.find(key, request.remote_addr)
    if found is None:
        raise Unauthorized("this API key is unknown, revoked or expired")
    return found


def _session_by_key(key: AuthenticatedKey) -> Response:
    expires = utc_now() + SESSION_LASTS
    if key.expires_at is not None:
        expires = min(expires, key.expires_at)
    return _start_session(key.account, expires, key)


def _session_by_link(token: str, code: str | None) -> Response:
    services().sign_in_guard.count_sign_in(sign_in_client())
    link = services().one_time_links.find(token)
    if link is not None and link.purpose is LinkPurpose.SIGN_IN:
        services().second_factor_service.require(link.account, code)
    account = services().one_time_links.use(token, LinkPurpose.SIGN_IN)
    if account is None:
        raise Unauthorized("this link is used, expired or wrong: ask for a new link")
    services().audit.record(account.name, "session.by-link", account.name)
    expires = utc_now() + SESSION_LASTS
    if link is not None and link.origin is not None:
        secret = services().sessions.start_sso(account.id, expires, link.origin)
    else:
        secret = services().sessions.start(account.id, expires, method=SignInMethod.LINK)
    response = _session_response(account, secret, expires)
    _set_device_cookie(response, account)
    return response


def _start_session(
    account: Account,
    expires: datetime,
    key: AuthenticatedKey | None = None,
) -> Response:
    key_id, scopes = (key.key_id, key.scopes) if key else (None, None)
    secret = services().sessions.start(account.id, expires, key_id, scopes=scopes)
    return _session_response(account, secret, expires)


def _session_response(account: Account, secret: str, expires: datetime) -> Response:
    response = json_response(_session_body(account, secret), 201)
    set_session_cookie(response, secret, int((expires - utc_now()).total_seconds()))
    return response


def account_by_password(body: SignInIn) -> Account:
    """The account with this name and password. Wrong passwords are counted. Raises ``Unauthorized`` for a
    wrong name or password."""
    if body.name is None or body.password is None:
        raise Invalid(FieldFault("name", "send name and password, or key, or link"))
    found = services().accounts.password_hash(body.name)
    guard = services().sign_in_guard
    counted = guard.begin(body.name, found[0].id if found else None, sign_in_client())
    if not verify_password(found[1] if found else None, body.password) or found is None:
        raise Unauthorized("name or password is wrong")
    guard.succeeded(counted)
    if found[0].disabled:
        raise AccountDisabled("this account is disabled: ask an administrator")
    services().second_factor_service.require(found[0], body.code)
    return found[0]


def _session_body(account: Account, secret: str) -> dict[str, Any]:
    return {"account": account_body(account), "csrf_token": csrf_token(secret)}


def set_session_cookie(response: Response, secret: str, seconds: int) -> None:
    """Set the session's cookie in the browser. A lifetime of zero seconds deletes the cookie."""
    set_cookie(response, COOKIE, secret, seconds)


def _set_device_cookie(response: Response, account: Account) -> None:
    cookie = services().sign_in_guard.device_cookie(account.id)
    set_cookie(response, DEVICE_COOKIE, cookie, int(_DEVICE_LASTS.total_seconds()))


def set_cookie(response: Response, name: str, value: str, seconds: int, path: str = "/") -> None:
    """Set a cookie that scripts cannot read. A lifetime of zero seconds deletes the cookie."""
    response.set_cookie(
        name,
        value,
        path=path,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=services().settings.public_url.startswith("https://"),
    )
