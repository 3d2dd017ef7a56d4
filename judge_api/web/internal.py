"""What only workers ask for: problem packages by the hash of their content."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request, send_file

from judge_api.domain.errors import NotFound
from judge_api.web.auth import require_worker
from judge_api.web.services import services

blueprint = APIBlueprint("internal", __name__, url_prefix="/internal", enable_openapi=False)
blueprint.before_request(require_worker)
_FOR_EVER = 31_536_000


@blueprint.get("/packages/<hash>")
def send_package(hash: str) -> Response:
    """The zip with this SHA-256; ``Range`` resumes a download that broke off."""
    path = services().library.path(hash)
    if path is None:
        raise NotFound("there is no package with this hash")
    response = send_file(path, mimetype="application/zip", conditional=False, etag=False, max_age=_FOR_EVER)
    response.set_etag(hash)
    size = path.stat().st_size
    response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    return response
