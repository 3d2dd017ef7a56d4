"""A CompiledStatement returns, takes and refuses the same values as SQLAlchemy Core, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, bindparam, event, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from judge_api.store.compiled_statements import CompiledStatement
from judge_api.store.engine import open_engine, read_connection, write_transaction
from judge_api.store.tables import UtcDateTime
from judge_core.model.errors import StoreUnavailable


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


metadata = sa.MetaData()
things = sa.Table(
    "prepared_things",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text),
    sa.Column("name", sa.String(8), unique=True),
    sa.Column("yes", sa.Boolean),
    sa.Column("share", sa.Float),
    sa.Column("json", sa.JSON),
    sa.Column("at", UtcDateTime),
    sa.Column("colour", sa.Enum(Colour, name="prepared_colour")),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("count", sa.BigInteger, default=7),
)
NAMES = tuple(column.name for column in things.columns)
FULL: dict[str, Any] = {
    "id": 1,
    "text": "50% of :all %(these) ? 'q' ü\n",
    "name": "one",
    "yes": True,
    "share": 0.25,
    "json": {"a": [1, 2.5, None, {"ü": False}], "b": "%s"},
    "at": datetime(2026, 3, 29, 2, 30, 0, 123456, timezone(timedelta(hours=2))),
    "colour": Colour.BLUE,
    "raw": b"\x00\xff",
    "count": 2**40,
}
EMPTY: dict[str, Any] = dict.fromkeys(NAMES) | {"id": 2}
FALSY: dict[str, Any] = FULL | {
    "id": 3,
    "text": "",
    "name": "",
    "yes": False,
    "share": 0.0,
    "json": [],
    "raw": b"",
    "count": 0,
}
PUT = CompiledStatement(insert(things), columns=NAMES)
GET = CompiledStatement(select(things).where(things.c.id == bindparam("which")))


@pytest.fixture
def engine(engine: Engine) -> Iterator[Engine]:
    """Either database, with a table of every type."""
    metadata.create_all(engine)
    yield engine
    metadata.drop_all(engine)
    engine.dispose()  # because PostgreSQL's driver keeps plans for the table that was dropped


@pytest.fixture(params=[True, False], ids=["compiled", "by core"])
def either_way(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine with this fast path, and an engine without it."""
    if request.param:
        yield engine
        return
    by_core = open_engine(engine.url.render_as_string(hide_password=False), compiled_statements=False)
    yield by_core
    by_core.dispose()


@pytest.mark.parametrize("values", [FULL, EMPTY, FALSY], ids=["full", "empty", "falsy"])
def test_a_compiled_statement_stores_and_reads_every_type_as_core_does(
    either_way: Engine, values: dict[str, Any]
) -> None:
    by_core = values | {"id": values["id"] + 10, "name": "other"}
    with write_transaction(either_way) as connection:
        assert PUT.run(connection, values) == 1
        connection.execute(insert(things), by_core)
    whole = select(*(sa.cast(things.c[name], sa.Text) for name in NAMES if name not in ("id", "name", "raw")))
    with read_connection(either_way) as connection:
        got = GET.one(connection, {"which": values["id"]})
        query = select(things).where(things.c.id == values["id"])
        core = dict(connection.execute(query).mappings().one())
        kept, kept_by_core = connection.execute(whole.order_by(things.c.id)).all()
    assert got is not None
    assert got == core
    assert [(name, type(got[name])) for name in NAMES] == [(name, type(core[name])) for name in NAMES]
    assert got["at"] is None or got["at"].tzinfo is UTC
    assert kept == kept_by_core


def test_literals_in_a_compiled_statement_have_the_column_s_type(either_way: Engine) -> None:
    fixed = {"yes": False, "json": {"x": 1}, "at": FULL["at"], "colour": Colour.RED, "count": 3}
    put = CompiledStatement(
        insert(things).values(**fixed).returning(things.c.at, things.c.json), columns=("id", "name", "text")
    )
    moved = CompiledStatement(
        update(things)
        .where(things.c.id == bindparam("which"), things.c.colour == Colour.RED)
        .values(
            count=things.c.count + 1, at=sa.func.coalesce(bindparam("later", type_=UtcDateTime), things.c.at)
        )
    )
    with write_transaction(either_way) as connection:
        rows = put.all(connection, {"id": 1, "name": "a", "text": "b"})
        assert rows == [{"at": FULL["at"], "json": {"x": 1}}]
        assert moved.run(connection, {"which": 1, "later": None}) == 1
        assert moved.run(connection, {"which": 9, "later": None}) == 0
        row = GET.one(connection, {"which": 1})
    assert row is not None
    assert (row["count"], row["at"], row["yes"], row["colour"]) == (4, FULL["at"], False, Colour.RED)


def test_a_compiled_statement_may_have_labels_counts_and_limits(either_way: Engine) -> None:
    look = CompiledStatement(
        select(
            sa.exists().where(things.c.id == bindparam("which")).label("there"),
            select(sa.func.count()).select_from(things).scalar_subquery().label("many"),
            sa.literal("x").label("fixed"),
        )
    )
    first = CompiledStatement(select(things.c.id).order_by(things.c.id.desc()).limit(bindparam("most")))
    with write_transaction(either_way) as connection:
        PUT.run_each(connection, [FULL, EMPTY, FALSY])
        PUT.run_each(connection, [])
        assert look.one(connection, {"which": 2}) == {"there": True, "many": 3, "fixed": "x"}
        assert first.all(connection, {"most": 2}) == [{"id": 3}, {"id": 2}]
        assert GET.one(connection, {"which": 99}) is None
        assert GET.all(connection, {"which": 99}) == []


