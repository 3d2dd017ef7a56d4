"""A tier's quota per minute and per day is kept with and without Redis."""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.redis_server import RedisServer
from tests.web.app_fixture import SUM, AppFixture, build_app
from tests.web.served import Served, end, serve


@pytest.fixture
def counted(tmp_path: Path, redis_server: RedisServer) -> Iterator[AppFixture]:
    """An application that allows a normal account three submissions per minute."""
    file = tmp_path / "quotas.toml"
    file.write_text("[normal]\nper_minute = 3\nper_day = 100\nsource_bytes = 60\n")
    yield build_app(tmp_path / "data", redis_server, GAVEL_QUOTAS=str(file))


def _quota(app: AppFixture, who: str = "ada") -> dict[str, int | None]:
    found: dict[str, int | None] = app.client.get("/me", headers=app.headers(who)).get_json()["quota"]
    return found


def test_a_submission_beyond_the_quota_per_minute_gets_429_with_retry_after(counted: AppFixture) -> None:
    answers = [counted.submit() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert "3 per 1 minute" in answers[3].get_json()["detail"]


def test_the_answer_to_a_submission_shows_what_is_left_of_the_limits(counted: AppFixture) -> None:
    answers = [counted.submit() for _ in range(4)]
    policy = '"minute";q=3;w=60, "day";q=100;w=86400, "unfinished";q=20'
    assert answers[0].headers["RateLimit-Policy"] == policy
    left = [re.findall(r'"(\w+)";r=(\d+)', answer.headers["RateLimit"]) for answer in answers]
    assert left[0] == [("minute", "2"), ("day", "99"), ("unfinished", "19")]
    assert left[2] == [("minute", "0"), ("day", "97"), ("unfinished", "17")]
    assert left[3] == [("minute", "0")]
    (seconds,) = re.findall(r'"minute";r=0;t=(\d+)$', answers[3].headers["RateLimit"])
    assert 1 <= int(seconds) <= 60
    assert "RateLimit" not in counted.client.get("/me", headers=counted.headers()).headers


def test_an_account_sees_what_is_left_of_its_quota(counted: AppFixture) -> None:
    counted.submit()
    quota = _quota(counted)
    assert (quota["per_minute"], quota["per_minute_left"]) == (3, 2)
    assert (quota["per_day"], quota["per_day_left"]) == (100, 99)
    free = _quota(counted, "grace")
    assert (free["per_minute"], free["per_minute_left"]) == (None, None)


def test_each_tier_has_its_own_limits(counted: AppFixture) -> None:
    long = "print(1)  # " + "x" * 80
    assert counted.submit("ada", source=long).status_code == 413
    assert counted.submit("grace", source=long).status_code == 202


def test_each_process_counts_for_itself_while_redis_is_away(counted: AppFixture) -> None:
    counted.redis.stop()
    answers = [counted.submit() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert _quota(counted)["per_minute_left"] == 0


def test_the_quota_is_kept_for_hundreds_of_simultaneous_posts(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = tmp_path / "quotas.toml"
    file.write_text("[normal]\nper_day = 7\n")
    app = build_app(tmp_path / "data", redis_server, GAVEL_QUOTAS=str(file))
    served = serve(app, tmp_path / "api.log", GAVEL_QUOTAS=str(file))
    try:
        answers = [_burst(served, 300), _burst(served, 150)]
    finally:
        end(served)
        app.services.status_subscriptions.close()
    assert answers == [Counter({b"202": 7, b"429": 293}), Counter({b"429": 150})]
    assert "WARNING" not in (tmp_path / "api.log").read_text()


def _burst(served: Served, count: int) -> Counter[bytes]:
    body = json.dumps({"problem": "aplusb", "language": "python3", "source": SUM}).encode()
    key = served.app.accounts["ada"].key
    head = (
        f"POST /submissions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    place = ("127.0.0.1", urlsplit(served.url).port)
    lines = [socket.create_connection(place, timeout=30) for _ in range(count)]
    for line in lines:
        line.sendall(head.encode() + body)
    answers = Counter(line.recv(65536)[9:12] for line in lines)
    for line in lines:
        line.close()
    return answers
