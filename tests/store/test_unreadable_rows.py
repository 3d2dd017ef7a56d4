"""A submission whose row cannot be read is ended without a verdict. A recorded verdict is not lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text, update

from judge_api.events.scoring import TryState
from judge_api.store.attempts import AttemptStore
from judge_api.store.engine import write_transaction
from judge_api.store.outbox import ClaimFilter, Outbox
from judge_api.store.records import CONTEST_PRIORITY, AcceptedSubmission
from judge_api.store.submissions import SubmissionStore, is_same_body
from judge_api.store.tables import submissions
from judge_api.store.unreadable_rows import UnreadableRows, end_unreadable
from judge_api.store.verdicts import VerdictStore
from judge_api.store.webhook_deliveries import DeliveryState, DeliveryStore
from judge_api.store.webhooks import WebhookStore
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.errors import IdempotencyKeyReused, UnreadableRecord
from judge_core.model.submission import Stage, Verdict
from tests.store.test_event_results import add_event, submit, tries
from tests.support.records import add_account, finished, new_submission


def _damage(engine: Engine, id: str) -> None:
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE submissions SET run = '[1]' WHERE id = :id"), {"id": id})


def test_an_ended_unreadable_submission_is_void_in_its_event_and_its_webhook_is_called(
    engine: Engine,
) -> None:
    account = add_account(engine)
    WebhookStore(engine).add(account, "http://127.0.0.1:1/")
    event, entry = add_event(engine, account)
    id = submit(engine, account, entry)
    _damage(engine, id)
    assert end_unreadable(engine, id, "odd") is not None
    status = SubmissionStore(engine).status(id)
    assert status is not None
    assert status.stage is Stage.FAILED
    assert [one.state for one in tries(engine, event)] == [TryState.VOID]
    assert DeliveryStore(engine).count(DeliveryState.PENDING) == 1


def test_an_unreadable_submission_that_is_judged_again_keeps_its_verdict(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    id = submit(engine, account, entry)
    VerdictStore(engine).record(finished(id, verdict=Verdict.WA))
    AttemptStore(engine).rejudge(id)
    _damage(engine, id)
    assert end_unreadable(engine, id, "odd") is not None
    status = SubmissionStore(engine).status(id)
    assert status is not None
    assert (status.stage, status.outcome and status.outcome.verdict) == (Stage.DONE, Verdict.WA)
    assert [one.state for one in tries(engine, event)] == [TryState.JUDGED]
    assert AttemptStore(engine).rejudge(id) is not None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["x'00ff'", "CAST(x'ff' AS TEXT)", "'no time'"])
def test_rejudging_a_submission_with_an_unreadable_record_is_refused(engine: Engine, value: str) -> None:
    account = add_account(engine)
    _, entry = add_event(engine, account)
    id = submit(engine, account, entry)
    VerdictStore(engine).record(finished(id))
    with write_transaction(engine) as connection:
        connection.execute(text(f"UPDATE submissions SET queued_at = {value}"))
    with pytest.raises(UnreadableRecord):
        AttemptStore(engine).rejudge(id)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["x'00ff'", "CAST(x'ff' AS TEXT)", "'no time'"])
def test_posting_again_with_the_same_key_finds_the_unreadable_submission(engine: Engine, value: str) -> None:
    account, store = add_account(engine), SubmissionStore(engine)
    new = new_submission(account, idempotency_key="key", body_hash="a" * 64)
    id = store.accept(new, send_now=False).status.id
    with write_transaction(engine) as connection:
        connection.execute(text(f"UPDATE submissions SET queued_at = {value}"))
    again = store.accept(new, send_now=False)
    assert (again.status.id, again.duplicate) == (id, True)
    assert [status.id for status, _ in store.with_keys(account, ["key", "other"]).values()] == [id]
    with pytest.raises(IdempotencyKeyReused):
        store.accept(replace(new, body_hash="b" * 64), send_now=False)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["x'00ff'", "CAST(x'ff' AS TEXT)", "NULL"])
def test_posting_again_with_the_same_key_is_answered_if_the_hash_of_the_body_is_damaged(
    engine: Engine, value: str
) -> None:
    account, store = add_account(engine), SubmissionStore(engine)
    new = new_submission(account, idempotency_key="key", body_hash="a" * 64)
    id = store.accept(new, send_now=False).status.id
    with write_transaction(engine) as connection:
        connection.execute(text(f"UPDATE submissions SET body_hash = {value}"))
    again = store.accept(new, send_now=False)
    assert (again.status.id, again.duplicate) == (id, True)
    ((status, stored),) = store.with_keys(account, ["key"]).values()
    assert status.id == id
    assert is_same_body(stored, "a" * 64)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_workers_can_read_the_request_of_a_submission_whose_problem_was_unreadable(
    engine: Engine,
) -> None:
    account = add_account(engine)
    id = SubmissionStore(engine).accept(new_submission(account), send_now=False).status.id
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE submissions SET problem = CAST(x'ff' AS TEXT)"))
    end_unreadable(engine, id, "odd")
    assert AttemptStore(engine).rejudge(id, "b" * 64) is not None
    (row,) = Outbox(engine).claim(1, "relay", 5)
    assert JudgeRequest.load(row.request.dump()).package is None


_MANY = 1_010
"""More rows than an earlier release searched for an unreadable row."""


def _accept(engine: Engine, account: str, count: int, **changes: Any) -> list[str]:
    batch = [new_submission(account, **changes) for _ in range(count)]
    accepted = SubmissionStore(engine).accept_batch(batch, send_first=False)
    return [each.status.id for each in accepted if isinstance(each, AcceptedSubmission)]


def _poison_kind(engine: Engine, id: str) -> None:
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE submissions SET kind = 'odd' WHERE id = :id"), {"id": id})


@pytest.mark.parametrize(
    "which",
    [
        ClaimFilter(Tier.NORMAL, ahead=False),
        ClaimFilter(Tier.NORMAL, ahead=False, languages=frozenset({"cpp"})),
        ClaimFilter(Tier.NORMAL, ahead=False, other_than=frozenset({"python3"})),
    ],
    ids=["all languages", "some languages", "other languages"],
)
def test_a_claim_names_an_unreadable_row_behind_a_thousand_rows_of_a_contest(
    engine: Engine, which: ClaimFilter
) -> None:
    account = add_account(engine)
    assert len(_accept(engine, account, _MANY, priority=CONTEST_PRIORITY)) == _MANY
    bad, good = _accept(engine, account, 2, language="cpp")
    _poison_kind(engine, bad)
    outbox = Outbox(engine)
    with pytest.raises(UnreadableRows) as error:
        outbox.claim_chosen(10, "relay", 5, which)
    assert set(error.value.errors) == {bad}
    end_unreadable(engine, bad, "odd")
    assert [row.id for row in outbox.claim_chosen(10, "relay", 5, which)] == [good]


def test_the_reconciler_s_query_names_an_unreadable_row_beyond_its_first_rows(engine: Engine) -> None:
    account, attempts = add_account(engine), AttemptStore(engine)
    ids = _accept(engine, account, 6)
    Outbox(engine).mark_sent([(id, 1) for id in ids])
    with write_transaction(engine) as connection:
        for number, id in enumerate(reversed(ids)):
            at = datetime(2026, 1, 1, 0, 0, number, tzinfo=UTC)
            connection.execute(update(submissions).where(submissions.c.id == id).values(queued_at=at))
        connection.execute(update(submissions).where(submissions.c.id == ids[-1]).values(tier="no tier"))
    with pytest.raises(UnreadableRows) as error:
        attempts.open_submissions(datetime(2026, 2, 1, tzinfo=UTC), limit=2)
    assert set(error.value.errors) == {ids[-1]}
