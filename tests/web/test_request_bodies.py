"""A request body that is slow, cut short or does not come is refused in time and has no effect."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.web.app_fixture import SUM, AppFixture
from tests.web.served import Served, end, serve

POSTED = json.dumps({"problem": "aplusb", "language": "python3", "source": SUM}).encode()
PATHS = ("/submissions", "/runs", "/session", "/accounts", "/judge0/submissions", "/admin/problems")


@pytest.fixture(scope="module")
def hasty(app: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application behind a server that waits a second for a body."""
    running = serve(app, tmp_path_factory.mktemp("log") / "api.log", GAVEL_BODY_SECONDS="1")
    yield running
    end(running)


def _open(served: Served, path: str, length: int, begun: str = "") -> socket.socket:
    where = urlsplit(served.url)
    kind = "multipart/form-data; boundary=x" if path == "/admin/problems" else "application/json"
    line = socket.create_connection((where.hostname, where.port), timeout=60)
    key = served.app.headers("author")["Authorization"]
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nContent-Type: {kind}\r\n"
    line.sendall(f"{head}Content-Length: {length}\r\n\r\n{begun}".encode())
    return line


def _status(line: socket.socket) -> int:
    """Read until the server ends the connection. Returns the status of its answer."""
    came = b""
    while more := line.recv(65536):
        came += more
    line.close()
    return int(came[9:12])


def test_a_request_whose_body_does_not_arrive_gets_408(hasty: Served) -> None:
    # All requests are opened first, so that they wait for the limit of a second at the same time.
    lines = {path: _open(hasty, path, 1000) for path in PATHS}
    assert {path: _status(line) for path, line in lines.items()} == dict.fromkeys(PATHS, 408)


def test_many_slow_bodies_are_refused_in_time(hasty: Served) -> None:
    lines = [_open(hasty, "/submissions", 1000, "{") for _ in range(60)]
    assert [_status(line) for line in lines] == [408] * 60


def test_a_slow_body_without_a_length_gets_408(hasty: Served) -> None:
    where = urlsplit(hasty.url)
    line = socket.create_connection((where.hostname, where.port), timeout=60)
    key = hasty.app.headers()["Authorization"]
    head = f"POST /runs HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nContent-Type: application/json\r\n"
    line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n".encode())
    assert _status(line) == 408


@pytest.mark.parametrize("path", ["/submissions", "/runs"])
def test_a_body_that_is_cut_short_is_refused_even_if_its_json_is_complete(served: Served, path: str) -> None:
    headers = served.app.headers("author")
    served.app.client.get("/me", headers=headers)
    before = _count(served)
    line = _open(served, path, len(POSTED) + 10)
    line.sendall(POSTED)
    line.shutdown(socket.SHUT_WR)
    assert _status(line) == 400
    assert _count(served) == before


def _count(served: Served) -> int:
    headers = served.app.headers("author")
    return len(served.app.client.get("/submissions", headers=headers).get_json()["submissions"])


@pytest.mark.parametrize("header", ["SCRIPT_NAME", "Script-Name", "PATH_INFO"])
@pytest.mark.parametrize(("path", "value", "status"), [("/x/metrics", "/x", 404), ("/zzz", "/x", 404)])
def test_a_header_cannot_change_the_path_of_a_request(
    served: Served, header: str, path: str, value: str, status: int
) -> None:
    where = urlsplit(served.url)
    with socket.create_connection((where.hostname, where.port), timeout=60) as line:
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\n{header}: {value}\r\nConnection: close\r\n\r\n".encode()
        )
        assert _status(line) == status
