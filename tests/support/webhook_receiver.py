"""A receiver of webhooks. It uses real HTTP on loopback, and records the requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A receiver. Its answers are those of ``answers`` in turn, and then always the last answer. ``None``
    closes the connection."""

    answers: list[int | None] = field(default_factory=lambda: [204])
    requests: list[ReceivedRequest] = field(default_factory=list)
    location: str = "http://127.0.0.1:1/elsewhere"
    url: str = ""

    def next_answer(self) -> int | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def webhook_receiver() -> Iterator[Receiver]:
    """Runs a receiver on a port of its own during the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append(
                ReceivedRequest(self.command, self.path, headers, self.rfile.read(length))
            )
            status = receiver.next_answer()
            if status is None:
                self.close_connection = True
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = answer

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing, because the tests check ``requests``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/verdicts?of=ada"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
