"""No row of the database stops a loop of the dispatcher. A submission that cannot be read is ended, counted
and shown.

``test_poisoned_redis.py`` does the same with entries in Redis.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from judge_api.dispatch.rq_queue import RqQueue, queue_key
from judge_api.dispatcher import Dispatcher
from judge_api.settings import Settings
from judge_api.store.attempts import AttemptStore
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_api.store.unreadable_rows import end_unreadable
from judge_api.store.webhook_deliveries import DeliveryState, DeliveryStore
from judge_api.store.webhooks import WebhookStore
from judge_core.clock import Clock
from judge_core.messages import Report, ReportKind
from judge_core.model.account import Tier
from judge_core.model.submission import Stage
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import REPORTS_STREAM
from judge_core.redis.signer import Signer
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from tests.support.records import add_account, finished, new_submission
from tests.support.redis_server import RedisServer
from tests.support.webhook_receiver import webhook_receiver

_SECRET = "a-secret-of-the-tests"


NOT_UTF_8 = b"a\xffb"
"""A text of SQLite that its driver cannot read."""


@dataclass(frozen=True)
class Poison:
    """A value that an operator's SQL or a damaged file could put into a column."""

    table: str
    column: str
    value: object
    sqlite_only: bool = False
    """PostgreSQL refuses a value that is not of the column's type."""

    def __str__(self) -> str:
        return f"{self.table}.{self.column}={self.value!r}"

    def put(self, engine: Engine, submission: str) -> None:
        key = "id" if self.table == "submissions" else "submission_id"
        value = "CAST(:value AS TEXT)" if self.value == NOT_UTF_8 else ":value"
        statement = text(f"UPDATE {self.table} SET {self.column} = {value} WHERE {key} = :id")
        with write_transaction(engine) as connection:
            connection.execute(statement, {"value": self.value, "id": submission})


REPAIRS = ("outbox relay", "older releases", "reconciler")
NO_TIME = "not a time"
POISONS = [
    Poison("submissions", "run", "[1]"),
    Poison("submissions", "run", '{"', sqlite_only=True),
    Poison("submissions", "tier", "no tier"),
    Poison("submissions", "kind", "odd"),
    Poison("submissions", "queued_at", NO_TIME, sqlite_only=True),
    Poison("submissions", "submitted_at", NO_TIME, sqlite_only=True),
    Poison("submissions", "attempt", "one", sqlite_only=True),
    Poison("submissions", "tests", "{", sqlite_only=True),
    *(
        Poison("submissions", column, value, sqlite_only=True)
        for column in ("kind", "language", "package_hash", "problem", "queued_at", "run", "source", "tier")
        for value in (NOT_UTF_8, b"\x00\xff")
    ),
    *(
        Poison("submissions", column, NOT_UTF_8, sqlite_only=True)
        for column in ("body_hash", "compile_output", "reason", "sandbox", "submitted_at", "tests")
    ),
]
WAITING = [
    *POISONS,
    Poison("outbox", "tier", "no tier"),
    Poison("outbox", "tries", "some", sqlite_only=True),
    Poison("outbox", "created_at", NO_TIME, sqlite_only=True),
]


def possible(engine: Engine, poisons: Sequence[Poison]) -> list[Poison]:
    """The values that this database can hold."""
    return [poison for poison in poisons if engine.dialect.name == "sqlite" or not poison.sqlite_only]


