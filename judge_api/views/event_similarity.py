"""Routes of an event's jury for reports of similar programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.event_requests import SimilarityIn
from judge_api.schemas.event_responses import (
    SideBySideOut,
    SimilarityOut,
    SimilarityReportLine,
    SimilarityReportOut,
)
from judge_api.services.event_access import EventView
from judge_api.store.event_similarity import (
    UNFINISHED,
    AcceptedProgram,
    ReportOptions,
    SimilarityReport,
    SimilarPair,
)
from judge_api.views.event_member import label_of
from judge_core.model.errors import FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("event_similarity", __name__, url_prefix="/events", tag="Events: jury")
blueprint.before_request(require_author)


def _jury_view(slug: str) -> EventView:
    return services().event_access.for_jury(current_account(), slug)


def _audit(act: str, slug: str, **detail: object) -> None:
    services().audit.record(current_account().name, act, slug, **detail)


@blueprint.get("/<slug>/similarity")
@blueprint.output(SimilarityOut)
@authenticated(blueprint, 404)
def list_similarity_reports(slug: str) -> Response:
    """The similarity reports of the event, newest first, and the earlier events to compare with."""
    view = _jury_view(slug)
    earlier = [each for each in _own_events() if each.event.id != view.event.id]
    return json_response(
        {
            "missing": services().dolos.missing(),
            "earlier": [
                {
                    "slug": each.event.slug,
                    "title": each.event.title,
                    "starts_at": rfc3339(each.event.times.starts_at),
                }
                for each in earlier
            ],
            "reports": [_line(each) for each in services().similarity.of(view.event.id)],
        }
    )


@blueprint.post("/<slug>/similarity")
@blueprint.input(SimilarityIn)
@blueprint.output(SimilarityReportLine, status_code=201)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def begin_similarity_report(slug: str, json_data: SimilarityIn) -> Response:
    """Compare the accepted programs of the event with each other and with those of earlier events.

    Only programs for the same problem in the same language are compared. The problems' starter code does not
    count. A similarity is no verdict: people read the programs and decide.
    """
    view = _jury_view(slug)
    options = ReportOptions(_ids_of(view, json_data.earlier), json_data.least_percent)
    id = services().similarity.add(view.event.id, options, current_account().id)
    _audit("event.similarity", slug, id=id, earlier=list(json_data.earlier))
    return json_response(_line(_report(view, id)), 201)


@blueprint.get("/<slug>/similarity/<id>")
@blueprint.output(SimilarityReportOut)
@authenticated(blueprint, 404)
def show_similarity_report(slug: str, id: str) -> Response:
    """The pairs of a report, the most similar first. A similarity is no verdict."""
    view = _jury_view(slug)
    report = _report(view, id)
    pairs = services().similarity.pairs(report.id)
    programs = _shown_programs(pairs)
    shown = [_pair_body(view, each, programs) for each in pairs if {each.left, each.right} <= set(programs)]
    return json_response({**_line(report), "notes": list(report.notes), "pairs": shown})


@blueprint.delete("/<slug>/similarity/<id>")
@authenticated(blueprint, 404, responses={204: "Cancelled or deleted"})
def end_similarity_report(slug: str, id: str) -> Response:
    """Cancel a report that is not finished, or delete a finished one."""
    view = _jury_view(slug)
    report = _report(view, id)
    if not (report.state in UNFINISHED and services().similarity.cancel(report.id)):
        services().similarity.delete(report.id)
    _audit("event.similarity.end", slug, id=report.id)
    return Response(status=204)


@blueprint.get("/<slug>/similarity/<id>/pairs/<int:number>")
@blueprint.output(SideBySideOut)
@authenticated(blueprint, 404)
def show_similar_pair(slug: str, id: str, number: int) -> Response:
    """Both programs of a pair, with the passages that they have in common."""
    view = _jury_view(slug)
    report = _report(view, id)
    pair = services().similarity.pair(report.id, number) if number < 2**31 else None
    programs = _shown_programs([pair] if pair else [])
    if pair is None or not {pair.left, pair.right} <= set(programs):
        raise NotFound(f"there is no pair {number} in this report")
    sources = services().similarity.sources([pair.left, pair.right])
    body = _pair_body(view, pair, programs)
    for side, submission in (("left", pair.left), ("right", pair.right)):
        body[side] |= {"source": sources.get(submission)}
    return json_response({**body, "passages": [_passage_body(each) for each in pair.passages]})


def _own_events() -> list[EventView]:
    """The events of which the account is the jury, those with the latest start first."""
    return [view for view in services().event_access.visible(current_account()) if view.is_jury]


def _ids_of(view: EventView, slugs: list[str]) -> tuple[str, ...]:
    """The ids of earlier events. Raises ``Invalid`` if the account is not the jury of one of them."""
    known = {each.event.slug: each.event.id for each in _own_events()}
    found = []
    for place, slug in enumerate(dict.fromkeys(slugs)):
        if slug not in known:
            raise Invalid(FieldFault(f"earlier.{place}", "is not an event of which you are the jury"))
        if known[slug] != view.event.id:
            found.append(known[slug])
    return tuple(found)


def _report(view: EventView, id: str) -> SimilarityReport:
    found = next((each for each in services().similarity.of(view.event.id) if each.id == id), None)
    if found is None:
        raise NotFound(f"there is no similarity report {id[:64]!r} in this event")
    return found


def _shown_programs(pairs: list[SimilarPair]) -> dict[str, AcceptedProgram]:
    """The programs of these pairs that the account may see. Another jury may have chosen events that this
    account may not see."""
    ids = sorted({id for each in pairs for id in (each.left, each.right)})
    own = {view.event.id for view in _own_events()}
    found = services().similarity.programs(ids)
    return {id: each for id, each in found.items() if each.event_id in own}


def _line(report: SimilarityReport) -> dict[str, Any]:
    return {
        "id": report.id,
        "state": report.state.value,
        "created_at": rfc3339(report.created_at),
        "ended_at": rfc3339(report.ended_at),
        "least_percent": report.options.least_percent,
        "earlier": len(report.options.earlier),
        "total": report.total,
        "done": report.done,
        "programs": report.programs,
        "failure": report.notes[0] if report.state.value == "failed" and report.notes else None,
    }


def _pair_body(view: EventView, pair: SimilarPair, programs: Mapping[str, AcceptedProgram]) -> dict[str, Any]:
    return {
        "number": pair.number,
        "problem": label_of(view, pair.problem),
        "language": pair.language,
        "similarity": pair.similarity,
        "longest": pair.longest,
        "overlap": pair.overlap,
        "left": _program_body(programs[pair.left]),
        "right": _program_body(programs[pair.right]),
    }


def _program_body(each: AcceptedProgram) -> dict[str, Any]:
    return {
        "submission": each.id,
        "member": each.member,
        "member_name": each.member_name,
        "event": each.event_slug,
        "language": each.language,
        "at": rfc3339(each.at),
    }


def _passage_body(places: Any) -> dict[str, Any]:
    names = ("start_line", "start_column", "end_line", "end_column")
    return {
        "left": dict(zip(names, places[:4], strict=True)),
        "right": dict(zip(names, places[4:], strict=True)),
    }
