"""Routes for the drafts of the current account, so that a person can continue on another device."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_account
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.requests import DraftIn
from judge_api.schemas.responses import DraftOut, DraftsOut
from judge_api.store.drafts import Draft
from judge_core.languages import find_language
from judge_core.model.errors import FieldFault, NotFound, SourceTooLarge
from judge_core.model.submission import Kind, rfc3339

blueprint = APIBlueprint("drafts", __name__, tag="Accounts")
blueprint.before_request(require_account)
_LONGEST_SLUG = 255


@blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/me/drafts/<slug>")
@blueprint.output(DraftsOut)
@authenticated(blueprint, 404)
def list_drafts(slug: str) -> Response:
    """The drafts for one problem, one per language."""
    found = services().drafts.of(current_account().id, _problem(slug))
    return json_response({"drafts": [_draft_body(draft) for draft in found]})


@blueprint.put("/me/drafts/<slug>/<language>")
@blueprint.input(DraftIn)
@blueprint.output(DraftOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def save_draft(slug: str, language: str, json_data: DraftIn) -> Response:
    """Save a draft in place of the previous one. It may be as long as a submission."""
    account = current_account()
    most = services().quotas.of(account.tier).source_bytes
    if (size := len(json_data.source.encode())) > most:
        raise SourceTooLarge(FieldFault("source", f"has {size} bytes; at most {most} are allowed"))
    saved = services().drafts.save(account.id, _problem(slug), _language(language), json_data.source)
    return json_response(_draft_body(saved))


@blueprint.delete("/me/drafts/<slug>/<language>")
@authenticated(blueprint, 404, responses={204: "There is no draft any more"})
def delete_draft(slug: str, language: str) -> Response:
    """Delete a draft."""
    services().drafts.remove(current_account().id, _problem(slug), _language(language))
    return Response(status=204)


def _problem(slug: str) -> str:
    """The slug, if it is valid. The problem itself is not looked up, because an answer could reveal a hidden
    one."""
    if len(slug) > _LONGEST_SLUG:
        raise NotFound(f"there is no problem {slug[:64]!r}")
    services().running_events.require_in_exam(current_account(), Kind.RUN, slug, None)
    return slug


def _language(name: str) -> str:
    language = find_language(name, services().languages)
    if language is None:
        raise NotFound(f"there is no language {name[:64]!r}")
    return language.id


def _draft_body(draft: Draft) -> dict[str, Any]:
    return {"language": draft.language, "source": draft.source, "saved_at": rfc3339(draft.saved_at)}
