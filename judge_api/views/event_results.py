"""Routes of an event's jury for results: the result matrix, a member's submissions, and the archive of the
event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.events.results import MemberResults, ProblemResult, result_matrix
from judge_api.http.auth import current_account, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.event_responses import EventSubmissionsOut, MatrixOut
from judge_api.services.event_access import EventView
from judge_api.services.event_sheets import Table, csv_text, results_tsv, write_xlsx
from judge_api.services.scoreboards import cell_body, member_figures
from judge_api.views.event_jury import member_row, submission_body
from judge_api.views.event_member import member_names

blueprint = APIBlueprint("event_results", __name__, url_prefix="/events", tag="Events: jury")
blueprint.before_request(require_author)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 4 * 1024 * 1024
_CHUNK = 64 * 1024


def _file(kind: str, what: str) -> dict[int | str, Any]:
    return {200: {"description": what, "content": {kind: {"schema": {"type": "string"}}}}}


def zip_file(what: str) -> dict[int | str, Any]:
    """The response of a route that sends a zip, for the OpenAPI document."""
    return _file("application/zip", what)


def _jury_view(slug: str) -> EventView:
    return services().event_access.for_jury(current_account(), slug)


@blueprint.get("/<slug>/results")
@blueprint.output(MatrixOut)
@authenticated(blueprint, 404)
def show_results(slug: str) -> Response:
    """The result matrix with all results: best and last submission, late marks and grades."""
    view = _jury_view(slug)
    rows = [_row_body(each) for each in _matrix(view)]
    return json_response({"problems": _labels(view), "rows": rows})


@blueprint.get("/<slug>/results.csv")
@authenticated(blueprint, 404, responses=_file("text/csv", "A CSV file"))
def export_results_csv(slug: str) -> Response:
    """The result matrix as CSV."""
    return download(f"{slug}-results.csv", "text/csv", csv_text(_table(_jury_view(slug))).encode())


@blueprint.get("/<slug>/results.xlsx")
@authenticated(blueprint, 404, responses=_file(_XLSX, "An XLSX file"))
def export_results_xlsx(slug: str) -> Response:
    """The result matrix as a sheet of XLSX."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed once it is sent)
    write_xlsx(file, _table(_jury_view(slug)))
    return download(f"{slug}-results.xlsx", _XLSX, file)


@blueprint.get("/<slug>/results.tsv")
@authenticated(blueprint, 404, responses=_file("text/tab-separated-values", "A TSV file"))
def export_results_tsv(slug: str) -> Response:
    """The final ranks in ICPC's format results.tsv. Only members of the category official are listed."""
    rows = services().scoreboards.board(_jury_view(slug).event).jury.rows()
    return download(f"{slug}-results.tsv", "text/tab-separated-values", results_tsv(rows).encode())


@blueprint.get("/<slug>/members/<id>/submissions")
@blueprint.output(EventSubmissionsOut)
@authenticated(blueprint, 404)
def list_member_submissions(slug: str, id: str) -> Response:
    """One member's submissions to the event, newest first."""
    view = _jury_view(slug)
    member, names = member_row(view, id).member, member_names(view)
    found = services().event_results.of_member(view.event.id, member.id)
    return json_response(
        {"submissions": [submission_body(view, each, names) for each in found], "cursor": None}
    )


@blueprint.get("/<slug>/archive.zip")
@authenticated(blueprint, 404, responses=_file("application/zip", "A zip file"))
def export_archive(slug: str) -> Response:
    """The event as a zip: all submissions with sources and results, the members and the messages."""
    view = _jury_view(slug)
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed once it is sent)
    services().event_archive.write(view.event, file)
    services().audit.record(current_account().name, "event.archive", slug)
    return download(f"{slug}.zip", "application/zip", file)


def _matrix(view: EventView) -> list[MemberResults]:
    board = services().scoreboards.board(view.event)
    scores = services().scoreboards.max_scores(board.setup)
    changes = services().event_results.changes_since(view.event.id, 0, scores)
    return result_matrix(board.setup, board.jury, changes.tries if changes else ())


def _labels(view: EventView) -> list[str]:
    return [each.label for each in view.problems if not each.withdrawn]


def _row_body(each: MemberResults) -> dict[str, Any]:
    return {
        **member_figures(each.row),
        "grade": each.grade,
        "cells": [_cell_body(result) for result in each.problems],
    }


def _cell_body(result: ProblemResult) -> dict[str, Any]:
    return {
        **cell_body(result.cell),
        "best": result.best,
        "last": result.last,
        "late_minutes": -(-result.late // timedelta(minutes=1)),
        "late_percent": result.percent,
        "submission": result.cell.decided_by,
    }


def _table(view: EventView) -> Table:
    parts = ("points", "tries", "minutes", "best %", "last %", "late minutes")
    heads = ["rank", "name", "affiliation", "category", "solved", "points", "penalty minutes", "grade"]
    heads += [f"{label} {part}" for label in _labels(view) for part in parts]
    return Table(view.event.title, heads, [_line(each) for each in _matrix(view)])


def _line(each: MemberResults) -> list[Any]:
    row = each.row
    line: list[Any] = [row.rank, row.member.name, row.member.affiliation, row.member.category.value]
    line += [row.solved, row.points, row.penalty // 60, each.grade]
    for result in each.problems:
        body = _cell_body(result)
        minutes = None if body["seconds"] is None else body["seconds"] // 60
        shares = [None if share is None else round(100 * share, 2) for share in (result.best, result.last)]
        line += [body["points"], body["tries"], minutes, *shares, body["late_minutes"]]
    return line


def download(name: str, kind: str, content: bytes | IO[bytes]) -> Response:
    """A response that the client saves as a file. An open file is closed after it was sent."""
    response = Response(content if isinstance(content, bytes) else _chunks(content), mimetype=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
