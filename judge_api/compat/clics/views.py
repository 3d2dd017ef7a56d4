"""The routes ``/api/contests``: the read side of the CLICS Contest API, 2023-06.

DOMjudge's clients also use ``/api/v4/contests``.
"""

from __future__ import annotations

import io
import time
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from judge_api.compat.clics.objects import PROPERTIES, Contest, Object, run_id
from judge_api.compat.keys import account_of_key, key_in_authorization
from judge_api.container import Services, services
from judge_api.http.auth import CredentialCheck, optional_key
from judge_api.http.error_responses import gavel_error_response, http_error_response
from judge_api.http.json import dump_json, json_response
from judge_api.http.stream_limits import open_stream
from judge_api.services.event_access import EventView, may_be_id
from judge_api.services.problem_visibility import spec_of
from judge_api.store.event_results import EventSubmission, TestsOfSubmission
from judge_core.model.account import Account, Scope
from judge_core.model.errors import Forbidden, GavelError, NotFound
from judge_core.model.problem import ProblemSpec
from judge_core.model.submission import Status

VERSION = "2023-06"
_FEED_SECONDS = 1.0
_KEEP_ALIVE_SECONDS = 30.0
_MOST_DIGITS = 18
_LISTS: dict[str, Callable[[Contest], list[Object]]] = {
    "judgement-types": Contest.judgement_types,
    "languages": Contest.language_list,
    "problems": Contest.problems,
    "groups": Contest.groups,
    "organizations": Contest.organizations,
    "teams": Contest.teams,
}
_FILES = ("submissions", "files")
_EMPTY = ("persons", "accounts", "commentary")
_ABSENT = {
    "banner": "this contest has no banner",
    "problemset": "this contest has no document of all problems: samples.zip has their PDF statements",
}
"""Files that a contest of DOMjudge has and an event does not have."""


def list_contests() -> Response:
    """The events that the client may see."""
    views = services().event_access.visible(_account())
    return json_response([contest_of(services(), view).contest() for view in views])


def show_contest(slug: str) -> Response:
    """One event."""
    return json_response(requested_contest(slug).contest())


def show_state(slug: str) -> Response:
    """The times at which the phases of the contest began. A phase that has not begun has null."""
    return json_response(requested_contest(slug).state())


def show_access(slug: str) -> Response:
    """The endpoints and properties that the client may see, and what it may do."""
    view = requested_contest(slug).view
    is_jury = view.is_jury
    endpoints = [
        {"type": kind, "properties": [name for name in names if is_jury or (kind, name) != _FILES]}
        for kind, names in PROPERTIES.items()
        if is_jury or kind != "runs"
    ]
    return json_response({"capabilities": _capabilities(view), "endpoints": endpoints})


def _capabilities(view: EventView) -> list[str]:
    """The changes that the client may make: a member may submit. All other changes need the native API."""
    key = g.get("authenticated_key")
    may_submit = view.is_member and (key is None or key.allows(Scope.SUBMIT))
    return ["team_submit"] if may_submit else []


def show_scoreboard(slug: str) -> Response:
    """The standings as the client may see them."""
    contest = requested_contest(slug)
    _require_results(contest.view)
    board = contest.scoreboard()
    return json_response(_domjudge_board(contest, board) if _is_domjudge() else board)


def _is_domjudge() -> bool:
    """Whether the client uses DOMjudge's API. The objects of that API have more fields."""
    return request.path.startswith("/api/v4/")


def _domjudge_board(contest: Contest, board: Object) -> Object:
    labels = {each["id"]: each["label"] for each in contest.problems()}
    for row in board["rows"]:
        for cell in row["problems"]:
            cell["label"] = labels.get(cell["problem_id"])
    return {"event_id": contest.board.version, **board}


def list_objects(slug: str, kind: str) -> Response:
    """All objects of one kind."""
    return json_response(_shown_objects(requested_contest(slug), kind))


def _shown_objects(contest: Contest, kind: str) -> list[Object]:
    found = _objects(contest, kind)
    if kind != "judgements" or not _is_domjudge():
        return found
    return [{**each, "valid": True} for each in found]


def show_object(slug: str, kind: str, id: str) -> Response:
    """One object of one kind."""
    found = next((each for each in _shown_objects(requested_contest(slug), kind) if each["id"] == id), None)
    if found is None:
        raise NotFound(f"there is no such object in {kind[:32]}")
    return json_response(found)