@pytest.mark.parametrize(
    "values",
    [
        {key: value for key, value in FULL.items() if key != "count"},
        FULL | {"unknown": 1},
        {"unknown" if key == "text" else key: value for key, value in FULL.items()},
        FULL | {"json": {"a": object()}},
    ],
    ids=["one missing", "one too many", "another name", "no JSON"],
)
def test_a_compiled_statement_refuses_values_that_do_not_fit_and_does_not_show_them(
    engine: Engine, values: dict[str, Any]
) -> None:
    # With PostgreSQL a TypeError is raised, because its driver writes JSON itself.
    with pytest.raises((StatementError, TypeError)) as refused, write_transaction(engine) as connection:
        PUT.run(connection, values)
    assert "50% of" not in str(refused.value)
    with read_connection(engine) as connection:
        assert GET.one(connection, {"which": 1}) is None


def test_a_compiled_statement_refuses_sql_that_core_must_render_at_each_call(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        with pytest.raises(TypeError, match="count"):
            CompiledStatement(insert(things), columns=("id",)).run(connection, {"id": 1})
        some = select(things.c.id).where(things.c.id.in_(bindparam("ids", expanding=True)))
        with pytest.raises(TypeError, match="IN"):
            CompiledStatement(some).all(connection, {"ids": [1]})


def test_a_failed_compiled_statement_raises_sqlalchemy_s_error_and_rolls_back(
    either_way: Engine,
) -> None:
    with pytest.raises(IntegrityError) as refused, write_transaction(either_way) as connection:
        PUT.run(connection, FULL)
        PUT.run_each(connection, [EMPTY, FULL | {"id": 5}])
    assert "50% of" not in str(refused.value)
    with write_transaction(either_way) as connection:
        assert GET.one(connection, {"which": 1}) is None
        PUT.run(connection, FULL)


def test_sqlalchemy_s_event_listeners_see_compiled_statements(engine: Engine) -> None:
    heard: list[str] = []

    def listen(*seen: Any) -> None:
        heard.append(seen[2])

    event.listen(engine, "before_cursor_execute", listen)
    try:
        with read_connection(engine) as connection:
            GET.one(connection, {"which": 1})
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert len(heard) == 1
    assert "prepared_things" in heard[0]


def test_a_connection_that_was_interrupted_in_a_statement_is_not_used_again(engine: Engine) -> None:
    def break_off(*_seen: Any) -> None:
        raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", break_off)
    try:
        with pytest.raises(KeyboardInterrupt), write_transaction(engine) as connection:
            try:
                PUT.run(connection, FULL)
            finally:
                assert connection.invalidated
    finally:
        event.remove(engine, "before_cursor_execute", break_off)
    with write_transaction(engine) as connection:
        assert GET.one(connection, {"which": 1}) is None


def test_threads_may_share_a_compiled_statement(engine: Engine) -> None:
    get = CompiledStatement(select(things.c.id, things.c.json).where(things.c.id == bindparam("which")))
    with write_transaction(engine) as connection:
        PUT.run_each(connection, [FULL | {"id": i, "name": str(i), "json": [i]} for i in range(20)])

    def ask(which: int) -> Any:
        with read_connection(engine) as connection:
            return get.one(connection, {"which": which})

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(20))) == [{"id": i, "json": [i]} for i in range(20)]


def test_a_locked_sqlite_database_raises_store_unavailable(tmp_path: Path) -> None:
    one, two = (open_engine(f"sqlite:///{tmp_path}/locked.db") for _ in range(2))
    metadata.create_all(one)
    with (
        write_transaction(one),
        pytest.raises(StoreUnavailable, match="locked"),
        read_connection(two) as connection,
    ):
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
        PUT.run(connection, FULL)
    for engine in (one, two):
        engine.dispose()


def test_a_connection_that_postgresql_has_ended_is_not_used_again(postgres_engine: Engine) -> None:
    backend = CompiledStatement(select(sa.func.pg_backend_pid().label("pid")))
    with pytest.raises(StoreUnavailable), write_transaction(postgres_engine) as connection:
        row = backend.one(connection, {})
        assert row is not None
        with postgres_engine.connect() as other:
            other.execute(select(sa.func.pg_terminate_backend(row["pid"], 5_000)))
        try:
            backend.one(connection, {})
        except DBAPIError as error:
            assert error.connection_invalidated
            assert connection.invalidated
            raise
    with write_transaction(postgres_engine) as connection:
        another = backend.one(connection, {})
        assert another is not None and row is not None
        assert another["pid"] != row["pid"]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC),
        datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_sqlite_gets_times_in_the_form_that_sqlalchemy_writes(moment: datetime) -> None:
    dialect = sqlite.dialect()
    theirs = sqlite.DATETIME().bind_processor(dialect)
    ours = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    assert ours is not None
    assert theirs is not None
    assert ours(moment) == theirs(moment.astimezone(UTC))
