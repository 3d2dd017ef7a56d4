"""Routes by which authors edit a problem: they read its files, preview changes, and save them as a draft
version."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.http.auth import current_account, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import AddedProblemOut, FormOut, PackageFilesOut, RunBegunOut
from judge_api.schemas.requests import EditIn, FormIn, PictureIn
from judge_api.schemas.responses import ProblemOut
from judge_api.store.problems import newer_version_conflict
from judge_api.views.admin_problems import added_body, broken_package
from judge_api.views.problem_access import editable_problem, newest_of, version_of
from judge_core.model.byte_texts import bytes_from
from judge_core.model.errors import FieldFault, Invalid, NotFound
from judge_core.packages import BrokenPackage
from judge_core.packages.file_changes import FileChange
from judge_core.packages.settings_form import FormValue, NoForm, SettingsForm

blueprint = APIBlueprint("problem_edits", __name__, url_prefix="/admin/problems", tag="Problems of authors")
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@blueprint.before_request
def _prepare() -> None:
    if request.method == "POST":
        request.max_content_length = services().settings.package_bytes
    require_author()


@blueprint.get("/<slug>/versions/<version>/files")
@blueprint.output(PackageFilesOut)
@authenticated(blueprint, 404, 409)
def list_files(slug: str, version: str) -> Response:
    """The files of a version's package, by path."""
    version_of(editable_problem(slug), version)
    files = [asdict(each) for each in services().package_store.files(version)]
    return json_response({"version": version, "files": files})


@blueprint.get("/<slug>/versions/<version>/files/<path:path>")
@authenticated(blueprint, 404, 409, responses={200: {"description": "The file", "content": _BYTES}})
def read_file(slug: str, version: str, path: str) -> Response:
    """The content of one file of a version's package."""
    row = editable_problem(slug)
    version_of(row, version)
    content = services().package_store.read_file(version, path)
    if content is None:
        raise NotFound(f"the version {version[:12]} of {row.slug} has no file {path[:200]!r}")
    response = Response(content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.post("/<slug>/versions/<version>/preview")
@blueprint.input(EditIn)
@blueprint.output(ProblemOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def preview_changes(slug: str, version: str, json_data: EditIn) -> Response:
    """The problem as solvers would see it with these changes. Nothing is stored."""
    version_of(editable_problem(slug), version)
    try:
        spec = services().package_store.preview(version, _changes(json_data))
    except BrokenPackage as error:
        raise broken_package(error) from error
    limits = spec.language_limits(services().languages.values())
    return json_response({**spec.to_json(), "published": False, "language_limits": limits})


@blueprint.post("/<slug>/versions/<version>/pictures")
@blueprint.input(PictureIn)
@blueprint.output(RunBegunOut, status_code=202)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422, 429)
def draw_test(slug: str, version: str, json_data: PictureIn) -> Response:
    """Let the package's input visualizer draw a test.

    The answer names a run with one test. That test has the picture, or the reason why there is none.
    """
    spec = version_of(editable_problem(slug), version)
    if services().package_store.read_file(version, f"data/{json_data.test}.in") is None:
        raise Invalid(FieldFault("test", "is no test of this version: send a name such as secret/01"))
    id = services().package_verification.draw(current_account(), spec, json_data.test)
    return json_response({"id": id, "status_url": f"/status/{id}"}, 202)


@blueprint.post("/<slug>/versions/<version>/form")
@blueprint.input(FormIn)
@blueprint.output(FormOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def show_form(slug: str, version: str, json_data: FormIn) -> Response:
    """A YAML file of the package as a form, after some changes.

    Nothing is stored: the answer has the changed text. Keys that the form does not know stay. Comments stay,
    apart from that of a removed key. A wrong value is reported and does not change the text.
    """
    version_of(editable_problem(slug), version)
    text = json_data.text
    if text is None:
        stored = services().package_store.read_file(version, json_data.path)
        text = (stored or b"").decode("utf-8-sig", errors="replace")
    try:
        form = services().package_store.form(json_data.path, text, json_data.values)
    except NoForm as error:
        raise Invalid(FieldFault(json_data.path, str(error))) from error
    return json_response(_form_body(form))


@blueprint.post("/<slug>/versions/<version>/changes")
@blueprint.input(EditIn)
@blueprint.output(AddedProblemOut, status_code=201)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def save_changes(slug: str, version: str, json_data: EditIn) -> Response:
    """Save changes of the newest version as a draft. All faults of the package are reported together."""
    row, author = editable_problem(slug), current_account()
    version_of(row, version)
    if version != newest_of(row):
        raise newer_version_conflict(row.slug, version)
    services().disk_space.require_room()
    try:
        stored = services().package_store.add_changed(version, _changes(json_data))
    except BrokenPackage as error:
        raise broken_package(error) from error
    # Another author may have saved meanwhile, so the version from which this one was made is compared again.
    return json_response(added_body(author, stored, publish=False, made_from=version), 201)


def _changes(edit: EditIn) -> list[FileChange]:
    return [
        FileChange.of(each.path, bytes_from(each.text, each.base64), each.source) for each in edit.changes
    ]


def _form_body(form: SettingsForm) -> dict[str, Any]:
    return {
        "file": form.file.value,
        "text": form.text,
        "fields": [_field_body(each) for each in form.values],
        "others": list(form.others),
        "faults": [asdict(fault) for fault in form.faults],
    }


def _field_body(shown: FormValue) -> dict[str, Any]:
    field = shown.field
    bounds = field.bounds
    return {
        "key": field.key,
        "kind": field.kind.value,
        "section": field.section.value,
        "choices": list(field.choices),
        "bounds": str(bounds) if bounds else None,
        "unit": bounds.unit or None if bounds else None,
        "default": field.default or None,
        "value": shown.value,
        "is_complex": shown.is_complex,
    }
