"""The simulated store keeps the same promises as SQLite and PostgreSQL, and answers as they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from judge_api.store.attempts import AttemptStore, RequeueReason
from judge_api.store.engine import open_engine
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now
from judge_core.model.account import Tier
from judge_core.model.errors import StoreUnavailable
from tests.conftest import _empty
from tests.contract.store_operations import StoreOperations, numbered_ids
from tests.simulation.database import SimulatedDatabase
from tests.simulation.kernel import Kernel, Process
from tests.support.databases import open_empty_database
from tests.support.records import add_account, finished, new_submission

Body = Callable[[], None]


@dataclass
class Backend:
    """A store, and functions that run a body during a fault. With ``away`` there is no database. With
    ``loses_commits`` each commit fails. With ``loses_answers`` each commit succeeds, but its writer gets an
    error."""

    engine: Engine
    away: Callable[[Callable[[Engine], None]], None]
    loses_commits: Callable[[Body], None]
    loses_answers: Callable[[Body], None]


@pytest.fixture(scope="module")
def simulated() -> SimulatedDatabase:
    return SimulatedDatabase()


@pytest.fixture(params=["sqlite", "postgresql", "simulated"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    if request.param == "simulated":
        yield from _simulated(request.getfixturevalue("simulated"))
    elif request.param == "postgresql":
        engine = request.getfixturevalue("postgres_engine")
        _empty(engine)
        yield Backend(engine, _no_server, _kills_before_commits(engine), _loses_answers(engine))
    else:
        engine = open_empty_database(tmp_path / "gavel.db")
        yield Backend(engine, _no_file(tmp_path), _fills_the_disk(engine), _loses_answers(engine))
        engine.dispose()


def _simulated(database: SimulatedDatabase) -> Iterator[Backend]:
    database.begin(None, lambda: None)
    faults = database.faults

    def during(fault: str, value: float, body: Body) -> None:
        """Run the body in a process of the simulation, because faults happen only to these."""
        kernel, errors = Kernel(1), list[str]()
        kernel.on_error = errors.append
        database.join(kernel)
        setattr(faults, fault, value)
        kernel.start(Process("test"), "test", body)
        try:
            kernel.run(lambda: False)
        finally:
            kernel.close()
            database.join(None)
            setattr(faults, fault, type(value)())
        assert not errors

    yield Backend(
        database.engine,
        lambda body: during("is_away", True, lambda: body(database.engine)),
        lambda body: during("lost_commits", 1.0, body),
        lambda body: during("lost_answers", 1.0, body),
    )


def _no_server(body: Callable[[Engine], None]) -> None:
    engine = open_engine("postgresql://unknown@127.0.0.1:1/none")
    body(engine)
    engine.dispose()


def _no_file(folder: Path) -> Callable[[Callable[[Engine], None]], None]:
    def run(body: Callable[[Engine], None]) -> None:
        (folder / "is-a-folder").mkdir()
        engine = open_engine(f"sqlite:///{folder / 'is-a-folder'}")
        body(engine)
        engine.dispose()

    return run


def _kills_before_commits(engine: Engine) -> Callable[[Body], None]:
    """Lets PostgreSQL end each connection just before its commit."""

    def run(body: Body) -> None:
        with engine.connect() as other:

            def end(connection: Any) -> None:
                if connection.connection.dbapi_connection is other.connection.dbapi_connection:
                    return
                pid = connection.connection.dbapi_connection.info.backend_pid
                raw: Any = other.connection.dbapi_connection
                raw.execute("SELECT pg_terminate_backend(%s)", (pid,))

            event.listen(engine, "commit", end)
            try:
                body()
            finally:
                event.remove(engine, "commit", end)

    return run


def _fills_the_disk(engine: Engine) -> Callable[[Body], None]:
    """Keeps SQLite's file from growing, so that a larger transaction fails."""

    def run(body: Body) -> None:
        def limit(connection: Any) -> None:
            connection.connection.dbapi_connection.execute("PRAGMA max_page_count=1")

        event.listen(engine, "begin", limit)
        try:
            body()
        finally:
            event.remove(engine, "begin", limit)
            engine.dispose()  # because the connection would keep the limit

    return run


def _loses_answers(engine: Engine) -> Callable[[Body], None]:
    """Lets each transaction be committed, but gives its writer the error of a broken connection."""

    def run(body: Body) -> None:
        dialect: Any = engine.dialect
        commit, broken = dialect.do_commit, dialect.loaded_dbapi.OperationalError

        def commit_and_fail(connection: Any) -> None:
            commit(connection)
            raise broken("the connection was closed")

        dialect.do_commit = commit_and_fail
        try:
            body()
        finally:
            dialect.do_commit = commit

    return run


