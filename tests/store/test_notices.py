"""Notices get their ids in the order in which people can see them, on both databases."""

from __future__ import annotations

from sqlalchemy import Engine

from judge_api.store.accounts import AccountStore, NewAccount
from judge_api.store.attempts import AttemptStore
from judge_api.store.notices import NoticeStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Verdict
from tests.support.records import finished, new_submission


def test_a_rejudging_is_announced_with_a_newer_id_than_all_before(engine: Engine) -> None:
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
