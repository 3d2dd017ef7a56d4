"""A submission is stored completely and only once, within the limits of its account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from judge_api.store.engine import open_engine
from judge_api.store.outbox import Outbox
from judge_api.store.records import SubmissionFilter
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import CustomRun, JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.errors import IdempotencyKeyReused, NotFound, QuotaExceeded, StoreUnavailable
from judge_core.model.submission import Kind, Stage, Verdict
from tests.support.records import add_account, finished, new_submission


@pytest.fixture
def store(engine: Engine) -> SubmissionStore:
    return SubmissionStore(engine)


@pytest.fixture
def account(engine: Engine) -> str:
    return add_account(engine)


def test_an_accepted_submission_is_kept_with_its_source_and_waits_in_the_queue(
    store: SubmissionStore, account: str
) -> None:
    accepted = store.accept(new_submission(account, source="print('ä\U0001f600')"))
    kept = store.submission(accepted.status.id)
    assert kept is not None
    assert kept.source == "print('ä\U0001f600')"
    assert kept.status == accepted.status
    assert kept.status.stage is Stage.QUEUED
    assert kept.status.submitted_at.tzinfo is not None


def test_the_request_for_the_queue_has_the_run_and_its_options(store: SubmissionStore, account: str) -> None:
    run = CustomRun(cases=(("1 2", "3"), ("", None)))
    accepted = store.accept(new_submission(account, kind=Kind.RUN, package=None, run=run, run_all=True))
    assert accepted.request is not None
    assert accepted.request.run == run
    assert accepted.request.package is None
    assert accepted.request.run_all


@pytest.mark.parametrize(
    "content", [b"\xff\x00\xe9", b"1\r\n2\r\n", b"", "ä\U0001f600".encode(), b"\xed\xa0\x80"]
)
def test_the_bytes_of_a_run_are_stored_and_sent_unchanged(
    store: SubmissionStore, account: str, content: bytes
) -> None:
    run = CustomRun(cases=()).with_cases([(content, content), (b"1", None)])
    accepted = store.accept(new_submission(account, kind=Kind.RUN, package=None, run=run))
    kept = store.submission(accepted.status.id)
    assert kept is not None
    assert kept.run is not None
    assert accepted.request is not None
    sent = JudgeRequest.load(accepted.request.dump()).run
    assert sent is not None
    for each in (kept.run, sent):
        assert list(each.case_bytes()) == [(content, content), (b"1", None)]


@pytest.mark.parametrize("source", ["a\x00b", "\x00\x00", "\U0010ffff0 \U0010ffff\x00", "\U0010ffff"])
def test_a_source_with_nul_bytes_is_kept_as_it_was_sent(
    store: SubmissionStore, account: str, source: str
) -> None:
    accepted = store.accept(new_submission(account, source=source))
    kept = store.submission(accepted.status.id)
    assert kept is not None
    assert accepted.request is not None
    assert (kept.source, JudgeRequest.load(accepted.request.dump()).source) == (source, source)


def test_a_later_submission_has_a_higher_serial_number(store: SubmissionStore, account: str) -> None:
    first, second = (store.accept(new_submission(account)).status for _ in range(2))
    assert second.serial > first.serial
    assert store.by_serial(first.serial) == first


def test_posting_the_same_key_and_body_again_gives_the_same_submission(
    store: SubmissionStore, account: str
) -> None:
    new = new_submission(account, idempotency_key="k", body_hash="b" * 64)
    first, second = store.accept(new), store.accept(new)
    assert second.duplicate
    assert second.request is None
    assert second.status == first.status


def test_posting_the_same_key_with_another_body_is_refused(store: SubmissionStore, account: str) -> None:
    store.accept(new_submission(account, idempotency_key="k", body_hash="b" * 64))
    with pytest.raises(IdempotencyKeyReused):
        store.accept(new_submission(account, idempotency_key="k", body_hash="c" * 64))


def test_simultaneous_posts_with_the_same_key_make_a_single_submission(
    store: SubmissionStore, account: str
) -> None:
    new = new_submission(account, idempotency_key="k", body_hash="b" * 64)
    with ThreadPoolExecutor(8) as pool:
        ids = {accepted.status.id for accepted in pool.map(lambda _: store.accept(new), range(16))}
    assert len(ids) == 1


def test_simultaneous_posts_do_not_exceed_the_quota(store: SubmissionStore, account: str) -> None:
    def post(_: int) -> bool:
        try:
            store.accept(new_submission(account, max_unfinished=5))
        except QuotaExceeded as refused:
            assert refused.retry_after > 0
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(post, range(20))) == 5
    assert store.count_unfinished(account) == 5


def test_runs_may_use_only_their_share_of_the_quota_of_submissions(
    store: SubmissionStore, account: str
) -> None:
    quota = {"max_unfinished": 4, "max_unfinished_runs": 2}
    for _ in range(2):
        store.accept(new_submission(account, kind=Kind.RUN, **quota))
    with pytest.raises(QuotaExceeded, match="2 runs"):
        store.accept(new_submission(account, kind=Kind.RUN, **quota))
    for _ in range(2):
        store.accept(new_submission(account, **quota))
    with pytest.raises(QuotaExceeded, match="4 submissions"):
        store.accept(new_submission(account, **quota))


def test_a_submission_of_an_unknown_account_is_refused(store: SubmissionStore) -> None:
    with pytest.raises(NotFound):
        store.accept(new_submission("nobody"))


def test_the_pages_of_submissions_go_from_newest_to_oldest(
    store: SubmissionStore, engine: Engine, account: str
) -> None:
    ids = [store.accept(new_submission(account)).status.id for _ in range(5)]
    store.accept(new_submission(add_account(engine, "bob")))
    mine = SubmissionFilter(account_id=account)
    first = store.page(mine, limit=3)
    second = store.page(mine, first.cursor, limit=3)
    assert [s.id for s in first.items + second.items] == ids[::-1]
    assert second.cursor is None


def test_a_page_can_be_filtered_by_verdict(store: SubmissionStore, engine: Engine, account: str) -> None:
    right, wrong = (store.accept(new_submission(account)).status.id for _ in range(2))
    VerdictStore(engine).record_all([finished(right), finished(wrong, verdict=Verdict.WA)])
    assert [s.id for s in store.page(SubmissionFilter(verdict=Verdict.WA)).items] == [wrong]
    assert store.page(SubmissionFilter(unfinished=True)).items == ()


def test_a_cancelled_submission_cannot_be_cancelled_again_and_records_no_verdict(
    store: SubmissionStore, engine: Engine, account: str
) -> None:
    id = store.accept(new_submission(account), send_now=False).status.id
    assert store.cancel(id)
    assert not store.cancel(id)
    assert VerdictStore(engine).record(finished(id)) is None
    assert Outbox(engine).claim(10, "relay", 5) == []
    status = store.status(id)
    assert status is not None
    assert status.stage is Stage.CANCELLED


def test_a_finished_submission_cannot_be_cancelled(
    store: SubmissionStore, engine: Engine, account: str
) -> None:
    id = store.accept(new_submission(account)).status.id
    VerdictStore(engine).record(finished(id))
    assert not store.cancel(id)


def test_a_submission_behind_other_submissions_in_the_outbox_is_sent_by_the_relay(
    store: SubmissionStore, account: str
) -> None:
    store.accept(new_submission(account), send_now=False)
    assert store.accept(new_submission(account)).request is None
    assert store.accept(new_submission(account, tier=Tier.PREMIUM)).request is not None


def test_an_unreachable_database_raises_store_unavailable(tmp_path: object) -> None:
    store = SubmissionStore(open_engine("postgresql://nobody@127.0.0.1:1/none"))
    with pytest.raises(StoreUnavailable):
        store.status("x")


def test_a_row_that_its_api_process_has_not_sent_can_be_claimed_after_four_seconds(
    engine: Engine, account: str
) -> None:
    now = datetime.now(UTC)
    SubmissionStore(engine, lambda: now).accept(new_submission(account))
    assert Outbox(engine, lambda: now).claim(10, "relay", 5) == []
    later = now + timedelta(seconds=4)
    assert len(Outbox(engine, lambda: later).claim(10, "relay", 5)) == 1


def test_a_request_that_is_written_and_read_is_equal(store: SubmissionStore, account: str) -> None:
    request = store.accept(new_submission(account)).request
    assert request is not None
    assert JudgeRequest.load(request.dump()) == request
