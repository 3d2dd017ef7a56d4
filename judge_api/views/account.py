"""Routes of the current account: its quota, its API keys and its sessions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, request

from judge_api.container import services
from judge_api.http.auth import COOKIE, csrf_token, current_account, lacks_second_factor, require_owner
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.requests import KeyIn, LocaleIn, NoticeMailsIn
from judge_api.schemas.responses import KeysOut, LocaleOut, MeOut, NewKeyOut, NoticeMailsOut, SessionsOut
from judge_api.store.accounts import ApiKey
from judge_api.store.sessions import Session
from judge_core.clock import utc_now
from judge_core.model.account import Account, AuthenticatedKey
from judge_core.model.errors import FieldFault, Forbidden, Invalid, NotFound
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("me", __name__, tag="Accounts")
blueprint.before_request(require_owner)
MOST_KEYS = 50


@blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/me")
@blueprint.output(MeOut)
@authenticated(blueprint)
def show_me() -> Response:
    """The account of this key or session, with its quota."""
    account = current_account()
    body = {
        **account_body(account),
        "quota": _quota_body(account),
        "full_name": account.full_name,
        "email": account.email,
        "email_verified": account.email_verified,
        "deletion_due": rfc3339(account.deletion_due),
        **asdict(services().accounts.preferences(account.id)),
        "event": account.event,
        "has_password": services().passwords.hash_of(account.id) is not None,
    }
    if "Authorization" not in request.headers:
        body["csrf_token"] = csrf_token(request.cookies.get(COOKIE, ""))
    return json_response(body)


@blueprint.put("/me/locale")
@blueprint.input(LocaleIn)
@blueprint.output(LocaleOut)
@authenticated(blueprint, 400, 413, 415, 422)
def set_locale(json_data: LocaleIn) -> Response:
    """Set the language of the pages for this account; null means the browser's language."""
    services().accounts.set_locale(current_account().id, json_data.locale)
    return json_response({"locale": json_data.locale})


@blueprint.put("/me/notice-mails")
@blueprint.input(NoticeMailsIn)
@blueprint.output(NoticeMailsOut)
@authenticated(blueprint, 400, 413, 415, 422)
def set_notice_mails(json_data: NoticeMailsIn) -> Response:
    """Set whether this account's notices are sent to its verified address too."""
    services().accounts.set_notice_mails(current_account().id, json_data.on)
    return json_response({"on": json_data.on})


@blueprint.get("/me/keys")
@blueprint.output(KeysOut)
@authenticated(blueprint)
def list_keys() -> Response:
    """The valid API keys, newest first, without their secrets."""
    return json_response({"keys": [_key_body(key) for key in services().accounts.keys(current_account().id)]})


@blueprint.post("/me/keys")
@blueprint.input(KeyIn)
@blueprint.output(NewKeyOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 415, 422)
def issue_key(json_data: KeyIn) -> Response:
    """Make a new API key. Its secret is only in this response.

    If the request came with a key that has an end, or with a session from such a key, the new key ends by
    then too. Without ``expires_at`` it ends with that key.
    """
    account = current_account()
    # A request with an API key needs no second factor, so the session must not make one without it.
    if lacks_second_factor(g.authenticated_key):
        raise Forbidden("administrators need a second factor here: set one up, then make keys")
    expires, scopes = _within_key_in_use(_future(json_data.expires_at)), json_data.scopes
    key_id, secret = services().accounts.issue_key(account.id, json_data.name, expires, scopes, MOST_KEYS)
    services().audit.record(account.name, "key.issue", key_id, name=json_data.name, scopes=scopes)
    made = services().accounts.key(account.id, key_id)
    return json_response({**_key_body(made), "key": secret}, 201)


@blueprint.delete("/me/keys/<id>")
@authenticated(blueprint, 404, responses={204: "Revoked"})
def revoke_key(id: str) -> Response:
    """Revoke an API key. The sessions that were made from it end too."""
    account = current_account()
    if not services().accounts.revoke_key(account.id, id):
        raise NotFound(f"there is no key {id[:64]!r} of yours")
    services().auth_cache.clear()
    services().audit.record(account.name, "key.revoke", id)
    return Response(status=204)


