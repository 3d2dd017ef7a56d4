"""From the records of the workers, routing finds the queues for a tier and a language."""

from __future__ import annotations

import pytest

from judge_core.model.account import Tier
from judge_core.model.routing import Routes, queue_name, queue_of_worker, tier_of_queue
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.model.worker import WorkerRecord, WorkerState
from tests.support.records import a_worker

NORMAL, PREMIUM = Tier.NORMAL, Tier.PREMIUM


def queues(language: str, *workers: WorkerRecord, tier: Tier = NORMAL) -> tuple[str, ...]:
    return Routes(workers).queues(tier, language)


def test_the_queue_of_the_default_pool_has_the_name_of_its_tier() -> None:
    assert queue_of_worker(a_worker("a")) == "normal"
    assert queue_of_worker(a_worker("a", queue=PREMIUM, pool="jvm")) == "premium.jvm"


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("normal", NORMAL),
        ("premium.jvm", PREMIUM),
        ("normal:intermediate", None),
        ("normal.", None),
        ("normal.JVM", None),
        ("gold", Tier("gold")),
        ("Gold", None),
        ("", None),
    ],
)
def test_the_tier_is_read_from_the_name_of_a_queue_and_from_no_other_name(
    name: str, tier: Tier | None
) -> None:
    assert tier_of_queue(name) == tier


def test_a_tier_without_any_worker_has_a_default_queue() -> None:
    assert queues("kotlin", a_worker("p", "kotlin", queue=PREMIUM)) == ("normal",)
    assert not Routes().has_worker(NORMAL, "kotlin")


def test_a_language_without_a_live_worker_has_no_queue() -> None:
    routes = Routes([a_worker("a", "python3")])
    assert routes.queues(NORMAL, "kotlin") == ()
    assert routes.queues(NORMAL, "ada") == ()
    assert not routes.has_worker(NORMAL, "kotlin")


def test_a_worker_of_another_tier_does_not_count() -> None:
    assert queues("kotlin", a_worker("a", "python3"), a_worker("p", "kotlin", queue=PREMIUM)) == ()


@pytest.mark.parametrize("state", [WorkerState.DRAINING, WorkerState.LOST])
def test_a_draining_or_lost_worker_does_not_count(state: WorkerState) -> None:
    assert queues("kotlin", a_worker("a", "python3"), a_worker("k", "kotlin", pool="jvm", state=state)) == ()


def test_a_submission_goes_to_the_pool_that_has_its_language() -> None:
    workers = a_worker("a", "python3"), a_worker("k", "kotlin", pool="jvm")
    assert queues("kotlin", *workers) == ("normal.jvm",)
    assert queues("python3", *workers) == ("normal",)


def test_a_pool_where_every_worker_has_the_language_comes_before_a_mixed_pool() -> None:
    mixed = a_worker("a", "kotlin", "python3"), a_worker("b", "python3")
    assert queues("kotlin", *mixed) == ("normal",)
    assert queues("kotlin", *mixed, a_worker("k", "kotlin", pool="jvm")) == ("normal.jvm",)


def test_the_pool_with_more_idle_workers_is_first() -> None:
    busy = a_worker("a", "kotlin", state=WorkerState.BUSY)
    assert queues("kotlin", busy, a_worker("k", "kotlin", pool="jvm")) == ("normal.jvm", "normal")


def test_a_worker_that_registered_no_languages_counts_as_having_all() -> None:
    unknown = a_worker("old", languages={})
    assert queues("kotlin", unknown) == ("normal",)
    assert Routes([unknown]).has_worker(NORMAL, "kotlin")


def test_a_queue_leads_to_a_worker_if_a_worker_of_its_pool_has_the_language() -> None:
    routes = Routes([a_worker("a", "kotlin", "python3"), a_worker("b", "python3"), a_worker("k", "kotlin")])
    assert routes.leads_to_worker("normal", NORMAL, "kotlin")
    assert not routes.leads_to_worker("normal.jvm", NORMAL, "kotlin")
    assert not routes.leads_to_worker("normal", NORMAL, "ada")
    assert Routes().leads_to_worker(queue_name(NORMAL), NORMAL, "ada")


