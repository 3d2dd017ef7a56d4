"""Every error as ``application/problem+json`` (RFC 9457), from one table.

``type`` is a path below /errors, the same for ever; programs match on it, people read ``detail``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, json, request
from werkzeug.exceptions import HTTPException, NotFound

from judge_core.logging import get_logger
from judge_core.model import errors
from judge_core.model.errors import FieldFault, GavelError

logger = get_logger(__name__)
CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of error: the last part of its ``type``, its HTTP status and its title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return f"/errors/{self.name}"


BY_ERROR: dict[type[GavelError], Problem] = {
    errors.Invalid: Problem("invalid", 422, "A field is wrong"),
    errors.UnknownLanguage: Problem("unknown-language", 422, "No such language here"),
    errors.UnknownProblem: Problem("unknown-problem", 422, "No such problem here"),
    errors.SourceTooLarge: Problem("source-too-large", 413, "The source is too long"),
    errors.Unauthorized: Problem("unauthorized", 401, "Say who you are"),
    errors.NotFound: Problem("not-found", 404, "Not found"),
    errors.Forbidden: Problem("forbidden", 403, "Not allowed"),
    errors.Conflict: Problem("conflict", 409, "It clashes with what is there"),
    errors.KeyReused: Problem("idempotency-key-reused", 422, "The idempotency key is taken"),
    errors.TooMany: Problem("too-many", 429, "A limit is used up"),
    errors.QueueUnavailable: Problem("queue-unavailable", 503, "The queue is down"),
    errors.StoreUnavailable: Problem("store-unavailable", 503, "The database is down"),
}
BY_STATUS: dict[int, Problem] = {
    400: Problem("malformed", 400, "The request cannot be read"),
    401: BY_ERROR[errors.Unauthorized],
    403: BY_ERROR[errors.Forbidden],
    404: BY_ERROR[errors.NotFound],
    405: Problem("method-not-allowed", 405, "Not with this method"),
    406: Problem("not-acceptable", 406, "No such representation"),
    409: BY_ERROR[errors.Conflict],
    413: Problem("body-too-large", 413, "The request body is too long"),
    415: Problem("unsupported-media-type", 415, "The body has the wrong content type"),
    416: Problem("range-not-satisfiable", 416, "The range lies outside"),
    422: BY_ERROR[errors.Invalid],
    429: BY_ERROR[errors.TooMany],
    500: Problem("internal", 500, "Our fault"),
}
OTHER = Problem("http", 0, "The request failed")


def answer(problem: Problem, detail: str, faults: tuple[FieldFault, ...] = ()) -> Response:
    """The response for one error; ``errors`` lists the wrong fields when there are any."""
    body: dict[str, Any] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "instance": request.path,
    }
    if request_id := request.environ.get("gavel.request_id"):
        body["request_id"] = request_id
    if faults:
        body["errors"] = [{"field": fault.field, "message": fault.message} for fault in faults]
    return Response(json.dumps(body), problem.status, content_type=CONTENT_TYPE)


def problem_of(error: GavelError) -> Problem:
    """The table's line for an error or for the nearest of its ancestors."""
    return next((BY_ERROR[kind] for kind in type(error).__mro__ if kind in BY_ERROR), BY_STATUS[500])


def answer_refusal(error: GavelError) -> Response:
    """What the caller did wrong, or what of ours is down, by the table."""
    problem = problem_of(error)
    response = answer(problem, str(error) or problem.title, getattr(error, "faults", ()))
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="gavel"'
    if problem.status == 503:
        logger.warning("Answered that something of ours is down", error=str(error))
        response.headers["Retry-After"] = "2"
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def answer_http(error: HTTPException) -> Response:
    """What Flask itself refused: unknown path, wrong method, too long a body."""
    status = error.code or 500
    known = BY_STATUS.get(status) or Problem(OTHER.name, status, error.name or OTHER.title)
    response = answer(known, _sentence(error))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "www-authenticate", "retry-after", "content-range"):
            response.headers[name] = value
    return response


def _sentence(error: HTTPException) -> str:
    if error.code == 404:
        return "There is nothing at this address."
    if error.code == 413 and request.max_content_length:
        return f"The body may have at most {request.max_content_length} bytes."
    return error.description or error.name


def answer_api_error(error: HTTPError) -> Response:
    """What a schema refused, with each wrong field named."""
    known = BY_STATUS.get(error.status_code) or Problem(
        OTHER.name, error.status_code, error.message or OTHER.title
    )
    faults = tuple(_faults(error.detail)) if isinstance(error.detail, dict) else ()
    detail = "; ".join(f"{fault.field}: {fault.message}" for fault in faults) or known.title
    return answer(known, detail, faults)


def _faults(detail: dict[str, Any]) -> list[FieldFault]:
    places = [place for place in detail.values() if isinstance(place, dict)]
    return [
        FieldFault("body" if field == "_schema" else field, message)
        for place in places
        for field, messages in place.items()
        for message in messages
    ]


def answer_breakage(error: Exception) -> Response:
    """A fault of ours: the log gets the trace, the caller gets the request id to quote."""
    logger.exception("A request broke", path=request.path, method=request.method)
    return answer(BY_STATUS[500], "Something of ours broke. Quote the request id when you report it.")


def refuse_odd_paths() -> None:
    """Nothing of ours has a NUL in its name, and PostgreSQL could not even be asked for one."""
    if "\x00" in request.path:
        raise NotFound


def register_errors(app: APIFlask) -> None:
    """Let no answer leave in another shape."""
    # First: it registers APIFlask's own handler of werkzeug's errors, which would drop their headers.
    app.error_processor(answer_api_error)
    app.register_error_handler(GavelError, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_breakage)
