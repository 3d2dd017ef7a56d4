"""Relays claim the rows of the outbox by tier, and every account gets its turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_core.model.account import Tier
from tests.support.records import add_account, new_submission


@pytest.fixture
def store(engine: Engine) -> SubmissionStore:
    return SubmissionStore(engine)


@pytest.fixture
def outbox(engine: Engine) -> Outbox:
    return Outbox(engine)


def _post(store: SubmissionStore, account: str, **changes: object) -> str:
    return store.accept(new_submission(account, **changes), send_now=False).status.id


def test_the_outbox_gives_premium_rows_first_and_then_the_oldest(
    engine: Engine, store: SubmissionStore, outbox: Outbox
) -> None:
    account = add_account(engine)
    first, second = _post(store, account), _post(store, account)
    premium = _post(store, account, tier=Tier.PREMIUM)
    assert [row.id for row in outbox.claim(10, "relay", 5)] == [premium, first, second]


def test_a_relay_can_claim_the_rows_of_a_single_tier(
    engine: Engine, store: SubmissionStore, outbox: Outbox
) -> None:
    account = add_account(engine)
    normal = _post(store, account)
    _post(store, account, tier=Tier.PREMIUM)
    assert [row.id for row in outbox.claim(10, "relay", 5, Tier.NORMAL)] == [normal]


def test_many_submissions_of_an_account_do_not_delay_the_submission_of_a_second_account(
    engine: Engine, store: SubmissionStore, outbox: Outbox
) -> None:
    flooder, lone = add_account(engine, "flooder"), add_account(engine, "lone")
    flood = [_post(store, flooder) for _ in range(50)]
    outbox.mark_sent((id, 1) for id in flood[:10])
    mine = _post(store, lone)
    order = [row.id for row in outbox.claim(100, "relay", 5)]
    assert order.index(mine) <= 1
    assert [id for id in order if id != mine] == flood[10:]


def test_rejudged_submissions_wait_behind_new_submissions(
    engine: Engine, store: SubmissionStore, outbox: Outbox
) -> None:
    account = add_account(engine)
    again = _post(store, account, priority=10)
    live = _post(store, account)
    assert [row.id for row in outbox.claim(10, "relay", 5)] == [live, again]


def test_four_relays_that_claim_at_once_get_different_rows(
    engine: Engine, store: SubmissionStore, outbox: Outbox
) -> None:
    account = add_account(engine)
    ids = {_post(store, account) for _ in range(40)}
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda n: outbox.claim(10, f"relay-{n}", 5), range(4)))
    claimed = [row.id for batch in batches for row in batch]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) <= ids


def test_a_row_can_be_claimed_again_when_the_lease_of_its_claim_has_ended(
    engine: Engine, store: SubmissionStore
) -> None:
    now = datetime.now(UTC)
    id = _post(store, add_account(engine))
    assert [row.id for row in Outbox(engine).claim(10, "dead", 5)] == [id]
    assert Outbox(engine).claim(10, "other", 5) == []
    (row,) = Outbox(engine, lambda: now + timedelta(seconds=9)).claim(10, "other", 5)
    assert (row.id, row.tries) == (id, 2)


def test_a_released_row_can_be_claimed_again_at_the_given_time(
    engine: Engine, store: SubmissionStore, outbox: Outbox
) -> None:
    id = _post(store, add_account(engine))
    outbox.claim(10, "relay", 5)
    outbox.release([id], datetime.now(UTC) + timedelta(minutes=1))
    assert outbox.claim(10, "relay", 5) == []
    assert outbox.backlog().waiting == 1
    outbox.release([id])
    assert [row.id for row in outbox.claim(10, "relay", 5)] == [id]
    outbox.mark_sent([(id, 1)])
    assert outbox.backlog().waiting == 0
