"""The channel over Redis: one key with the latest status, one publish, in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis.client import PubSub
from redis.exceptions import NoScriptError, TimeoutError

from judge_core.logging import get_logger
from judge_core.logging_throttle import ThrottledWarning
from judge_core.messages import STATUS_CHANNEL, UnreadableMessage, live_key
from judge_core.model.submission import Status
from judge_core.redis.client import LuaScript, named_failures, open_redis
from judge_core.redis.persistent_connections import Command, RedisLines
from judge_core.redis.read_batcher import GatheredReads
from judge_core.redis.status_codec import ORDER_START, ORDER_WIDTH, dump_status, load_status, told_of

logger = get_logger(__name__)

KEPT_SECONDS = 3600
ENDED_KEPT_SECONDS = 60
"""Whoever watched has been told by then; who asks later asks the store, which tells it once more. So Redis
holds what is open and a minute's endings, however long the house has judged."""

TELL = LuaScript(
    f"""
    local kept = redis.pcall('GETRANGE', KEYS[1], {ORDER_START}, {ORDER_START + ORDER_WIDTH - 1})
    if type(kept) == 'table' then kept = '' end -- no text at all lies there: it is replaced
    local told = string.sub(ARGV[1], {ORDER_START + 1}, {ORDER_START + ORDER_WIDTH})
    if kept ~= '' and kept >= told then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
    redis.call('PUBLISH', '{STATUS_CHANNEL}', ARGV[1])
    return 1
    """
)


def telling(status: Status) -> Command:
    """The command that tells one status, to go together with others."""
    seconds = ENDED_KEPT_SECONDS if status.stage.is_final else KEPT_SECONDS
    return ("EVALSHA", TELL.sha, 1, live_key(status.id), dump_status(status), seconds)


class RedisNews:
    """A subscription; see :class:`judge_core.redis.status_channel.News`."""

    def __init__(self, subscription: PubSub) -> None:
        self._subscription = subscription
        self._unreadable = ThrottledWarning(logger, "Passed over news of a status that cannot be read")

    def wait(self, seconds: float, wanted: Callable[[str], bool] | None = None) -> Status | None:
        """Read as it comes: redis-py's ``get_message`` looks three times at the socket for each message."""
        line: Any = self._subscription.connection
        with named_failures():
            try:
                message = line.read_response(timeout=seconds, disconnect_on_error=False, push_request=True)
            except TimeoutError:
                return None
        if message[0] != b"message" or (wanted is not None and not wanted(told_of(message[2]))):
            return None
        try:
            return load_status(message[2])
        except UnreadableMessage as fault:
            self._unreadable.log(fault)
            return None


class RedisChannel:
    """See :class:`judge_core.redis.status_channel.Channel`."""

    def __init__(self, url: str, timeout_seconds: float = 1.0) -> None:
        self._redis = open_redis(url, timeout_seconds)
        self._lines = RedisLines(self._redis)
        self._reads = GatheredReads(self._fetch)

    def tell(self, statuses: Sequence[Status]) -> None:
        with named_failures():
            ask_knowing_how_to_tell(self._lines, [telling(status) for status in statuses])

    def latest(self, submission: str) -> Status | None:
        text = self.latest_text(submission)
        return load_status(text) if text else None

    def latest_text(self, submission: str) -> bytes | None:
        # What cannot be sent was never told; and it would spoil the read of all who ask at the same time.
        return self._reads.get(submission) if submission.isascii() else None

    def _fetch(self, submissions: Sequence[str]) -> dict[str, bytes | None]:
        with named_failures():
            found = self._lines.ask("MGET", *(live_key(id) for id in submissions))
        return dict(zip(submissions, found, strict=True))

    @contextmanager
    def listen(self) -> Iterator[RedisNews]:
        subscription: PubSub = self._redis.pubsub(push_handler_func=_as_it_is)  # type: ignore[no-untyped-call]
        try:
            with named_failures():
                subscription.subscribe(STATUS_CHANNEL)
                subscription.get_message(timeout=1.0)  # Redis' word that nothing is missed from here on
            yield RedisNews(subscription)
        finally:
            subscription.close()


def ask_knowing_how_to_tell(lines: RedisLines, commands: Sequence[Command]) -> None:
    """Commands of which some are :func:`telling`; a Redis that was restarted learns the script again."""
    try:
        lines.ask_all(commands)
    except NoScriptError:
        lines.ask("SCRIPT", "LOAD", TELL.text)
        lines.ask_all(commands)


def _as_it_is(message: Any) -> Any:
    return message
