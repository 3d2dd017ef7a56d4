"""Routes by which authors and administrators add and list problems, and see their faults.

Other routes change a problem's owner, suspend it, or export its submissions.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.http.auth import current_account, require_admin, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import (
    AddedProblemOut,
    DoneOut,
    OfferedVersionsOut,
    ProblemFaultsOut,
)
from judge_api.schemas.requests import PackageIn, ProblemChange, SuspensionIn
from judge_api.services.package_import import store_imported
from judge_api.store.problems import problem_row
from judge_api.store.rejudge_selection import RejudgeFilter, RejudgeSelection
from judge_api.views.event_results import IN_MEMORY, download, zip_file
from judge_api.views.problem_access import authored_lines, editable_problem, version_of
from judge_core.logging import get_logger
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339
from judge_core.packages import BrokenPackage, Diagnostic, StoredPackage

logger = get_logger(__name__)

blueprint = APIBlueprint("admin_problems", __name__, url_prefix="/admin/problems", tag="Administration")


@blueprint.before_request
def _prepare() -> None:
    if request.endpoint == f"{blueprint.name}.{add_problem.__name__}":
        request.max_content_length = services().settings.package_bytes
    if request.method == "PATCH" or request.endpoint == f"{blueprint.name}.{export_submissions.__name__}":
        require_admin()
    else:
        require_author()


@blueprint.get("")
@blueprint.output(OfferedVersionsOut)
@authenticated(blueprint)
def list_versions() -> Response:
    """The problems that the account may edit, with their owners. Administrators may edit all."""
    rows = services().problem_access.editable(current_account(), services().problems.list())
    return json_response({"problems": authored_lines(rows)})


@blueprint.post("")
@blueprint.input(PackageIn, location="files")
@blueprint.output(AddedProblemOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 422)
def add_problem(files_data: PackageIn) -> Response:
    """Add a problem, or a new version of one, from a package. All its faults are reported together.

    It is published at once, unless it is added as a draft. The account that adds a problem owns it. Only its
    owner, its co-authors and administrators add further versions.
    """
    services().disk_space.require_room()
    stored = _store_package(files_data)
    body = added_body(current_account(), stored, files_data.state == "published")
    services().package_store.keep_upload(stored.hash, cast(BinaryIO, files_data.package.stream))
    return json_response(body, 201)


def added_body(
    author: Account, stored: StoredPackage, publish: bool, made_from: str | None = None
) -> dict[str, Any]:
    """Add a stored package as a version, and describe it. Raises ``Conflict`` if it was made from a version
    that is not the newest one any more."""
    _complete_version_before(stored)
    created = services().problems.put(problem_row(stored, author.id), author, publish, made_from)
    services().visible_problems.clear()
    added = {"version": stored.hash, "created": created, "state": "published" if publish else "draft"}
    services().audit.record(author.name, "problem.add", stored.slug, **added)
    row = services().problems.get(stored.slug)
    return {
        "slug": stored.slug,
        "version": stored.hash,
        "state": row.state if row else added["state"],
        "created": created,
        "warnings": [*map(_fault_body, stored.warnings), *_doubled_uuid(author, stored)],
        "time_limit_run": services().package_verification.find_time_limit(author, stored),
        "to_rejudge": RejudgeSelection(services().engine).count(RejudgeFilter(stored.slug, stored.hash)),
    }


def _complete_version_before(stored: StoredPackage) -> None:
    """Store the judging hash of the published version if it is missing, so that the new version can be
    compared with it."""
    row = services().problems.get(stored.slug)
    if row is not None and row.version != stored.hash and services().package_store.path(row.version):
        try:
            version_of(row, row.version)
        except (Conflict, NotFound) as error:
            logger.warning(
                "The previous version of the problem cannot be read", problem=row.slug, reason=str(error)
            )


def _doubled_uuid(author: Account, stored: StoredPackage) -> list[dict[str, Any]]:
    """A warning about other problems with the same ``uuid``. It names only those that the author may see."""
    others = services().problem_versions.others_with_uuid(stored.uuid, stored.slug) if stored.uuid else []
    if not others:
        return []
    rows = [row for slug in others if (row := services().problems.get(slug))]
    seen = [row.slug for row in services().problem_access.visible(author, rows)]
    named = ", ".join(seen) or "a problem that you may not see"
    message = f"is that of another problem: {named}. Give each problem its own"
    return [_fault_body(Diagnostic("problem.yaml", message, "uuid", warning=True))]


@blueprint.get("/<slug>/faults")
@blueprint.output(ProblemFaultsOut)
@authenticated(blueprint, 404)
def list_faults(slug: str) -> Response:
    """The latest submissions that failed because of the problem's own files, each with the reason."""
    row = editable_problem(slug)
    faults = [{**asdict(fault), "at": rfc3339(fault.at)} for fault in services().problem_faults.of(slug)]
    return json_response({"version": row.version, "faults": faults})


