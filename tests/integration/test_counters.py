"""Counts are added once, even if a connection loses the answers."""

from __future__ import annotations

import pytest

from judge_api.dispatch.metrics import Counters
from judge_core.model.errors import QueueUnavailable
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer


def test_counts_whose_answer_is_lost_are_added_once(redis_server: RedisServer) -> None:
    with LossyProxy(redis_server) as line:
        counters = Counters(line.url, 2.0)
        counters.add({"a": 1})
        line.lose_replies(1)
        counters.add({"a": 1, "b": 1})
        assert counters.read() == {"a": 2, "b": 1}
        assert line.lost == 1


def test_counts_that_could_not_be_written_are_added_once_with_the_next_counts(
    redis_server: RedisServer,
) -> None:
    with LossyProxy(redis_server) as line:
        counters = Counters(line.url, 2.0)
        counters.add({"a": 1})
        line.lose_replies(2)  # the answer to the retry is lost too
        with pytest.raises(QueueUnavailable):
            counters.add({"a": 10})
        assert counters.has_pending
        counters.add({"a": 100})
        assert not counters.has_pending
        assert counters.read() == {"a": 111}


def test_the_counts_of_two_processes_are_added_up(redis_server: RedisServer) -> None:
    one, other = Counters(redis_server.url), Counters(redis_server.url)
    one.add({"a": 1})
    one.add({"a": 1})
    other.add({"a": 1})
    assert one.read() == {"a": 3}
    redis_server.empty()
    one.add({"a": 1})
    assert other.read() == {"a": 1}
