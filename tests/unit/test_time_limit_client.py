"""A worker asks the main server for the time limit of a package that declares no limit."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from workers.judging.errors import PackageUnavailable
from workers.server_client import TimeLimitClient


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b"7", b'"x"', b"{}", b"<html>", b'{"time_limit": "1"}', b'{"time_limit": -1}', b""],
)
def test_an_answer_of_the_main_server_without_a_valid_time_limit_is_an_error(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*_: Any, **__: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response._content = 200, body
        return response

    monkeypatch.setattr(requests, "request", answer)
    with pytest.raises(PackageUnavailable, match="the time limit of package 0123"):
        TimeLimitClient("http://main.example", "token").known_time_limit("0123456789abcdef")
