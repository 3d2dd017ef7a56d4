"""The routes of LeetCode's API."""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from apiflask import APIBlueprint
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from judge_api.compat.leetcode.ids import (
    EXPECTED,
    interpret_id,
    our_language,
    question_id,
    serial_in,
)
from judge_api.compat.leetcode.questions import (
    code_page,
    list_entry,
    question_body,
    runtime_distribution,
    user_body,
)
from judge_api.compat.leetcode.responses import check_body, history_item
from judge_api.container import services
from judge_api.http.auth import SAFE_METHODS, authenticate, current_account, require_scope
from judge_api.http.error_responses import error_type_of, set_retry_after
from judge_api.http.json import json_response
from judge_api.http.shown_status import shown, shown_verdict
from judge_api.schemas.requests import storable
from judge_api.services.problem_visibility import with_specs
from judge_api.services.submission_policy import FieldNames, PostedSubmission
from judge_api.store.records import SubmissionFilter
from judge_api.store.statistics import Compared, Percentiles, ProblemCounts, percentiles_of
from judge_api.views.problems import shown_counts, shown_marks
from judge_core.messages import CustomRun
from judge_core.model.account import AuthenticatedKey, Scope
from judge_core.model.errors import (
    FieldFault,
    Forbidden,
    GavelError,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unauthorized,
)
from judge_core.model.problem import ProblemSpec
from judge_core.model.submission import Kind, Status, Verdict

blueprint = APIBlueprint("leetcode", __name__, enable_openapi=False)
_FIELD_NAMES = FieldNames(language="lang", source="typed_code")
_MOST = 100
_LEVELS = {"easy": 1, "medium": 2, "hard": 3}
_MARKS = {"solved": "ac", "tried": "notac"}
_SOLVED = {"ac_easy": 1, "ac_medium": 2, "ac_hard": 3}
_TOO_SOON = "You run code too soon"


@blueprint.before_request
def require_session() -> None:
    """Refuse requests without credentials: an API key or session in the cookie LEETCODE_SESSION, or a bearer
    token."""
    if request.method == "OPTIONS":
        return
    found = _by_cookie() if "LEETCODE_SESSION" in request.cookies else authenticate()
    if found is None:
        raise Unauthorized("send your API key as the cookie LEETCODE_SESSION or as a bearer token")
    if request.method not in SAFE_METHODS:
        require_scope(found, Scope.SUBMIT)
    g.authenticated_key = found


def _by_cookie() -> AuthenticatedKey | None:
    """The account of the cookie.

    A browser also sends the cookie with requests of other sites' pages. So a request that changes something
    needs the CSRF token in a header, as at LeetCode.
    """
    twice = request.cookies.get("csrftoken", ""), request.headers.get("X-CSRFToken", "")
    if request.method not in SAFE_METHODS and not _are_equal(*twice):
        raise Forbidden("X-CSRFToken must repeat the cookie csrftoken")
    return services().auth_cache.find(request.cookies["LEETCODE_SESSION"], request.remote_addr)


def _are_equal(cookie: str, header: str) -> bool:
    return bool(cookie) and hmac.compare_digest(cookie.encode(), header.encode())


@blueprint.post("/problems/<slug>/submit/")
def submit(slug: str) -> Response:
    """Submit a program. The answer has the submission's serial number."""
    body = _body()
    posted = PostedSubmission(language=_language(body), source=text_field(body, "typed_code"), problem=slug)
    return json_response(
        {
            "submission_id": services()
            .submission_policy.admit(current_account(), posted, _FIELD_NAMES)
            .status.serial
        }
    )


@blueprint.post("/problems/<slug>/interpret_solution/")
def interpret(slug: str) -> Response:
    """Run a program on the input in the request. If the input is empty or that of the samples, run the
    program on the samples."""
    body = _body()
    spec = services().visible_problems.get(current_account(), slug, "slug")
    given = text_field(body, "data_input")
    posted = PostedSubmission(
        language=_language(body),
        source=text_field(body, "typed_code"),
        kind=Kind.RUN,
        problem=slug,
        run=_own_input(spec, given),
        run_all=True,
    )
    status = services().submission_policy.admit(current_account(), posted, _FIELD_NAMES).status
    ids = {"interpret_id": interpret_id(status), "interpret_expected_id": interpret_id(status, EXPECTED)}
    return json_response({**ids, "test_case": given})


def _own_input(spec: ProblemSpec, given: str) -> CustomRun | None:
    wanted = given.split()
    samples = " ".join(sample.input for sample in spec.samples).split()
    if not given or (wanted and wanted == samples):
        return None
    expected = next((one.output for one in spec.samples if one.input.split() == wanted), None)
    return CustomRun(cases=((given if given.endswith("\n") else f"{given}\n", expected),))


@blueprint.get("/submissions/detail/<id>/check/")
def check(id: str) -> Response:
    """The result of a submission. Until the submission has ended, the answer has only ``state``."""
    return json_response(_check(id))


