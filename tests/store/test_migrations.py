"""The schema can be migrated forwards and back, with data, on both databases. A schema of a later release is
left as it is, and can be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click import ClickException
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.engine import make_url

from judge_api.__main__ import main
from judge_api.cli.schema import allowed_revision
from judge_api.store.engine import DatabaseLimits, open_engine, read_connection, write_transaction
from judge_api.store.migrate import UnknownRevision, migrate, roll_back, schema_revisions
from judge_api.store.schema_version import bring_up_to_date, found_revisions, newest_revision
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import metadata, new_id
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Stage
from tests.conftest import BACKENDS
from tests.support.records import add_account, finished, new_submission


@pytest.fixture(params=BACKENDS)
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables, which only this test uses."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path}/gavel.db")
        yield engine
        engine.dispose()
        return
    url, name = request.getfixturevalue("postgres_url"), f"roads_{new_id().replace('-', '')}"
    _outside(url, f"CREATE DATABASE {name}")
    engine = open_engine(make_url(url).set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    _outside(url, f"DROP DATABASE {name} WITH (FORCE)")


def _outside(url: str, statement: str) -> None:
    engine = open_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


def furnish(engine: Engine) -> dict[str, str]:
    """Add a judged submission, two that wait, and a webhook. Returns the ids of the submissions."""
    account = add_account(engine)
    submissions = SubmissionStore(engine)
    with write_transaction(engine) as connection:
        _add_row(connection, "webhooks", id=new_id(), account_id=account, url="http://x", secret="s")
    ids = {
        name: submissions.accept(new_submission(account), send_now=False).status.id
        for name in ("done", "open", "waiting")
    }
    assert VerdictStore(engine).record(finished(ids["done"])) is not None
    return ids


def _add_row(connection: Connection, table: str, **values: Any) -> None:
    values["created_at"] = datetime.now(UTC)
    connection.execute(metadata.tables[table].insert().values(**values))


def stored(engine: Engine) -> list[tuple[Any, ...]]:
    """The rows of submissions, attempts and the outbox, with the columns that every release knows."""
    asked = (
        "SELECT id, stage, verdict, source, attempt FROM submissions ORDER BY serial",
        "SELECT submission_id, number, ending FROM attempts ORDER BY submission_id, number",
        "SELECT submission_id, attempt, tier FROM outbox ORDER BY submission_id",
    )
    with read_connection(engine) as connection:
        return [tuple(row) for query in asked for row in connection.execute(text(query))]


@pytest.mark.slow  # the next test, which is not slow, goes a single step back
@pytest.mark.parametrize(
    "every", [pytest.param(1, id="each", marks=pytest.mark.long), pytest.param(12, id="some")]
)
def test_the_rows_survive_each_rollback_and_migration(own: Engine, every: int) -> None:
    """Roll back each revision in turn. Migrate to the newest from each of them, or from every twelfth."""
    migrate(own)
    ids = furnish(own)
    before = stored(own)
    names = [name for name, _, _ in schema_revisions(own)]
    for target in reversed(names[:-1]):
        roll_back(own, target)
        assert stored(own) == before
        assert [name for name, _, there in schema_revisions(own) if there] == names[: names.index(target) + 1]
    assert not inspect(own).has_table("webhooks")
    for target in names[1::every]:  # an older release may have left the database at each of these revisions
        migrate(own)
        assert stored(own) == before
        with read_connection(own) as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        roll_back(own, target)
    migrate(own)
    assert SubmissionStore(own).status(ids["done"]).stage is Stage.DONE  # type: ignore[union-attr]
    again = VerdictStore(own).record(finished(ids["open"]))
    assert again is not None and again.stage is Stage.DONE


def test_an_empty_or_older_database_is_migrated_and_a_current_database_is_only_read(own: Engine) -> None:
    bring_up_to_date(own)
    names = [name for name, _, _ in schema_revisions(own)]
    assert found_revisions(own) == {names[-1]} == {newest_revision()}
    roll_back(own, names[-2])
    bring_up_to_date(own)
    assert found_revisions(own) == {newest_revision()}
    statements: list[str] = []
    event.listen(own, "before_cursor_execute", lambda _1, _2, statement, *_rest: statements.append(statement))
    bring_up_to_date(own)
    assert "SELECT version_num FROM alembic_version" in statements
    assert [each for each in statements if not each.startswith(("SELECT", "PRAGMA"))] == []


def test_a_schema_of_a_later_release_is_not_changed_and_can_be_used(own: Engine) -> None:
    migrate(own)
    furnish(own)
    before = stored(own)
    with write_transaction(own) as connection:
        connection.execute(text("ALTER TABLE submissions ADD COLUMN of_a_later_release INTEGER DEFAULT 7"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    migrate(own)
    assert stored(own) == before
    SubmissionStore(own).accept(new_submission(_any_account(own)), send_now=False)


def test_submissions_can_be_read_while_a_migration_makes_an_index(own: Engine) -> None:
    migrate(own)
    ids = furnish(own)
    roll_back(own, "0002")
    made, other = (
        list[str](),
        open_engine(own.url.render_as_string(hide_password=False), DatabaseLimits(lock_seconds=0.5)),
    )

    def read(_1: object, _2: object, statement: str, *_rest: object) -> None:
        if statement.startswith("CREATE INDEX") and " submissions " in statement:
            made.append(statement)
            with read_connection(other) as connection:
                query = text("SELECT count(*) FROM submissions")
                assert connection.execute(query).scalar_one() == len(ids)

    event.listen(own, "after_cursor_execute", read)
    migrate(own)
    other.dispose()
    assert len(made) == 5


@pytest.mark.parametrize("earlier", [pytest.param(True, marks=pytest.mark.slow), False])
def test_an_upgrade_from_an_earlier_revision_ends_with_the_same_schema(own: Engine, earlier: bool) -> None:
    migrate(own)
    roll_back(own, "0011")
    # The first version of revision 0011 made this index, and its present version does not.
    with write_transaction(own) as connection:
        connection.execute(text("DROP INDEX IF EXISTS ix_submissions_sent"))
        if earlier:
            connection.execute(
                text("CREATE INDEX ix_submissions_sent ON submissions (queued_at) WHERE open AND sent")
            )
    migrate(own)
    with read_connection(own) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    names = {index["name"] for index in inspect(own).get_indexes("submissions")}
    assert {"ix_submissions_open", "ix_submissions_sent"} <= names
    assert not any(str(name).endswith("_anew") for name in names)


def _any_account(engine: Engine) -> str:
    with read_connection(engine) as connection:
        return str(connection.execute(text("SELECT id FROM accounts")).scalar_one())


def test_a_rollback_to_an_unknown_revision_changes_nothing(own: Engine) -> None:
    migrate(own)
    before = schema_revisions(own)
    with pytest.raises(UnknownRevision):
        roll_back(own, "4711")
    assert schema_revisions(own) == before


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two releases, 1.0.0 and 1.1.0. The real list grows with each release, so no test may depend on it."""
    revisions = {"1.0.0": "0011", "1.1.0": "0012"}
    monkeypatch.setattr("judge_api.cli.schema.release_revisions", lambda: revisions)


