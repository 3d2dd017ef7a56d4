"""The channel of new statuses, for clients that follow a submission. These statuses are hints: the database
is the source of truth.

A status is published as JSON whose first member is ``order`` at a fixed place and width. A script in Redis
compares the order with that of the kept status, without parsing either. If the new status is later, the
script keeps and publishes it. The second member is the submission's ``id``, and the last one is the proof of
the sender (:mod:`judge_core.redis.signer`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from redis.client import PubSub
from redis.exceptions import NoScriptError, TimeoutError

from judge_core.logging import ThrottledWarning, get_logger
from judge_core.messages import MAX_REPORT_CHARACTERS, UnreadableMessage, read_json
from judge_core.model.account import Tier
from judge_core.model.json_records import (
    ATTEMPT,
    SUBMISSION_ID,
    InvalidField,
    integer,
    member,
    optional,
    parse_moment,
    record,
    shallow_dict,
    text,
    tier,
)
from judge_core.model.submission import MOST_TESTS, Kind, Outcome, Stage, Status, parse_outcome
from judge_core.redis.client import (
    Command,
    LuaScript,
    PersistentConnections,
    ReadBatcher,
    create_redis_client,
    translate_redis_errors,
)
from judge_core.redis.keys import STATUS_CHANNEL, live_status_key
from judge_core.redis.signer import PROOF_LENGTH, Signer, is_same

ORDER_START = len('{"order":"')
ORDER_WIDTH = 16
_ORDER_END = ORDER_START + ORDER_WIDTH
_BEFORE_ID = b'","id":"'
_BEFORE_PROOF = ',"proof":"'
_TAIL_LENGTH = len(_BEFORE_PROOF) + PROOF_LENGTH + len('"}')
_write = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode


def order_text(status: Status) -> str:
    """A status's order as text that sorts the same way."""
    final, attempt, rank, tests = status.order
    return f"{final:01d}{min(attempt, 999_999):06d}{rank:01d}{min(tests, 99_999_999):08d}"


def order_bytes(text: bytes) -> bytes:
    """The order in the text of a status, without parsing the rest. If the text is no status, the result can
    be any bytes."""
    return text[ORDER_START:_ORDER_END]


def is_final_text(text: bytes) -> bool:
    """Whether this is the text of a final status. The order of a final status begins with 1
    (``Status.order``)."""
    return text[ORDER_START : ORDER_START + 1] == b"1"


def dump_status(status: Status) -> str:
    """All of a status, the owner included; its member ``status`` is the body that clients get."""
    body = {
        "order": order_text(status),
        "id": status.id,
        "owner": status.owner,
        "kind": status.kind.value,
        "outcome": status.outcome.to_json() if status.outcome else None,
        "reason": status.reason,
        "status": status.to_json(),
    }
    return _write(body)


def submission_id_of(text: bytes) -> str:
    """The submission's id, without parsing the rest, since most published statuses have no listener in this
    process. Empty if the text does not begin like a status."""
    if not text.startswith(_BEFORE_ID, _ORDER_END):
        return ""
    start = _ORDER_END + len(_BEFORE_ID)
    return text[start : text.find(b'"', start)].decode(errors="replace")


def load_status(text: str | bytes) -> Status:
    """The inverse of :func:`dump_status`. Raises only ``UnreadableMessage``, whatever the text is, since a
    thief of a worker's credentials can write any text."""
    if len(text) > MAX_REPORT_CHARACTERS:
        raise UnreadableMessage("not a status: too long")
    try:
        status = _parse_envelope(read_json(text if isinstance(text, str) else text.decode())).to_status()
    except UnicodeDecodeError:
        raise UnreadableMessage("not a status: not UTF-8") from None
    except InvalidField as fault:
        raise UnreadableMessage(f"not a status: {fault}") from None
    if status.stage is Stage.DONE and status.outcome is None:
        raise UnreadableMessage("not a status: it is done without an outcome")
    return status


def load_status_of(submission: str, text: str | bytes) -> Status:
    """As :func:`load_status`, but the status of another submission counts as unreadable."""
    return _of(submission, load_status(text))


def _of(submission: str, status: Status) -> Status:
    if status.id != submission:
        raise UnreadableMessage("the status of another submission")
    return status


def sign_status(signer: Signer, status: Status) -> str:
    """The text of a status as the main server publishes it."""
    text = dump_status(status)
    return _with_proof(text, signer.signature(text.encode()))


def dump_progress(status: Status, proof: str | None) -> str:
    """The text of a status as a worker publishes it. Main servers of this release do not accept a status
    without a proof. Main servers of release 0.2.0 sent workers no proof."""
    text = dump_status(status)
    return text if proof is None else _with_proof(text, _progress_proof(proof))


def load_signed_status(signer: Signer, text: bytes) -> Status:
    """The status in a published text. Raises ``UnreadableMessage`` if neither the main server nor the worker
    of the attempt can have written it. Only the main server writes final statuses."""
    status = load_status(text)
    given = text[-_TAIL_LENGTH + len(_BEFORE_PROOF) : -2]
    if text[-_TAIL_LENGTH : -_TAIL_LENGTH + len(_BEFORE_PROOF)] == _BEFORE_PROOF.encode():
        if is_same(given, signer.signature(text[:-_TAIL_LENGTH] + b"}")):
            return status
        proof = _progress_proof(signer.proof(status.id, status.attempt))
        if not status.stage.is_final and is_same(given, proof):
            return status
    raise UnreadableMessage("a status without the proof of its sender")