@blueprint.delete("/me/keys")
@authenticated(blueprint, responses={204: "Revoked"})
def revoke_all_keys() -> Response:
    """Revoke every API key of the account except the one in use. Their sessions end too.

    If the request came with a session that was made from a key, that key also stays valid.
    """
    account = current_account()
    revoked = services().accounts.revoke_keys(
        account.id, keep=g.authenticated_key.made_from or g.authenticated_key.key_id
    )
    services().auth_cache.clear()
    services().audit.record(account.name, "key.revoke-all", account.name, keys=revoked)
    return Response(status=204)


@blueprint.get("/me/sessions")
@blueprint.output(SessionsOut)
@authenticated(blueprint)
def list_sessions() -> Response:
    """The valid sessions, newest first, at most 200. The time of the last use is exact to five minutes."""
    sessions = services().sessions.list(current_account().id)
    return json_response({"sessions": [_session_body(session) for session in sessions]})


@blueprint.delete("/me/sessions/<id>")
@authenticated(blueprint, 404, responses={204: "Ended"})
def end_session(id: str) -> Response:
    """End a session. Its browser must sign in again."""
    account = current_account()
    if not services().sessions.end(account.id, id):
        raise NotFound(f"there is no session {id[:64]!r} of yours")
    services().auth_cache.clear()
    services().audit.record(account.name, "session.end", id)
    return Response(status=204)


@blueprint.delete("/me/sessions")
@authenticated(blueprint, responses={204: "Ended"})
def end_all_sessions() -> Response:
    """Sign out everywhere. Every session ends, including this one. API keys stay valid."""
    account = current_account()
    ended = services().sessions.end_all(account.id)
    services().auth_cache.clear()
    services().audit.record(account.name, "session.end-all", account.name, sessions=ended)
    return Response(status=204)


def _future(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment <= utc_now():
        raise Invalid(FieldFault("expires_at", "is in the past"))
    return moment


def _within_key_in_use(expires: datetime | None) -> datetime | None:
    """The end of a new key. Without this limit a key with an end could make its successors for ever."""
    used: AuthenticatedKey = g.authenticated_key
    if used.made_from is not None:
        end = services().accounts.key(used.account.id, used.made_from).expires_at
    else:
        end = None if used.is_session else used.expires_at
    if end is None or expires is None:
        return end if expires is None else expires
    if expires > end:
        raise Invalid(
            FieldFault(
                "expires_at",
                f"is after the end of the key in use: choose {rfc3339(end)} or earlier, or sign in with the "
                "password to make the key",
            )
        )
    return expires


def _key_body(key: ApiKey) -> dict[str, Any]:
    moments = ("created_at", "last_used_at", "expires_at", "revoked_at")
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "address": key.address,
        "scopes": key.scopes,
        **{name: rfc3339(getattr(key, name)) for name in moments},
    }


def _session_body(session: Session) -> dict[str, Any]:
    made_from = {"id": session.key_id, "name": session.key_name} if session.key_id else None
    moments = ("created_at", "last_used_at", "expires_at")
    return {
        "id": session.id,
        **{name: rfc3339(getattr(session, name)) for name in moments},
        "made_from": made_from,
        "method": session.method.value,
        "provider": session.provider,
        "address": session.address,
        "current": session.id == g.authenticated_key.key_id,
    }


def account_body(account: Account) -> dict[str, Any]:
    """The JSON of an account."""
    return {
        "id": account.id,
        "name": account.name,
        "tier": account.tier.value,
        "role": account.role.value,
        "created_at": rfc3339(account.created_at),
        "disabled": account.disabled,
    }


def _quota_body(account: Account) -> dict[str, Any]:
    quota = services().quotas.of(account.tier)
    return {
        "unfinished": quota.unfinished,
        "unfinished_now": services().submissions.count_unfinished(account.id),
        "source_bytes": quota.source_bytes,
        "per_minute": quota.per_minute,
        "per_day": quota.per_day,
        **services().rate_limits.remaining(account, quota),
    }
