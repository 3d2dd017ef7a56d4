"""A worker's record with any content is read or skipped, and one warning is logged."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge_core.messages import UnreadableMessage
from judge_core.model.account import Tier
from judge_core.model.worker import LanguageOnWorker, WorkerRecord, WorkerState
from judge_core.redis.worker_record_parser import WorkerRecordParser, parse_worker_record

SINCE = "2026-01-01T00:00:00Z"
RECORD = WorkerRecord(
    "normal-1",
    Tier.NORMAL,
    "here",
    7,
    WorkerState.BUSY,
    SINCE,
    SINCE,
    submission="0199",
    submission_since=SINCE,
    sandbox={"backend": "launcher", "guarantees": [{"limit": "memory"}]},
    languages={"c17": LanguageOnWorker("13.2"), "ada": LanguageOnWorker(reason="no compiler")},
    versions={"gavel": "1"},
)
MEMBERS = tuple(json.loads(RECORD.dump()))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


def _with(**changes: Any) -> bytes:
    return json.dumps({**json.loads(RECORD.dump()), **changes}).encode()


def test_a_worker_s_record_that_is_written_and_read_is_equal() -> None:
    assert parse_worker_record("normal-1", RECORD.dump().encode()) == RECORD
    assert parse_worker_record("normal-1", _with(of_a_later_release=1)) == RECORD


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"garbage",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 50_000,
        b'{"version":1,"name":"normal-1","queue":"normal","state":"warming"}',
        _with(name="normal-2"),
        _with(queue="no tier"),
        _with(pid="7"),
        _with(judged=True),
        _with(submission=["0199"]),
        _with(submission_since="yesterday"),
        _with(submission_since="2026-01-01T00:00:00"),
        _with(languages={"c17": 5}),
        _with(languages={"c17": {"version": []}}),
        _with(languages=[]),
        _with(sandbox=[]),
        _with(sandbox={"much": float("nan")}),
        _with(sandbox=json.loads('{"a":' * 200 + "1" + "}" * 200)),
        _with(host="x" * 300_000),
        _with(host="\x1b]0;x\x07"),
        _with(host=""),
        _with(versions={"gavel": ["0.3.0"]}),
        _with(versions={"gavel": {"a": 1}}),
        _with(versions={"gavel": 5}),
        _with(versions={str(number): "1" for number in range(101)}),
    ],
)
def test_a_text_that_is_not_a_worker_s_record_raises_unreadable_message(text: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        parse_worker_record("normal-1", text)


@given(st.sampled_from(MEMBERS), values)
def test_a_worker_s_record_with_a_random_value_is_parsed_or_skipped(member: str, value: Any) -> None:
    for record in WorkerRecordParser().parse([("normal-1", _with(**{member: value}))]):
        assert json.loads(json.dumps(json.loads(record.dump()), allow_nan=False))["name"] == "normal-1"


def test_worker_records_beside_an_unreadable_record_are_read_and_one_warning_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reader = WorkerRecordParser()
    found = [("bad", b"garbage"), ("normal-1", RECORD.dump().encode())]
    with caplog.at_level(logging.WARNING):
        assert [reader.parse(found) for _ in range(3)] == [[RECORD]] * 3
        assert [reader.parse_names([b"\xff", b"b", b"a"]) for _ in range(3)] == [["a", "b"]] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "A worker record cannot be read, so the worker is skipped"
    ] * 2
