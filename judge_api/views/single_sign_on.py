"""Routes to sign in through other servers (OpenID Connect), and to link their identities to an account.

A browser is sent to the provider and comes back to ``callback``. Every error there leads to the sign-in page,
which has a sentence for each kind of error. The provider's own message is only in the operator's log.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from apiflask import APIBlueprint
from flask import Response, request
from limits import RateLimitItemPerMinute

from judge_api.container import services
from judge_api.http.auth import (
    authenticate,
    current_account,
    require_owner,
    sign_in_client,
    signed_in_session,
)
from judge_api.http.error_responses import BY_STATUS, error_response
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated, error_responses, public
from judge_api.schemas.requests import IdentityIn, LogoutTokenIn
from judge_api.schemas.responses import IdentitiesOut, LinkBegunOut, SsoProvidersOut
from judge_api.services.account_administration import LINK_PATH
from judge_api.services.oidc_client import OidcClient, SsoFault, SsoRefused, is_provider_id
from judge_api.services.single_sign_on import SIGN_IN_SECONDS, SINGLE_SIGN_ON, SignInRequest
from judge_api.store.identities import Identity
from judge_api.store.one_time_links import ProviderSession
from judge_api.views.sessions import SESSION_LASTS, set_cookie, set_session_cookie
from judge_core.clock import utc_now
from judge_core.logging import get_logger
from judge_core.model.account import Account, LinkPurpose
from judge_core.model.errors import Conflict, FieldFault, Forbidden, Invalid, NotFound
from judge_core.model.identity_provider import Claims
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("single sign-on", __name__, tag="Accounts")
owner_blueprint = APIBlueprint("my identities", __name__, tag="Accounts")
owner_blueprint.before_request(require_owner)
COOKIE = "gavel_sso"
_COOKIE_PATH = "/sso"
_ACCOUNT_PAGE = "/account"
_SECOND_FACTOR_LASTS = timedelta(minutes=10)
_REFUSED_SIGN_OUTS = RateLimitItemPerMinute(30)
"""How many refused announcements of sign-outs one address may send in a minute. Each of them may make this
server ask a slow provider for its keys. Valid announcements are not counted, because a provider sends those
of all its users from one address."""
_logger = get_logger(__name__)
_REDIRECTED: dict[int | str, Any] = {303: {"description": "Where the browser goes on"}}


@blueprint.after_request
@owner_blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/sso")
@blueprint.output(SsoProvidersOut)
@public(blueprint)
def list_providers() -> Response:
    """The providers of single sign-on, and how accounts are made here."""
    clients = services().single_sign_on.clients.values()
    providers = [
        {
            "name": client.provider.name,
            "title": client.provider.title,
            "sign_in_url": f"/sso/{client.provider.name}/sign-in",
        }
        for client in clients
    ]
    return json_response({"providers": providers, "sign_up": services().settings.sign_up.value})


@blueprint.get("/sso/<provider>/sign-in")
@public(blueprint, 429, responses=_REDIRECTED)
def begin_sign_in(provider: str) -> Response:
    """Send the browser to the provider.

    ``next`` is the path on this site that the browser opens afterwards.
    """
    services().sign_in_guard.count_sign_in(sign_in_client())
    try:
        client = services().single_sign_on.client(provider)
        begun = services().sign_in_requests.new(provider, request.args.get("next", ""))
        response = redirect(_authorization_url(client, begun))
    except SsoRefused as fault:
        return refused(provider, fault)
    _set_request_cookie(response, begun)
    return response


@blueprint.get("/sso/<provider>/callback")
@public(blueprint, 429, responses=_REDIRECTED)
def finish_sign_in(provider: str) -> Response:
    """Accept the provider's answer in the browser that began the sign-in, and sign in or link."""
    services().sign_in_guard.count_sign_in(sign_in_client())
    try:
        response = _finished(provider)
    except SsoRefused as fault:
        response = refused(provider, fault)
    set_cookie(response, COOKIE, "", 0, _COOKIE_PATH)
    return response


@blueprint.post("/sso/<provider>/backchannel-logout")
@blueprint.input(LogoutTokenIn, location="form")
@public(
    blueprint,
    *(404, 413, 422, 429),
    responses={200: {"description": "The sessions have ended"}, **error_responses(400)},
)
def end_sessions(provider: str, form_data: LogoutTokenIn) -> Response:
    """End the sessions of a person who has signed out at the provider.

    The provider calls this, as in OpenID Connect Back-Channel Logout 1.0.
    """
    limit = _REFUSED_SIGN_OUTS, "refused sign-outs of one address", sign_in_client().network
    services().rate_limits.require_left(*limit)
    try:
        client = services().single_sign_on.client(provider)
        ended = client.logged_out(form_data.logout_token)
    except SsoRefused as refused:
        services().rate_limits.try_count(*limit)
        _log(provider, refused)
        if refused.fault is SsoFault.UNKNOWN_PROVIDER:
            raise NotFound(f"there is no provider {provider[:32]!r}") from refused
        return error_response(BY_STATUS[400], "the logout token is not valid: the log of the API says why")
    services().single_sign_on.end_sessions(client.provider, ended)
    services().auth_cache.clear()
    return Response(status=200)


@owner_blueprint.get("/me/identities")
@owner_blueprint.output(IdentitiesOut)
@authenticated(owner_blueprint)
def list_identities() -> Response:
    """The identities at single sign-on providers that may sign in to this account."""
    found = services().identities.of(current_account().id)
    return json_response({"identities": [identity_body(identity) for identity in found]})


