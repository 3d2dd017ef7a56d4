"""With GAVEL_WORK_CONSERVING idle workers judge for the other tier. New premium submissions do not wait
behind normal submissions."""

from __future__ import annotations

import pytest

from judge_api.store.records import REJUDGE_PRIORITY
from judge_core.model.account import Tier
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.model.worker import WorkerRecord
from judge_core.redis.keys import parse_job_id
from tests.integration.dispatch_fixture import DispatchFixture
from tests.network.waiting import until
from tests.support.records import a_worker

pytestmark = pytest.mark.slow_on("postgresql")  # test_dispatch.py tests both databases

PREMIUM = Tier.PREMIUM


@pytest.fixture
def lending(dispatch: DispatchFixture) -> DispatchFixture:
    dispatch.router._tiers = DEFAULT_TIERS.all_helping()
    dispatch.queue.set_capacity("normal", 2)
    return dispatch


def premium_workers(count: int) -> list[WorkerRecord]:
    return [a_worker(f"premium-{n}", "python3", queue=PREMIUM) for n in range(count)]


def waiting(dispatch: DispatchFixture, queue: str) -> list[str]:
    found: list[bytes] = dispatch.redis.client().lrange(f"rq:queue:{queue}", 0, -1)  # type: ignore[assignment]
    return [parse_job_id(id.decode())[0] for id in found]


def pop(dispatch: DispatchFixture, queue: str) -> None:
    dispatch.redis.client().lmove(f"rq:queue:{queue}", f"rq:queue:{queue}:intermediate")


@pytest.mark.parametrize(("premium", "lent"), [(0, 0), (1, 0), (2, 1), (4, 3)])
def test_the_last_free_premium_worker_is_not_lent(lending: DispatchFixture, premium: int, lent: int) -> None:
    lending.set_workers(a_worker("normal", "python3"), *premium_workers(premium))
    posted = [lending.post() for _ in range(10)]
    lending.relay.relay_once()
    assert sorted(waiting(lending, "normal") + waiting(lending, "premium")) == sorted(posted[: 2 + lent])
    assert len(waiting(lending, "premium")) == lent
    for _ in range(lent):
        pop(lending, "premium")
    lending.relay.relay_once()
    assert waiting(lending, "premium") == []


def test_a_busy_premium_worker_is_not_counted_as_free(lending: DispatchFixture) -> None:
    lending.set_workers(a_worker("normal", "python3"), *premium_workers(3))
    urgent = lending.post(tier=PREMIUM)
    for _ in range(10):
        lending.post()
    lending.relay.relay_once()
    assert len(waiting(lending, "premium")) == 2
    assert waiting(lending, "premium")[0] == urgent


def test_no_premium_worker_is_lent_while_premium_is_paused(lending: DispatchFixture) -> None:
    lending.set_workers(a_worker("normal", "python3"), *premium_workers(3))
    lending.redis.client().set("gavel:paused:premium", "1")
    for _ in range(10):
        lending.post()
    lending.relay.relay_once()
    assert waiting(lending, "premium") == []


def test_without_a_premium_worker_each_premium_submission_goes_ahead_of_the_normal_queue(
    lending: DispatchFixture,
) -> None:
    lending.set_workers(a_worker("normal", "python3"))
    normal = [lending.post() for _ in range(5)]
    lending.relay.relay_once()
    first, second = lending.post(tier=PREMIUM), lending.post(tier=PREMIUM)
    lending.relay.relay_once()
    assert waiting(lending, "normal")[:2] == [first, normal[0]]
    assert waiting(lending, "premium") == []
    pop(lending, "normal")
    lending.relay.relay_once()
    assert waiting(lending, "normal")[0] == second


