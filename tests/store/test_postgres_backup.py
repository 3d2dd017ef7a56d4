"""`gavel backup` and `gavel restore` copy all rows of PostgreSQL into an empty database, or refuse."""

from __future__ import annotations

import itertools
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.engine import make_url

from judge_api.__main__ import main
from judge_api.store.audit import AuditLog
from judge_api.store.engine import open_engine, read_connection, write_transaction
from judge_api.store.migrate import migrate
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import metadata, outbox, submissions
from tests.store.test_backup_and_retention import judged
from tests.support.databases import write_empty_database
from tests.support.records import add_account, new_submission

_number = itertools.count()


@contextmanager
def _admin(url: str) -> Iterator[Connection]:
    engine = create_engine(open_engine(url).url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _url(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


@pytest.fixture
def databases(postgres_url: str, template: str) -> Iterator[tuple[str, str]]:
    """The URLs of two databases that only this test uses: one with the current tables, one without tables."""
    number = next(_number)
    names = f"backup_{number}_source", f"backup_{number}_target"
    with _admin(postgres_url) as connection:
        for name, origin in zip(names, (template, "template1"), strict=True):
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {origin}"))
    yield _url(postgres_url, names[0]), _url(postgres_url, names[1])
    with _admin(postgres_url) as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def template(postgres_url: str) -> Iterator[str]:
    """A database with the current schema. Tests copy it, because a migration takes seconds."""
    name = "backup_template"
    with _admin(postgres_url) as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = open_engine(_url(postgres_url, name))
    migrate(engine)
    engine.dispose()
    yield name
    with _admin(postgres_url) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def source(databases: tuple[str, str]) -> Iterator[Engine]:
    """A database with a judged and a waiting submission, and with texts that a file format could damage."""
    engine = open_engine(databases[0])
    account = add_account(engine)
    judged(engine, account)
    SubmissionStore(engine).accept(new_submission(account))
    with write_transaction(engine) as connection:
        odd = "tab\t backslash \\N \\. newline\n\r quote ' \" ü 😀"
        connection.execute(submissions.update().values(source=odd, compile_output=odd))
    AuditLog(engine).record("ada", "problem.add", "aplusb", note=None, odd={"a": [1, "\t\\"]})
    yield engine
    engine.dispose()


def gavel(*words: object, database: str, data: Path) -> tuple[int, str]:
    environment = {"GAVEL_DATABASE_URL": database, "GAVEL_DATA": str(data)}
    result = CliRunner().invoke(main, [str(word) for word in words], env=environment)
    return result.exit_code, result.output


def rows(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with read_connection(engine) as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table)).all()))
            for table in metadata.sorted_tables
        }


def backed_up(source: Engine, databases: tuple[str, str], folder: Path) -> Path:
    (folder / "data" / "packages").mkdir(parents=True)
    name = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"
    (folder / "data/packages" / f"{name}.zip").write_bytes(b"content\n")
    code, said = gavel("backup", folder / "kept.zip", database=databases[0], data=folder / "data")
    assert code == 0, said
    assert "and 1 packages" in said
    return folder / "kept.zip"


def test_a_backup_restores_every_row_and_serial_numbers_continue(
    source: Engine, databases: tuple[str, str], tmp_path: Path
) -> None:
    before = rows(source)
    with write_transaction(source) as connection:
        connection.execute(outbox.delete())
        kept = backed_up(source, databases, tmp_path)
    code, said = gavel("restore", kept, database=databases[1], data=tmp_path / "elsewhere")
    assert code == 0, said
    restored = open_engine(databases[1])
    assert rows(restored) == before, (
        "rows that an uncommitted transaction had deleted must be in the backup too"
    )
    assert len(list((tmp_path / "elsewhere/packages").glob("*.zip"))) == 1
    with read_connection(restored) as connection:
        highest = max(connection.execute(select(submissions.c.serial)).scalars())
    status = SubmissionStore(restored).accept(new_submission(add_account(restored, "late"))).status
    assert status.serial > highest
    restored.dispose()


def test_restore_refuses_a_postgresql_database_that_has_rows(
    source: Engine, databases: tuple[str, str], tmp_path: Path
) -> None:
    kept, before = backed_up(source, databases, tmp_path), rows(source)
    code, said = gavel("restore", kept, database=databases[0], data=tmp_path / "elsewhere")
    assert code == 1
    assert "make an empty database" in said
    assert rows(source) == before
    assert not (tmp_path / "elsewhere/packages").exists()


def test_restore_refuses_a_backup_of_the_other_kind_of_database(
    source: Engine, databases: tuple[str, str], tmp_path: Path
) -> None:
    kept = backed_up(source, databases, tmp_path)
    lite = tmp_path / "lite"
    code, said = gavel("restore", kept, database=f"sqlite:///{lite}/gavel.db", data=lite)
    assert (code, "is of PostgreSQL" in said) == (1, True), said
    write_empty_database(lite / "gavel.db")
    gavel("backup", tmp_path / "lite.zip", database=f"sqlite:///{lite}/gavel.db", data=lite)
    code, said = gavel("restore", tmp_path / "lite.zip", database=databases[1], data=tmp_path / "elsewhere")
    assert (code, "is of SQLite" in said) == (1, True), said


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ({"revision": "9999", "tables": {}}, "is of a later release"),
        ({"revision": "0001"}, "not what a backup holds"),
        ({"revision": "0001", "tables": {"accounts": ["id"]}}, "not those of its revision"),
    ],
    ids=["a later release", "no tables", "other tables"],
)
def test_restore_refuses_a_backup_with_a_foreign_manifest(
    databases: tuple[str, str], tmp_path: Path, manifest: dict[str, object], words: str
) -> None:
    with zipfile.ZipFile(tmp_path / "kept.zip", "w") as archive:
        archive.writestr("database.json", json.dumps(manifest))
    code, said = gavel("restore", tmp_path / "kept.zip", database=databases[1], data=tmp_path / "data")
    assert code == 1
    assert words in said
