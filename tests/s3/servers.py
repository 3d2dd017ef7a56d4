"""Servers for the tests of buckets: moto's server, and a server that only records the requests."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import requests

from tests.network.waiting import until
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
KEY, SECRET, REGION = "test-key", "test-secret", "eu-central-1"


@contextmanager
def moto_server() -> Iterator[str]:
    """Runs an S3 server without buckets. Yields its address."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    program = ROOT / ".venv/moto/bin/moto_server"
    process = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: _answers(url), "moto answers", 60)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/moto-api/", timeout=2).ok
    except requests.RequestException:
        return False


@dataclass
class SeenRequest:
    """A request as the server received it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Recorder:
    """A server that records every request and answers it with an empty 200."""

    url: str
    seen: list[SeenRequest] = field(default_factory=list)


@contextmanager
def recording_server() -> Iterator[Recorder]:
    seen: list[SeenRequest] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen.append(SeenRequest(self.command, self.path, headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.send_header("ETag", '"0"')
            self.end_headers()

        do_GET = do_PUT = do_DELETE = do_HEAD = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Recorder(f"http://127.0.0.1:{server.server_port}", seen)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def expected_signature(request: SeenRequest, signed: list[str], scope: str) -> str:
    """The AWS Signature Version 4 of a request, computed as AWS describes it and not by boto3."""
    parts = urlsplit(request.target)
    query = sorted(
        tuple(quote(unquote(text), safe="-_.~") for text in pair.partition("=")[::2])
        for pair in filter(None, parts.query.split("&"))
    )
    canonical = "\n".join(
        [
            request.method,
            parts.path,
            "&".join(f"{name}={value}" for name, value in query),
            *(f"{name}:{request.headers[name].strip()}" for name in signed),
            "",
            ";".join(signed),
            request.headers["x-amz-content-sha256"],
        ]
    )
    date, region, service, _ = scope.split("/")
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest])
    key = f"AWS4{SECRET}".encode()
    for word in (date, region, service, "aws4_request"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