@blueprint.get("/<slug>/submissions.zip")
@authenticated(blueprint, 404, responses=zip_file("A zip file"))
def export_submissions(slug: str) -> Response:
    """All submissions to a problem with their sources and results, for administrators."""
    row = editable_problem(slug)
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed once it is sent)
    count = services().problem_archive.write(row.slug, file)
    services().audit.record(current_account().name, "problem.archive", row.slug, submissions=count)
    return download(f"{row.slug}-submissions.zip", "application/zip", file)


@blueprint.put("/<slug>/suspension")
@blueprint.input(SuspensionIn)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def change_suspension(slug: str, json_data: SuspensionIn) -> Response:
    """Suspend a problem, so that it takes no submissions, or end its suspension.

    A new version also ends it.
    """
    row, suspended = editable_problem(slug), json_data.suspended
    services().problems.suspend(row.slug, json_data.reason if suspended else None)
    services().visible_problems.clear()
    services().audit.record(current_account().name, "problem.suspend", row.slug, suspended=suspended)
    return json_response({"done": f"{row.slug} takes {'no ' if suspended else ''}submissions"})


@blueprint.patch("/<slug>")
@blueprint.input(ProblemChange)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def change_owner(slug: str, json_data: ProblemChange) -> Response:
    """Give a problem to another owner, or only to administrators. Only administrators may do this."""
    row, name = editable_problem(slug), json_data.owner
    owner = services().accounts.by_name(name) if name is not None else None
    if name is not None and owner is None:
        raise Invalid(FieldFault("owner", f"there is no account {name!r}"))
    if owner is not None and not owner.may_add_problems:
        raise Invalid(FieldFault("owner", f"{name!r} needs the role author or admin first"))
    services().problem_members.set_owner(row.slug, owner.id if owner else None, current_account().id)
    services().audit.record(current_account().name, "problem.owner", row.slug, owner=name)
    return json_response({"done": f"{row.slug} belongs to {name or 'administrators'}"})


def _store_package(files: PackageIn) -> StoredPackage:
    file_name = files.package.filename or ""
    slug = PurePosixPath(file_name).stem.lower() or None
    store, upload = services().package_store, cast(BinaryIO, files.package.stream)
    try:
        if files.format != "package":
            return store_imported(store, upload, file_name, files.format, files.name)
        return store.add_zip(upload, slug, files.name)
    except BrokenPackage as error:
        raise broken_package(error) from error


def broken_package(error: BrokenPackage) -> Invalid:
    """All faults of a package, by file and line."""
    return Invalid(*(_field_fault(fault) for fault in error.faults))


def _field_fault(fault: Diagnostic) -> FieldFault:
    place = fault.file if fault.line is None else f"{fault.file}:{fault.line}"
    return FieldFault(place, f"{fault.key}: {fault.message}" if fault.key else fault.message)


def _fault_body(fault: Diagnostic) -> dict[str, Any]:
    return {key: value for key, value in asdict(fault).items() if key != "warning"}
