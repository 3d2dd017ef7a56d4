"""Reads a submission: the form of DOMjudge's ``submit`` client, or the JSON of the Contest API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from judge_api.schemas.requests import storable
from judge_api.services.submission_policy import FieldNames, PostedSubmission
from judge_api.views.submissions import files_of_archive
from judge_core.model.byte_texts import is_base64
from judge_core.model.errors import FieldFault, Invalid
from judge_core.model.program_files import ProgramFile, ProgramFiles

FIELD_NAMES = FieldNames(source="code[]")
_ARCHIVE = "files.0.data"


def posted_by_form(
    event: str, form: Mapping[str, str], files: MultiDict[str, FileStorage]
) -> PostedSubmission:
    """The submission of a form with ``problem``, ``language``, ``entry_point`` and ``code[]``."""
    sent = files.getlist("code[]") or files.getlist("code")
    if not sent:
        raise Invalid(FieldFault("code[]", "send the files of your program"))
    program = [ProgramFile.of((each.filename or "").rpartition("/")[2], each.read()) for each in sent]
    return _posted(event, form, program)


def posted_by_json(event: str, body: Any) -> PostedSubmission:
    """The submission of the Contest API's ``POST submissions``, whose file is a zip in base64."""
    fields = body if isinstance(body, dict) else {}
    files = fields.get("files")
    first = files[0] if isinstance(files, list) and files and isinstance(files[0], dict) else {}
    data = first.get("data")
    if not (isinstance(data, str) and is_base64(data)):
        raise Invalid(FieldFault(_ARCHIVE, "must be a zip in base64"))
    return _posted(event, fields, files_of_archive(data, _ARCHIVE))


def _posted(event: str, fields: Mapping[str, Any], program: Sequence[ProgramFile]) -> PostedSubmission:
    """The submission of these fields. The names ``problem`` and ``language`` may end in ``_id``, as in the
    Contest API."""
    names = {name: _text(fields, name) or _text(fields, f"{name}_id") for name in ("problem", "language")}
    if missing := [name for name, value in names.items() if not value]:
        raise Invalid(*(FieldFault(name, "is missing") for name in missing))
    entry_point = _text(fields, "entry_point")
    if len(program) == 1 and program[0].encoded is None:
        return PostedSubmission(names["language"], program[0].text, problem=names["problem"], event=event)
    files = ProgramFiles(tuple(program), entry_point)
    return PostedSubmission(names["language"], "", problem=names["problem"], event=event, files=files)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise Invalid(FieldFault(name, "must be a text"))
    try:
        return storable(value.strip())
    except ValueError as error:
        raise Invalid(FieldFault(name, str(error))) from error