def _progress_proof(proof: str) -> str:
    """The proof of progress. Readers of a status see it. The proof of reports cannot be computed from it."""
    return hashlib.sha256(b"progress:" + proof.encode()).hexdigest()[:PROOF_LENGTH]


def _with_proof(text: str, proof: str) -> str:
    return f'{text[:-1]}{_BEFORE_PROOF}{proof}"}}'


@dataclass(frozen=True, slots=True)
class _Body:
    """The members of a status' body that are read back; the others follow from them."""

    serial: int
    stage: Stage
    queue: Tier
    problem: str | None
    language: str
    attempt: int
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    tests_done: int
    tests_total: int


@dataclass(frozen=True, slots=True)
class _Envelope:
    """The text of a status as it is published."""

    id: str
    owner: str
    kind: Kind
    outcome: Outcome | None
    reason: str | None
    status: _Body

    def to_status(self) -> Status:
        return Status(
            id=self.id,
            owner=self.owner,
            kind=self.kind,
            outcome=self.outcome,
            reason=self.reason,
            **shallow_dict(self.status),
        )


_parse_envelope = record(
    _Envelope,
    {
        "id": SUBMISSION_ID,
        "owner": text(100),
        "kind": member(Kind),
        "outcome": optional(parse_outcome),
        "reason": optional(text()),
        "status": record(
            _Body,
            {
                "serial": integer(0, 2**63 - 1),
                "stage": member(Stage),
                "queue": tier,
                "problem": optional(text(255)),
                "language": text(100),
                "attempt": ATTEMPT,
                "submitted_at": parse_moment,
                "started_at": optional(parse_moment),
                "finished_at": optional(parse_moment),
                "tests_done": integer(0, MOST_TESTS),
                "tests_total": integer(0, MOST_TESTS),
            },
        ),
    },
)


logger = get_logger(__name__)

KEPT_SECONDS = 3600
FINAL_KEPT_SECONDS = 60
"""How long a final status is kept. Within this time it reaches its listeners. Later readers get it from the
database. So Redis holds the unfinished statuses and the final statuses of the last minute, however long the
server has run."""

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
        """The next status. ``None`` if no status came in time, or if it is not wanted or cannot be read.

        Raises ``QueueUnavailable`` if the channel broke. Then statuses may be missing, so read the database.
        """
        ...


class StatusChannel(Protocol):
    """Keeps the latest status of each submission, and publishes it to all listeners.

    A final status is kept for a minute, and any other status for an hour. A status that is not later than the
    kept one (``Status.order``) is neither kept nor published. Every method may raise ``QueueUnavailable``.
    """

    def publish(self, statuses: Sequence[Status]) -> None:
        """Keep and publish the statuses that are new, in this order."""
        ...

    def replace(self, status: Status) -> None:
        """Keep and publish a status, even if the kept status is later. Call it if neither a main server nor
        the attempt's worker has written the kept status."""
        ...

    def forget(self, submission: str) -> None:
        """Remove the status of a deleted submission."""
        ...

    def latest(self, submission: str) -> Status | None:
        """The latest published status, if it is still kept. May raise ``UnreadableMessage``."""
        ...

    def latest_text(self, submission: str) -> bytes | None:
        """The text of the latest status (:func:`dump_status`), for callers that compare it with an earlier
        text."""
        ...

    def parse(self, submission: str, text: bytes) -> Status:
        """The status in a text of :meth:`latest_text`. Raises ``UnreadableMessage`` if it is the status of
        another submission, or if neither a main server nor the worker of the attempt has written it."""
        ...

    def listen(self) -> AbstractContextManager[StatusListener]:
        """Listen to the statuses of all submissions. A status that is published inside the context reaches
        the listener, unless the connection breaks."""
        ...


def publish_command(statuses: Sequence[Status], signer: Signer) -> Command:
    """The command that publishes these statuses, to be sent together with others."""
    texts: list[str | int] = []
    for status in statuses:
        texts += (
            sign_status(signer, status),
            FINAL_KEPT_SECONDS if status.stage.is_final else KEPT_SECONDS,
        )
    keys = [_key(signer, status.id) for status in statuses]
    return ("EVALSHA", PUBLISH_ALL.sha, len(keys), *keys, *texts)


class RedisStatusListener:
    """A :class:`StatusListener` over a subscription of Redis."""

    def __init__(self, subscription: PubSub, signer: Signer) -> None:
        self._subscription = subscription
        self._signer = signer
        self._unreadable = ThrottledWarning(logger, "A published status cannot be read and is skipped")

    def wait(self, seconds: float, wanted: Callable[[str], bool] | None = None) -> Status | None:
        """Reads from the connection directly, since redis-py's ``get_message`` checks the socket three times
        for each message."""
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
            return load_signed_status(self._signer, message[2])
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
        return _of(submission, load_signed_status(self._signer, text))

    def latest_text(self, submission: str) -> bytes | None:
        # An id that cannot be encoded was never published, and would make the shared read of all other
        # readers fail.
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
    """Send commands, one of which may be :func:`publish_command`. Load the script again if Redis was
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
