"""An answer that is ready as a whole, handed to the server in one piece.

gunicorn checks and writes each header of each answer anew, and sends head and body apart; for answers that
are made once and given a thousand times that is more work than all the rest. What is given to
:func:`deliver` looks the same on the wire either way.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate

from gunicorn.http.wsgi import Response

from judge_api.middleware.headers import Headers, StartResponse

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[ \t\x21-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class Block:
    """Headers, and the same as text; :meth:`of` makes it."""

    pairs: Headers
    text: str

    @classmethod
    def of(cls, pairs: Headers) -> Block:
        """Raises ``ValueError`` for what would not be one header a line."""
        for name, value in pairs:
            if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
                raise ValueError(f"not a header: {name!r}")
        return cls(pairs, "".join([f"{name}: {value}\r\n" for name, value in pairs]))

    def __add__(self, other: Block) -> Block:
        return Block(self.pairs + other.pairs, self.text + other.text)


def deliver(start_response: StartResponse, status: str, head: Block, body: bytes) -> Iterable[bytes]:
    """What a WSGI application returns. ``head`` tells the length of ``body``, unless the status has none."""
    response = getattr(start_response, "__self__", None)
    if type(response) is Response and _stays_open(response):
        _send(response, status, head, body)
        return []
    start_response(status, head.pairs)
    return [body] if body else []


def _stays_open(response: Response) -> bool:
    """The usual connection, whose next request follows; any other is gunicorn's to end as it should."""
    request = response.req
    return request.version == (1, 1) and not response.must_close and not request.should_close()


def _send(response: Response, status: str, head: Block, body: bytes) -> None:
    """As ``Response.start_response``, ``write`` and ``send_headers`` would, and with their marks made: what
    gunicorn asks its response afterwards, to log it or to keep the connection, has its answer."""
    response.status, response.status_code = status, int(status[:3])
    response.headers = head.pairs
    response.response_length = response.sent = len(body)
    response.headers_sent = True
    first = f"HTTP/1.1 {status}\r\nServer: {response.version}\r\n{_date.line()}Connection: keep-alive\r\n"
    response.sock.sendall(f"{first}{head.text}\r\n".encode("latin-1") + body)


class _Date:
    """The header of this second."""

    def __init__(self) -> None:
        self._told: tuple[int, str] = (0, "")

    def line(self) -> str:
        now = int(time.time())
        second, text = self._told
        if second != now:
            text = f"Date: {formatdate(now, usegmt=True)}\r\n"
            self._told = (now, text)
        return text


_date = _Date()
