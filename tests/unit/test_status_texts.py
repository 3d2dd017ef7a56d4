"""A live status is either unreadable or read completely. Then it can be compared, shown and sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge_core.messages import UnreadableMessage
from judge_core.model.submission import Stage
from judge_core.redis.status_channel import (
    dump_status,
    load_status,
    load_status_of,
    order_text,
    submission_id_of,
)
from tests.support.records import a_status, outcome

QUEUED = a_status()
DONE = replace(QUEUED, stage=Stage.DONE, outcome=outcome(), finished_at=QUEUED.submitted_at)
MEMBERS = tuple(json.loads(dump_status(DONE)))
SHOWN = tuple(json.loads(dump_status(DONE))["status"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


def _shown(**changes: Any) -> str:
    data = json.loads(dump_status(DONE))
    return json.dumps({**data, "status": {**data["status"], **changes}})


@pytest.mark.parametrize("status", [QUEUED, DONE])
def test_a_status_that_is_written_and_read_is_equal(status: Any) -> None:
    text = dump_status(status)
    assert load_status(text) == load_status(text.encode()) == load_status_of(status.id, text) == status
    assert submission_id_of(text.encode()) == status.id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "[]",
        "5",
        "[" * 50_000,
        '{"status": "QUEUED"}',
        dump_status(DONE).replace('"DONE"', '"LINKING"'),
        dump_status(DONE).replace('"score":null', '"score":NaN'),
        dump_status(QUEUED).replace('"QUEUED"', '"DONE"'),
        _shown(attempt="2"),
        _shown(tests_done=None),
        _shown(submitted_at="2026-01-01T00:00:00"),
        _shown(submitted_at="0001-01-01T00:00:00+14:00"),
        _shown(started_at=5),
    ],
)
def test_a_text_that_is_not_a_status_raises_unreadable_message(text: str) -> None:
    for given_text in (text, text.encode()):
        with pytest.raises(UnreadableMessage):
            load_status(given_text)


def test_a_status_that_is_not_utf8_is_unreadable() -> None:
    odd = dump_status(DONE).encode().replace(DONE.id.encode(), b"\xff")
    assert submission_id_of(odd) == "�"
    with pytest.raises(UnreadableMessage):
        load_status(odd)


def test_the_status_of_another_submission_counts_as_unreadable() -> None:
    with pytest.raises(UnreadableMessage):
        load_status_of("another", dump_status(DONE))


@given(st.sampled_from(MEMBERS), st.sampled_from(SHOWN), values)
def test_a_status_with_a_random_value_is_usable_or_unreadable(member: str, shown: str, value: Any) -> None:
    changed = {**json.loads(dump_status(DONE)), member: value}
    for text in (_shown(**{shown: value}), json.dumps(changed)):
        try:
            status = load_status(text)
        except UnreadableMessage:
            continue
        assert order_text(status) >= ""
        assert max((QUEUED, status), key=lambda each: each.order)
        assert json.dumps(status.to_json())
