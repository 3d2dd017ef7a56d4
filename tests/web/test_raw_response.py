"""A response that is sent in one write has the same bytes as a response that gunicorn makes."""

from __future__ import annotations

import socket
from dataclasses import replace
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest

from judge_api.middleware.fastpath.raw_response import HeaderBlock
from judge_api.store.verdicts import VerdictStore
from tests.support.records import finished
from tests.web.served import Served

# These headers may differ. The first is the time, and the second differs on purpose.
_MOMENT = {"date", "connection"}
Response = tuple[int, str, dict[str, str], bytes]


class RawConnection:
    """A connection that stays open until the server closes it."""

    def __init__(self, served: Served) -> None:
        where = urlsplit(served.url)
        self._socket = socket.create_connection((where.hostname, where.port), timeout=60)
        self._key = served.app.headers()["Authorization"]

    def get(self, path: str, version: str = "1.1", **headers: str) -> Response:
        lines = [f"GET {path} HTTP/{version}", "Host: judge.example", f"Authorization: {self._key}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = HTTPResponse(self._socket)
        answer.begin()
        return answer.status, answer.reason, dict(answer.getheaders()), answer.read()

    def has_ended(self) -> bool:
        return self._socket.recv(1) == b""


def _same(one: Response, other: Response) -> None:
    assert _lasting(one) == _lasting(other)
    assert {"Date", "Server", "X-Request-Id", "ETag"} <= one[2].keys()


def _lasting(response: Response) -> tuple[int, str, list[tuple[str, str]], bytes]:
    status, reason, headers, body = response
    kept = [(name, value) for name, value in headers.items() if name.lower() not in _MOMENT]
    return status, reason, sorted(kept), body


def _long(served: Served, id: str) -> None:
    report = finished(id)
    assert report.outcome is not None
    many = tuple(replace(report.outcome.tests[0], name=f"secret/{n}") for n in range(40))
    report = replace(report, outcome=replace(report.outcome, tests=many, tests_total=40))
    assert VerdictStore(served.app.services.engine).record(report) is not None
    served.app.services.status_service.publish_change(id)


def test_the_answer_is_the_same_on_a_kept_and_on_a_closed_connection(served: Served) -> None:
    id: str = served.app.submit().get_json()["id"]
    path, kept, named = f"/status/{id}", RawConnection(served), {"X_Request_Id": "the-same-for-all"}
    kept.get(path)  # the view answers this first poll, and the key is cached

    def ask_both(**headers: str) -> Response:
        ended = RawConnection(served)
        one, other = kept.get(path, **headers), ended.get(path, Connection="close", **headers)
        assert (one[2]["Connection"], other[2]["Connection"]) == ("keep-alive", "close")
        assert ended.has_ended()
        _same(one, other)
        return one

    assert "Retry-After" in ask_both(**named)[2]
    _long(served, id)
    plain = ask_both(**named)
    assert int(plain[2]["Content-Length"]) == len(plain[3])
    packed = ask_both(Accept_Encoding="gzip", **named)
    assert packed[2]["Content-Encoding"] == "gzip"
    assert len(packed[3]) < len(plain[3])
    unchanged = ask_both(If_None_Match=plain[2]["ETag"], **named)
    assert (unchanged[0], unchanged[1], unchanged[3]) == (304, "NOT MODIFIED", b"")
    assert kept.get("/healthz")[0] == 200  # the same connection also carries an answer of Flask


def test_the_connection_of_an_http_1_0_client_ends_with_its_answer(served: Served) -> None:
    id: str = served.app.submit().get_json()["id"]
    RawConnection(served).get(f"/status/{id}")
    old = RawConnection(served)
    status, _, headers, body = old.get(f"/status/{id}", version="1.0")
    assert (status, headers["Connection"]) == (200, "close")
    assert id.encode() in body
    assert old.has_ended()


@pytest.mark.parametrize(
    ("name", "value"), [("X-One", "a\r\nX-Two: b"), ("X-One", "a\nb"), ("X One", "a"), ("X-One", "\x00")]
)
def test_a_header_that_would_add_a_second_header_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="not a header"):
        HeaderBlock.of([(name, value)])


def test_the_sum_of_two_header_blocks_has_the_headers_of_both() -> None:
    both = HeaderBlock.of([("A", "1")]) + HeaderBlock.of([("B", "2")])
    assert both == HeaderBlock.of([("A", "1"), ("B", "2")])
    assert both.text == "A: 1\r\nB: 2\r\n"
