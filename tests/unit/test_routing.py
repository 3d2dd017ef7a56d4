"""The routing decision: from the records of the workers to the queues for a tier and a language."""

from __future__ import annotations

import pytest

from judge_core.model.account import Tier
from judge_core.model.routing import Routes, queue_name, queue_of_worker, tier_of_queue
from judge_core.model.worker import WorkerRecord, WorkerState
from tests.support.records import a_worker

NORMAL, PREMIUM = Tier.NORMAL, Tier.PREMIUM


def queues(language: str, *workers: WorkerRecord, tier: Tier = NORMAL) -> tuple[str, ...]:
    return Routes(workers).queues(tier, language)


def test_the_default_pool_has_the_queue_of_its_tier() -> None:
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
        ("gold", None),
        ("", None),
    ],
)
def test_only_names_of_queues_name_a_tier(name: str, tier: Tier | None) -> None:
    assert tier_of_queue(name) is tier


def test_a_tier_without_any_worker_has_its_default_queue() -> None:
    assert queues("kotlin", a_worker("p", "kotlin", queue=PREMIUM)) == ("normal",)
    assert not Routes().has_worker(NORMAL, "kotlin")


def test_a_language_that_no_live_worker_has_leads_nowhere() -> None:
    routes = Routes([a_worker("a", "python3")])
    assert routes.queues(NORMAL, "kotlin") == ()
    assert routes.queues(NORMAL, "ada") == ()
    assert not routes.has_worker(NORMAL, "kotlin")


def test_a_worker_of_another_tier_does_not_count() -> None:
    assert queues("kotlin", a_worker("a", "python3"), a_worker("p", "kotlin", queue=PREMIUM)) == ()


@pytest.mark.parametrize("state", [WorkerState.DRAINING, WorkerState.LOST])
def test_a_worker_that_takes_nothing_does_not_count(state: WorkerState) -> None:
    assert queues("kotlin", a_worker("a", "python3"), a_worker("k", "kotlin", pool="jvm", state=state)) == ()


def test_a_submission_goes_to_the_pool_that_has_its_language() -> None:
    workers = a_worker("a", "python3"), a_worker("k", "kotlin", pool="jvm")
    assert queues("kotlin", *workers) == ("normal.jvm",)
    assert queues("python3", *workers) == ("normal",)


def test_a_pool_where_every_worker_has_the_language_comes_before_a_mixed_one() -> None:
    mixed = a_worker("a", "kotlin", "python3"), a_worker("b", "python3")
    assert queues("kotlin", *mixed) == ("normal",)
    assert queues("kotlin", *mixed, a_worker("k", "kotlin", pool="jvm")) == ("normal.jvm",)


def test_of_several_pools_the_one_with_more_idle_workers_is_first() -> None:
    busy = a_worker("a", "kotlin", state=WorkerState.BUSY)
    assert queues("kotlin", busy, a_worker("k", "kotlin", pool="jvm")) == ("normal.jvm", "normal")


def test_a_worker_that_registered_no_languages_is_believed_to_have_all() -> None:
    unknown = a_worker("old", languages={})
    assert queues("kotlin", unknown) == ("normal",)
    assert Routes([unknown]).has_worker(NORMAL, "kotlin")


def test_what_waits_in_a_queue_is_judged_there_while_one_of_its_workers_can() -> None:
    routes = Routes([a_worker("a", "kotlin", "python3"), a_worker("b", "python3"), a_worker("k", "kotlin")])
    assert routes.leads_to_worker("normal", NORMAL, "kotlin")
    assert not routes.leads_to_worker("normal.jvm", NORMAL, "kotlin")
    assert not routes.leads_to_worker("normal", NORMAL, "ada")
    assert Routes().leads_to_worker(queue_name(NORMAL), NORMAL, "ada")
