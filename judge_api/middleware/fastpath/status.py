"""Answers the most frequent request, ``GET /status/<id>``, without Flask, and without the database unless the
client waits.

This module answers a poll if its key is cached, and if its submission has a status in Redis or was accepted a
moment ago. It sends the same bytes and headers as the view, and waits as the view does. Every other request
goes on to :mod:`judge_api.views.statuses`. Only that view decides what is refused, and how.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from judge_api.container import Services
from judge_api.http.json import dump_json
from judge_api.middleware.fastpath.raw_response import HeaderBlock, SendResponse, send_response
from judge_api.middleware.headers import (
    GZIP_FROM_BYTES,
    Headers,
    ResponseHeaders,
    StartResponse,
    WsgiApp,
    gzip_body,
    request_id_of,
)
from judge_api.middleware.request_context import STARTED_AT, STATUS_ROUTE
from judge_api.services.language_availability import Outage, status_json
from judge_api.views.statuses import CACHING, Awaited, etag, matches
from judge_core.logging import log_context
from judge_core.messages import UnreadableMessage
from judge_core.model.account import Account
from judge_core.model.errors import GavelError
from judge_core.model.submission import Status

_PATH = "/status/"
_ID_LENGTH = 36
_MOST_PREPARED = 2_000
_LARGEST = 16_384
_WAIT_QUERY = re.compile(r"(?:wait=([12]?[0-9]|30)(?:&until=(change|final))?)?")


@dataclass(frozen=True, slots=True)
class Representation:
    """One way to send a status, such as gzipped: its own headers and its body."""

    head: HeaderBlock
    body: bytes


@dataclass(frozen=True, slots=True)
class PreparedStatus:
    """A status with its prepared responses.

    It is valid while Redis has the same text and the submission waits for the end of the same outage, if any.
    """

    text: bytes
    status: Status
    outage: Outage | None
    is_final: bool
    tag: str
    unchanged: Representation
    plain: Representation
    gzipped: Representation | None


class StatusFastPath:
    """WSGI middleware around all other middleware. It never refuses a request. It does not read the store,
    except while a client waits.

    Its responses do not pass through the other middleware, so it adds the headers and records the metrics.
    """

    def __init__(
        self,
        app: WsgiApp,
        services: Services,
        headers: ResponseHeaders,
        send: SendResponse = send_response,
    ) -> None:
        self._app = app
        self._send = send
        self._headers = headers
        self._constant_headers = HeaderBlock.of(headers.constant)
        self._metrics = services.http_counters
        self._auth_cache = services.auth_cache
        self._status_service = services.status_service
        self._open_streams = services.open_streams
        self._language_outages = services.language_outages
        self._retry_after = services.retry_after
        self._prepared: dict[str, PreparedStatus] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if is_poll(environ):
            started_at = environ[STARTED_AT] = time.perf_counter()
            found = self._find_visible(environ)
            if found is not None:
                status, chosen = _choose(found, environ)
                head = chosen.head + self._further_headers(found, environ)
                self._metrics.observe("GET", STATUS_ROUTE, status[:3], time.perf_counter() - started_at)
                return self._send(start_response, status, head, chosen.body)
        return self._app(environ, start_response)

    def _find_visible(self, environ: dict[str, Any]) -> PreparedStatus | None:
        """The status to send.

        If the client asks for a wait and may see the status, the method waits first.
        """
        key = self._auth_cache.cached_by_header(environ.get("HTTP_AUTHORIZATION"))
        if key is None:
            return None
        found = self._find(environ["PATH_INFO"][len(_PATH) :])
        if found is None or not self._status_service.may_see_at_once(key.account, found.status):
            return None
        if found.is_final or not environ.get("QUERY_STRING"):
            return found
        return self._wait(found, key.account, environ)

    def _wait(
        self, found: PreparedStatus, account: Account, environ: dict[str, Any]
    ) -> PreparedStatus | None:
        """Wait as the view does. ``None`` leaves the answer to the view, for example after an error."""
        query = _WAIT_QUERY.fullmatch(environ["QUERY_STRING"])
        if query is None or (seconds := int(query[1])) == 0:
            return None
        known, finals_only = environ.get("HTTP_IF_NONE_MATCH"), query[2] == "final"
        awaited = Awaited(found.status, known, finals_only, self._tag_of)
        if awaited.is_met_by(found.status):
            return found
        stream = self._open_streams.try_open(account.id, environ.get("REMOTE_ADDR") or "unknown")
        if stream is None:
            return found
        with stream, log_context(request=request_id_of(environ)):
            try:
                status = self._status_service.wait(found.status, awaited.is_met_by, seconds, finals_only)
            except GavelError:
                left = int(seconds - (time.perf_counter() - environ[STARTED_AT]))
                environ["QUERY_STRING"] = f"wait={max(left, 0)}&until={query[2] or 'change'}"
                return None
        environ["QUERY_STRING"] = ""  # The wait is over, so the view must not wait again.
        if not self._status_service.may_see_at_once(account, status):
            return None
        return prepare_status(status, b"", self._language_outages.of(status))

    def _tag_of(self, status: Status) -> str:
        return etag(status, waits_for_worker=self._language_outages.concerns(status))

    def _find(self, submission: str) -> PreparedStatus | None:
        text = self._status_service.live_text(submission)
        if text is None:
            return self._find_accepted(submission)
        found = self._prepared.get(submission)
        if found is None or found.text != text:
            found = self._prepare(submission, text)
        if found is None or found.is_final:
            return found
        if self._status_service.needs_recheck(found.status):
            return None
        outage = self._language_outages.of(found.status)
        return found if outage == found.outage else self._keep(prepare_status(found.status, text, outage))

    def _find_accepted(self, submission: str) -> PreparedStatus | None:
        """The status of a submission that was accepted a moment ago, while Redis has none."""
        accepted = self._status_service.just_accepted(submission)
        if accepted is None:
            return None
        found, outage = self._prepared.get(submission), self._language_outages.of(accepted)
        if found is not None and found.status is accepted and found.outage == outage:
            return found
        return self._keep(prepare_status(accepted, b"", outage))

    def _prepare(self, submission: str, text: bytes) -> PreparedStatus | None:
        try:
            found = prepare_status(self._status_service.parse(submission, text), text)
        except UnreadableMessage:
            return None
        return self._keep(found)

    def _keep(self, found: PreparedStatus) -> PreparedStatus:
        self._prepared.pop(found.status.id, None)
        if len(found.text) <= _LARGEST:
            while len(self._prepared) >= _MOST_PREPARED:
                self._prepared.pop(next(iter(self._prepared)), None)
            self._prepared[found.status.id] = found
        return found

    def _further_headers(self, found: PreparedStatus, environ: dict[str, Any]) -> HeaderBlock:
        """The headers that depend on more than the status: on the moment, the request and the settings."""
        request_id = request_id_of(environ)
        head = HeaderBlock([("X-Request-Id", request_id)], f"X-Request-Id: {request_id}\r\n")
        head += self._constant_headers
        if cors := self._headers.cors(environ):
            head += HeaderBlock.of(cors)
        if found.is_final:
            return head
        return _retry_after_header(self._retry_after.seconds(found.status.queue)) + head


@lru_cache(maxsize=64)
def _retry_after_header(seconds: int) -> HeaderBlock:
    return HeaderBlock.of([("Retry-After", str(seconds))])


def is_poll(environ: dict[str, Any]) -> bool:
    """Whether this is a request that may be answered here.

    A query with other parameters than ``wait`` and ``until`` is left to the view, because it may be wrong.
    """
    path: str = environ["PATH_INFO"]
    return (
        path.startswith(_PATH)
        and len(path) == len(_PATH) + _ID_LENGTH
        and environ["REQUEST_METHOD"] == "GET"
        and _WAIT_QUERY.fullmatch(environ.get("QUERY_STRING", "")) is not None
    )


def prepare_status(status: Status, text: bytes, outage: Outage | None = None) -> PreparedStatus:
    tag = etag(status, waits_for_worker=outage is not None)
    last: Headers = [("ETag", tag), ("Cache-Control", CACHING)]
    body = dump_json(status_json(status, outage)).encode()
    plain, gzipped = _represent(body, [], last), None
    if len(body) >= GZIP_FROM_BYTES:
        vary: Headers = [("Vary", "Accept-Encoding")]
        plain = _represent(body, vary, last)
        gzipped = _represent(gzip_body(body), [*vary, ("Content-Encoding", "gzip")], last)
    unchanged = Representation(HeaderBlock.of(last), b"")
    return PreparedStatus(text, status, outage, status.stage.is_final, tag, unchanged, plain, gzipped)


def _represent(body: bytes, encoding: Headers, last: Headers) -> Representation:
    first: Headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Representation(HeaderBlock.of(first + encoding + last), body)


def _choose(found: PreparedStatus, environ: dict[str, Any]) -> tuple[str, Representation]:
    """The status line and the representation for this client."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and matches(known, found.tag):
        return "304 NOT MODIFIED", found.unchanged
    if found.gzipped is not None and accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        return "200 OK", found.gzipped
    return "200 OK", found.plain


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    return bool(parse_accept_header(header, Accept)["gzip"])