def stream_events(slug: str) -> Response:
    """Every object, and then every change, one JSON object per line.

    ``since_token`` resumes the feed. With ``stream=false`` the feed ends after the present state.
    """
    contest = requested_contest(slug)
    _require_results(contest.view)
    goes_on = request.args.get("stream") != "false"
    check = _credential_check() if goes_on else None
    lines = _feed(services(), contest, request.args.get("since_token", ""), check, goes_on)
    response = Response(lines, mimetype="application/x-ndjson")
    if request.method != "HEAD":
        response.call_on_close(open_stream().close)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def show_source(slug: str, id: str) -> Response:
    """The files of a submission as DOMjudge shows them, for its owner and the jury."""
    files = _files_of(slug, id)
    names = ("id", "submission_id", "filename", "source")
    rows = [
        (f"{id}-{number}", id, name, b64encode(content).decode())
        for number, (name, content) in enumerate(files)
    ]
    return json_response([dict(zip(names, row, strict=True)) for row in rows])


def show_files(slug: str, id: str) -> Response:
    """The files of a submission as a zip, for its owner and the jury."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files_of(slug, id):
            archive.writestr(zipfile.ZipInfo(name), content)
    response = Response(buffer.getvalue(), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{id}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _files_of(slug: str, id: str) -> list[tuple[str, bytes]]:
    account, contest = _account(), requested_contest(slug)
    found = services().submissions.submission(id) if may_be_id(id) else None
    if account is None or found is None or not _may_read(account, contest, found.status):
        raise NotFound("there is no submission of this id whose files are shown to you")
    if found.files is not None:
        return [(file.name, file.content) for file in found.files.files]
    language = services().languages.get(found.status.language)
    return [(language.source_name if language else "source", found.source.encode())]


def _may_read(account: Account, contest: Contest, status: Status) -> bool:
    if not (
        services().status_service.may_see(account, status)
        or services().event_access.is_jury_of(account, status.id)
    ):
        return False
    member = services().events.member_of(contest.view.event.id, status.owner)
    if member is None:
        return False
    tries = services().event_results.of_member(contest.view.event.id, member.id)
    return any(each.id == status.id for each in tries)


def refuse(error: GavelError) -> Response:
    """The problem document, with the fields ``code`` and ``message`` of the Contest API and DOMjudge."""
    return _with_code(gavel_error_response(error))


def refuse_http(error: HTTPException) -> Response:
    """The same answer as :func:`refuse`, for HTTP errors."""
    return _with_code(http_error_response(error))


def _with_code(response: Response) -> Response:
    body = response.get_json()
    response.set_data(dump_json({"code": response.status_code, "message": body["detail"], **body}))
    return response


def _account() -> Account | None:
    """The account of the request, from its Authorization header (Basic or Bearer) or from the session of the
    pages.

    A client without either sees what the public may see.
    """
    key = key_in_authorization()
    found = optional_key() if key is None else account_of_key(key)
    if found is None:
        return None
    g.authenticated_key = found
    return found.account


def _credential_check() -> CredentialCheck | None:
    """A check whether the credentials of the request are still valid. ``None`` for a client without
    credentials."""
    return CredentialCheck(key_in_authorization()) if "authenticated_key" in g else None


def requested_contest(slug: str) -> Contest:
    """The event as the client of the request may see it."""
    return contest_of(services(), services().event_access.view(_account(), slug))


def contest_of(services: Services, view: EventView) -> Contest:
    def find(slug: str) -> ProblemSpec | None:
        row = services.problems.get(slug)
        return spec_of(row) if row else None

    board = services.scoreboards.board(view.event)
    return Contest(view, board, tuple(services.languages.values()), find)


def _require_results(view: EventView) -> None:
    if not view.may_see_standings:
        raise Forbidden("the results of this contest are not shown to you, or it has not started")


def _objects(contest: Contest, kind: str) -> list[Object]:
    event = contest.view.event
    if kind in _LISTS:
        return _LISTS[kind](contest)
    if kind in _EMPTY:
        return []
    if kind in _ABSENT:
        raise NotFound(_ABSENT[kind])
    if kind == "clarifications":
        return contest.clarifications(services().events.messages(event.id))
    if kind == "runs" and not contest.view.is_jury:
        return []
    if kind not in ("submissions", "judgements", "awards", "runs"):
        raise NotFound(f"there is no endpoint {kind[:32]!r} in the Contest API {VERSION}")
    _require_results(contest.view)
    if kind == "awards":
        return contest.awards()
    found = contest.counted(services().event_results.since(event.id, 0))
    if kind == "submissions":
        return [contest.submission(each) for each in found]
    if kind == "runs":
        tests = services().event_results.tests_of([each.id for each in found])
        judged = [each for each in found if contest.may_see_result(each) and each.id in tests]
        return [run for each in judged for run in contest.runs(each, tests[each.id])]
    return [contest.judgement(each) for each in found if contest.may_see_result(each)]


def _feed(
    services: Services, contest: Contest, since: str, check: CredentialCheck | None, goes_on: bool
) -> Iterator[str]:
    """The lines of the feed.

    A token has the revision of the setup and the revision of the submissions. After a change of the setup,
    all objects are sent again. The feed ends soon after the credentials become invalid.
    """
    token = f"{contest.board.setup_revision}."
    known = _revision(since.removeprefix(token)) if since.startswith(token) else 0
    if not known:
        yield from _setup_lines(contest)
    written = time.monotonic()
    while True:
        changed = services.event_results.since(contest.view.event.id, known)
        tests = services.event_results.tests_of([each.id for each in changed if contest.view.is_jury])
        lines = list(_result_lines(contest, changed, known, tests))
        known = max([known, *(each.revision for each in changed)])
        yield from lines
        if not goes_on:
            return
        if lines:
            written = time.monotonic()
        elif time.monotonic() - written > _KEEP_ALIVE_SECONDS:
            written = time.monotonic()
            yield "\n"
        time.sleep(_FEED_SECONDS)
        if check is not None and not check.holds():
            return
        try:
            contest, known, again = _later(services, contest, known)
        except GavelError:
            return
        yield from again


def _revision(text: str) -> int:
    """The revision in a token. A wrong token counts as the beginning of the feed."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else 0