class Installation:
    """A dispatcher. Tests run single steps of its loops, and move its clock."""

    def __init__(self, engine: Engine, redis: RedisServer, folder: Path) -> None:
        self.engine, self.redis = engine, redis
        self.store = SubmissionStore(engine)
        self.account = add_account(engine)
        self.now = 0.0
        clock = Clock(now=lambda: datetime.now(UTC) + timedelta(seconds=60), monotonic=lambda: self.now)
        environment = {
            "GAVEL_DATA": str(folder),
            "GAVEL_REDIS_URL": redis.url,
            "GAVEL_SECRET_KEY": _SECRET,
            "GAVEL_WEBHOOK_NETWORKS": "127.0.0.0/8",
        }
        self.dispatcher = Dispatcher(engine, Settings.from_env(environment), clock)
        self.queue = RqQueue(create_redis_client(redis.url, 2.0), Signer(_SECRET))
        self.queue.set_capacity(Tier.NORMAL, 100)
        self._loops = {loop.name: loop for loop in self.dispatcher.loops}

    def post(self) -> str:
        return self.store.accept(new_submission(self.account), send_now=False).status.id

    def step(self, *names: str, until: Callable[[], bool], times: int = 40) -> None:
        """Run steps of these loops in turn until the condition ``until`` is true."""
        for _ in range(times):
            for name in names:
                self._loops[name].run_step()
            if until():
                return
            self.now += 5.0
        raise AssertionError("the condition did not become true in time")

    def loop_step(self, name: str) -> None:
        """Run one step of a loop. The caller gets its error."""
        self._loops[name]._step()

    def post_and_poison(self, poisons: Sequence[Poison]) -> dict[str, Poison]:
        """Post a submission for each of these values, and write the value into its row."""
        bad = {self.post(): poison for poison in possible(self.engine, poisons)}
        for id, poison in bad.items():
            poison.put(self.engine, id)
        return bad

    def stage(self, id: str) -> Stage:
        status = self.store.status(id)
        assert status is not None
        return status.stage

    def is_queued(self, *ids: str) -> bool:
        names: Any = self.redis.client().lrange(queue_key(Tier.NORMAL), 0, -1)
        found = {name.decode() for name in names}
        return all(any(id in name for name in found) for id in ids)

    def report(self, report: Report) -> None:
        """Send a report as a worker does."""
        fields: dict[Any, Any] = {
            "submission": report.submission,
            "attempt": str(report.attempt),
            "report": report.dump(),
            "proof": Signer(_SECRET).proof(report.submission, report.attempt),
        }
        self.redis.client().xadd(REPORTS_STREAM, fields)

    def counted(self) -> int:
        return UnreadableEntries(self.redis.client()).summary().counts[EntrySource.ROWS]


@pytest.fixture
def installation(engine: Engine, redis_server: RedisServer, tmp_path: Path) -> Installation:
    return Installation(engine, redis_server, tmp_path)


def test_unreadable_rows_in_the_outbox_hold_up_no_other_submission(installation: Installation) -> None:
    bad = installation.post_and_poison(WAITING)
    good = installation.post()
    installation.step(*REPAIRS, until=lambda: installation.is_queued(good))
    installation.step(*REPAIRS, until=lambda: not _unsettled(installation, bad))
    later = installation.post()
    installation.step("outbox relay", until=lambda: installation.is_queued(later))


def test_unreadable_rows_that_wait_for_a_worker_hold_up_no_other_submission(
    installation: Installation,
) -> None:
    waiting = possible(installation.engine, WAITING)
    bad = {installation.post(): poison for poison in waiting}
    good = installation.post()
    outbox = Outbox(installation.engine)
    outbox.hold([*bad, good])
    for id, poison in bad.items():
        poison.put(installation.engine, id)
    assert sum(each.count for each in outbox.readable_held()) <= len(bad) + 1
    installation.step(*REPAIRS, "languages", until=lambda: installation.is_queued(good))
    installation.step(*REPAIRS, "languages", until=lambda: not _unsettled(installation, bad))


def test_unreadable_rows_that_the_queue_has_lost_do_not_stop_the_reconciler(
    installation: Installation,
) -> None:
    poisons = possible(installation.engine, POISONS)
    bad = {installation.post(): poison for poison in poisons}
    good = installation.post()
    installation.step("outbox relay", until=lambda: installation.is_queued(good, *bad))
    installation.redis.empty()
    installation.queue.set_capacity(Tier.NORMAL, 100)
    for id, poison in bad.items():
        poison.put(installation.engine, id)
    installation.step(*REPAIRS, until=lambda: installation.is_queued(good))
    installation.step(*REPAIRS, until=lambda: not _unsettled(installation, bad))


