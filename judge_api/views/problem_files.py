"""The route for a problem's public files: pictures and PDFs of its statement, and attachments."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import optional_account
from judge_api.services.problem_visibility import is_hidden
from judge_core.model.errors import NotFound
from judge_core.packages.public_files import MADE_PICTURES, PICTURE_TYPES, STATEMENT_FOLDERS

blueprint = APIBlueprint("problem_files", __name__, enable_openapi=False)

_PDF = "application/pdf"
_CHUNK = 1 << 18


@blueprint.get("/problems/<slug>/files/<path:path>")
def send_file_of(slug: str, path: str) -> Response:
    """Send an attachment, or a picture or PDF that belongs to a statement.

    Tests, solutions, validators and the sources of statements are never sent: they may contain the jury's
    comments.
    """
    row = services().problems.get(slug)
    visible = row is not None and services().problem_access.may_see(optional_account(), row)
    parts = PurePosixPath(path).parts
    place = _place(slug, row.version, parts) if row and visible and parts else None
    if place is None:
        raise NotFound(f"problem {slug[:64]!r} has no such file to show")
    response = _sent(*place, parts)
    if row is not None and is_hidden(row):
        response.headers["Cache-Control"] = "private, no-store"
    return response


def send_member(archive: Path, member: str, name: str) -> Response:
    """A picture or PDF of a package, for a browser. The media type comes from the file's name."""
    return _sent(archive, member, (name,))


def _sent(archive: Path, member: str, parts: tuple[str, ...]) -> Response:
    size = _size_of(archive, member)
    response = Response(_read(archive, member), mimetype=_type_of(parts))
    response.content_length = size
    return _restrict(response, parts[-1])


def _place(slug: str, version: str, parts: tuple[str, ...]) -> tuple[Path, str] | None:
    """The archive that holds a public file, and the file's name there."""
    store = services().package_store
    if parts[0] == MADE_PICTURES:
        archive = store.pictures(version)
        return (archive, "/".join(parts[1:])) if archive else None
    archive = store.path(version)
    return (archive, "/".join((slug, *parts))) if archive and _is_shown(parts) else None


def _is_shown(parts: tuple[str, ...]) -> bool:
    if parts == ("problem.pdf",):
        return True
    if len(parts) < 2:
        return False
    may_show = PurePosixPath(parts[-1]).suffix.lower() in (*PICTURE_TYPES, ".pdf")
    return parts[0] == "attachments" or (parts[0] in STATEMENT_FOLDERS and may_show)


def _size_of(archive: Path, member: str) -> int:
    try:
        with zipfile.ZipFile(archive) as opened:
            return opened.getinfo(member).file_size
    except KeyError as error:
        raise NotFound("the problem has no such file to show") from error


def _read(archive: Path, member: str) -> Iterator[bytes]:
    with zipfile.ZipFile(archive) as opened, opened.open(member) as content:
        while chunk := content.read(_CHUNK):
            yield chunk


def _type_of(parts: tuple[str, ...]) -> str:
    ending = PurePosixPath(parts[-1]).suffix.lower()
    if parts[0] == "attachments":
        return "application/octet-stream"
    return _PDF if ending == ".pdf" else PICTURE_TYPES.get(ending, "application/octet-stream")


def _restrict(response: Response, name: str) -> Response:
    """Forbid the file to run as a page of this origin, because authors are not trusted."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    # Browsers do not open their PDF viewer for a sandboxed document.
    is_pdf = response.mimetype == _PDF
    response.headers["Content-Security-Policy"] = policy if is_pdf else f"{policy}; sandbox"
    if response.mimetype == "application/octet-stream":
        response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
