"""Two processes that write the same submissions at once lock the rows in the same order, and both writes
succeed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, text

from judge_api.store.attempts import AttemptStore, RequeueReason
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Stage
from tests.support.records import add_account, finished, new_submission

# These tests run on PostgreSQL only, because SQLite has only one writer at a time.
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def _post(engine: Engine, count: int) -> list[str]:
    account, store = add_account(engine), SubmissionStore(engine)
    return sorted(store.accept(new_submission(account), send_now=False).status.id for _ in range(count))


@contextmanager
def _held(engine: Engine, query: str, **values: object) -> Iterator[None]:
    """A second transaction holds these rows during the block."""
    with write_transaction(engine) as connection:
        assert connection.execute(text(f"{query} FOR UPDATE"), values).all()
        yield


def _until_waiting(engine: Engine, count: int, *running: Future[Any]) -> None:
    """Wait until this many transactions wait for a lock. Raises AssertionError if one of ``running`` has
    ended instead, or after a minute."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(each.done() for each in running):
        with read_connection(engine) as connection:
            if connection.execute(query).scalar_one() >= count:
                return
    raise AssertionError(f"{count} should wait")


@on_postgresql
def test_a_verdict_and_the_note_that_its_attempt_was_sent_do_not_deadlock(engine: Engine) -> None:
    (id,) = _post(engine, 1)
    attempts, outbox = AttemptStore(engine), Outbox(engine)
    attempts.begin([finished(id)])
    with ThreadPoolExecutor(2) as pool:
        with _held(engine, "SELECT number FROM attempts WHERE submission_id = :id", id=id):
            recording = pool.submit(VerdictStore(engine).record, finished(id))
            # The recorder has locked the submission, but not yet the outbox row.
            _until_waiting(engine, 1, recording)
            noting = pool.submit(outbox.mark_sent, [(id, 1)])
            _until_waiting(engine, 2, noting, recording)
        noting.result()
        assert recording.result() is not None
    assert outbox.claim(1, "relay", 5) == []


@on_postgresql
@pytest.mark.parametrize(
    "write",
    [
        lambda engine, ids: Outbox(engine).mark_sent((id, 1) for id in ids),
        lambda engine, ids: AttemptStore(engine).begin([finished(id) for id in ids]),
        lambda engine, ids: VerdictStore(engine).record_all([finished(id) for id in ids]),
    ],
)
def test_two_processes_that_write_the_same_submissions_in_opposite_orders_both_succeed(
    engine: Engine, write: Callable[[Engine, list[str]], object]
) -> None:
    first, middle, last = _post(engine, 3)
    with ThreadPoolExecutor(2) as pool:
        with _held(engine, "SELECT id FROM submissions WHERE id = :id", id=middle):
            backwards = pool.submit(write, engine, [last, middle, first])
            _until_waiting(engine, 1, backwards)
            forwards = pool.submit(VerdictStore(engine).record_all, [finished(first), finished(last)])
            _until_waiting(engine, 2, backwards, forwards)
        backwards.result()
        forwards.result()
    found = SubmissionStore(engine).statuses([first, last])
    assert {status.stage for status in found.values()} == {Stage.DONE}


def test_the_note_that_an_attempt_was_sent_does_not_remove_the_next_attempt_from_the_outbox(
    engine: Engine,
) -> None:
    (id,) = _post(engine, 1)
    outbox = Outbox(engine)
    (claimed,) = outbox.claim(1, "relay", 5)
    given_back = AttemptStore(engine).requeue_or_fail(
        id, 1, RequeueReason("its worker ends", charged=False, ending="ended")
    )
    assert given_back is not None
    outbox.mark_sent([(claimed.id, claimed.request.attempt)])
    (again,) = outbox.claim(1, "relay", 5)
    assert (again.id, again.request.attempt) == (id, 2)