@pytest.mark.usefixtures("releases")
def test_gavel_schema_shows_the_revisions_and_goes_back_to_a_revision_or_release(tmp_path: Path) -> None:
    run = CliRunner().invoke
    engine = open_engine(f"sqlite:///{tmp_path}/gavel.db")
    migrate(engine)
    engine.dispose()
    shown = run(main, ["schema", "--data", str(tmp_path)])
    assert shown.exit_code == 0
    assert "* 0001  " in shown.output
    back = run(main, ["schema", "--back-to", "0013", "--data", str(tmp_path)])
    assert "* 0013" in back.output
    assert "  0014" in back.output
    to_release = run(main, ["schema", "--back-to", "1.1.0", "--data", str(tmp_path)])
    assert "* 0012" in to_release.output
    assert "  0013" in to_release.output


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("4711", "there is no such revision, and no such release"),
        ("0.9.0", "there is no such revision, and no such release"),
        ("0011", "it is further back than 1.1.0 (0012), the previous release"),
        ("1.0.0", "it is further back than 1.1.0 (0012), the previous release"),
    ],
)
@pytest.mark.usefixtures("releases")
def test_gavel_schema_refuses_to_go_further_back_than_the_previous_release(
    tmp_path: Path, target: str, reason: str
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/gavel.db")
    migrate(engine)
    before = schema_revisions(engine)
    refused = CliRunner().invoke(main, ["schema", "--back-to", target, "--data", str(tmp_path)])
    assert refused.exit_code == 1
    assert f"cannot go back to '{target}': {reason}" in refused.output
    assert "1.1.0" in refused.output
    assert schema_revisions(engine) == before
    engine.dispose()


def test_gavel_schema_refuses_to_go_further_back_than_a_release_with_the_newest_revision() -> None:
    """A new release has the newest revision until the next migration is written."""
    names, releases = ["0001", "0002", "0003"], {"1.0.0": "0001", "1.1.0": "0003"}
    assert [allowed_revision(each, names, releases) for each in ("1.1.0", "0003")] == ["0003", "0003"]
    for further in ("0002", "1.0.0"):
        with pytest.raises(ClickException, match=r"further back than 1\.1\.0 \(0003\)"):
            allowed_revision(further, names, releases)
