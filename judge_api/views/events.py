"""Pushes statuses to clients: Server-Sent Events for one submission, a WebSocket for many."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import Response, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from judge_api.container import services
from judge_api.http.auth import CredentialCheck, current_account, require_account
from judge_api.http.error_responses import error_type_of
from judge_api.http.json import dump_json
from judge_api.http.openapi import authenticated
from judge_api.services.status_service import StatusService, may_be_id
from judge_api.services.status_subscriptions import Subscription
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
HEARTBEAT_SECONDS = 15.0
MOST_FOLLOWED = 1000
_STREAM: dict[int | str, Any] = {
    200: {
        "description": "A stream of statuses",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: "There is nothing after Last-Event-ID",
}


@blueprint.get("/events/<id>")
@authenticated(blueprint, 404, responses=_STREAM)
def stream_status(id: str) -> Response:
    """Every change of status as a Server-Sent Event ``status``; ends after the last one.

    Each event's id is its place in the submission's life: ``Last-Event-ID`` resumes after it.
    """
    status = services().status_service.visible(id, current_account())
    seen = _seen(request.headers.get("Last-Event-ID", ""))
    if status.stage.is_final and order_text(status) <= seen:
        return Response(status=204)  # the browser then stops reconnecting
    return event_stream(_events(services().status_service, id, seen, CredentialCheck()))


def event_stream(lines: Iterator[str]) -> Response:
    """A response that is sent line by line; proxies must not buffer it."""
    response = Response(lines, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _seen(text: str) -> str:
    return text if len(text) == ORDER_WIDTH and text.isdigit() else ""


def _events(statuses: StatusService, id: str, seen: str, credentials: CredentialCheck) -> Iterator[str]:
    yield "retry: 1000\n\n"
    for status in statuses.changes(id, seen, HEARTBEAT_SECONDS):
        if not credentials.holds():
            return
        yield _event(status) if status is not None else ": still here\n\n"


def _event(status: Status) -> str:
    return f"event: status\nid: {order_text(status)}\ndata: {dump_json(status.to_json())}\n\n"


@sock.route("/ws", bp=socket_blueprint)  # type: ignore[untyped-decorator]
def watch_many(ws: Any) -> None:
    """``{"watch": id}`` and ``{"unwatch": id}`` in, statuses out."""
    with services().status_subscriptions.subscribe() as subscription:
        follower = Follower(current_account(), CredentialCheck())
        connection = Connection(ws, subscription, follower, services().status_service)
        sender = threading.Thread(target=connection.send_updates, daemon=True)
        sender.start()
        try:
            connection.receive()
        finally:
            connection.close()


@socket_blueprint.before_request
def _require_own_origin() -> None:
    """Refuse a socket that another site's page opens with the session of this browser."""
    origin = request.headers.get("Origin")
    if origin is None or "Authorization" in request.headers:
        return
    if urlsplit(origin).netloc != request.host and origin not in services().settings.cors_origins:
        raise Forbidden("this page may not open a socket here")


class CallerThread:
    """Replaces simple-websocket's reader thread: the thread that opened the socket reads it.

    That saves a third of what an idle connection costs.
    """

    def __init__(self, target: Callable[[], None]) -> None:
        self.run = target
        self.name = ""

    def start(self) -> None:
        """Do nothing yet: :meth:`Connection.receive` calls ``run``."""


class MessageCallback:
    """Replaces the event that wakes simple-websocket's reader: ``set`` is called for each message."""

    def __init__(self) -> None:
        self.set: Callable[[], None] = _ignore


def _ignore() -> None:
    """Used until :meth:`Connection.receive` sets the real callback."""


SOCKET_OPTIONS = {
    "ping_interval": 25,
    "max_message_size": 4096,
    "thread_class": CallerThread,
    "event_class": MessageCallback,
}


@dataclass(frozen=True, slots=True)
class Follower:
    """The account that opened a WebSocket, and its credentials."""

    account: Account
    credentials: CredentialCheck


class Connection:
    """One WebSocket. This thread receives the client's messages, another one sends the statuses."""

    def __init__(
        self, ws: Any, subscription: Subscription, follower: Follower, statuses: StatusService
    ) -> None:
        self._ws = ws
        self._subscription = subscription
        self._account = follower.account
        self._credentials = follower.credentials
        self._statuses = statuses
        self._sent: dict[str, str] = {}
        self._closed = False

    def receive(self) -> None:
        """Handle messages until the client closes the connection."""
        self._ws.event.set = self._handle_all
        try:
            self._ws.thread.run()
        except ConnectionClosed:
            return

    def send_updates(self) -> None:
        """Send new statuses until the connection closes; read the store for those that may be missed.

        If sending fails or the credentials end, the socket is closed, so that its client connects again.
        """
        try:
            while not self._closed and self._credentials.holds():
                self._send_next()
        except (ConnectionClosed, OSError):
            pass  # the client closed the connection
        except Exception:
            logger.exception("Sending statuses to a socket failed, it is closed")
        finally:
            self._disconnect()

    def close(self) -> None:
        self._closed = True
        self._subscription.wake()

    def _send_next(self) -> None:
        received = self._subscription.wait(HEARTBEAT_SECONDS)
        may_have_missed = self._subscription.has_missed() or not received
        self._send_all(received)
        if may_have_missed:
            self._send_all(self._statuses.or_later(self._subscription, self._read_followed) or [])

    def _read_followed(self) -> list[Status]:
        return [found for id in list(self._subscription.ids) if (found := self._statuses.current(id))]

    def _disconnect(self) -> None:
        # Not by the protocol's closing handshake: the reader would wait for the answer to it.
        if not self._closed:
            with suppress(OSError):
                self._ws.sock.shutdown(socket.SHUT_RDWR)

    def _handle_all(self) -> None:
        while self._ws.input_buffer:
            self._handle(self._ws.input_buffer.pop(0))

    def _handle(self, text: str | bytes) -> None:
        message = _read(text)
        if isinstance(id := message.get("watch"), str):
            self._follow(id)
        elif isinstance(id := message.get("unwatch"), str):
            self._subscription.unfollow(id)
            self._sent.pop(id, None)
        else:
            self._refuse(None, "invalid", 'send {"watch": id} or {"unwatch": id}')

    def _follow(self, id: str) -> None:
        if not may_be_id(id):
            self._refuse(None, "invalid", "watch: no submission has such an id; send one that was answered")
            return
        if len(self._subscription.ids) >= MOST_FOLLOWED:
            self._refuse(id, "too-many", f"one connection watches at most {MOST_FOLLOWED} submissions")
            return
        try:
            self._statuses.visible(id, self._account)
            # Follow it before reading it again: a change in between is then in the subscription.
            self._subscription.follow(id)
            self._subscription.put(self._statuses.visible(id, self._account))
        except GavelError as error:
            self._subscription.unfollow(id)
            self._refuse(id, error_type_of(error).name, str(error))

    def _send_all(self, statuses: list[Status]) -> None:
        for status in statuses:
            self._send(status)

    def _send(self, status: Status) -> None:
        order = order_text(status)
        if status.id not in self._subscription.ids or order <= self._sent.get(status.id, ""):
            return
        self._sent[status.id] = order
        self._ws.send(dump_json(status.to_json()))
        if status.stage.is_final:
            self._subscription.unfollow(status.id)
            self._sent.pop(status.id, None)

    def _refuse(self, id: str | None, name: str, detail: str) -> None:
        self._ws.send(dump_json({"type": f"/errors/{name}", "detail": detail, "watch": id}))


def _read(text: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
