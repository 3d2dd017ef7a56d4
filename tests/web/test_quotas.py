"""What a tier's quota allows by the minute and the day, with Redis and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.redis_server import RedisServer
from tests.web.house import House, build_house


@pytest.fixture
def counted(tmp_path: Path, redis_server: RedisServer) -> Iterator[House]:
    """A house that lets normal accounts in three times a minute."""
    file = tmp_path / "quotas.toml"
    file.write_text("[normal]\nper_minute = 3\nper_day = 100\nsource_bytes = 60\n")
    yield build_house(tmp_path / "data", redis_server, GAVEL_QUOTAS=str(file))


def _quota(house: House, who: str = "ada") -> dict[str, int | None]:
    found: dict[str, int | None] = house.client.get("/me", headers=house.headers(who)).get_json()["quota"]
    return found


def test_the_fourth_in_a_minute_is_told_when_to_come_back(counted: House) -> None:
    answers = [counted.submit() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert "3 per 1 minute" in answers[3].get_json()["detail"]


def test_an_account_sees_what_is_left(counted: House) -> None:
    counted.submit()
    quota = _quota(counted)
    assert (quota["per_minute"], quota["per_minute_left"]) == (3, 2)
    assert (quota["per_day"], quota["per_day_left"]) == (100, 99)
    free = _quota(counted, "grace")
    assert (free["per_minute"], free["per_minute_left"]) == (None, None)


def test_tiers_have_their_own_numbers(counted: House) -> None:
    long = "print(1)  # " + "x" * 80
    assert counted.submit("ada", source=long).status_code == 413
    assert counted.submit("grace", source=long).status_code == 202


def test_with_redis_away_each_process_counts_for_itself(counted: House) -> None:
    counted.redis.stop()
    answers = [counted.submit() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert _quota(counted)["per_minute_left"] == 0