def test_a_language_is_lent_only_after_a_second_premium_worker_has_registered(
    lending: DispatchFixture,
) -> None:
    kotlin = a_worker("premium-k", "kotlin", queue=PREMIUM)
    lending.set_workers(a_worker("normal", "python3"), kotlin)
    id = lending.post(language="kotlin")
    lending.relay.relay_once()
    lending.languages.check_once()
    assert [(held.tier, held.language) for held in lending.outbox.held()] == [(Tier.NORMAL, "kotlin")]
    assert (Tier.NORMAL, "kotlin") in lending.unserved.read()

    lending.set_workers(a_worker("normal", "python3"), kotlin, *premium_workers(1))
    assert lending.languages.check_once() == 1
    assert lending.unserved.read() == {}
    lending.relay.relay_once()
    assert waiting(lending, "premium") == [id]


def test_a_tier_loses_a_lent_language_when_the_last_worker_with_the_language_is_gone(
    lending: DispatchFixture,
) -> None:
    normal, kotlin = a_worker("normal", "python3"), a_worker("premium-k", "kotlin", queue=PREMIUM)
    lending.set_workers(normal, kotlin, *premium_workers(1))
    lending.languages.check_once()
    lending.set_workers(normal, *premium_workers(1))
    lending.languages.check_once()
    assert set(lending.unserved.read()) == {(Tier.NORMAL, "kotlin"), (PREMIUM, "kotlin")}


def test_rejudgings_use_lent_workers_only_if_no_worker_of_their_tier_has_the_language(
    lending: DispatchFixture,
) -> None:
    kotlin = a_worker("premium-k", "kotlin", queue=PREMIUM)
    lending.set_workers(a_worker("normal", "python3"), kotlin, *premium_workers(2))
    python = [lending.post(priority=REJUDGE_PRIORITY) for _ in range(4)]
    rejudged = lending.post(priority=REJUDGE_PRIORITY, language="kotlin")
    live = lending.post(language="kotlin")
    lending.relay.relay_once()
    assert waiting(lending, "premium") == [live, rejudged]

    def python_is_sent() -> bool:
        lending.relay.relay_once()
        return waiting(lending, "normal") == python[:2]

    until(python_is_sent, "the normal worker gets two rejudgings in python3", 30)
    assert waiting(lending, "premium") == [live, rejudged]


def test_without_a_normal_worker_idle_premium_workers_judge_rejudgings_of_normal(
    lending: DispatchFixture,
) -> None:
    lending.set_workers(*premium_workers(2))
    id = lending.post(priority=REJUDGE_PRIORITY)
    lending.relay.relay_once()
    assert waiting(lending, "premium") == [id]


def test_without_a_premium_worker_rejudgings_of_premium_wait_behind_normal_submissions(
    lending: DispatchFixture,
) -> None:
    lending.set_workers(a_worker("normal", "python3"))
    rejudged = [lending.post(tier=PREMIUM, priority=REJUDGE_PRIORITY) for _ in range(3)]
    normal = lending.post()
    lending.relay.relay_once()
    assert waiting(lending, "normal") == [normal, rejudged[0]]
    lending.redis.client().set("gavel:paused:premium", "1")
    pop(lending, "normal")
    pop(lending, "normal")
    lending.relay.relay_once()
    assert waiting(lending, "normal") == []


def test_the_status_of_a_lent_submission_names_its_own_tier(lending: DispatchFixture) -> None:
    lending.set_workers(*premium_workers(2))
    id = lending.post()
    lending.relay.relay_once()
    assert waiting(lending, "premium") == [id]
    assert lending.status(id).queue == Tier.NORMAL


def test_a_lent_submission_goes_back_to_its_own_queue_if_the_lending_workers_are_gone(
    lending: DispatchFixture,
) -> None:
    lending.set_workers(*premium_workers(2))
    id = lending.post()
    lending.relay.relay_once()
    lending.reconcile()
    assert waiting(lending, "premium") == [id]
    lending.set_workers(a_worker("normal", "python3"))
    lending.reconcile()
    lending.relay.relay_once()
    assert (waiting(lending, "premium"), waiting(lending, "normal")) == ([], [id])
    assert lending.status(id).attempt == 1
