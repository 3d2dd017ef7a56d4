"""The channel over Redis: one key with the latest status, one publish, in one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.client import PubSub
from redis.exceptions import NoScriptError

from judge_api.domain.protocol import STATUS_CHANNEL, live_key
from judge_api.domain.submission import Status
from judge_api.events.gathered import GatheredReads
from judge_api.events.live_status import ORDER_START, ORDER_WIDTH, dump_status, load_status
from judge_api.events.redis_door import LuaScript, named_failures, open_redis

KEPT_SECONDS = 3600

TELL = LuaScript(
    f"""
    local kept = redis.call('GETRANGE', KEYS[1], {ORDER_START}, {ORDER_START + ORDER_WIDTH - 1})
    local told = string.sub(ARGV[1], {ORDER_START + 1}, {ORDER_START + ORDER_WIDTH})
    if kept ~= '' and kept >= told then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
    redis.call('PUBLISH', '{STATUS_CHANNEL}', ARGV[1])
    return 1
    """
)


def tell_later(pipeline: Any, status: Status) -> None:
    """Put the telling of one status into somebody's pipeline."""
    pipeline.evalsha(TELL.sha, 1, live_key(status.id), dump_status(status), KEPT_SECONDS)


class RedisNews:
    """A subscription; see :class:`judge_api.events.channel.News`."""

    def __init__(self, subscription: PubSub) -> None:
        self._subscription = subscription

    def wait(self, seconds: float) -> Status | None:
        with named_failures():
            message = self._subscription.get_message(ignore_subscribe_messages=True, timeout=seconds)
        return load_status(message["data"]) if message else None


class RedisChannel:
    """See :class:`judge_api.events.channel.Channel`."""

    def __init__(self, url: str, timeout_seconds: float = 1.0) -> None:
        self._redis = open_redis(url, timeout_seconds)
        self._reads = GatheredReads(self._fetch)
        self._line: Any = None

    def tell(self, statuses: Sequence[Status]) -> None:
        with named_failures():
            for _ in range(2):
                pipeline = self._redis.pipeline(transaction=False)
                for status in statuses:
                    tell_later(pipeline, status)
                try:
                    pipeline.execute()
                except NoScriptError:  # a Redis that was restarted: it has to learn the script again
                    load_script(self._redis)
                else:
                    return

    def latest(self, submission: str) -> Status | None:
        text = self.latest_text(submission)
        return load_status(text) if text else None

    def latest_text(self, submission: str) -> bytes | None:
        return self._reads.get(submission)

    def _fetch(self, submissions: Sequence[str]) -> dict[str, bytes | None]:
        keys = [live_key(id) for id in submissions]
        with named_failures():
            return dict(zip(submissions, self._ask(keys), strict=True))

    def _ask(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """MGET over a connection of its own: one read is under way at a time, so that nobody has to take
        one from the pool and give it back, which is half of what a poll costs here."""
        if self._line is None:
            self._line = self._redis.connection_pool.get_connection()
        line, self._line = self._line, None  # after any trouble, a fresh one is taken
        try:
            line.send_command("MGET", *keys)
            answer: Sequence[bytes | None] = line.read_response()
        except BaseException:
            line.disconnect()
            self._redis.connection_pool.release(line)
            raise
        self._line = line
        return answer

    @contextmanager
    def listen(self) -> Iterator[RedisNews]:
        subscription: PubSub = self._redis.pubsub()  # type: ignore[no-untyped-call]
        try:
            with named_failures():
                subscription.subscribe(STATUS_CHANNEL)
                subscription.get_message(timeout=1.0)  # Redis' word that nothing is missed from here on
            yield RedisNews(subscription)
        finally:
            subscription.close()


def load_script(client: Redis) -> None:
    """Teach this Redis the script that pipelines call by its hash."""
    client.script_load(TELL.text)
