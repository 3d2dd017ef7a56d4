"""The commonest request, answered before Flask is asked: ``GET /status/<id>`` of one's own submission.

Half of an online judge's requests are polls. This answers those whose asker and status need no look into
the store, with the same bytes and headers as the view; everything else, and everything odd, falls through
to :mod:`judge_api.web.statuses`, which alone decides what is refused and how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from judge_api.domain.account import Account, Tier
from judge_api.domain.protocol import UnreadableMessage
from judge_api.domain.submission import Status
from judge_api.events.live_status import load_status
from judge_api.store.accounts import Bearer
from judge_api.web.envelope import ZIP_FROM, StartResponse, WsgiApp, zip_body
from judge_api.web.services import Services
from judge_api.web.statuses import CACHING, etag, matches
from judge_api.web.watching import may_see
from judge_api.web.wire import dump_json

_PATH = "/status/"
_ID_LENGTH = 36
_REMEMBERED = 2_000
_LARGEST = 16_384
_MAY_WAIT = re.compile(r"(?:wait=(?:[12]?[0-9]|30))?")
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A status with everything that its answers are made of, ready as long as Redis has the same text."""

    text: bytes
    status: Status
    is_final: bool
    tag: str
    body: bytes
    zipped: bytes | None

    def may_be_shown_to(self, account: Account) -> bool:
        return may_see(account, self.status)


class Glance:
    """WSGI around the Flask application; never refuses anything and never reads the store."""

    def __init__(self, app: WsgiApp, services: Services) -> None:
        self._app = app
        self._keyring = services.keyring
        self._desk = services.desk
        self._backlog = services.backlog
        self._prepared: dict[str, Prepared] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if is_poll(environ):
            bearer = self._asker(environ.get("HTTP_AUTHORIZATION"))
            found = self._find(environ["PATH_INFO"][len(_PATH) :]) if bearer is not None else None
            ready = found is not None and (found.is_final or not environ.get("QUERY_STRING"))
            if bearer is not None and found is not None and ready and found.may_be_shown_to(bearer.account):
                return self._answer(found, environ, start_response)
        return self._app(environ, start_response)

    def _asker(self, header: str | None) -> Bearer | None:
        scheme, _, secret = (header or "").partition(" ")
        return self._keyring.remembered(secret.strip()) if scheme.lower() == "bearer" else None

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
            found = prepare(text)
        except UnreadableMessage:
            return None
        self._prepared.pop(submission, None)
        if len(text) <= _LARGEST:
            while len(self._prepared) >= _REMEMBERED:
                self._prepared.pop(next(iter(self._prepared)), None)
            self._prepared[submission] = found
        return found

    def _answer(
        self, found: Prepared, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        last: Headers = [("ETag", found.tag), ("Cache-Control", CACHING)]
        if not found.is_final:
            last.append(("Retry-After", self._retry_after(found.status.queue)))
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and matches(known, found.tag):
            start_response("304 NOT MODIFIED", last)
            return []
        body, encoded = _body(found, environ.get("HTTP_ACCEPT_ENCODING"))
        first: Headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK", first + encoded + last)
        return [body]

    def _retry_after(self, tier: Tier) -> str:
        return str(self._backlog.retry_after(tier))


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


def prepare(text: bytes) -> Prepared:
    """Raises ``UnreadableMessage``."""
    status = load_status(text)
    body = dump_json(status.to_json()).encode()
    zipped = zip_body(body) if len(body) >= ZIP_FROM else None
    return Prepared(text, status, status.stage.is_final, etag(status), body, zipped)


def _body(found: Prepared, accepted: str | None) -> tuple[bytes, Headers]:
    if found.zipped is None:
        return found.body, []
    if accepted is not None and takes_gzip(accepted):
        return found.zipped, [("Vary", "Accept-Encoding"), ("Content-Encoding", "gzip")]
    return found.body, [("Vary", "Accept-Encoding")]


@lru_cache(maxsize=256)
def takes_gzip(header: str) -> bool:
    return bool(parse_accept_header(header, Accept)["gzip"])
