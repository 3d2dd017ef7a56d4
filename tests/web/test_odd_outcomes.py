"""Odd reports that an earlier release has stored stay readable, without their odd parts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from judge_api.store.engine import write_transaction
from judge_api.store.verdicts import VerdictStore
from tests.support.records import finished
from tests.web.app_fixture import AppFixture

GOOD = {"name": "1", "verdict": "AC", "cpu_ms": 1, "wall_ms": 1, "memory_kb": 1}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("cpu_ms", "x"),
        ("memory_kb", 1e300),
        ("score", "best"),
        ("compile_output", b"\xff"),
        ("tests_total", "many"),
        ("sandbox", ["full"]),
        ("tests", {"a": 1}),
        ("tests", [5, GOOD, {**GOOD, "cpu_ms": "x"}, {**GOOD, "verdict": "MAYBE"}]),
    ],
)
def test_a_submission_with_an_odd_stored_outcome_is_shown(app: AppFixture, column: str, value: Any) -> None:
    id = app.submit().get_json()["id"]
    engine = app.services.engine
    assert VerdictStore(engine).record(finished(id)) is not None
    with write_transaction(engine) as connection:
        stored = json.dumps(value) if column in ("tests", "sandbox") else value
        connection.exec_driver_sql(f"UPDATE submissions SET {column} = ? WHERE id = ?", (stored, id))
    for path in (f"/submissions/{id}", f"/status/{id}", "/submissions"):
        answer = app.client.get(path, headers=app.headers())
        assert answer.status_code == 200, answer.text
    body = app.client.get(f"/submissions/{id}", headers=app.headers()).get_json()
    assert body["verdict"] == "AC"
    if isinstance(value, list) and column == "tests":
        assert [test["name"] for test in body["tests"]] == ["1"]
