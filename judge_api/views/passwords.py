"""Routes to change a password, and to use a one-time link."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_owner, sign_in_client, signed_in_session
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated, public
from judge_api.schemas.requests import LinkIn, PasswordChangeIn, PasswordResetIn
from judge_api.schemas.responses import LinkOut
from judge_api.services.password_service import PasswordChange
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("my password", __name__, tag="Accounts")
blueprint.before_request(require_owner)
public_blueprint = APIBlueprint("links", __name__, tag="Accounts")


@blueprint.after_request
@public_blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.put("/me/password")
@blueprint.input(PasswordChangeIn)
@authenticated(blueprint, 400, 413, 415, 422, 429, responses={204: "Changed"})
def change_password(json_data: PasswordChangeIn) -> Response:
    """Set a new password. All other sessions of the account end; its API keys stay valid."""
    change = PasswordChange(
        json_data.current_password, json_data.new_password, signed_in_session(), sign_in_client()
    )
    services().password_service.change(current_account(), change)
    services().auth_cache.clear()
    return Response(status=204)


@public_blueprint.post("/links")
@public_blueprint.input(LinkIn)
@public_blueprint.output(LinkOut)
@public(public_blueprint, 400, 413, 415, 422, 429)
def show_link(json_data: LinkIn) -> Response:
    """The account and purpose of a one-time link. The link stays unused."""
    services().sign_in_guard.count_sign_in(sign_in_client())
    link = services().password_service.link(json_data.token)
    body = {"account": link.account.name, "purpose": link.purpose.value}
    return json_response({**body, "expires_at": rfc3339(link.expires_at)})


@public_blueprint.post("/password-resets")
@public_blueprint.input(PasswordResetIn)
@public(public_blueprint, 400, 413, 415, 422, 429, responses={204: "Set"})
def reset_password(json_data: PasswordResetIn) -> Response:
    """Set a new password with a one-time link. All sessions of the account end."""
    services().sign_in_guard.count_sign_in(sign_in_client())
    services().password_service.reset(json_data.token, json_data.new_password)
    services().auth_cache.clear()
    return Response(status=204)
