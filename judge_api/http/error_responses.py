"""Formats errors as ``application/problem+json`` (RFC 9457), from one table.

``type`` is a path below /errors that never changes. Programs compare ``type``, and people read ``detail``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, json, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, NotFound

from judge_api.schemas.unknown_fields import faults_of
from judge_api.services.rate_limits import rate_limit_headers
from judge_core.logging import get_logger
from judge_core.model import errors
from judge_core.model.errors import FieldFault, GavelError

logger = get_logger(__name__)
CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = "2"
"""The ``Retry-After`` of a 503, in seconds. A database or Redis usually restarts within this time."""


@dataclass(frozen=True, slots=True)
class ErrorType:
    """One kind of error: the last part of its ``type``, its HTTP status and its title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return f"/errors/{self.name}"


BY_ERROR: dict[type[GavelError], ErrorType] = {
    errors.Invalid: ErrorType("invalid", 422, "A field is wrong"),
    errors.UnknownLanguage: ErrorType("unknown-language", 422, "No such language here"),
    errors.UnknownProblem: ErrorType("unknown-problem", 422, "No such problem here"),
    errors.SourceTooLarge: ErrorType("source-too-large", 413, "The source is too long"),
    errors.Unauthorized: ErrorType("unauthorized", 401, "Sign in or send a key"),
    errors.AccountDisabled: ErrorType("account-disabled", 401, "The account is disabled"),
    errors.SecondFactorNeeded: ErrorType("second-factor-needed", 401, "A second factor is needed"),
    errors.NotFound: ErrorType("not-found", 404, "Not found"),
    errors.Forbidden: ErrorType("forbidden", 403, "Not allowed"),
    errors.Conflict: ErrorType("conflict", 409, "It contradicts what exists"),
    errors.IdempotencyKeyReused: ErrorType("idempotency-key-reused", 422, "The idempotency key is taken"),
    errors.QuotaExceeded: ErrorType("too-many", 429, "A limit is used up"),
    errors.StoreFailed: ErrorType("store-unavailable", 503, "The database is down"),
    errors.UnderMaintenance: ErrorType("maintenance", 503, "Under maintenance"),
    errors.QueueUnavailable: ErrorType("queue-unavailable", 503, "The queue is down"),
    errors.StoreUnavailable: ErrorType("store-unavailable", 503, "The database is down"),
    errors.UnreadableRecord: ErrorType("unreadable-record", 410, "A record cannot be read"),
}
BY_STATUS: dict[int, ErrorType] = {
    400: ErrorType("malformed", 400, "The request cannot be read"),
    401: BY_ERROR[errors.Unauthorized],
    403: BY_ERROR[errors.Forbidden],
    404: BY_ERROR[errors.NotFound],
    405: ErrorType("method-not-allowed", 405, "This method is not allowed here"),
    406: ErrorType("not-acceptable", 406, "No such representation"),
    408: ErrorType("body-timeout", 408, "The body came too slowly"),
    409: BY_ERROR[errors.Conflict],
    413: ErrorType("body-too-large", 413, "The request body is too long"),
    415: ErrorType("unsupported-media-type", 415, "The body has the wrong content type"),
    416: ErrorType("range-not-satisfiable", 416, "The range is outside of the content"),
    422: BY_ERROR[errors.Invalid],
    429: BY_ERROR[errors.QuotaExceeded],
    500: ErrorType("internal", 500, "Internal error"),
}
OTHER = ErrorType("http", 0, "The request failed")


def error_response(kind: ErrorType, detail: str, faults: tuple[FieldFault, ...] = ()) -> Response:
    """The response for one error. ``errors`` lists the wrong fields, if there are any."""
    body = problem_body(kind, detail, faults)
    return Response(json.dumps(body, allow_nan=False), kind.status, content_type=CONTENT_TYPE)


def problem_body(kind: ErrorType, detail: str, faults: tuple[FieldFault, ...] = ()) -> dict[str, Any]:
    """The problem document of one error."""
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request.path,
    }
    if request_id := request.environ.get("gavel.request_id"):
        body["request_id"] = request_id
    if faults:
        body["errors"] = [_fault_body(fault) for fault in faults]
    return body


def _fault_body(fault: FieldFault) -> dict[str, str | float]:
    more = {"code": fault.code, "bound": fault.bound}
    known = {name: value for name, value in more.items() if value is not None}
    return {"field": fault.field, "message": fault.message, **known}


def error_type_of(error: GavelError) -> ErrorType:
    """The table's entry for the class of an error, or for the nearest base class with an entry."""
    return next((BY_ERROR[kind] for kind in type(error).__mro__ if kind in BY_ERROR), BY_STATUS[500])


def gavel_error_response(error: GavelError) -> Response:
    """The response for an error that a service raised."""
    kind = error_type_of(error)
    response = error_response(kind, str(error) or kind.title, getattr(error, "faults", ()))
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="gavel"'
    if kind.status == 503:
        logger.warning("Answered 503", reason=str(error))
        set_retry_after(response)
    if isinstance(error, errors.UnderMaintenance):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.QuotaExceeded):
        response.headers["Retry-After"] = str(error.retry_after)
        response.headers.extend(rate_limit_headers(error.limits))
    return response


def set_retry_after(response: Response) -> None:
    """Give a 503 the time after which the client may try again."""
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_SECONDS


def http_error_response(error: HTTPException) -> Response:
    """The response for a request that Flask refused: unknown path, wrong method, body too long."""
    status = error.code or 500
    known = BY_STATUS.get(status) or ErrorType(OTHER.name, status, error.name or OTHER.title)
    response = error_response(known, _sentence(error))
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


def schema_error_response(error: HTTPError) -> Response:
    """The response for a request that a schema refused. It names each wrong field."""
    known = BY_STATUS.get(error.status_code) or ErrorType(
        OTHER.name, error.status_code, error.message or OTHER.title
    )
    faults = faults_of(error.__cause__) if isinstance(error.__cause__, ValidationError) else ()
    detail = "; ".join(f"{fault.field}: {fault.message}" for fault in faults) or known.title
    return error_response(known, detail, faults)


def unexpected_error_response(error: Exception) -> Response:
    """The response for a fault in Gavel's code.

    Logs the traceback, and gives the client the request id to quote.
    """
    logger.exception("Request failed", path=request.path, method=request.method)
    return error_response(BY_STATUS[500], "The server failed. Quote the request id when you report it.")


def reject_nul_paths() -> None:
    """Answer 404 for a path with a NUL. No name contains one, and PostgreSQL refuses a query with it."""
    if "\x00" in request.path:
        raise NotFound


def register_error_handlers(app: APIFlask) -> None:
    """Make the application's error responses problem details. A blueprint may have handlers of its own."""
    # This call must be first. It also registers APIFlask's handler for werkzeug's errors, which drops their
    # headers. The later calls replace that handler.
    app.error_processor(schema_error_response)
    app.register_error_handler(GavelError, gavel_error_response)
    app.register_error_handler(HTTPException, http_error_response)
    app.register_error_handler(Exception, unexpected_error_response)