SEEDS = range(4)
OPERATIONS = 120


@pytest.mark.parametrize("seed", SEEDS)
def test_random_operations_have_the_same_answers_and_rows_on_all_three_stores(
    postgres_engine: Engine, simulated: SimulatedDatabase, tmp_path: Path, seed: int
) -> None:
    _empty(postgres_engine)
    simulated.begin(None, lambda: None)
    sqlite = open_empty_database(tmp_path / "gavel.db")
    answers, rows = [], []
    for engine in (simulated.engine, sqlite, postgres_engine):
        with numbered_ids():
            store = StoreOperations(engine, seed)
            answers.append(store.run(OPERATIONS))
            rows.append(store.rows())
    sqlite.dispose()
    for place, (ours, *theirs) in enumerate(zip(*answers, strict=True)):
        assert theirs == [ours, ours], f"operation {place}"
    assert rows[1:] == [rows[0], rows[0]]
    assert len(rows[0][0]) > 10


def test_a_submission_with_the_same_idempotency_key_is_stored_once(backend: Backend) -> None:
    store, account = SubmissionStore(backend.engine), add_account(backend.engine)
    new = new_submission(account, idempotency_key="k", body_hash="h")
    first, again = store.accept(new), store.accept(new)
    assert again.duplicate
    assert again.status.id == first.status.id


def test_a_row_is_claimed_once_and_a_verdict_is_recorded_once(backend: Backend) -> None:
    store, outbox = SubmissionStore(backend.engine), Outbox(backend.engine)
    id = store.accept(new_submission(add_account(backend.engine)), send_now=False).status.id
    assert [row.id for row in outbox.claim(9, "x", 60)] == [id]
    assert outbox.claim(9, "y", 60) == []
    verdicts = VerdictStore(backend.engine)
    assert verdicts.record(finished(id)) is not None
    assert verdicts.record(finished(id)) is None
    assert outbox.backlog().waiting == 0


@pytest.mark.parametrize("end", ["verdict", "cancelled"])
def test_an_ended_submission_is_not_sent_again(backend: Backend, end: str) -> None:
    store, attempts = SubmissionStore(backend.engine), AttemptStore(backend.engine)
    id = store.accept(new_submission(add_account(backend.engine)), send_now=False).status.id
    if end == "verdict":
        VerdictStore(backend.engine).record(finished(id))
    else:
        assert store.cancel(id)
    assert attempts.requeue_or_fail(id, 1, RequeueReason("late")) is None
    assert attempts.open_submissions(utc_now()) == []


def test_a_database_that_is_away_raises_store_unavailable(backend: Backend) -> None:
    def each(engine: Engine) -> None:
        new = new_submission("ada")
        for call in (
            lambda: SubmissionStore(engine).accept(new),
            lambda: SubmissionStore(engine).status("x"),
            lambda: SubmissionStore(engine).cancel("x"),
            lambda: Outbox(engine).claim(1, "x", 5),
            lambda: Outbox(engine).claimable(),
            lambda: AttemptStore(engine).open_submissions(utc_now()),
            lambda: AttemptStore(engine).requeue_or_fail("x", 1, RequeueReason("x")),
            lambda: VerdictStore(engine).record(finished("x")),
        ):
            with pytest.raises(StoreUnavailable):
                call()

    backend.away(each)


def test_a_submission_whose_commit_failed_leaves_no_row(backend: Backend) -> None:
    store, account = SubmissionStore(backend.engine), add_account(backend.engine)
    new = new_submission(account, source="x" * 60_000, idempotency_key="k", body_hash="h")

    def fails() -> None:
        with pytest.raises(StoreUnavailable):
            store.accept(new)

    backend.loses_commits(fails)
    assert _counts(backend.engine) == [0, 0]
    assert not store.accept(new).duplicate
    assert _counts(backend.engine) == [1, 1]


def test_a_submission_whose_commit_lost_its_answer_is_stored_once_when_repeated(backend: Backend) -> None:
    store, account = SubmissionStore(backend.engine), add_account(backend.engine)
    new = new_submission(account, tier=Tier.PREMIUM, idempotency_key="k", body_hash="h")

    def fails() -> None:
        with pytest.raises(StoreUnavailable):
            store.accept(new)

    backend.loses_answers(fails)
    assert _counts(backend.engine) == [1, 1]
    assert store.accept(new).duplicate
    assert _counts(backend.engine) == [1, 1]


def _counts(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("submissions", "outbox")
        ]
