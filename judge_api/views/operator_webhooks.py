"""Routes of operators' webhooks: the addresses that get messages about the installation, and the messages."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import require_admin
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import OperatorMessagesOut
from judge_api.schemas.requests import WebhookIn
from judge_api.schemas.responses import NewWebhookOut, WebhooksOut
from judge_api.store.operator_webhooks import AlertType, Announcement, MessageRow
from judge_api.views.admin import audit
from judge_api.views.webhooks import check_webhook_url, delivery_number, tries_body, webhook_body
from judge_core.model.errors import NotFound

blueprint = APIBlueprint("operator_webhooks", __name__, url_prefix="/admin/webhooks", tag="Administration")
blueprint.before_request(require_admin)
_PREFIX = "op_"


@blueprint.get("")
@blueprint.output(WebhooksOut)
@authenticated(blueprint)
def list_operator_webhooks() -> Response:
    """The addresses that get messages about the installation, newest first."""
    found = services().operator_webhooks.all()
    return json_response({"webhooks": [webhook_body(one) for one in found]})


@blueprint.post("")
@blueprint.input(WebhookIn)
@blueprint.output(NewWebhookOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 415, 422)
def add_operator_webhook(json_data: WebhookIn) -> Response:
    """Send messages about the installation to an address from now on.

    There is a message when a queue is down or up again, and when a backlog is long or normal again. There is
    also one when a worker is lost, when submissions could not be judged, and when a rejudging ends.
    """
    check_webhook_url(json_data.url)
    made, secret = services().operator_webhooks.add(json_data.url)
    audit("operator-webhook.add", made.id, url=made.url)
    return json_response({**webhook_body(made), "secret": secret}, 201)


@blueprint.delete("/<id>")
@authenticated(blueprint, 404, responses={204: "Removed, with the messages still to be sent"})
def remove_operator_webhook(id: str) -> Response:
    """Remove a webhook of operators."""
    if not services().operator_webhooks.remove(id):
        raise _unknown(id)
    audit("operator-webhook.remove", id)
    return Response(status=204)


@blueprint.post("/<id>/test")
@authenticated(blueprint, 404, responses={204: "A message of the type `webhook.test` is sent"})
def test_operator_webhook(id: str) -> Response:
    """Send a test message."""
    _require(id)
    services().operator_messages.add(id, Announcement(AlertType.TEST, {}))
    return Response(status=204)


@blueprint.get("/<id>/deliveries")
@blueprint.output(OperatorMessagesOut)
@authenticated(blueprint, 404)
def list_operator_messages(id: str) -> Response:
    """The latest fifty messages to a webhook, newest first."""
    _require(id)
    found = services().operator_messages.recent(id)
    return json_response({"deliveries": [_message_body(one) for one in found]})


@blueprint.post("/<id>/deliveries/<delivery>/resend")
@authenticated(blueprint, 404, responses={204: "The message is sent once more"})
def resend_operator_message(id: str, delivery: str) -> Response:
    """Send a message once more, even a delivered message or one whose tries were all used."""
    if not services().operator_messages.resend(id, delivery_number(delivery, _PREFIX)):
        raise NotFound(f"this webhook has no message {delivery[:64]!r}")
    return Response(status=204)


def _require(id: str) -> None:
    if not services().operator_webhooks.has(id):
        raise _unknown(id)


def _unknown(id: str) -> NotFound:
    return NotFound(f"there is no webhook {id[:64]!r}")


def _message_body(row: MessageRow) -> dict[str, Any]:
    return {
        "id": f"{_PREFIX}{row.id}",
        "type": row.type,
        "data": row.data,
        **tries_body(row),
    }
