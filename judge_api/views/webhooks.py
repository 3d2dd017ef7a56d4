"""Routes of the current account's webhooks: the addresses that get its verdicts, and the messages to them."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_owner
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.requests import WebhookIn
from judge_api.schemas.responses import DeliveriesOut, NewWebhookOut, WebhooksOut
from judge_api.store.operator_webhooks import MessageRow
from judge_api.store.webhook_deliveries import DeliveryRow
from judge_api.store.webhooks import Webhook
from judge_api.webhooks.url_policy import ForbiddenUrl
from judge_core.model.errors import FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("webhooks", __name__, tag="Webhooks")
blueprint.before_request(require_owner)
_PREFIX = "dlv_"
_DIGITS = 18


@blueprint.get("/me/webhooks")
@blueprint.output(WebhooksOut)
@authenticated(blueprint)
def list_webhooks() -> Response:
    """The addresses that get this account's verdicts, newest first."""
    return json_response(
        {"webhooks": [webhook_body(one) for one in services().webhooks.of(current_account().id)]}
    )


@blueprint.post("/me/webhooks")
@blueprint.input(WebhookIn)
@blueprint.output(NewWebhookOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 415, 422)
def add_webhook(json_data: WebhookIn) -> Response:
    """Send every verdict of this account to an address from now on.

    Each message is a signed POST, as described on standardwebhooks.com. The secret for the signatures is only
    in this response. If the receiver does not accept a message, the message is sent again for about thirteen
    hours.
    """
    check_webhook_url(json_data.url)
    made, secret = services().webhooks.add(current_account().id, json_data.url)
    services().audit.record(current_account().name, "webhook.add", made.id, url=made.url)
    return json_response({**webhook_body(made), "secret": secret}, 201)


@blueprint.delete("/me/webhooks/<id>")
@authenticated(blueprint, 404, responses={204: "Removed, with the messages still to be sent"})
def remove_webhook(id: str) -> Response:
    """Remove a webhook."""
    if not services().webhooks.remove(current_account().id, id):
        raise _unknown(id)
    services().audit.record(current_account().name, "webhook.remove", id)
    return Response(status=204)


@blueprint.get("/me/webhooks/<id>/deliveries")
@blueprint.output(DeliveriesOut)
@authenticated(blueprint, 404)
def list_deliveries(id: str) -> Response:
    """The latest fifty messages to a webhook, newest first.

    Each has the receiver's response and the time of the next try.
    """
    if all(one.id != id for one in services().webhooks.of(current_account().id)):
        raise _unknown(id)
    return json_response({"deliveries": [_delivery_body(one) for one in services().deliveries.recent(id)]})


@blueprint.post("/me/webhooks/<id>/deliveries/<delivery>/resend")
@authenticated(blueprint, 404, responses={204: "The message is sent once more"})
def resend_delivery(id: str, delivery: str) -> Response:
    """Send a message once more, even a delivered message or one whose tries were all used."""
    if all(one.id != id for one in services().webhooks.of(current_account().id)):
        raise _unknown(id)
    if not services().deliveries.resend(id, delivery_number(delivery, _PREFIX)):
        raise NotFound(f"this webhook has no message {delivery[:64]!r}")
    return Response(status=204)


def _unknown(id: str) -> NotFound:
    return NotFound(f"there is no webhook {id[:64]!r} of yours")


def check_webhook_url(url: str) -> None:
    """Raise ``Invalid`` for an address that must not be called."""
    try:
        services().url_policy.check(url)
    except ForbiddenUrl as error:
        raise Invalid(FieldFault("url", str(error))) from error


def delivery_number(id: str, prefix: str) -> int:
    """The number in the id of a message, also without the prefix. For any other text it is a number that no
    message has."""
    number = id.removeprefix(prefix)
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= _DIGITS else 0


def webhook_body(webhook: Webhook) -> dict[str, Any]:
    return {"id": webhook.id, "url": webhook.url, "created_at": rfc3339(webhook.created_at)}


def _delivery_body(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": f"{_PREFIX}{row.id}",
        "submission": row.submission_id,
        "attempt": row.attempt,
        **tries_body(row),
    }


def tries_body(row: DeliveryRow | MessageRow) -> dict[str, Any]:
    """The JSON of a message's state and of the tries to send it."""
    return {
        "state": row.state.value,
        "tries": row.tries,
        "answer": row.answer,
        "reason": row.reason,
        "created_at": rfc3339(row.created_at),
        "ended_at": rfc3339(row.ended_at),
        "next_try_at": None if row.ended_at else rfc3339(row.not_before),
    }
