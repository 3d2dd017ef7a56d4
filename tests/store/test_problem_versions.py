"""The first calibrated time limit of a version is kept. Later calibrations do not change the limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Engine

from judge_api.store.problems import ProblemStore
from judge_api.store.records import ProblemRow


def row(version: str) -> ProblemRow:
    spec = {"limits": {"time": None, "memory": 256}}
    return ProblemRow("calibrated", version, "X", "icpc", spec, datetime.now(UTC))


def limit_shown(store: ProblemStore) -> float | None:
    found = store.get("calibrated")
    assert found is not None
    return found.spec["limits"]["time"]  # type: ignore[no-any-return]


def test_the_first_calibrated_time_limit_of_a_version_is_kept_and_shown(engine: Engine) -> None:
    store = ProblemStore(engine)
    store.put(row("a" * 64))
    assert store.known_time_limit("a" * 64) is None
    assert store.record_time_limit("a" * 64, 1.5) == 1.5
    assert store.record_time_limit("a" * 64, 4.0) == 1.5
    assert (store.known_time_limit("a" * 64), limit_shown(store)) == (1.5, 1.5)


def test_a_new_version_has_no_calibrated_limit_and_an_old_version_keeps_its_limit(engine: Engine) -> None:
    store = ProblemStore(engine)
    store.put(row("b" * 64))
    store.record_time_limit("b" * 64, 2.0)
    store.put(row("c" * 64))
    assert (store.known_time_limit("c" * 64), limit_shown(store)) == (None, None)
    store.put(replace(row("b" * 64)))
    assert (store.known_time_limit("b" * 64), limit_shown(store)) == (2.0, 2.0)


def test_a_calibrated_limit_of_an_unknown_version_is_not_stored(engine: Engine) -> None:
    assert ProblemStore(engine).record_time_limit("d" * 64, 3.0) == 3.0
    assert ProblemStore(engine).known_time_limit("d" * 64) is None
