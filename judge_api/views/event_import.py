"""The route that makes an event from a past contest of another system."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.events.rules import Joining, Scoring
from judge_api.events.standings import EventMember
from judge_api.http.auth import current_account, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.event_requests import FeedIn, FeedQuery
from judge_api.schemas.event_responses import FeedImportOut
from judge_api.services.contest_feed import FeedContest, UnreadableFeed, read_feed
from judge_api.store.event_import import ImportedTry, import_event
from judge_api.store.events import ProblemInEvent, StoredEvent
from judge_api.store.tables import new_id
from judge_api.views.event_member import changed
from judge_core.model.errors import FieldFault, Invalid

blueprint = APIBlueprint("event_import", __name__, url_prefix="/events", tag="Events: jury")
blueprint.before_request(require_author)
_MOST_BYTES = 64 * 1024 * 1024


@blueprint.before_request
def _allow_large_feeds() -> None:
    request.max_content_length = _MOST_BYTES


@blueprint.post("/import")
@blueprint.input(FeedIn, location="files")
@blueprint.input(FeedQuery, location="query")
@blueprint.output(FeedImportOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 415, 422)
def import_feed(files_data: FeedIn, query_data: FeedQuery) -> Response:
    """Make an event from the event feed of a past contest (CLICS, NDJSON).

    The event gets the contest's teams and problems, and its submissions with their judgements. Gavel computes
    the standings itself. The answer lists everything that cannot be used and is left out.
    """
    try:
        contest = read_feed(files_data.file.stream)
    except UnreadableFeed as error:
        raise Invalid(FieldFault("file", str(error))) from error
    event = _store(contest, query_data)
    changed()
    services().audit.record(current_account().name, "event.import", event.slug)
    return json_response(
        {
            "slug": event.slug,
            "problems": len(contest.problems),
            "members": len(contest.teams),
            "submissions": len(contest.submissions),
            "notes": contest.notes,
        },
        201,
    )


def _store(contest: FeedContest, query: FeedQuery) -> StoredEvent:
    event = StoredEvent(
        id=new_id(),
        slug=query.slug or contest.slug,
        title=contest.title,
        description="",
        times=contest.times,
        rules=contest.rules,
        visibility=query.visibility,
        joining=Joining.CLOSED,
        password_hash=None,
        created_by=current_account().id,
    )
    is_scored = contest.rules.scoring is Scoring.IOI
    problems = [
        ProblemInEvent(each.id, each.label, each.max_score if is_scored else 1.0, each.colour)
        for each in contest.problems
    ]
    ids = {each.id: new_id() for each in contest.teams}
    members = [
        EventMember(ids[each.id], each.name, each.category, each.affiliation, external_id=each.external_id)
        for each in contest.teams
    ]
    tries = [
        ImportedTry(
            ids[each.team], each.problem, each.language, each.at, each.verdict, each.score, each.judged_at
        )
        for each in contest.submissions
    ]
    import_event(services().engine, event, problems, members, tries)
    return event
