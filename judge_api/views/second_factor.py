"""Routes for the second factor of the current account."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_owner, sign_in_client, signed_in_session
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.requests import CodeIn, EnrolmentIn
from judge_api.schemas.responses import EnrolmentOut, RecoveryCodesOut, SecondFactorOut

blueprint = APIBlueprint("second factor", __name__, url_prefix="/me/second-factor", tag="Accounts")
blueprint.before_request(require_owner)


@blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("")
@blueprint.output(SecondFactorOut)
@authenticated(blueprint)
def show_second_factor() -> Response:
    """Whether the account has a second factor, and how many recovery codes are left."""
    account, factors = current_account(), services().second_factor_service
    required = account.is_admin and services().settings.admin_second_factor
    left = factors.codes_left(account)
    return json_response(
        {"enabled": factors.is_on(account), "required": required, "recovery_codes_left": left}
    )


@blueprint.post("")
@blueprint.input(EnrolmentIn)
@blueprint.output(EnrolmentOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 415, 422, 429)
def begin_second_factor(json_data: EnrolmentIn) -> Response:
    """Make a secret for a device. The second factor is on only after a code has confirmed the secret."""
    account = current_account()
    services().password_service.confirm(account, json_data.current_password, sign_in_client())
    host = urlsplit(services().settings.public_url).hostname or "localhost"
    return json_response(asdict(services().second_factor_service.begin(account, f"Gavel {host}")), 201)


@blueprint.post("/confirmation")
@blueprint.input(CodeIn)
@blueprint.output(RecoveryCodesOut)
@authenticated(blueprint, 400, 409, 413, 415, 422, 429)
def confirm_second_factor(json_data: CodeIn) -> Response:
    """Turn on the second factor with the first code of the device. All other sessions end."""
    account = current_account()
    codes = services().second_factor_service.confirm(account, json_data.code)
    services().sessions.end_all(account.id, keep=signed_in_session())
    services().auth_cache.clear()
    return json_response({"recovery_codes": codes})


@blueprint.post("/recovery-codes")
@blueprint.input(CodeIn)
@blueprint.output(RecoveryCodesOut)
@authenticated(blueprint, 400, 409, 413, 415, 422, 429)
def renew_recovery_codes(json_data: CodeIn) -> Response:
    """Make new recovery codes. The earlier codes stop working."""
    codes = services().second_factor_service.renew_codes(current_account(), json_data.code)
    return json_response({"recovery_codes": codes})


@blueprint.post("/removal")
@blueprint.input(CodeIn)
@authenticated(blueprint, 400, 409, 413, 415, 422, 429, responses={204: "Turned off"})
def remove_second_factor(json_data: CodeIn) -> Response:
    """Turn off the second factor with one of its codes."""
    services().second_factor_service.turn_off(current_account(), json_data.code)
    return Response(status=204)