@owner_blueprint.post("/me/identities")
@owner_blueprint.input(IdentityIn)
@owner_blueprint.output(LinkBegunOut)
@authenticated(owner_blueprint, 400, 409, 413, 415, 422, 429)
def begin_link(json_data: IdentityIn) -> Response:
    """Begin to link a provider to the account.

    The browser opens the address in the answer. When it comes back, the provider is linked.
    """
    account, session = current_account(), signed_in_session()
    if session is None:
        raise Forbidden("only a browser can link a provider: sign in on the pages")
    services().password_service.confirm(account, json_data.current_password, sign_in_client())
    try:
        client = services().single_sign_on.client(json_data.provider)
        begun = services().sign_in_requests.new(json_data.provider, _ACCOUNT_PAGE, links=session)
        response = json_response({"authorization_url": _authorization_url(client, begun)})
    except SsoRefused as refused:
        _log(json_data.provider, refused)
        if refused.fault is SsoFault.UNKNOWN_PROVIDER:
            raise Invalid(FieldFault("provider", "is not known: GET /sso lists the providers")) from refused
        raise Conflict("the provider does not answer now: try again later") from refused
    _set_request_cookie(response, begun)
    return response


@owner_blueprint.delete("/me/identities/<id>")
@authenticated(owner_blueprint, 404, 409, responses={204: "Unlinked"})
def unlink(id: str) -> Response:
    """Unlink an identity, unless it is the only way to sign in to the account."""
    services().single_sign_on.unlink(current_account(), id)
    return Response(status=204)


def _finished(provider: str) -> Response:
    client = services().single_sign_on.client(provider)
    cookie, state = request.cookies.get(COOKIE, ""), request.args.get("state", "")
    begun = services().sign_in_requests.open(cookie, provider, state)
    if "error" in request.args or "code" not in request.args:
        raise SsoRefused(SsoFault.PROVIDER_REFUSED, request.args.get("error", "no code")[:200])
    secrets = services().sign_in_requests.secrets_of(begun)
    claims = client.claims(request.args["code"], request.args.get("iss"), secrets)
    if begun.links is not None:
        services().single_sign_on.link(_linking_account(begun.links), client.provider, claims)
        return redirect(begun.next)
    account = services().single_sign_on.sign_in(client.provider, claims)
    services().auth_cache.clear()
    return signed_in(account, _provider_session(client, claims), begun.next)


def _provider_session(client: OidcClient, claims: Claims) -> ProviderSession:
    """The session at the provider. Its id is ``None`` if the provider sends none, or one that cannot be
    stored."""
    session = claims.get("sid")
    return ProviderSession(client.provider.name, session if is_provider_id(session) else None)


def _linking_account(session: str) -> Account:
    """The account that began to link. The browser must still have the session that began it."""
    found = authenticate()
    if found is None or found.key_id != session or "Authorization" in request.headers:
        raise SsoRefused(SsoFault.OUTDATED, "the session that began to link is not signed in any more")
    return found.account


def signed_in(account: Account, origin: ProviderSession, next: str) -> Response:
    """Start a session, and send the browser to ``next``.

    If the account has a second factor, the browser goes to the page that asks for a code.
    """
    if services().second_factor_service.is_on(account):
        expires = utc_now() + _SECOND_FACTOR_LASTS
        token = services().one_time_links.create(
            account.id, LinkPurpose.SIGN_IN, SINGLE_SIGN_ON, expires, origin
        )
        return redirect(f"{LINK_PATH}?{urlencode({'next': next})}#{token}")
    expires = utc_now() + SESSION_LASTS
    secret = services().sessions.start_sso(account.id, expires, origin)
    response = redirect(next)
    set_session_cookie(response, secret, int(SESSION_LASTS.total_seconds()))
    return response


def _authorization_url(client: OidcClient, begun: SignInRequest) -> str:
    return client.authorization_url(services().sign_in_requests.secrets_of(begun))


def _set_request_cookie(response: Response, begun: SignInRequest) -> None:
    sealed = services().sign_in_requests.seal(begun)
    set_cookie(response, COOKIE, sealed, SIGN_IN_SECONDS, _COOKIE_PATH)


def refused(provider: str, fault: SsoRefused) -> Response:
    """Send the browser back to the sign-in page, which says in plain words what went wrong."""
    _log(provider, fault)
    return redirect(f"/sign-in?{urlencode({'sso_fault': fault.fault.value, 'provider': provider[:32]})}")


def _log(provider: str, refused: SsoRefused) -> None:
    _logger.warning(
        "A single sign-on failed", provider=provider[:32], fault=refused.fault.value, reason=refused.reason
    )


def redirect(url: str) -> Response:
    """Send the browser to another address."""
    response = Response(status=303)
    response.headers["Location"] = quote(url, safe="/:?#[]@!$&'()*+,;=%~")
    return response


def identity_body(identity: Identity) -> dict[str, Any]:
    client = services().single_sign_on.clients.get(identity.provider)
    return {
        "id": identity.id,
        "provider": identity.provider,
        "title": client.provider.title if client else identity.provider,
        "subject": identity.subject,
        "created_at": rfc3339(identity.created_at),
        "last_used_at": rfc3339(identity.last_used_at),
    }
