"""The routes of Judge0's API that need its second token: the list of all submissions, and deletion.

The second token is an API key of an administrator. The first token may belong to any account.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from flask import Response, request

from judge_api.compat.judge0.errors import MalformedRequest
from judge_api.compat.judge0.responses import STATUSES, NotText, status_id
from judge_api.container import services
from judge_api.http.auth import lacks_second_factor
from judge_api.http.json import json_response
from judge_api.store.records import SubmissionFilter
from judge_core.model.account import AuthenticatedKey, Scope
from judge_core.model.errors import NotFound
from judge_core.model.submission import Kind, Status

Columns = Callable[[Status], dict[str, Any]]
PER_PAGE = 20
MOST_PER_PAGE = 100
_RUNS = SubmissionFilter(kind=Kind.RUN)
_NOT_TEXT = (
    "some attributes for one or more submissions cannot be converted to UTF-8, "
    "use base64_encoded=true query parameter"
)


def administrators_key() -> AuthenticatedKey | None:
    """The second key of the request; ``None`` if it is missing, wrong, or not an administrator's."""
    name = services().settings.judge0_authz_header
    token = request.headers.get(name) or request.args.get(name)
    found = services().auth_cache.find(token.strip(), request.remote_addr) if token else None
    if found is None or not found.account.is_admin or lacks_second_factor(found):
        return None
    return found if found.allows(Scope.OPERATE) else None


def authorize() -> Response:
    """Answer whether the second token is right."""
    return Response(status=200 if administrators_key() else 403)


def list_page(columns: Columns) -> Response:
    """A page of all runs, newest first."""
    if administrators_key() is None:
        return Response(status=403)
    page, per_page = _number("page", 1), _number("per_page", PER_PAGE)
    total = services().submissions.count(_RUNS)
    try:
        shown = list(_shown(_page(page, min(per_page, MOST_PER_PAGE), total), columns))
    except NotText as error:
        raise MalformedRequest(_NOT_TEXT) from error
    return json_response({"submissions": shown, "meta": _meta(page, min(per_page, MOST_PER_PAGE), total)})


def _shown(page: Iterable[Status], columns: Columns) -> Iterator[dict[str, Any]]:
    """The columns of each run. A run that another client has deleted meanwhile is left out."""
    for status in page:
        with suppress(NotFound):
            yield columns(status)


def _number(name: str, default: int) -> int:
    """A positive number in the query, read as Ruby's ``to_i`` reads it. Raises ``MalformedRequest``."""
    given = request.args.get(name)
    if given is None:
        return default
    found = re.match(r"\s*[+-]?[0-9]{1,9}", given)
    number = int(found[0]) if found else 0
    if number < 1:
        raise MalformedRequest(f"invalid {name}: {number}")
    return number


def _page(page: int, per_page: int, total: int) -> tuple[Status, ...]:
    skipped = (page - 1) * per_page
    if skipped >= total:
        return ()
    cursor = services().submissions.cursor_after(_RUNS, skipped) if skipped else None
    if skipped and cursor is None:  # Runs were deleted after they were counted.
        return ()
    return services().submissions.page(_RUNS, cursor, per_page).items


def _meta(page: int, per_page: int, total: int) -> dict[str, int | None]:
    pages = max(1, -(-total // per_page))
    return {
        "current_page": page,
        "next_page": page + 1 if page < pages else None,
        "prev_page": page - 1 if page > 1 else None,
        "total_pages": pages,
        "total_count": total,
    }


def delete(token: str, columns: Columns) -> Response:
    """Delete a run that has ended, with all its records, and answer with its columns."""
    key = administrators_key()
    if key is None:
        return Response(status=403)
    if not services().settings.judge0_delete:
        raise MalformedRequest("delete not allowed")
    status = services().status_service.visible(token, key.account)
    shown = columns(status)
    if not status.stage.is_final:
        number = status_id(status)
        why = f"submission cannot be deleted because its status is {number} ({STATUSES[number]})"
        raise MalformedRequest(why)
    if not services().retention.delete_run(status.id):
        raise NotFound("submission not found")
    services().status_service.forget(status.id)
    services().audit.record(key.account.name, "run.delete", status.id)
    return json_response(shown)
