"""Routes for workers only: the check at start, problem packages by hash, and calibrated time limits."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request, send_file

from judge_api.container import services
from judge_api.http.auth import require_worker
from judge_api.http.json import json_response
from judge_core.messages import OLDEST_VERSION, VERSION, version_fault
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound
from judge_core.packages.number_bounds import TIME

blueprint = APIBlueprint("internal", __name__, url_prefix="/internal", enable_openapi=False)
blueprint.before_request(require_worker)
_YEAR_SECONDS = 31_536_000


@blueprint.get("/hello")
def check_worker() -> Response:
    """Say whether a starting worker can work with this server.

    The answer is 401 for a wrong token, and 409 for a version of the protocol that is too old or too new.
    """
    given = request.args.get("protocol", "")
    if not given.isdecimal():
        raise Invalid(
            FieldFault("protocol", "must be the version of the worker's protocol, as a whole number")
        )
    if fault := version_fault(int(given), here="the main server", there="the worker"):
        raise Conflict(fault)
    return json_response({"protocol": VERSION, "oldest": OLDEST_VERSION})


@blueprint.get("/packages/<hash>")
def send_package(hash: str) -> Response:
    """The zip with this SHA-256; ``Range`` resumes an interrupted download."""
    path = services().package_store.path(hash)
    if path is None:
        raise NotFound("there is no package with this hash")
    response = send_file(
        path, mimetype="application/zip", conditional=False, etag=False, max_age=_YEAR_SECONDS
    )
    response.set_etag(hash)
    size = path.stat().st_size
    response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    return response


@blueprint.get("/packages/<hash>/time-limit")
def show_time_limit(hash: str) -> Response:
    """The time limit that a worker has calibrated for this version; ``null`` if none has."""
    return json_response({"time_limit": services().problems.known_time_limit(hash)})


@blueprint.put("/packages/<hash>/time-limit")
def record_time_limit(hash: str) -> Response:
    """Record a calibrated time limit. The answer has the limit that is valid: the first recorded one."""
    body = request.get_json(silent=True)
    seconds: Any = body.get("time_limit") if isinstance(body, dict) else None
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not (is_number and seconds in TIME):
        raise Invalid(FieldFault("time_limit", f"must be a number {TIME}"))
    recorded = services().problems.record_time_limit(hash, float(seconds))
    services().visible_problems.clear()
    return json_response({"time_limit": recorded})
