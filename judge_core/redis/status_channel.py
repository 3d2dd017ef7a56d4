"""The channel that carries new statuses to clients that follow a submission. They are hints; the store is
the truth.

Over Redis one script compares a status with the kept one, keeps it and publishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from redis.client import PubSub
from redis.exceptions import NoScriptError, TimeoutError

from judge_core.logging import ThrottledWarning, get_logger
from judge_core.messages import UnreadableMessage
from judge_core.model.submission import Status
from judge_core.redis.client import (
    Command,
    LuaScript,
    PersistentConnections,
    ReadBatcher,
    create_redis_client,
    translate_redis_errors,
)
from judge_core.redis.keys import STATUS_CHANNEL, live_status_key
from judge_core.redis.signer import Signer
from judge_core.redis.status_codec import (
    ORDER_START,
    ORDER_WIDTH,
    submission_id_of,
)

logger = get_logger(__name__)

KEPT_SECONDS = 3600
FINAL_KEPT_SECONDS = 60
"""By then a final status has reached its listeners; later readers get it from the database. So Redis holds
the unfinished statuses and the final ones of the last minute, however long the server has run."""

# SET with GET replaces the kept status and returns it, in one command. In the rare case that
# the new status is not later, the kept one is put back.
_PUBLISH = f"""
    local function publish(key, text, seconds, is_heard)
        local new = string.sub(text, {ORDER_START + 1}, {ORDER_START + ORDER_WIDTH})
        local kept = redis.pcall('SET', key, text, 'EX', seconds, 'GET')
        if type(kept) == 'table' then -- the key holds no text: it is replaced
            redis.call('SET', key, text, 'EX', seconds)
        elseif kept then
            local order = string.sub(kept, {ORDER_START + 1}, {ORDER_START + ORDER_WIDTH})
            if order ~= '' and order >= new then
                local is_final = string.sub(order, 1, 1) == '1'
                redis.call('SET', key, kept, 'EX', is_final and {FINAL_KEPT_SECONDS} or {KEPT_SECONDS})
                return 0
            end
        end
        if is_heard then redis.call('PUBLISH', '{STATUS_CHANNEL}', text) end
        return 1
    end
"""
PUBLISH_SCRIPT = LuaScript(f"{_PUBLISH}    return publish(KEYS[1], ARGV[1], ARGV[2], true)\n")
# While no process listens, the statuses are kept and not published. A process that begins to listen reads the
# kept status first.
PUBLISH_ALL = LuaScript(
    f"""{_PUBLISH}
    local is_heard = redis.call('PUBSUB', 'NUMSUB', '{STATUS_CHANNEL}')[2] > 0
    for i, key in ipairs(KEYS) do publish(key, ARGV[2 * i - 1], ARGV[2 * i], is_heard) end
    """
)


class StatusListener(Protocol):
    """One subscription to the channel."""

    def wait(self, seconds: float, wanted: Callable[[str], bool] | None = None) -> Status | None:
        """The next status, or ``None`` when none came in time, or one that is not wanted or cannot be read.

        Raises ``QueueUnavailable`` when the channel broke: some may have been missed, so read the store.
        """
        ...


class StatusChannel(Protocol):
    """Keeps the latest status of each submission, and publishes it to all listeners.

    A final status is kept for a minute, any other for an hour. A status that is not later
    than the kept one (``Status.order``) is neither kept nor published. Every method may raise
    ``QueueUnavailable``.
    """

    def publish(self, statuses: Sequence[Status]) -> None:
        """Keep and publish the statuses that are new, in this order."""
        ...

    def replace(self, status: Status) -> None:
        """Keep and publish a status, whatever is kept now. Call it when neither a main server nor the
        attempt's worker has written the kept status."""
        ...

    def forget(self, submission: str) -> None:
        """Remove the status of a deleted submission."""
        ...

    def latest(self, submission: str) -> Status | None:
        """The latest published status, if it is still kept. May raise ``UnreadableMessage``."""
        ...

    def latest_text(self, submission: str) -> bytes | None:
        """The same as text (``status_codec.dump_status``), for callers that compare it with an earlier
        one."""
        ...

    def parse(self, submission: str, text: bytes) -> Status:
        """The status in a text of :meth:`latest_text`. Raises ``UnreadableMessage`` for one of another
        submission, and for one that neither a main server nor the worker of the attempt has written."""
        ...

    def listen(self) -> AbstractContextManager[StatusListener]:
        """Every status published from now on, of all submissions; none is missed inside the context."""
        ...


