"""A body with malformed chunks gets 400, and the bytes after it are not read as a request."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest
import requests

from tests.web.served import Served

WRONG = {
    "no length": b"zz\r\n",
    "no end": b"2\r\n{}XX",
    "extension": b"2;a=\x01\r\n{}\r\n0\r\n\r\n",
    "trailer": b"2\r\n{}\r\n0\r\nno header\r\n\r\n",
}
NATIVE = ("/session", "/accounts", "/submissions", "/runs", "/me/keys", "/me/webhooks")
COMPATIBLE_PATHS = ("/judge0/submissions", "/judge0/submissions/batch", "/problems/aplusb/submit/")
NEXT = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def _answer(served: Served, path: str, chunks: bytes, kind: str = "application/json") -> tuple[int, bytes]:
    """The status and the body of the only answer, after which the server ends the connection."""
    where = urlsplit(served.url)
    key = served.app.headers("author")["Authorization"]
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nContent-Type: {kind}\r\n"
    with socket.create_connection((where.hostname, where.port), timeout=60) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + NEXT)
        came = b""
        while more := line.recv(65536):
            came += more
    assert came.count(b"\r\nServer: ") == 1, came
    answered, _, body = came.partition(b"\r\n\r\n")
    return int(answered[9:12]), body


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_chunks_are_refused_as_a_malformed_body(served: Served, wrong: str) -> None:
    for path in NATIVE:
        status, body = _answer(served, path, WRONG[wrong])
        problem = json.loads(body)
        assert (status, problem["type"]) == (400, "/errors/malformed"), path
        assert "Content-Length instead" in problem["detail"]


def test_a_compatible_api_refuses_a_malformed_body_in_its_own_format(served: Served) -> None:
    for path in COMPATIBLE_PATHS:
        status, body = _answer(served, path, WRONG["no length"])
        assert (status, list(json.loads(body))) == (400, ["error"]), path


def test_a_form_and_an_upload_with_wrong_chunks_are_refused(served: Served) -> None:
    form = "application/x-www-form-urlencoded"
    assert _answer(served, "/judge0/submissions", b"3\r\na=b\r\nzz\r\n", form)[0] == 400
    part = b'--x\r\nContent-Disposition: form-data; name="package"; filename="a.zip"\r\n\r\nPK'
    chunk = b"%x\r\n%s\r\nzz\r\n" % (len(part), part)
    status, body = _answer(served, "/admin/problems", chunk, "multipart/form-data; boundary=x")
    assert (status, json.loads(body)["type"]) == (400, "/errors/malformed")


def test_a_body_in_right_chunks_is_accepted(served: Served) -> None:
    body = json.dumps({"name": "nobody", "password": "wrong-as-well"}).encode()
    parts = iter([body[:5], body[5:]])
    answer = requests.post(
        f"{served.url}/session", data=parts, headers={"Content-Type": "application/json"}, timeout=60
    )
    assert (answer.status_code, answer.json()["type"]) == (401, "/errors/unauthorized")