def lending(*workers: WorkerRecord) -> Routes:
    return Routes(workers, DEFAULT_TIERS.all_helping())


PREMIUM_WORKER = a_worker("p", "python3", "kotlin", queue=PREMIUM)
PREMIUM_WORKERS = PREMIUM_WORKER, a_worker("q", "python3", queue=PREMIUM)


def test_without_lending_a_tier_uses_only_its_own_workers() -> None:
    routes = Routes([PREMIUM_WORKER])
    assert routes.lenders(NORMAL) == ()
    assert routes.queues(NORMAL, "python3") == ("normal",)


def test_normal_workers_lend_to_premium_only_if_no_premium_worker_is_alive() -> None:
    both = lending(a_worker("a", "python3"), *PREMIUM_WORKERS)
    assert [pool.queue for pool in both.lenders(NORMAL)] == ["premium"]
    assert both.lenders(PREMIUM) == ()
    alone = lending(a_worker("a", "python3"))
    assert [pool.queue for pool in alone.lenders(PREMIUM)] == ["normal"]
    assert alone.queues(PREMIUM, "python3") == ()
    assert alone.has_worker(PREMIUM, "python3")
    assert not alone.has_worker(PREMIUM, "kotlin")


def test_a_language_that_only_the_lending_tier_has_counts_as_served() -> None:
    routes = lending(a_worker("a", "python3"), *PREMIUM_WORKERS)
    assert routes.queues(NORMAL, "kotlin") == ()
    assert not routes.is_unserved(NORMAL, "kotlin")
    assert routes.is_unserved(NORMAL, "ada")
    assert routes.judged_languages(NORMAL) == {"python3", "kotlin"}
    assert routes.languages(NORMAL) == {"python3"}


@pytest.mark.parametrize(
    "helpers",
    [
        [PREMIUM_WORKER],
        [PREMIUM_WORKER, a_worker("q", "python3", queue=PREMIUM, state=WorkerState.DRAINING)],
        [PREMIUM_WORKER, a_worker("q", "python3", queue=PREMIUM, pool="jvm")],
    ],
    ids=["one worker", "one that is not draining", "one in each pool"],
)
def test_a_pool_of_one_worker_that_must_stay_free_lends_to_no_lighter_tier(
    helpers: list[WorkerRecord],
) -> None:
    routes = lending(a_worker("a", "python3"), *helpers)
    assert routes.lenders(NORMAL) == ()
    assert not routes.has_worker(NORMAL, "kotlin")
    assert routes.is_unserved(NORMAL, "kotlin")
    assert routes.kept_free(NORMAL, "kotlin") == PREMIUM
    assert lending(*helpers).queues(NORMAL, "python3") == ("normal",)
    assert not lending(*helpers).has_worker(NORMAL, "python3")


def test_a_tier_that_may_lend_or_lacks_the_language_does_not_keep_a_worker_free() -> None:
    assert lending(*PREMIUM_WORKERS).kept_free(NORMAL, "kotlin") is None
    assert lending(PREMIUM_WORKER).kept_free(NORMAL, "ada") is None
    assert Routes([PREMIUM_WORKER]).kept_free(NORMAL, "kotlin") is None
    assert lending(a_worker("a", "kotlin")).kept_free(PREMIUM, "kotlin") is None


def test_only_languages_that_a_worker_has_registered_are_lent() -> None:
    routes = lending(*(a_worker(name, queue=PREMIUM, languages={}) for name in "pq"))
    assert routes.has_worker(PREMIUM, "kotlin")
    assert not routes.has_worker(NORMAL, "kotlin")


def test_a_job_in_the_queue_of_a_lending_tier_counts_as_served() -> None:
    routes = lending(a_worker("a", "python3"), *PREMIUM_WORKERS)
    assert routes.leads_to_worker("premium", NORMAL, "kotlin")
    assert not Routes([PREMIUM_WORKER]).leads_to_worker("premium", NORMAL, "kotlin")
