"""Routes for authors and administrators: add, list and verify problem packages."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import PurePosixPath
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
    ProofBegunOut,
)
from judge_api.schemas.requests import PackageIn, ProblemChange, SuspensionIn
from judge_api.store.problems import problem_row
from judge_api.store.records import ProblemRow
from judge_api.store.rejudge_selection import RejudgeFilter, RejudgeSelection
from judge_core.model.errors import FieldFault, Forbidden, Invalid, NotFound
from judge_core.model.submission import rfc3339
from judge_core.packages import BrokenPackage, Diagnostic, StoredPackage

blueprint = APIBlueprint("admin_problems", __name__, url_prefix="/admin/problems", tag="Administration")


@blueprint.before_request
def _prepare() -> None:
    if request.endpoint == f"{blueprint.name}.{add_problem.__name__}":
        request.max_content_length = services().settings.package_bytes
    if request.method == "PATCH":
        require_admin()
    else:
        require_author()


@blueprint.get("")
@blueprint.output(OfferedVersionsOut)
@authenticated(blueprint)
def list_versions() -> Response:
    """The problems that the account may edit, with their owners: an author's own, an administrator's all."""
    rows = services().problem_access.editable(current_account(), services().problems.list())
    faults = services().problem_faults.counts([row.version for row in rows])
    owners = services().problem_members.owners()
    bodies = [
        {**_row_body(row), "faults": faults.get(row.slug, 0), "owner": owners.get(row.slug)} for row in rows
    ]
    return json_response({"problems": bodies})


@blueprint.post("")
@blueprint.input(PackageIn, location="files")
@blueprint.output(AddedProblemOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 422)
def add_problem(files_data: PackageIn) -> Response:
    """Add a problem, or a new version of one, from a package. All its faults are reported at once.

    The account that adds a problem owns it. Only its owner and administrators add further versions.
    """
    services().disk_space.require_room()
    stored = _store_package(files_data)
    author = current_account()
    created = services().problems.put(problem_row(stored, author.id), author)
    services().visible_problems.clear()
    services().audit.record(author.name, "problem.add", stored.slug, version=stored.hash, created=created)
    body = {
        "slug": stored.slug,
        "version": stored.hash,
        "created": created,
        "warnings": [_fault_body(fault) for fault in stored.warnings],
        "time_limit_run": services().package_verification.find_time_limit(author, stored),
        "to_rejudge": RejudgeSelection(services().engine).count(RejudgeFilter(stored.slug, stored.hash)),
    }
    return json_response(body, 201)


@blueprint.post("/<slug>/verify")
@blueprint.output(ProofBegunOut, status_code=202)
@authenticated(blueprint, 404)
def verify_problem(slug: str) -> Response:
    """Judge every submission of the problem's package, each as a run that can be followed by its id."""
    row, author = _editable(slug), current_account()
    runs = services().package_verification.verify(author, slug, row.version)
    services().audit.record(author.name, "problem.verify", slug, version=row.version, submissions=len(runs))
    body = {"slug": slug, "version": row.version, "submissions": [asdict(run) for run in runs]}
    return json_response(body, 202)


@blueprint.get("/<slug>/faults")
@blueprint.output(ProblemFaultsOut)
@authenticated(blueprint, 404)
def list_faults(slug: str) -> Response:
    """The latest submissions that the problem's own programs or files made fail, each with the reason."""
    row = _editable(slug)
    faults = [{**asdict(fault), "at": rfc3339(fault.at)} for fault in services().problem_faults.of(slug)]
    return json_response({"version": row.version, "faults": faults})


@blueprint.put("/<slug>/suspension")
@blueprint.input(SuspensionIn)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def change_suspension(slug: str, json_data: SuspensionIn) -> Response:
    """Take no submissions for a problem, or take them again. A new version takes them by itself."""
    row, suspended = _editable(slug), json_data.suspended
    services().problems.suspend(row.slug, json_data.reason if suspended else None)
    services().visible_problems.clear()
    services().audit.record(current_account().name, "problem.suspend", row.slug, suspended=suspended)
    return json_response({"done": f"{row.slug} takes {'no ' if suspended else ''}submissions"})


@blueprint.patch("/<slug>")
@blueprint.input(ProblemChange)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def change_owner(slug: str, json_data: ProblemChange) -> Response:
    """Give a problem to another owner, or to administrators alone. Only for administrators."""
    row, name = _editable(slug), json_data.owner
    owner = services().accounts.by_name(name) if name is not None else None
    if name is not None and owner is None:
        raise Invalid(FieldFault("owner", f"there is no account {name!r}"))
    if owner is not None and not owner.may_add_problems:
        raise Invalid(FieldFault("owner", f"{name!r} needs the role author or admin first"))
    services().problem_members.set_owner(row.slug, owner.id if owner else None, current_account().id)
    services().audit.record(current_account().name, "problem.owner", row.slug, owner=name)
    return json_response({"done": f"{row.slug} belongs to {name or 'administrators'}"})


def _editable(slug: str) -> ProblemRow:
    """The problem, if the account may edit it."""
    account, row = current_account(), services().problems.get(slug) if "\x00" not in slug else None
    if row is None or not services().problem_access.may_see(account, row):
        raise NotFound(f"there is no problem {slug[:64]!r}")
    if not services().problem_access.may_edit(account, slug):
        raise Forbidden(f"the problem {slug[:64]!r} is another author's")
    return row


def _store_package(files: PackageIn) -> StoredPackage:
    slug = PurePosixPath(files.package.filename or "").stem.lower() or None
    try:
        return services().package_store.add_zip(cast(BinaryIO, files.package.stream), slug, files.name)
    except BrokenPackage as error:
        raise Invalid(*(_field_fault(fault) for fault in error.faults)) from error


def _row_body(row: ProblemRow) -> dict[str, Any]:
    shown = ("slug", "version", "title", "author", "format")
    return {**{name: getattr(row, name) for name in shown}, "added_at": rfc3339(row.added_at)}


def _field_fault(fault: Diagnostic) -> FieldFault:
    place = fault.file if fault.line is None else f"{fault.file}:{fault.line}"
    return FieldFault(place, f"{fault.key}: {fault.message}" if fault.key else fault.message)


def _fault_body(fault: Diagnostic) -> dict[str, Any]:
    return {key: value for key, value in asdict(fault).items() if key != "warning"}
