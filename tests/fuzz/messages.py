"""Parses random messages from Redis: ``python -m tests.fuzz.messages --minutes 5``.

With a worker's stolen credentials anyone can write any bytes into Redis. Each kind of message must either be
parsed, with every field of the declared type and within its bounds, or raise ``UnreadableMessage`` and no
other exception. `make test` runs 200 messages of each kind (tests/unit/test_message_fuzz.py).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from judge_api.store.row_mapping import outcome_values
from judge_core.messages import (
    CustomRun,
    JudgeRequest,
    PackageRef,
    Report,
    ReportKind,
    RunLimits,
    StatusFields,
    UnreadableMessage,
)
from judge_core.model.account import Tier
from judge_core.model.submission import Kind, Outcome, Stage, Status, TestResult, Verdict, from_rfc3339
from judge_core.model.worker import LanguageOnWorker, WorkerRecord, WorkerState
from judge_core.redis.status_channel import dump_status, load_status, order_text
from judge_core.redis.worker_record_parser import parse_worker_record
from tests.fuzz.reports_and_files import Target, fuzz_all

AT = "2026-01-01T00:00:00.000Z"
OUTCOME = Outcome(
    Verdict.WA,
    (TestResult("1", Verdict.WA, 1, 2, 3, sample=True, score=0.5, output="x", exit_code=1, signal=9),),
    tests_total=4,
    cpu_ms=1,
    wall_ms=2,
    memory_kb=3,
    score=1.5,
    compile_output="warning",
    sandbox={"mode": "full", "guarantees": [{"limit": "memory"}]},
)
REPORT = Report(
    ReportKind.FINISHED, "0199-a", 2, "w", AT, AT, OUTCOME, "a reason", {"judged_ms": 1.5, "waited_ms": -2.0}
)
REQUEST = JudgeRequest(
    "0199",
    2,
    Tier.PREMIUM,
    "cpp20",
    "int main(){}",
    PackageRef("aplusb", "a" * 64),
    CustomRun((("1 2", "3"), ("", None)), RunLimits(1.5, 3, 65536, 64, 10, 1024), ("-x",), ("-O",), 2, True),
    status_fields=StatusFields(7, "ada", Kind.RUN, AT),
)
RECORD = WorkerRecord(
    "w",
    Tier.NORMAL,
    "host",
    7,
    WorkerState.BUSY,
    AT,
    AT,
    "0199",
    AT,
    sandbox={"backend": "launcher"},
    languages={"c17": LanguageOnWorker("13.2"), "ada": LanguageOnWorker(reason="no compiler")},
    versions={"gavel": "1"},
)
STATUS = Status(
    "0199",
    1,
    "ada",
    Kind.SUBMISSION,
    Stage.DONE,
    Tier.NORMAL,
    "aplusb",
    "c17",
    1,
    datetime(2026, 1, 1, tzinfo=UTC),
    tests_done=1,
    tests_total=4,
    outcome=OUTCOME,
)
UNFINISHED = replace(STATUS, stage=Stage.RUNNING, outcome=None)

_odd_numbers = st.sampled_from(
    [0, -1, 1e30, 1e308, -1e308, 2**31, 2**63, 2**64, 10**400, True, 0.5, float("inf"), float("nan")]
)
_odd_texts = st.sampled_from(
    ["", "\x00", "\ud800", "x" * 70_000, "../../etc/passwd", "a\nb", AT, "9999-12-31T23:59:59-23:59"]
)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | _odd_numbers | _odd_texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def changed(draw: st.DrawFn, message: Any) -> Any:
    """The message with a few of its values, at any depth, replaced, removed or added."""
    data = json.loads(json.dumps(message))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = data
        while isinstance(place, dict | list) and place:
            key = (
                draw(st.sampled_from(sorted(place)))
                if isinstance(place, dict)
                else draw(st.integers(0, len(place) - 1))
            )
            inner = place[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
                break
            place = inner
        else:
            return draw(values)
        if draw(st.integers(0, 4)) == 0:
            del place[key]
        else:
            place[key] = draw(values)
    return data


def texts_like(message: str) -> st.SearchStrategy[bytes]:
    """Bytes that resemble a message: with changed values or replaced bytes, or cut. Sometimes they are any
    bytes, or deeply nested."""
    whole = message.encode()

    def spliced(parts: tuple[int, int, bytes]) -> bytes:
        start, length, inserted = parts
        return whole[:start] + inserted + whole[start + length :]

    places = st.tuples(st.integers(0, len(whole)), st.integers(0, 20), st.binary(max_size=12))
    dumped = changed(json.loads(message)).map(lambda data: json.dumps(data).encode())
    deep = st.integers(0, 100_000).map(lambda depth: b"[" * depth)
    return st.one_of(dumped, dumped, dumped, places.map(spliced), st.binary(max_size=50), deep)


def check_report(message: bytes) -> None:
    """A message that was read can be written to every database, and shown."""
    try:
        report = Report.load(message)
    except UnreadableMessage:
        return
    assert 0 <= report.attempt < 2**31
    assert from_rfc3339(report.at) is not None
    assert report.worker.isprintable()
    json.dumps(report.timings, allow_nan=False)
    if report.outcome is not None:
        columns = outcome_values(report.outcome)
        json.dumps(columns, allow_nan=False, ensure_ascii=False).encode()
        numbers = [columns[name] for name in ("cpu_ms", "wall_ms", "memory_kb")]
        assert all(each is None or (type(each) is int and 0 <= each < 2**31) for each in numbers)
        stored = {name: value for name, value in columns.items() if name != "tests_done"}
        as_stored = replace(report.outcome, compile_output=columns["compile_output"])
        assert Outcome.from_stored(stored) == as_stored
    assert Report.load(report.dump()) == report


def check_request(message: bytes) -> None:
    """A request that was read can be judged: its source is a text, and the package's hash is no path."""
    try:
        request = JudgeRequest.load(message)
    except UnreadableMessage:
        return
    assert type(request.source) is str
    assert request.package is None or request.package.hash.isalnum()
    assert JudgeRequest.load(request.dump()) == request


def check_record(message: bytes) -> None:
    """A record that was read can be compared, and sent to an admin page."""
    try:
        record = parse_worker_record("w", message)
    except UnreadableMessage:
        return
    assert record.name == "w"
    json.dumps(json.loads(record.dump()), allow_nan=False)
    assert record.submission_since is None or from_rfc3339(record.submission_since).tzinfo is not None  # type: ignore[union-attr]


def check_status(message: bytes) -> None:
    """A status that was read can be compared with other statuses, and sent to a client."""
    try:
        status = load_status(message)
    except UnreadableMessage:
        return
    assert order_text(status) >= ""
    assert max((STATUS, status), key=lambda each: each.order)
    json.dumps(status.to_json(), allow_nan=False)
    assert load_status(dump_status(status)).order == status.order


TARGETS = (
    Target("reports", check_report, texts_like(REPORT.dump())),
    Target("requests", check_request, texts_like(REQUEST.dump())),
    Target("worker records", check_record, texts_like(RECORD.dump())),
    Target("live statuses", check_status, texts_like(dump_status(STATUS))),
    Target(
        "unfinished statuses",
        check_status,
        texts_like(dump_status(replace(STATUS, stage=Stage.RUNNING, outcome=None))),
    ),
)


if __name__ == "__main__":
    fuzz_all("messages", __doc__ or "", TARGETS)
