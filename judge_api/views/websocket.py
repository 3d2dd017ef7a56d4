"""The WebSocket ``/ws``: a client names submissions, and the server sends their statuses."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import g, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from judge_api.container import services
from judge_api.http.auth import CredentialCheck, current_account, require_account
from judge_api.http.error_responses import error_type_of
from judge_api.http.json import dump_json
from judge_api.http.shown_status import body_builder
from judge_api.http.sse import HEARTBEAT_SECONDS
from judge_api.http.stream_limits import open_stream
from judge_api.http.whole_sends import WholeSends
from judge_api.services.status_service import StatusService, may_be_id
from judge_api.services.status_subscriptions import Subscription
from judge_core.logging import get_logger
from judge_core.model.account import Account
from judge_core.model.errors import Forbidden, GavelError
from judge_core.model.submission import Status
from judge_core.redis.status_channel import order_text

logger = get_logger(__name__)
blueprint = APIBlueprint("socket", __name__, enable_openapi=False)
blueprint.before_request(require_account)
sock = Sock()
MAX_FOLLOWED = 1000
_SEND_SECONDS = 60
"""A client that has not taken a message after this time is disconnected."""


@sock.route("/ws", bp=blueprint)  # type: ignore[untyped-decorator]
def watch_submissions(ws: Any) -> None:
    """The client sends ``{"watch": id}`` and ``{"unwatch": id}``; the server sends statuses."""
    ws.sock = WholeSends(ws.sock)
    ws.sock.settimeout(_SEND_SECONDS)
    with services().status_subscriptions.subscribe() as subscription:
        client = WebSocketClient(current_account(), CredentialCheck())
        connection = WebSocketConnection(ws, subscription, client, services().status_service)
        connection.to_json = body_builder()
        sender = threading.Thread(target=connection.send_updates, daemon=True)
        sender.start()
        try:
            connection.receive()
        finally:
            connection.close()


@blueprint.before_request
def require_own_origin() -> None:
    """Refuse a socket that another site's page opens with the session of this browser."""
    origin = request.headers.get("Origin")
    if origin is None or "Authorization" in request.headers:
        return
    if urlsplit(origin).netloc != request.host and origin not in services().settings.cors_origins:
        raise Forbidden(
            "a page of another site may not open a socket here: open it from a page of this server"
        )


@blueprint.before_request
def _open_stream() -> None:
    """Count the socket as an open stream, or refuse it if there are too many.

    This must happen before the handshake, because no status code can be sent after it.
    """
    g.open_stream = open_stream()


@blueprint.teardown_request
def _close_stream(_error: BaseException | None) -> None:
    if "open_stream" in g:
        g.open_stream.close()


class CallerThread:
    """Replaces simple-websocket's reader thread, because the thread that opened the socket reads from it.

    So a connection needs one thread less.
    """

    def __init__(self, target: Callable[[], None]) -> None:
        self.run = target
        self.name = ""

    def start(self) -> None:
        """Do nothing yet: :meth:`WebSocketConnection.receive` calls ``run``."""


class MessageCallback:
    """Replaces the event that wakes simple-websocket's reader. Its ``set`` is called for each message."""

    def __init__(self) -> None:
        self.set: Callable[[], None] = _ignore


def _ignore() -> None:
    """The callback until :meth:`WebSocketConnection.receive` sets the real one."""


SOCKET_OPTIONS = {
    "ping_interval": 25,
    "max_message_size": 4096,
    "thread_class": CallerThread,
    "event_class": MessageCallback,
}


class ConnectionCredentials(Protocol):
    """Says whether the credentials that opened a WebSocket are still valid."""

    def holds(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class WebSocketClient:
    """The account that opened a WebSocket, and its credentials."""

    account: Account
    credentials: ConnectionCredentials


class WebSocketConnection:
    """One WebSocket. The request's thread receives the client's messages. Another thread sends the
    statuses."""

    def __init__(
        self, ws: Any, subscription: Subscription, client: WebSocketClient, statuses: StatusService
    ) -> None:
        self._ws = ws
        self._subscription = subscription
        self._account = client.account
        self._credentials = client.credentials
        self._statuses = statuses
        self._sent: dict[str, str] = {}
        self._closed = False
        self._sending = threading.Lock()
        self.to_json: Callable[[Status], dict[str, Any]] = Status.to_json

    def receive(self) -> None:
        """Handle messages until the client closes the connection."""
        self._ws.event.set = self._handle_all
        try:
            self._ws.thread.run()
        except ConnectionClosed:
            return

    def send_updates(self) -> None:
        """Send new statuses until the connection closes. Read the store for statuses that may have been
        missed.

        If sending fails or the credentials end, the socket is closed, so that its client connects again.
        """
        try:
            while not self._closed and self._credentials.holds():
                self._send_next()
        except (ConnectionClosed, OSError):
            pass  # The client has closed the connection.
        except Exception:
            logger.exception("Sending statuses to a socket failed; the socket is closed")
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
        # The protocol's closing handshake is left out, because the reader would wait for its answer.
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
            self._refuse(
                None,
                "invalid",
                "watch: no submission can have this id: send the id from the answer to POST /submissions",
            )
            return
        if len(self._subscription.ids) >= MAX_FOLLOWED:
            self._refuse(id, "too-many", f"one connection watches at most {MAX_FOLLOWED} submissions")
            return
        try:
            self._statuses.visible(id, self._account)
            # Subscribe before reading the status again, so that the subscription gets a change that comes in
            # between.
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
        self._send_text(dump_json(self.to_json(status)))
        if status.stage.is_final:
            self._subscription.unfollow(status.id)
            self._sent.pop(status.id, None)

    def _refuse(self, id: str | None, name: str, detail: str) -> None:
        self._send_text(dump_json({"type": f"/errors/{name}", "detail": detail, "watch": id}))

    def _send_text(self, text: str) -> None:
        # Both threads send. A compressed message must be sent in the order in which it was compressed.
        with self._sending:
            self._ws.send(text)


def _read(text: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