def _later(services: Services, contest: Contest, known: int) -> tuple[Contest, int, list[str]]:
    """The contest as it is now, the last revision that the client has, and the lines to send. If the setup
    has changed, the lines have all objects of the setup."""
    view = services.event_access.later(contest.view)
    if view is None or not view.may_see_standings:
        raise NotFound("the contest is not shown to this client any more")
    now = contest_of(services, view)
    if now.board.setup_revision != contest.board.setup_revision:
        return now, 0, list(_setup_lines(now))
    if now.state() != contest.state():
        return now, known, [_line(now, known, "state", None, now.state())]
    return replace(contest, view=view), known, []


def _setup_lines(contest: Contest) -> Iterator[str]:
    yield _line(contest, 0, "contest", None, contest.contest())
    yield _line(contest, 0, "state", None, contest.state())
    for kind, objects in _LISTS.items():
        for each in objects(contest):
            yield _line(contest, 0, kind, each["id"], each)


def _result_lines(
    contest: Contest, changed: list[EventSubmission], known: int, tests: Mapping[str, TestsOfSubmission]
) -> Iterator[str]:
    counted = {each.id for each in contest.counted(changed)}
    members = {each.id for each in contest.members()}
    for each in changed:
        if each.id in counted:
            yield _line(contest, each.revision, "submissions", each.id, contest.submission(each))
            if contest.may_see_result(each):
                yield _line(contest, each.revision, "judgements", each.id, contest.judgement(each))
                yield from _run_lines(contest, each, tests.get(each.id))
        elif known and each.member in members:  # The submission does not count any more.
            yield _line(contest, each.revision, "judgements", each.id, None)
            yield _line(contest, each.revision, "submissions", each.id, None)


def _run_lines(contest: Contest, each: EventSubmission, tests: TestsOfSubmission | None) -> Iterator[str]:
    """The runs of a judgement. Runs that no longer exist after a rejudging are sent as deleted."""
    if tests is None:
        return
    for run in contest.runs(each, tests):
        yield _line(contest, each.revision, "runs", run["id"], run)
    gone = range(len(tests.tests) + 1, contest.tests_total(each) + 1) if tests.attempt > 1 else ()
    for ordinal in gone:
        yield _line(contest, each.revision, "runs", run_id(each.id, ordinal), None)


def _line(contest: Contest, revision: int, kind: str, id: str | None, data: Any) -> str:
    token = f"{contest.board.setup_revision}.{revision}"
    return dump_json({"token": token, "type": kind, "id": id, "data": data}) + "\n"


_ROUTES: dict[str, Callable[..., Response]] = {
    "": list_contests,
    "/<slug>": show_contest,
    "/<slug>/state": show_state,
    "/<slug>/access": show_access,
    "/<slug>/scoreboard": show_scoreboard,
    "/<slug>/event-feed": stream_events,
    "/<slug>/submissions/<id>/source-code": show_source,
    "/<slug>/submissions/<id>/files": show_files,
    "/<slug>/<kind>": list_objects,
    "/<slug>/<kind>/<id>": show_object,
}


def _make_blueprint(name: str, prefix: str) -> APIBlueprint:
    blueprint = APIBlueprint(name, __name__, url_prefix=prefix, enable_openapi=False)
    for rule, view in _ROUTES.items():
        blueprint.add_url_rule(rule, view.__name__, view, methods=["GET"])
    blueprint.register_error_handler(GavelError, refuse)
    blueprint.register_error_handler(HTTPException, refuse_http)
    return blueprint


BLUEPRINTS = (_make_blueprint("clics", "/api/contests"), _make_blueprint("clics_v4", "/api/v4/contests"))