@blueprint.get("/submissions/detail/<id>/v2/check/")
def check_again(id: str) -> Response:
    """The same answer as :func:`check`, with the fields of LeetCode's newer pages. There is no AI review
    here."""
    body = _check(id)
    if len(body) == 1:
        return json_response({**body, "ai_state": body["state"]})
    more = {"ai_state": "SUCCESS", "judger_status_code": body["status_code"], "ai_judge_message": ""}
    return json_response({**body, **more})


def _check(id: str) -> dict[str, Any]:
    serial = serial_in(id)
    stored = services().submissions.by_serial(serial) if serial is not None else None
    if stored is None or not services().status_service.may_see(current_account(), stored):
        raise NotFound(f"there is no submission {id[:64]!r} of yours")
    status = shown_verdict(_latest(stored))
    return check_body(status, _percentiles(status), id.startswith(EXPECTED))


def _percentiles(status: Status) -> Percentiles:
    """The percentiles of this submission, by :func:`percentiles_of`. While an event holds results back, they
    are 100."""
    if status.problem is not None and services().running_events.holds_back(status.problem):
        return Percentiles(100.0, 100.0)
    return percentiles_of(services().engine, status)


def _latest(stored: Status) -> Status:
    """The latest status. The store does not have the progress of an unfinished submission."""
    return stored if stored.stage.is_final else services().status_service.current(stored.id) or stored


@blueprint.get("/api/submissions/")
@blueprint.get("/api/submissions/<slug>")
def history(slug: str | None = None) -> Response:
    """The account's submissions of the active coding session, newest first, with their sources.

    ``lastkey`` asks for the next page.
    """
    offset, limit = _query_number("offset", 0, 1000), _query_number("limit", 20, _MOST)
    exam = services().running_events.exam_of(current_account().id)
    which = SubmissionFilter(
        account_id=current_account().id,
        problem=slug,
        kind=Kind.SUBMISSION,
        event_id=exam.event_id if exam else None,
        session=services().coding_sessions.active(current_account().id),
    )
    last = request.args.get("lastkey") or None
    cursor = last if last and last.isascii() and last.isdigit() and len(last) < 19 else None
    page = services().submissions.page(which, cursor, (0 if cursor else offset) + limit)
    items = page.items if cursor else page.items[offset:]
    return json_response(
        {
            "submissions_dump": [_history_item(status) for status in map(shown, items)],
            "has_next": page.cursor is not None,
            "last_key": page.cursor or "",
        }
    )


def _history_item(status: Status) -> dict[str, Any]:
    found = services().submissions.submission(status.id)
    row = services().problems.get(status.problem) if status.problem else None
    return history_item(status, found.source if found else "", row.title if row else status.problem or "")


@blueprint.post("/graphql")
def query() -> Response:
    """A question by its slug, the list of questions, or the user.

    The answer has every field, even if the query does not name it.
    """
    body = _body()
    text, variables = str(body.get("query", "")), body.get("variables")
    slug = variables.get("titleSlug") if isinstance(variables, dict) else None
    if isinstance(slug, str) and "question" in text:
        return json_response({"data": {"question": _question(slug)}})
    if "problemsetQuestionList" in text or "questionList" in text:
        listed = _question_list(variables if isinstance(variables, dict) else {})
        return json_response({"data": {"problemsetQuestionList": listed, "questionList": listed}})
    if re.search(r"\buser(Status)?\b", text):
        user = user_body(current_account())
        return json_response({"data": {"user": user, "userStatus": user}})
    return json_response(
        {"errors": [{"message": "only the queries question, problemsetQuestionList and user are answered"}]},
        400,
    )


