"""With the examples of deploy/proxies, TLS, the client's address, event streams and WebSockets work."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import simple_websocket

from tests.acceptance.app_fixture import RunningStack, clean_environment
from tests.proxies.proxies import KINDS, Proxy, make_certificate, running

pytestmark = [pytest.mark.proxies, pytest.mark.timeout(300)]
SLOW = "import time\na, b = map(int, input().split())\ntime.sleep(0.3)\nprint(a + b)  # {number}\n"
FORGED = "203.0.113.9"


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it got."""

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None: ...


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    settings = clean_environment(GAVEL_TRUSTED_PROXIES="1", GAVEL_LANGUAGES="python3")
    stack = RunningStack(
        tmp_path_factory.mktemp("stack") / "data", settings, "--workers", "normal=1,premium=1"
    )
    stack.start()
    yield stack
    assert stack.stop() == 0


@pytest.fixture(params=sorted(KINDS))
def proxy(
    request: pytest.FixtureRequest, stack: RunningStack, certificate: Path, tmp_path: Path
) -> Iterator[Proxy]:
    port = int(stack.credentials.url.rpartition(":")[2])
    with running(request.param, tmp_path / "proxy", certificate.parent, port) as proxy:
        yield proxy


@pytest.fixture(params=sorted(KINDS))
def echo(request: pytest.FixtureRequest, certificate: Path, tmp_path: Path) -> Iterator[Proxy]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with running(request.param, tmp_path / "proxy", certificate.parent, server.server_port) as proxy:
        yield proxy
    server.shutdown()


def session(certificate: Path) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # otherwise REQUESTS_CA_BUNDLE would override the next line
    session.verify = str(certificate)
    return session


def test_events_pass_through_the_proxy_while_the_submission_is_judged(
    proxy: Proxy, stack: RunningStack, certificate: Path
) -> None:
    """A proxy that buffers the stream would send the first event only when it has the last."""
    receipt = stack.submit("python3", SLOW.format(number=f"events {proxy.tls}"))
    key = {"Authorization": f"Bearer {stack.credentials.accounts['normal'].key}"}
    url = f"https://localhost:{proxy.tls}/events/{receipt.id}"
    with session(certificate).get(url, headers=key, stream=True, timeout=60) as stream:
        assert stream.status_code == 200
        data = (line for line in stream.iter_lines() if line.startswith(b"data:"))
        first = json.loads(next(data)[5:])
        assert first["state"] in ("PENDING", "STARTED")
        assert status_now(stack, receipt.id) in ("PENDING", "STARTED")
        *_, last = data
    assert json.loads(last[5:])["verdict"] == "AC"


def status_now(stack: RunningStack, submission: str) -> str:
    with stack.gavel() as gavel:
        return gavel.status(submission).state


def test_a_websocket_through_the_proxy_follows_a_submission_to_its_verdict(
    proxy: Proxy, stack: RunningStack, certificate: Path
) -> None:
    receipt = stack.submit("python3", SLOW.format(number=f"socket {proxy.tls}"))
    headers = {"Authorization": f"Bearer {stack.credentials.accounts['normal'].key}"}
    context = ssl.create_default_context(cafile=str(certificate))
    client = simple_websocket.Client.connect(
        f"wss://localhost:{proxy.tls}/ws", headers=headers, ssl_context=context
    )
    client.send(json.dumps({"watch": receipt.id}))
    states: list[str] = []
    while not states or states[-1] in ("PENDING", "STARTED"):
        message = client.receive(timeout=60)
        assert message is not None
        states.append(json.loads(message)["state"])
    client.close()
    assert len(states) > 1
    assert states[-1] == "SUCCESS"


def test_the_proxy_passes_the_client_s_real_address_and_not_a_forged_address(
    echo: Proxy, certificate: Path
) -> None:
    answer = session(certificate).get(
        f"https://localhost:{echo.tls}/", headers={"X-Forwarded-For": FORGED}, timeout=20
    )
    headers = answer.json()
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["host"].partition(":")[0] == "localhost"


def test_plain_http_is_redirected_to_tls(echo: Proxy) -> None:
    answer = requests.get(
        f"http://localhost:{echo.plain}/problems",
        allow_redirects=False,
        timeout=20,
    )
    assert answer.status_code in (301, 308)
    assert answer.headers["Location"].startswith("https://localhost")
