"""Routes for the data of the current account: its export, and its deletion at the owner's request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import IO

from apiflask import APIBlueprint
from flask import Response, g
from limits import RateLimitItemPerHour

from judge_api.container import services
from judge_api.http.auth import current_account, require_owner, sign_in_client
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.requests import DeletionIn
from judge_api.schemas.responses import DeletionOut
from judge_core.model.errors import Forbidden
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("my data", __name__, tag="Accounts")
blueprint.before_request(require_owner)
EXPORTS = RateLimitItemPerHour(10)
_IN_MEMORY = 4 * 1024 * 1024
_CHUNK = 64 * 1024


@blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/me/export")
@authenticated(
    blueprint,
    429,
    responses={200: {"description": "A zip of the account's data", "content": {"application/zip": {}}}},
)
def export() -> Response:
    """The account's data as a zip, such as its keys, sessions, and submissions with their sources."""
    account = current_account()
    if g.authenticated_key.is_limited:
        raise Forbidden("a key with limited scopes cannot export its account: use a key without scopes")
    if services().running_events.exam_of(account.id) is not None:
        raise Forbidden("you are in an exam: your data can be exported when it has ended")
    services().rate_limits.count(EXPORTS, "exports of one account", account.id)
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (closed once it is sent)
    services().account_export.write(account, file)
    services().audit.record(account.name, "account.export", account.name)
    file.seek(0)
    response = Response(_chunks(file), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=f"gavel-{account.name}.zip")
    return response


@blueprint.post("/me/deletion")
@blueprint.input(DeletionIn)
@blueprint.output(DeletionOut)
@authenticated(blueprint, 400, 409, 413, 415, 422, 429)
def request_deletion(json_data: DeletionIn) -> Response:
    """Delete this account after some days.

    Until then the account works, and the request can be withdrawn.
    """
    account = current_account()
    services().password_service.confirm(account, json_data.current_password, sign_in_client())
    days = timedelta(days=services().settings.deletion_days)
    due = services().account_administration.request_deletion(account, days)
    services().auth_cache.clear()
    return json_response({"deletion_due": rfc3339(due)})


@blueprint.delete("/me/deletion")
@authenticated(blueprint, responses={204: "The account stays"})
def withdraw_deletion() -> Response:
    """Withdraw the request to delete this account."""
    services().account_administration.withdraw_deletion(current_account())
    services().auth_cache.clear()
    return Response(status=204)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
