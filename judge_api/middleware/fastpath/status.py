"""The commonest request, answered before Flask is asked: ``GET /status/<id>`` of one's own submission.

Half of an online judge's requests are polls. This answers those whose asker and status need no look into
the store, with the same bytes and headers as the view; everything else, and everything odd, falls through
to :mod:`judge_api.views.statuses`, which alone decides what is refused and how.
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
from judge_api.middleware.fastpath.raw_response import Block, deliver
from judge_api.middleware.headers import (
    ZIP_FROM,
    Headers,
    ResponseHeaders,
    StartResponse,
    WsgiApp,
    make_request_id,
    zip_body,
)
from judge_api.middleware.http_metrics import BEGAN, STATUS_ROUTE, HttpMetrics
from judge_api.services.status_service import may_see
from judge_api.views.statuses import CACHING, etag, matches
from judge_core.messages import UnreadableMessage
from judge_core.model.account import Account
from judge_core.model.submission import Status
from judge_core.redis.status_codec import load_status_of

_PATH = "/status/"
_ID_LENGTH = 36
_REMEMBERED = 2_000
_LARGEST = 16_384
_MAY_WAIT = re.compile(r"(?:wait=(?:[12]?[0-9]|30))?")


@dataclass(frozen=True, slots=True)
class Form:
    """One form that an answer may take: its own headers, and what comes after them."""

    head: Block
    body: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """A status with everything that its answers are made of, ready as long as Redis has the same text."""

    text: bytes
    status: Status
    is_final: bool
    tag: str
    unchanged: Form
    plain: Form
    zipped: Form | None

    def may_be_shown_to(self, account: Account) -> bool:
        return may_see(account, self.status)


class StatusFastPath:
    """WSGI around everything; never refuses anything and never reads the store.

    What it answers itself does not pass the counting and the envelope, so it does the same as they would.
    """

    def __init__(
        self, app: WsgiApp, services: Services, envelope: ResponseHeaders, traffic: HttpMetrics
    ) -> None:
        self._app = app
        self._envelope = envelope
        self._constant = Block.of(envelope.constant)
        self._traffic = traffic
        self._keyring = services.auth_cache
        self._desk = services.status_service
        self._backlog = services.retry_after
        self._prepared: dict[str, Prepared] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if is_poll(environ):
            began = environ[BEGAN] = time.perf_counter()
            bearer = self._keyring.remembered_by(environ.get("HTTP_AUTHORIZATION"))
            found = self._find(environ["PATH_INFO"][len(_PATH) :]) if bearer is not None else None
            ready = found is not None and (found.is_final or not environ.get("QUERY_STRING"))
            if bearer is not None and found is not None and ready and found.may_be_shown_to(bearer.account):
                status, form = _choose(found, environ)
                head = form.head + self._further(found, environ)
                self._traffic.count("GET", STATUS_ROUTE, status[:3], time.perf_counter() - began)
                return deliver(start_response, status, head, form.body)
        return self._app(environ, start_response)

    def _find(self, submission: str) -> Prepared | None:
        text = self._desk.live_text(submission)
        if text is None:
            return None
        found = self._prepared.get(submission)
        if found is None or found.text != text:
            found = self._remember(submission, text)
        if found is None or (not found.is_final and self._desk.is_doubtful(submission)):
            return None
        return found

    def _remember(self, submission: str, text: bytes) -> Prepared | None:
        try:
            found = prepare(load_status_of(submission, text), text)
        except UnreadableMessage:
            return None
        self._prepared.pop(submission, None)
        if len(text) <= _LARGEST:
            while len(self._prepared) >= _REMEMBERED:
                self._prepared.pop(next(iter(self._prepared)), None)
            self._prepared[submission] = found
        return found

    def _further(self, found: Prepared, environ: dict[str, Any]) -> Block:
        """What is not of the status alone: of the moment, of the request, of this server."""
        request_id = make_request_id(environ)
        head = Block([("X-Request-Id", request_id)], f"X-Request-Id: {request_id}\r\n") + self._constant
        if cors := self._envelope.cors(environ):
            head += Block.of(cors)
        return head if found.is_final else _retry_after(self._backlog.retry_after(found.status.queue)) + head


@lru_cache(maxsize=64)
def _retry_after(seconds: int) -> Block:
    return Block.of([("Retry-After", str(seconds))])


def is_poll(environ: dict[str, Any]) -> bool:
    """A request of the kind answered here: a plain poll, or one that would wait if it had not ended. Another
    query may be wrong."""
    path: str = environ["PATH_INFO"]
    return (
        path.startswith(_PATH)
        and len(path) == len(_PATH) + _ID_LENGTH
        and environ["REQUEST_METHOD"] == "GET"
        and _MAY_WAIT.fullmatch(environ.get("QUERY_STRING", "")) is not None
    )


def prepare(status: Status, text: bytes) -> Prepared:
    tag = etag(status)
    last: Headers = [("ETag", tag), ("Cache-Control", CACHING)]
    body = dump_json(status.to_json()).encode()
    plain, zipped = _form(body, [], last), None
    if len(body) >= ZIP_FROM:
        vary: Headers = [("Vary", "Accept-Encoding")]
        plain = _form(body, vary, last)
        zipped = _form(zip_body(body), [*vary, ("Content-Encoding", "gzip")], last)
    return Prepared(text, status, status.stage.is_final, tag, Form(Block.of(last), b""), plain, zipped)


def _form(body: bytes, encoded: Headers, last: Headers) -> Form:
    first: Headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Form(Block.of(first + encoded + last), body)


def _choose(found: Prepared, environ: dict[str, Any]) -> tuple[str, Form]:
    """The status line and the form that this client asked for."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and matches(known, found.tag):
        return "304 NOT MODIFIED", found.unchanged
    if found.zipped is not None and takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        return "200 OK", found.zipped
    return "200 OK", found.plain


@lru_cache(maxsize=256)
def takes_gzip(header: str) -> bool:
    return bool(parse_accept_header(header, Accept)["gzip"])