def publish_command(statuses: Sequence[Status], signer: Signer) -> Command:
    """The command that publishes these statuses, to be sent together with others."""
    texts: list[str | int] = []
    for status in statuses:
        texts += (
            signer.sign_status(status),
            FINAL_KEPT_SECONDS if status.stage.is_final else KEPT_SECONDS,
        )
    keys = [_key(signer, status.id) for status in statuses]
    return ("EVALSHA", PUBLISH_ALL.sha, len(keys), *keys, *texts)


class RedisStatusListener:
    """A :class:`StatusListener` over a subscription of Redis."""

    def __init__(self, subscription: PubSub, signer: Signer) -> None:
        self._subscription = subscription
        self._signer = signer
        self._unreadable = ThrottledWarning(logger, "A published status cannot be read, skipped")

    def wait(self, seconds: float, wanted: Callable[[str], bool] | None = None) -> Status | None:
        """Reads the connection itself: redis-py's ``get_message`` looks three times at the socket for each
        message."""
        connection: Any = self._subscription.connection
        with translate_redis_errors():
            try:
                message = connection.read_response(
                    timeout=seconds, disconnect_on_error=False, push_request=True
                )
            except TimeoutError:
                return None
        if message[0] != b"message" or (wanted is not None and not wanted(submission_id_of(message[2]))):
            return None
        try:
            return self._signer.load_status(message[2])
        except UnreadableMessage as fault:
            self._unreadable.log(fault)
            return None


class RedisStatusChannel:
    """A :class:`StatusChannel` over Redis."""

    def __init__(
        self, url: str, signer: Signer, timeout_seconds: float = 1.0, batches_reads: bool = True
    ) -> None:
        self._signer = signer
        self._redis = create_redis_client(url, timeout_seconds)
        self._connections = PersistentConnections(self._redis)
        self._reads = ReadBatcher(self._fetch) if batches_reads else None

    def publish(self, statuses: Sequence[Status]) -> None:
        with translate_redis_errors():
            execute_with_publish_script(self._connections, [publish_command(statuses, self._signer)])

    def replace(self, status: Status) -> None:
        with translate_redis_errors():
            self._connections.execute("DEL", _key(self._signer, status.id))
        self.publish([status])

    def forget(self, submission: str) -> None:
        with translate_redis_errors():
            self._connections.execute("DEL", _key(self._signer, submission))

    def latest(self, submission: str) -> Status | None:
        text = self.latest_text(submission)
        return self.parse(submission, text) if text else None

    def parse(self, submission: str, text: bytes) -> Status:
        return self._signer.load_status_of(submission, text)

    def latest_text(self, submission: str) -> bytes | None:
        # An id that cannot be encoded was never published, and would spoil the batch of all other readers.
        if not submission.isascii():
            return None
        return self._fetch([submission])[submission] if self._reads is None else self._reads.get(submission)

    def _fetch(self, submissions: Sequence[str]) -> dict[str, bytes | None]:
        with translate_redis_errors():
            found = self._connections.execute("MGET", *(_key(self._signer, id) for id in submissions))
        return dict(zip(submissions, found, strict=True))

    @contextmanager
    def listen(self) -> Iterator[RedisStatusListener]:
        subscription: PubSub = self._redis.pubsub(push_handler_func=_unchanged)
        try:
            with translate_redis_errors():
                subscription.subscribe(STATUS_CHANNEL)
                subscription.get_message(timeout=1.0)  # Redis' confirmation: nothing is missed from here on
            yield RedisStatusListener(subscription, self._signer)
        finally:
            subscription.close()


def execute_with_publish_script(connections: PersistentConnections, commands: Sequence[Command]) -> None:
    """Send commands of which one may be :func:`publish_command`; load the script again if Redis was
    restarted."""
    try:
        connections.execute_all(commands)
    except NoScriptError:
        connections.execute("SCRIPT", "LOAD", PUBLISH_ALL.text)
        connections.execute_all(commands)


def _key(signer: Signer, submission: str) -> str:
    return live_status_key(submission, signer.submission_secret(submission))


def _unchanged(message: Any) -> Any:
    return message
