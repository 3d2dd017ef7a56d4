"""Both databases have the same schema, and are opened by the same function."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from judge_api.store.engine import open_engine, read_connection
from judge_api.store.migrate import migrate
from judge_api.store.problems import ProblemStore
from judge_api.store.records import ProblemRow
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import metadata
from judge_core.model.errors import UnstorableValue


def test_the_migrations_make_the_schema_that_the_code_declares(engine: Engine) -> None:
    with read_connection(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_many_processes_may_migrate_at_the_same_time(tmp_path: Path) -> None:
    engines = [open_engine(f"sqlite:///{tmp_path}/new.db") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, engines))
    migrate(engines[0])
    for engine in engines:
        engine.dispose()


def test_the_error_for_an_unknown_kind_of_database_names_the_setting() -> None:
    with pytest.raises(ValueError, match="GAVEL_DATABASE_URL"):
        open_engine("mysql://x/y")


def test_the_newest_version_of_a_problem_is_shown(engine: Engine) -> None:
    problems = ProblemStore(engine)
    now = datetime.now(UTC)
    spec = {"slug": "aplusb", "type": ["pass-fail"], "samples": [], "statements": [], "limits": {}}
    first = ProblemRow("aplusb", "a" * 64, "A+B", "legacy", spec | {"tests": 2}, now)
    second = ProblemRow("aplusb", "b" * 64, "A plus B", "2023-07", spec | {"tests": 3}, now)
    assert problems.put(first)
    assert not problems.put(first)
    assert problems.put(second)
    assert problems.get("aplusb") == second
    assert problems.list() == [second]
    assert problems.get("other") is None


def test_a_value_that_the_database_cannot_store_is_refused_and_leaves_no_row(engine: Engine) -> None:
    problems, now = ProblemStore(engine), datetime.now(UTC)
    unfit = ["half \ud800"]
    if engine.dialect.name == "postgresql":  # SQLite can store NUL
        unfit.append("with \x00 NUL")
    for number, value in enumerate(unfit):
        row = ProblemRow(f"unfit{number}", "a" * 64, "A", "legacy", {}, now)
        with pytest.raises(UnstorableValue, match=r"cannot be stored: it has a character"):
            problems.put(replace(row, title=value))
        assert problems.get(row.slug) is None
        assert problems.put(row)


def test_a_query_for_a_value_that_cannot_be_stored_is_refused(engine: Engine) -> None:
    with pytest.raises(UnstorableValue):
        SubmissionStore(engine).status("\ud800")
    if engine.dialect.name == "postgresql":
        with pytest.raises(UnstorableValue, match="NUL"):
            SubmissionStore(engine).status("\x00")
    assert SubmissionStore(engine).status("unknown") is None