def _question_list(variables: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the questions, by ``skip`` and ``limit``. Filters have no effect."""
    pairs = _pairs()
    start = _within(variables.get("skip"), 0, len(pairs))
    page = pairs[start : start + _within(variables.get("limit"), _MOST, _MOST)]
    questions = [list_entry(pair, spec) for pair, spec in page]
    return {"total": len(pairs), "totalNum": len(pairs), "questions": questions, "data": questions}


def _within(given: object, default: int, most: int) -> int:
    return max(0, min(given, most)) if isinstance(given, int) else default


def _question(slug: str) -> dict[str, Any] | None:
    """The question. It is ``null`` if the question does not exist, as at LeetCode."""
    try:
        spec = services().visible_problems.get(current_account(), storable(slug), "titleSlug")
    except (Invalid, ValueError):
        return None
    counts = shown_counts({spec.slug: spec.max_score}).get(spec.slug, ProblemCounts())
    offered = services().language_availability.all(current_account().tier)
    number = services().problem_numbers.of([spec.slug]).get(spec.slug, question_id(spec.slug))
    return question_body(spec, counts, offered, number)


@blueprint.get("/problems/<slug>/description/")
def show_description(slug: str) -> Response:
    """Redirect LeetCode's address of a problem to the problem's page at Gavel."""
    return Response(status=302, headers={"Location": f"/problems/{quote(slug, safe='')}"})


@blueprint.get("/submissions/detail/<id>/")
def show_code(id: str) -> Response:
    """The part of a submission's page with its source and with the runtimes of accepted submissions."""
    serial = serial_in(id)
    status = services().submissions.by_serial(serial) if serial is not None else None
    if status is None or not services().status_service.may_see(current_account(), status):
        raise NotFound(f"there is no submission {id[:64]!r} of yours")
    found = services().submissions.submission(status.id)
    page = code_page(found.source if found else "", _distribution(shown_verdict(status)))
    return Response(page, mimetype="text/plain")


def _distribution(status: Status) -> dict[str, Any] | None:
    """The runtimes with which an accepted submission is compared.

    While an event holds results back, it has only the submission's own runtime.
    """
    done = status.outcome
    if done is None or done.verdict is not Verdict.AC or status.kind is not Kind.SUBMISSION:
        return None
    problem = status.problem or ""
    others = Compared(problem, status.language, done.max_score, without=status.owner)
    is_held_back = services().running_events.holds_back(problem)
    times = [] if is_held_back else services().statistics.runtimes(others)
    return runtime_distribution(status.language, done.cpu_ms or 0, times)


@blueprint.get("/api/problems/<category>/")
def catalog(category: str) -> Response:
    """The problems that the account may see. All are in the categories ``algorithms`` and ``all``; other
    categories are empty."""
    pairs = [pair for pair, _ in _pairs()] if category in ("algorithms", "all") else []
    solved = Counter(pair["difficulty"]["level"] for pair in pairs if pair["status"] == "ac")
    figures = {name: solved[level] for name, level in _SOLVED.items()}
    return json_response(
        {
            "user_name": current_account().name,
            "num_solved": sum(solved.values()),
            "num_total": len(pairs),
            **figures,
            "stat_status_pairs": pairs,
            "frequency_high": 0,
            "frequency_mid": 0,
            "category_slug": category,
        }
    )


def _pairs() -> list[tuple[dict[str, Any], ProblemSpec]]:
    """Every problem that the account may see, with its entry in the catalog.

    The marks are those of the active coding session.
    """
    rows = services().problem_access.visible(current_account(), services().problems.list())
    offered = list(with_specs(rows))
    max_scores = {spec.slug: spec.max_score for _, spec in offered}
    account = current_account()
    counts = shown_counts(max_scores)
    marks = shown_marks(account, max_scores, services().coding_sessions.active(account.id))
    favorites = set(services().favorites.of(account.id))
    numbers = services().problem_numbers.of(max_scores)
    pairs = [
        (_pair(spec, counts.get(row.slug, ProblemCounts()), marks.get(row.slug)), spec)
        for row, spec in offered
    ]
    for pair, spec in pairs:
        pair["is_favor"] = spec.slug in favorites
        pair["stat"]["frontend_question_id"] = numbers.get(spec.slug, question_id(spec.slug))
    return pairs


def _pair(spec: ProblemSpec, counts: ProblemCounts, mark: str | None) -> dict[str, Any]:
    """A problem and its entry in the catalog.

    Clients divide by ``total_submitted``, so it is 1 if nothing was submitted yet.
    """
    number = question_id(spec.slug)
    stat = {
        "question_id": number,
        "frontend_question_id": number,
        "question__title": spec.name,
        "question__title_slug": spec.slug,
        "question__hide": False,
        "question__article__live": None,
        "question__article__slug": None,
        "question__article__has_video_solution": None,
        "is_new_question": False,
        "total_acs": counts.accepted,
        "total_submitted": max(1, counts.submitted),
    }
    return {
        "stat": stat,
        "status": _MARKS.get(mark or ""),
        "difficulty": {"level": _LEVELS.get(spec.difficulty or "", 1)},
        "paid_only": False,
        "is_favor": False,
        "frequency": 0,
        "progress": 0,
    }


def _language(body: Mapping[str, Any]) -> str:
    return our_language(text_field(body, "lang"))


def text_field(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    try:
        return storable(value.replace("\x00", "")) if isinstance(value, str) else ""
    except ValueError as error:
        raise Invalid(FieldFault(name, str(error))) from error


def _body() -> Mapping[str, Any]:
    body = request.get_json()
    return body if isinstance(body, dict) else {}


def _query_number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 9 else default


def refuse(error: GavelError) -> Response:
    """Answer an error as LeetCode does.

    It answers 403 when the session has ended, and 429 when code is run too often.
    """
    if isinstance(error, Unauthorized):
        return json_response({"error": str(error)}, 403)
    if isinstance(error, QuotaExceeded):
        response = json_response({"error": _TOO_SOON, "detail": str(error)}, 429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    response = json_response({"error": str(error)}, error_type_of(error).status)
    set_retry_after(response)
    return response


def refuse_http(error: HTTPException) -> Response:
    return json_response({"error": error.description or error.name}, error.code or 500)


def answer_errors(routes: APIBlueprint) -> None:
    """Answer all errors of these routes as LeetCode answers them."""
    routes.register_error_handler(GavelError, refuse)
    routes.register_error_handler(HTTPException, refuse_http)


answer_errors(blueprint)
