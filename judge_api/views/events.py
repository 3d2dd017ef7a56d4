"""Being told: Server-Sent Events for one submission, a WebSocket for many; the statuses of /status."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import Response, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from judge_api.container import services
from judge_api.http.auth import current_account, require_account
from judge_api.http.error_responses import problem_of
from judge_api.http.json import dump_json
from judge_api.http.openapi import guarded
from judge_api.services.status_service import StatusService, may_be_id, outlast
from judge_api.services.status_subscriptions import Watch
from judge_core.logging import get_logger
from judge_core.model.account import Account
from judge_core.model.errors import Forbidden, GavelError
from judge_core.model.submission import Status
from judge_core.redis.status_codec import ORDER_WIDTH, order_text

logger = get_logger(__name__)
blueprint = APIBlueprint("events", __name__, tag="Submissions")
blueprint.before_request(require_account)
socket_blueprint = APIBlueprint("socket", __name__, enable_openapi=False)
socket_blueprint.before_request(require_account)
sock = Sock()
BEAT_SECONDS = 15.0
MOST_WATCHED = 1000
_STREAM: dict[int | str, Any] = {
    200: {
        "description": "A stream of statuses",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: "There is nothing after Last-Event-ID",
}


@blueprint.get("/events/<id>")
@guarded(blueprint, 404, responses=_STREAM)
def stream_status(id: str) -> Response:
    """Every change of status as a Server-Sent Event ``status``; ends after the last one.

    Each event's id is its place in the submission's life: ``Last-Event-ID`` resumes after it.
    """
    status = services().status_service.visible(id, current_account())
    seen = _seen(request.headers.get("Last-Event-ID", ""))
    if status.stage.is_final and order_text(status) <= seen:
        return Response(status=204)  # tells a browser to stop asking
    return event_stream(_events(services().status_service, id, seen))


def event_stream(lines: Iterator[str]) -> Response:
    """A response that is sent line by line, not kept by anybody on the way."""
    response = Response(lines, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _seen(text: str) -> str:
    return text if len(text) == ORDER_WIDTH and text.isdigit() else ""


def _events(desk: StatusService, id: str, seen: str) -> Iterator[str]:
    yield "retry: 1000\n\n"
    for status in desk.changes(id, seen, BEAT_SECONDS):
        yield _event(status) if status is not None else ": still here\n\n"


def _event(status: Status) -> str:
    return f"event: status\nid: {order_text(status)}\ndata: {dump_json(status.to_json())}\n\n"


@sock.route("/ws", bp=socket_blueprint)  # type: ignore[untyped-decorator]
def watch_many(ws: Any) -> None:
    """``{"watch": id}`` and ``{"unwatch": id}`` in, statuses out."""
    with services().status_subscriptions.watch() as watch:
        connection = Connection(ws, watch, current_account(), services().status_service)
        teller = threading.Thread(target=connection.tell, daemon=True)
        teller.start()
        try:
            connection.listen()
        finally:
            connection.end()


@socket_blueprint.before_request
def _require_own_page() -> None:
    """A page of another site must not open a socket in the name of whoever is signed in here."""
    origin = request.headers.get("Origin")
    if origin is None or "Authorization" in request.headers:
        return
    if urlsplit(origin).netloc != request.host and origin not in services().settings.cors_origins:
        raise Forbidden("this page may not open a socket here")


class Here:
    """Stands where simple-websocket would start a thread to read: whoever opened the socket reads it, which
    saves a third of what an idle connection costs."""

    def __init__(self, target: Callable[[], None]) -> None:
        self.run = target
        self.name = ""

    def start(self) -> None:
        """Not yet: :meth:`Connection.listen` runs it."""


class Bell:
    """Stands where simple-websocket has an event that wakes its reader: the reader is told directly."""

    def __init__(self) -> None:
        self.set: Callable[[], None] = _nothing


def _nothing() -> None:
    """Until somebody listens."""


SOCKET_OPTIONS = {
    "ping_interval": 25,
    "max_message_size": 4096,
    "thread_class": Here,
    "event_class": Bell,
}


class Connection:
    """One WebSocket: this thread listens to the client, another one tells it."""

    def __init__(self, ws: Any, watch: Watch, account: Account, desk: StatusService) -> None:
        self._ws = ws
        self._watch = watch
        self._account = account
        self._desk = desk
        self._told: dict[str, str] = {}
        self._ended = False

    def listen(self) -> None:
        """Until the client goes."""
        self._ws.event.set = self._obey_all
        try:
            self._ws.thread.run()
        except ConnectionClosed:
            return

    def tell(self) -> None:
        """Send what is news, until the end; what may have been missed is looked up.

        A socket that nobody tells anything is closed: its client then opens another and knows.
        """
        try:
            while not self._ended:
                self._tell_news()
        except (ConnectionClosed, OSError):
            pass  # its client has gone
        except Exception:
            logger.exception("The news of a socket broke off, it is closed")
        finally:
            self._hang_up()

    def end(self) -> None:
        self._ended = True
        self._watch.ring()

    def _tell_news(self) -> None:
        news = self._watch.wait(BEAT_SECONDS)
        may_have_missed = self._watch.has_missed() or not news
        self._send_all(news)
        if may_have_missed:
            self._send_all(outlast(self._watch, self._look_up) or [])

    def _look_up(self) -> list[Status]:
        return [found for id in list(self._watch.ids) if (found := self._desk.current(id))]

    def _hang_up(self) -> None:
        # Not by a word of the protocol, which its reader would wait to see answered.
        if not self._ended:
            with suppress(OSError):
                self._ws.sock.shutdown(socket.SHUT_RDWR)

    def _obey_all(self) -> None:
        while self._ws.input_buffer:
            self._obey(self._ws.input_buffer.pop(0))

    def _obey(self, text: str | bytes) -> None:
        message = _read(text)
        if isinstance(id := message.get("watch"), str):
            self._add(id)
        elif isinstance(id := message.get("unwatch"), str):
            self._watch.unfollow(id)
            self._told.pop(id, None)
        else:
            self._refuse(None, "invalid", 'send {"watch": id} or {"unwatch": id}')

    def _add(self, id: str) -> None:
        if not may_be_id(id):
            self._refuse(None, "invalid", "watch: no submission has such an id; send one that was answered")
            return
        if len(self._watch.ids) >= MOST_WATCHED:
            self._refuse(id, "too-many", f"one connection watches at most {MOST_WATCHED} submissions")
            return
        try:
            self._desk.visible(id, self._account)
            # Followed before it is read again: what changes in between is then in the watch.
            self._watch.follow(id)
            self._watch.put(self._desk.visible(id, self._account))
        except GavelError as error:
            self._watch.unfollow(id)
            self._refuse(id, problem_of(error).name, str(error))

    def _send_all(self, news: list[Status]) -> None:
        for status in news:
            self._send_news(status)

    def _send_news(self, status: Status) -> None:
        order = order_text(status)
        if status.id not in self._watch.ids or order <= self._told.get(status.id, ""):
            return
        self._told[status.id] = order
        self._ws.send(dump_json(status.to_json()))
        if status.stage.is_final:
            self._watch.unfollow(status.id)
            self._told.pop(status.id, None)

    def _refuse(self, id: str | None, name: str, detail: str) -> None:
        self._ws.send(dump_json({"type": f"/errors/{name}", "detail": detail, "watch": id}))


def _read(text: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