@pytest.mark.parametrize("loop", ["outbox relay", "reconciler"])
def test_an_unreadable_row_that_another_dispatcher_ends_meanwhile_is_no_error(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    """The other dispatcher ends the submission after the read has failed, and before the unreadable row is
    searched."""
    bad, good = installation.post(), installation.post()
    if loop == "reconciler":
        installation.step("outbox relay", until=lambda: installation.is_queued(bad, good))
        installation.redis.empty()
        installation.queue.set_capacity(Tier.NORMAL, 100)
    Poison("submissions", "tier", "no tier").put(installation.engine, bad)
    store: Any = AttemptStore if loop == "reconciler" else Outbox
    search = store._unreadable

    def search_too_late(self: Any, *arguments: Any) -> dict[str, str]:
        end_unreadable(installation.engine, bad, "another dispatcher has found it")
        found: dict[str, str] = search(self, *arguments)
        return found

    monkeypatch.setattr(store, "_unreadable", search_too_late)
    installation.loop_step(loop)
    assert installation.stage(bad) is Stage.FAILED
    installation.step(*REPAIRS, until=lambda: installation.is_queued(good))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["CAST(x'ff' AS TEXT)", "x'ff'", "'no id'"])
def test_a_row_whose_own_id_cannot_be_read_holds_up_no_other_submission(
    installation: Installation, value: str
) -> None:
    bad = installation.post()
    with installation.engine.connect() as connection:
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        for table, column in (("submissions", "id"), ("outbox", "submission_id")):
            connection.execute(text(f"UPDATE {table} SET {column} = {value} WHERE {column} = '{bad}'"))
        connection.commit()
        connection.execute(text("PRAGMA foreign_keys = ON"))
    good = installation.post()
    installation.step(*REPAIRS, until=lambda: installation.is_queued(good))
    with read_connection(installation.engine) as connection:
        ended = connection.execute(text("SELECT count(*) FROM submissions WHERE stage = 'FAILED'"))
        assert ended.scalar_one() == 1


def test_reports_on_unreadable_submissions_hold_up_no_other_report(installation: Installation) -> None:
    poisons = possible(installation.engine, POISONS)
    bad = {installation.post(): poison for poison in poisons}
    good = installation.post()
    installation.step("outbox relay", until=lambda: installation.is_queued(good, *bad))
    for id, poison in bad.items():
        poison.put(installation.engine, id)
        installation.report(finished(id, kind=ReportKind.FAULT, reason="x", outcome=None))
        installation.report(finished(id))
    installation.report(finished(good))
    installation.step("report consumer", until=lambda: installation.stage(good) is Stage.DONE)


def _unsettled(installation: Installation, bad: Mapping[str, Poison]) -> list[str]:
    """The submissions that are not in the queue, and not ended and counted either. Some odd values do not
    keep a submission from being queued."""
    query = text("SELECT id FROM submissions WHERE stage = 'FAILED'")
    with read_connection(installation.engine) as connection:
        ended = set(connection.execute(query).scalars())
    statuses = {id: installation.store.status(id) for id in ended}
    assert all(status and "cannot be read" in (status.reason or "") for status in statuses.values())
    if installation.counted() != len(ended):
        return ["some are not counted"]
    return [str(poison) for id, poison in bad.items() if id not in ended and not installation.is_queued(id)]


def test_the_queues_are_sampled_although_a_submission_has_an_unknown_tier(installation: Installation) -> None:
    Poison("submissions", "tier", "no tier").put(installation.engine, installation.post())
    installation.post()
    count = text("SELECT count(*), max(waiting) FROM queue_samples")

    def sampled() -> bool:
        with read_connection(installation.engine) as connection:
            number, waiting = connection.execute(count).one()
        return bool(number == len(DEFAULT_TIERS) and waiting == 1)

    installation.step("queue sampler", until=sampled)


