"""Notices get their ids in the order in which people can see them, on both databases."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from judge_api.store.accounts import AccountStore, NewAccount
from judge_api.store.attempts import AttemptStore
from judge_api.store.engine import write_transaction
from judge_api.store.notices import NoticeKind, NoticeStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.model.errors import UnstorableValue
from judge_core.model.submission import Verdict
from tests.support.records import add_account, finished, new_submission


def test_the_notice_of_a_rejudging_gets_its_id_when_the_verdict_is_recorded(engine: Engine) -> None:
    AccountStore(engine).add_many([NewAccount("ada")], ["a hash"], "admin")
    account = AccountStore(engine).by_name("ada")
    assert account is not None
    id = SubmissionStore(engine).accept(new_submission(account.id), send_now=False).status.id
    store, verdicts = NoticeStore(engine), VerdictStore(engine)
    verdicts.record(finished(id, verdict=Verdict.WA))
    again = AttemptStore(engine).rejudge(id)
    assert again is not None
    assert store.settle() == 0
    for _ in range(3):
        store.add_comment(account.id, id)
    (comment,) = store.of(account.id)
    assert comment.detail == {"count": 3}
    verdicts.record(finished(id, attempt=again.attempt, verdict=Verdict.AC))
    assert (store.settle(), store.settle()) == (1, 0)
    assert store.mark_read(account.id, comment.id) == 1
    (rejudged,) = [each for each in store.of(account.id) if not each.is_read]
    assert (rejudged.kind, rejudged.detail["verdict"]) == ("rejudge", "WA")


_POISONS = {
    "detail is no object": ("detail", "'[1]'", False),
    "detail is no JSON": ("detail", "'{'", True),
    "kind is unknown": ("kind", "'odd'", False),
    "created_at is no time": ("created_at", "'no time'", True),
}


@pytest.mark.parametrize("poison", _POISONS)
def test_other_notices_are_shown_although_a_notice_is_damaged(engine: Engine, poison: str) -> None:
    column, value, is_sqlite_only = _POISONS[poison]
    account = add_account(engine)
    submissions, store = SubmissionStore(engine), NoticeStore(engine)
    ids = [submissions.accept(new_submission(account), send_now=False).status.id for _ in range(2)]
    for id in ids:
        VerdictStore(engine).record(finished(id, verdict=Verdict.WA))
        again = AttemptStore(engine).rejudge(id)
        assert again is not None
        VerdictStore(engine).record(finished(id, attempt=again.attempt, verdict=Verdict.AC))
    is_refused = is_sqlite_only and engine.dialect.name != "sqlite"
    refusal = pytest.raises(UnstorableValue) if is_refused else nullcontext()
    damage = text(f"UPDATE notices SET {column} = {value} WHERE submission_id = :id")
    with refusal, write_transaction(engine) as connection:
        connection.execute(damage, {"id": ids[0]})
    if is_refused:
        return
    store.settle()
    assert ids[1] in [each.submission_id for each in store.of(account)]
    assert store.settle() == 0
    store.take_to_mail(timedelta())
    store.add_comment(account, ids[0])
    assert [each.kind for each in store.of(account)].count(NoticeKind.COMMENT) == 1
