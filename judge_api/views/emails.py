"""Routes for the e-mail address of an account, and to reset a password by e-mail."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_owner, sign_in_client
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated, public
from judge_api.schemas.requests import EmailIn, LinkIn, ResetMailIn
from judge_api.schemas.responses import EmailOut, MailSentOut

blueprint = APIBlueprint("my email", __name__, tag="Accounts")
blueprint.before_request(require_owner)
public_blueprint = APIBlueprint("emails", __name__, tag="Accounts")


@blueprint.put("/me/email")
@blueprint.input(EmailIn)
@blueprint.output(EmailOut)
@authenticated(blueprint, 400, 413, 415, 422, 429)
def set_email(json_data: EmailIn) -> Response:
    """Set or remove the e-mail address of this account. If e-mail is on, a link to verify it is sent."""
    account = current_account()
    services().password_service.confirm(account, json_data.current_password, sign_in_client())
    sent = services().email_service.set_address(account, json_data.email)
    services().auth_cache.clear()
    return json_response({"email": json_data.email, "sent": sent})


@blueprint.post("/me/email/verification")
@blueprint.output(MailSentOut, status_code=202)
@authenticated(blueprint, 409, 429)
def send_verification() -> Response:
    """Send another link to verify the e-mail address."""
    services().email_service.send_verification(current_account())
    return json_response({"done": "the link is on its way"}, 202)


@public_blueprint.post("/email-verifications")
@public_blueprint.input(LinkIn)
@public(public_blueprint, 400, 413, 415, 422, 429, responses={204: "Verified"})
def verify_email(json_data: LinkIn) -> Response:
    """Verify an e-mail address by the link that was sent to it."""
    services().sign_in_guard.count_sign_in(sign_in_client())
    services().email_service.verify(json_data.token)
    services().auth_cache.clear()
    return Response(status=204)


@public_blueprint.post("/password-resets/mail")
@public_blueprint.input(ResetMailIn)
@public_blueprint.output(MailSentOut, status_code=202)
@public(public_blueprint, 400, 409, 413, 415, 422, 429)
def send_reset(json_data: ResetMailIn) -> Response:
    """Send a verified address a link to set a new password. The answer is the same for every address."""
    services().email_service.send_resets(json_data.email, sign_in_client().network)
    done = "if an account has this verified address, a link to set a new password is on its way to it"
    return json_response({"done": done}, 202)
