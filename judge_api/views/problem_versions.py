"""Routes for the versions of a problem: show, verify and download one, or go back to an earlier one."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict

from apiflask import APIBlueprint
from flask import Response, request, send_file

from judge_api.container import services
from judge_api.http.auth import current_account, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import ProofBegunOut, StateChangedOut, VerificationOut
from judge_api.schemas.requests import PackageQuery, VersionQuery
from judge_api.schemas.responses import ProblemOut
from judge_api.services.problem_overview import shown_state, verification_body
from judge_api.store.rejudge_selection import RejudgeFilter, RejudgeSelection
from judge_api.views.admin_problems import broken_package
from judge_api.views.problem_access import editable_problem, newest_of, version_of
from judge_core.model.errors import NotFound
from judge_core.packages import BrokenPackage

blueprint = APIBlueprint(
    "problem_versions", __name__, url_prefix="/admin/problems", tag="Problems of authors"
)
blueprint.before_request(require_author)
_MOST_NOTES = 20
_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}


@blueprint.post("/<slug>/verify")
@blueprint.input(VersionQuery, location="query")
@blueprint.output(ProofBegunOut, status_code=202)
@authenticated(blueprint, 404, 409, 422)
def verify_problem(slug: str, query_data: VersionQuery) -> Response:
    """Judge the submissions of a version's package. Each run can be followed by its id."""
    row, author = editable_problem(slug), current_account()
    spec = version_of(row, query_data.version or newest_of(row))
    begun = services().verification_progress.begin(author, spec)
    act = {"version": begun.version, "submissions": len(begun.lines)}
    services().audit.record(author.name, "problem.verify", row.slug, **act)
    lines = [asdict(line) for line in begun.lines]
    return json_response({"slug": row.slug, "version": begun.version, "submissions": lines}, 202)


@blueprint.get("/<slug>/verification")
@blueprint.input(VersionQuery, location="query")
@blueprint.output(VerificationOut)
@authenticated(blueprint, 404, 409, 422)
def show_verification(slug: str, query_data: VersionQuery) -> Response:
    """The latest verification of a version so far.

    The request also sends submissions that had to wait because the quota was used up.
    """
    row = editable_problem(slug)
    spec = version_of(row, query_data.version or newest_of(row))
    found = services().verification_progress.of(spec)
    if found is None:
        raise NotFound(f"the version {spec.version[:12]} of {row.slug} was not verified yet")
    return json_response(verification_body(found))


@blueprint.get("/<slug>/versions/<version>")
@blueprint.output(ProblemOut)
@authenticated(blueprint, 404, 409)
def show_version(slug: str, version: str) -> Response:
    """The problem as solvers would see it in this version."""
    row = editable_problem(slug)
    spec = version_of(row, version)
    on_offer = row.is_published and row.version == version
    limits = spec.language_limits(services().languages.values())
    return json_response({**spec.to_json(), "published": on_offer, "language_limits": limits})


@blueprint.post("/<slug>/versions/<version>/restore")
@blueprint.output(StateChangedOut)
@authenticated(blueprint, 404, 409)
def restore_version(slug: str, version: str) -> Response:
    """Make an earlier version the newest again. If the problem is published, solvers get that version."""
    row = editable_problem(slug)
    version_of(row, version)
    restored = services().problem_lives.restore(row.slug, version)
    services().visible_problems.clear()
    services().audit.record(current_account().name, "problem.restore", row.slug, version=version)
    known = services().problem_versions.get(row.slug, version)
    body = {
        "done": f"{row.slug} is back at version {version[:12]}",
        "state": shown_state(restored, known.verified_at if known else None),
        "version": version,
        "to_rejudge": RejudgeSelection(services().engine).count(RejudgeFilter(row.slug, version)),
    }
    return json_response(body)


@blueprint.get("/<slug>/versions/<version>/package")
@blueprint.input(PackageQuery, location="query")
@authenticated(blueprint, 404, 422, responses={200: {"description": "A zip", "content": _ZIP}})
def download_package(slug: str, version: str, query_data: PackageQuery) -> Response:
    """The package of a version as a zip.

    It is the package as workers get it, as it was uploaded, or converted to another format.
    """
    row, store = editable_problem(slug), services().package_store
    if query_data.format is not None:
        return _converted(row.slug, version, query_data.format)
    known = services().problem_versions.get(row.slug, version)
    path = (store.uploaded if query_data.form == "uploaded" else store.path)(version) if known else None
    if path is None:
        raise NotFound(f"{row.slug} has no package of the version {version[:64]!r}")
    name = f"{row.slug}-{version[:8]}.zip"
    response = send_file(
        path, "application/zip", as_attachment=True, download_name=name, conditional=False, etag=False
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request.environ, accept_ranges=True, complete_length=path.stat().st_size)
    return response


def _converted(slug: str, version: str, format: str) -> Response:
    """The package in another judge's format. A header lists what the format cannot express."""
    if services().problem_versions.get(slug, version) is None:
        raise NotFound(f"{slug} has no package of the version {version[:64]!r}")
    services().disk_space.require_room()
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed once it is sent)
    try:
        notes = services().package_store.export(version, format, file)
    except BrokenPackage as error:
        raise broken_package(error) from error
    file.seek(0)
    name = f"{slug}-{format}.zip"
    response = send_file(file, "application/zip", as_attachment=True, download_name=name, etag=False)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Export-Notes"] = json.dumps(
        [str(note)[:200] for note in notes[:_MOST_NOTES]], allow_nan=False
    )
    return response
