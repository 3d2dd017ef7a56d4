"""A proxy between a client and the server that records each request and its answer."""

from __future__ import annotations

import http.client
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
_DIFFERS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"runcode_(expected_)?[\d.]+_\d+"), r"runcode_\1N"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+\d\d:\d\d)?"), "TIME"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r"(?<=/)\d+(?=[/?]|$| )"), "N"),
    (re.compile(r"(?<=tokens=)[^& ]+"), "ID,…"),
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its line, the content type of its body, the status and text of its answer, and the headers
    and body that were sent."""

    line: str
    content_type: str
    status: int
    answer: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass
class Recording:
    """The calls so far, and the proxy's address. ``secrets`` are shown as KEY."""

    url: str
    secrets: tuple[str, ...] = ()
    calls: list[Call] = field(default_factory=list)

    def shown(self, length: int = 120) -> list[str]:
        """One line for each kind of call, in the order of their first calls. The line of a GET shows its last
        answer. The lines of other calls show the first answer."""
        answers: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for call in self.calls:
            asked = self.shown_text(f"{call.line}{f' ({call.content_type})' if call.content_type else ''}")
            answer = self.shown_text(" ".join(call.answer.split()))[: length + 1]
            text = answer if len(answer) <= length else f"{answer[:length]}…"
            if asked not in answers or call.line.startswith("GET "):
                answers[asked] = f"{call.status} {text}".rstrip()
            counts[asked] += 1
        times = {asked: f" ({count} times)" if count > 1 else "" for asked, count in counts.items()}
        return [f"{asked}{times[asked]} → {answer}" for asked, answer in answers.items()]

    def hidden(self, text: str) -> str:
        """The text without secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "KEY")
        return text

    def shown_text(self, text: str) -> str:
        """The text without secrets and without what differs from run to run."""
        text = self.hidden(text)
        for pattern, word in _DIFFERS:
            text = pattern.sub(word, text)
        return text


@contextmanager
def recorded(target: str, secrets: tuple[str, ...] = ()) -> Iterator[Recording]:
    """Runs a proxy before this address during the block."""
    host = urlsplit(target)
    recording = Recording("", secrets)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            upstream = http.client.HTTPConnection(host.hostname or "", host.port, timeout=120)
            unsent = {*_HOP, "accept-encoding"}
            headers = {name: value for name, value in self.headers.items() if name.lower() not in unsent}
            headers["Accept-Encoding"] = "identity"
            upstream.request(self.command, self.path, body or None, headers)
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            kind = self.headers.get("Content-Type", "no content type").partition(";")[0] if body else ""
            text = content.decode(errors="replace") if _is_text(answer) else f"({len(content)} bytes)"
            sent = tuple(self.headers.items())
            line = f"{self.command} {self.path}"
            recording.calls.append(Call(line, kind, answer.status, text, sent, body))
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = forward

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recording.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield recording
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _is_text(answer: http.client.HTTPResponse) -> bool:
    kind = answer.getheader("Content-Type") or ""
    return kind.startswith("text/") or "json" in kind
