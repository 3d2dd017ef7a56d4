"""A row that cannot be read affects no other row. A request for it gets a plain answer, and lists show the
other rows.

Each table of this file gets damaged rows on both databases. A damaged row has an odd value in one of its
columns. The columns of keys stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Engine, Table, delete, insert, literal_column, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from judge_api.store.accounts import secret_row
from judge_api.store.engine import open_engine, read_connection
from judge_api.store.secret_tokens import KEY_PREFIX, new_secret
from judge_api.store.tables import metadata, new_id
from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Role, Tier
from judge_core.model.queue_sample import QueueSample
from tests.support.records import finished
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app

TABLES = metadata.tables
SQLITE_VALUES = ("CAST(x'41ff42' AS TEXT)", "x'4100ff'", "'odd'", "'{'", "''", "-1.5")
"""A torn page can make any column hold any type: text that is not UTF-8, bytes, half of a JSON object."""
POSTGRESQL_VALUES = {
    "JSON": ("'[1]'", "'{}'", "'\"text\"'", "'null'", """'{"slug": 1, "limits": [], "type": 3}'"""),
    "DATETIME": ("'infinity'", "'-infinity'"),
    "FLOAT": ("'NaN'", "'Infinity'"),
    "INTEGER": ("-1", "2147483647"),
}
"""PostgreSQL checks types. An operator's own SQL can write these odd values within the types."""
SPECS = ("[1]", "{}", '{"slug": 1, "limits": [], "type": 3}', "null")
Key = Mapping[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application for the whole file. Each test adds damaged rows to one table, and removes them."""
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    redis.start()
    variables = {"GAVEL_MAX_UNFINISHED": "100000"}
    if request.param == "postgresql":
        variables["GAVEL_DATABASE_URL"] = new_database(request.getfixturevalue("postgres_url"))
    built = build_app(tmp_path_factory.mktemp("data"), redis, **variables)
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    redis.discard()


def new_database(url: str) -> str:
    """An empty database on the server of all tests."""
    name = f"unreadable_{new_id()[-8:]}"
    server = open_engine(url)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def values_for(engine: Engine, column: Column[Any]) -> tuple[str, ...]:
    if engine.dialect.name == "sqlite":
        return SQLITE_VALUES
    kind = str(column.type.compile(engine.dialect)).split("(")[0].split(" ")[0]
    kind = {"TIMESTAMP": "DATETIME", "BIGINT": "INTEGER", "SERIAL": "INTEGER"}.get(kind, kind)
    return POSTGRESQL_VALUES.get(kind, ("'odd'", "''"))


class Spoiler:
    """Copies a row once for each of its columns and each odd value, and writes that value into the copy."""

    def __init__(
        self, app: AppFixture, table: str, unique: tuple[str, ...], keep: tuple[str, ...] = ()
    ) -> None:
        self._engine = app.services.engine
        self._table: Table = TABLES[table]
        self._unique = unique
        self._keep = {*keep, *unique}
        self._number = 0

    def spoil(self, like: Key) -> list[Key]:
        """Copy the row with this key once for each odd value of each column. Returns the keys of the damaged
        copies."""
        with read_connection(self._engine) as connection:
            query = select(self._table).filter_by(**like)
            row = dict(connection.execute(query).mappings().one())
        found = []
        for column in self._table.columns:
            for value in values_for(self._engine, column) if column.name not in self._keep else ():
                if (key := self._copy(row)) and self._put(key, column, value):
                    found.append(key)
        assert found
        return found

    def _copy(self, row: dict[str, Any]) -> Key:
        self._number += 1
        changed = {name: self._new(self._table.c[name], row[name]) for name in self._unique}
        values = {**row, **changed}
        keys = [column.name for column in self._table.primary_key]
        if self._table.autoincrement_column is not None and keys[0] not in self._unique:
            del values[keys[0]]
        with self._engine.begin() as connection:
            made = connection.execute(insert(self._table).values(values)).inserted_primary_key
        return dict(zip(keys, made or (), strict=True))

    def _new(self, column: Column[Any], value: Any) -> Any:
        if isinstance(value, datetime):
            return value + timedelta(seconds=self._number)
        if isinstance(value, int):
            return 1000 + self._number
        is_id = getattr(column.type, "length", None) in (36, 64) and column.name in ("id", "hash")
        return new_id() if is_id else f"{value}-{self._number}"

    def _put(self, key: Key, column: Column[Any], value: str) -> bool:
        """Write an odd value into one column. Returns False if the database refuses the value."""
        change = update(self._table).filter_by(**key).values({column.name: literal_column(value)})
        try:
            with self._engine.begin() as connection:
                assert connection.execute(change).rowcount == 1
        except DBAPIError:
            self.remove([key])
            return False
        return True

    def remove(self, keys: list[Key]) -> None:
        with self._engine.begin() as connection:
            for key in keys:
                connection.execute(delete(self._table).filter_by(**key))


def get(app: AppFixture, path: str, headers: Mapping[str, str] | str = "ada") -> Any:
    """The JSON of an answer, which must be the requested object or an error in plain words."""
    sent = app.headers(headers) if isinstance(headers, str) else dict(headers)
    answer = app.client.get(path, headers=sent)
    said = f"{path}: {answer.status_code} {answer.get_data()[:300]!r}"
    assert answer.status_code < 500, said
    assert answer.status_code in (200, 401, 403, 404, 410) or path.startswith("/judge0"), said
    if answer.status_code == 410:
        assert answer.get_json()["type"] == "/errors/unreadable-record"
    return answer.get_json() if answer.is_json else answer.get_data()


def judged(app: AppFixture) -> str:
    """A submission with a recorded verdict and two attempts."""
    id = str(app.submit().get_json()["id"])
    assert VerdictStore(app.services.engine).record(finished(id)) is not None
    return id


def test_an_unreadable_submission_gets_a_plain_answer_and_lists_show_the_rest(app: AppFixture) -> None:
    good = judged(app)
    spoiler = Spoiler(app, "submissions", unique=("id",), keep=("serial", "id", "idempotency_key"))
    serials = [key["serial"] for key in spoiler.spoil({"id": good})]
    with read_connection(app.services.engine) as connection:
        table = TABLES["submissions"]
        query = select(table.c.id, table.c.serial).where(table.c.serial.in_(serials))
        ids = {row.id: row.serial for row in connection.execute(query)}
    for id, serial in ids.items():
        status = get(app, f"/status/{id}", "admin")
        assert status["stage"] in ("DONE", "FAILED", "QUEUED", "CANCELLED"), status
        assert status["stage"] != "FAILED" or "cannot be read" in status["reason"]
        for path in (f"/submissions/{id}", f"/submissions/{id}/place", f"/judge0/submissions/{id}"):
            get(app, path, "admin")
        get(app, f"/submissions/detail/{serial}/check/", "admin")
    get(app, "/admin/submissions?limit=100", "admin")
    for path in (
        "/api/submissions/",
        "/problems/aplusb/runtimes?language=python3",
        "/problems",
        "/me/export",
    ):
        get(app, path)
    assert good in listed(app)
    get(app, "/admin/queues", "admin")
    assert app.submit().status_code == 202
    spoiler.remove([{"serial": serial} for serial in serials])


def listed(app: AppFixture) -> list[str]:
    """The ids of all pages of ada's submissions."""
    shown: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = get(app, f"/submissions?limit=20{cursor and f'&cursor={cursor}'}")
        shown += [one["id"] for one in page["submissions"]]
        cursor = page["cursor"]
    return shown


def test_an_unreadable_attempt_is_left_out_of_its_submission(app: AppFixture) -> None:
    id = judged(app)
    spoiler = Spoiler(app, "attempts", unique=("number",), keep=("submission_id",))
    keys = spoiler.spoil({"submission_id": id, "number": 1})
    found = get(app, f"/submissions/{id}", "admin")
    assert found["verdict"] == "AC"
    assert 1 in [attempt["number"] for attempt in found["attempts"]]
    get(app, f"/status/{id}")
    spoiler.remove(keys)


def _add_key(app: AppFixture, account_id: str) -> str:
    """A key of an account whose row may be damaged. The store makes none for a seemingly deleted account."""
    secret = new_secret(KEY_PREFIX)
    row = secret_row(account_id, "a key", secret, datetime.now(UTC), None)
    with app.services.engine.begin() as connection:
        connection.execute(insert(TABLES["api_keys"]).values(row))
    return secret


def test_an_unreadable_account_gets_a_plain_answer_and_lists_show_the_rest(app: AppFixture) -> None:
    accounts = app.services.accounts
    like = accounts.add("spoilt", Tier.NORMAL, Role.AUTHOR)
    spoiler = Spoiler(app, "accounts", unique=("id", "name"))
    keys = spoiler.spoil({"id": like.id})
    for key in keys:
        headers = {"Authorization": f"Bearer {_add_key(app, key['id'])}"}
        for path in ("/me", "/submissions", "/me/sessions", "/admin/problems", "/problems", "/me/export"):
            get(app, path, headers)
    names = [one["name"] for one in get(app, "/admin/accounts?limit=500", "admin")["accounts"]]
    assert {"ada", "admin", "spoilt"} <= {*names}
    assert app.submit().status_code == 202
    spoiler.remove(keys)


def test_an_unreadable_problem_gets_a_plain_answer_and_lists_show_the_rest(app: AppFixture) -> None:
    spoiler = Spoiler(app, "problems", unique=("slug",))
    keys = spoiler.spoil({"slug": "aplusb"})
    for key in keys:
        slug = key["slug"]
        for path in (f"/problems/{slug}", f"/problems/{slug}/runtimes?language=python3"):
            get(app, path)
        get(app, f"/problems/{slug}/files/aplusb.pdf")
        get(app, f"/admin/problems/{slug}/faults", "admin")
        assert app.submit(problem=slug).status_code in (202, 410, 422)
        reason = {"suspended": True, "reason": "odd"}
        answer = app.client.put(
            f"/admin/problems/{slug}/suspension", json=reason, headers=app.headers("admin")
        )
        assert answer.status_code in (200, 410)
    for path, name in (("/problems", "ada"), ("/admin/problems", "admin"), ("/api/problems/all/", "ada")):
        assert "aplusb" in json.dumps(get(app, path, name))
    assert app.submit().status_code == 202
    spoiler.remove(keys)


def test_unreadable_keys_webhooks_faults_samples_and_groups_do_not_break_lists(
    app: AppFixture,
) -> None:
    engine = app.services.engine
    webhook, _ = app.services.webhooks.add(app.accounts["ada"].account.id, "https://example.org/hook")
    id = judged(app)
    app.services.groups.add("a class", app.accounts["ada"].account.id)
    app.services.sessions.start(app.accounts["ada"].account.id, datetime.now(UTC) + timedelta(days=1))
    now = datetime.now(UTC)
    app.services.queue_samples.add([QueueSample(now, Tier.NORMAL, 1, 2, 3, 4, 5, 6, 7)])
    with engine.begin() as connection:
        connection.execute(
            insert(TABLES["problem_faults"]).values(
                slug="aplusb", version="a", submission_id=id, at=now, reason="r"
            )
        )
        connection.execute(
            insert(TABLES["audit"]).values(at=now, account="ada", act="act", subject="ada", detail={"a": 1})
        )
        key = connection.execute(select(TABLES["api_keys"].c.id).limit(1)).scalar_one()
        audit = connection.execute(select(TABLES["audit"].c.id).limit(1)).scalar_one()
        fault = connection.execute(select(TABLES["problem_faults"].c.id).limit(1)).scalar_one()
        delivery = connection.execute(select(TABLES["deliveries"].c.id).limit(1)).scalar_one()
    spoilt = {
        "api_keys": (("id", "hash"), {"id": key}, ("account_id",)),
        "webhooks": (("id",), {"id": webhook.id}, ("account_id",)),
        "deliveries": ((), {"id": delivery}, ("id", "submission_id", "webhook_id")),
        "audit": ((), {"id": audit}, ("id",)),
        "problem_faults": ((), {"id": fault}, ("id", "slug")),
        "queue_samples": (("at",), {"tier": "normal"}, ()),
        "account_groups": (("name",), {"name": "a class"}, ()),
    }
    for table, (unique, like, keep) in spoilt.items():
        spoiler = Spoiler(app, table, unique, keep)
        keys = spoiler.spoil(like)
        for path in ("/me", "/me/keys", "/me/sessions", "/me/webhooks", "/me/export", "/submissions"):
            get(app, path)
        deliveries = get(app, f"/me/webhooks/{webhook.id}/deliveries")["deliveries"]
        assert id in json.dumps(deliveries)
        faults = get(app, "/admin/problems/aplusb/faults", "author")["faults"]
        assert id in json.dumps(faults)
        assert "a class" in json.dumps(get(app, "/admin/groups", "admin"))
        for path in ("/admin/audit", "/admin/queues", "/admin/accounts", "/admin/problems", "/metrics"):
            get(app, path, "admin")
        assert app.submit().status_code == 202
        spoiler.remove(keys)
