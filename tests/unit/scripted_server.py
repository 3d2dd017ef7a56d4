"""A real HTTP server that gives the answers of a script, and a client of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gavel_client import Gavel

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Script:
    """The answers of the server in their order, and the requests that it has received."""

    answers: list[Answer] = field(default_factory=list)
    default: Callable[[str], Answer] = lambda path: (404, {}, b"{}")
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


def body(data: Any, status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(data).encode()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def gavel(script: Script) -> Iterator[Gavel]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            script.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            script.asked.append((self.command, self.path, dict(self.headers)))
            status, headers, content = script.answers.pop(0) if script.answers else script.default(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with Gavel(f"http://127.0.0.1:{server.server_port}/", "key") as client:
        yield client
    server.shutdown()
    server.server_close()


@pytest.fixture
def server_url(gavel: Gavel) -> str:
    """The address of the server."""
    return gavel.url