def test_an_account_is_deleted_although_other_accounts_cannot_be_read(installation: Installation) -> None:
    columns = {"role": "'odd'", "tier": "'no tier'"}
    if installation.engine.dialect.name == "sqlite":
        columns |= {"full_name": "CAST(x'ff' AS TEXT)", "created_at": "'odd'", "email": "x'00'"}
    past = "deletion_due = '2020-01-01 00:00:00.000000'"
    ids = [add_account(installation.engine, f"leaving-{number}") for number in range(len(columns) + 1)]
    with write_transaction(installation.engine) as connection:
        for id in ids:
            connection.execute(text(f"UPDATE accounts SET {past} WHERE id = '{id}'"))
        for id, (column, value) in zip(ids, columns.items(), strict=False):
            connection.execute(text(f"UPDATE accounts SET {column} = {value} WHERE id = '{id}'"))

    def good_is_deleted() -> bool:
        query = text(f"SELECT count(*) FROM accounts WHERE deleted_at IS NOT NULL AND id = '{ids[-1]}'")
        with read_connection(installation.engine) as connection:
            return bool(connection.execute(query).scalar_one())

    installation.step("account deletions", until=good_is_deleted)


DELIVERY_POISONS = [
    Poison("deliveries", "form", "odd"),
    Poison("deliveries", "webhook_id", None),
    Poison("deliveries", "tries", "some", sqlite_only=True),
    Poison("deliveries", "claimed_until", NO_TIME, sqlite_only=True),
    Poison("deliveries", "not_before", "0", sqlite_only=True),
    Poison("submissions", "kind", "odd"),
    Poison("submissions", "started_at", NO_TIME, sqlite_only=True),
]


def test_unreadable_webhook_messages_hold_up_no_other_message(installation: Installation) -> None:
    with webhook_receiver() as receiver:
        WebhookStore(installation.engine).add(installation.account, receiver.url)
        bad = {installation.post(): poison for poison in possible(installation.engine, DELIVERY_POISONS)}
        for id, poison in bad.items():
            assert installation.dispatcher.stores.verdicts.record(finished(id)) is not None
            poison.put(installation.engine, id)
        good = installation.post()
        assert installation.dispatcher.stores.verdicts.record(finished(good)) is not None
        installation.step(
            "webhook deliveries", until=lambda: any(good.encode() in one.body for one in receiver.requests)
        )


ANSWERS = {
    "nothing": b"",
    "bytes": bytes(range(256)) * 10,
    "a-status-too-long": b"HTTP/1.1 99999 x\r\n\r\n",
    "no-status": b"HTTP/1.1 \r\n\r\n",
    "a-header-too-long": b"HTTP/1.1 200 OK\r\nA: " + b"a" * 100_000 + b"\r\n\r\n",
    "too-many-headers": b"HTTP/1.1 200 OK\r\n" + b"A: a\r\n" * 10_000 + b"\r\n",
    "a-bad-length": b"HTTP/1.1 500 x\r\nContent-Length: -5\r\n\r\n",
    "bad-chunks": b"HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a-redirect-to-itself": b"HTTP/1.1 302 x\r\nLocation: //[\r\n\r\n",
    "many-continues": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
    "continues-without-end": b"HTTP/1.1 100 Continue\r\n\r\n" * 40_000,
}


@contextmanager
def raw_receiver(answer: bytes) -> Iterator[str]:
    """Runs a server that answers every connection with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(65536)
                        connection.sendall(answer)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_odd_answer_to_a_webhook_counts_as_a_failed_try_and_delays_no_other_message(
    installation: Installation, answer: bytes
) -> None:
    webhooks = WebhookStore(installation.engine)
    deliveries = DeliveryStore(installation.engine)
    with webhook_receiver() as receiver, raw_receiver(answer) as odd:
        bad_hook, _ = webhooks.add(installation.account, odd)
        good_hook, _ = webhooks.add(installation.account, receiver.url)
        assert installation.dispatcher.stores.verdicts.record(finished(installation.post())) is not None

        def both_tried() -> bool:
            (bad,), (good,) = deliveries.recent(bad_hook.id), deliveries.recent(good_hook.id)
            return good.state is DeliveryState.DELIVERED and bad.tries == 1 and bad.reason is not None

        installation.step("webhook deliveries", until=both_tried)
        (bad,) = deliveries.recent(bad_hook.id)
        assert bad.state is DeliveryState.PENDING
