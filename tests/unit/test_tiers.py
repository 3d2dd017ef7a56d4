"""The settings define any number of tiers. Each has a weight, and the settings name the tiers that help
it."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace

import pytest

from judge_api.settings import Settings, SettingsError
from judge_api.supervisor import CannotStart
from judge_api.supervisor.process_specs import InvalidWorkers, parse_workers, tiers_of
from judge_api.supervisor.seed import first_accounts
from judge_core.model.account import Quotas, Tier
from judge_core.model.errors import Invalid
from judge_core.model.routing import Routes, tier_of_queue
from judge_core.model.tiers import DEFAULT_TIERS, parse_helpers, parse_tiers
from judge_core.model.worker import WorkerRecord
from tests.support.records import a_worker
from workers.settings import WorkerSettings, WorkerSettingsError

GOLD = Tier("gold")
THREE = parse_tiers("normal=1, premium=10, gold=20")


@pytest.mark.parametrize(
    "name", ["", "g", "Gold", "1st", "a" * 17, "no tier", "gold.jvm", "gold\n", "a_b", "gõld"]
)
def test_a_tier_cannot_have_a_name_that_is_invalid_in_a_queue_or_key(name: str) -> None:
    with pytest.raises(ValueError, match="is no name for a tier"):
        Tier(name)


def test_a_copied_or_pickled_tier_is_an_equal_tier_and_is_text_in_json() -> None:
    for copied in (copy.deepcopy(GOLD), pickle.loads(pickle.dumps(GOLD)), Tier(GOLD)):
        assert (copied, type(copied), type(copied.value)) == (GOLD, Tier, str)
    assert json.dumps({"tier": GOLD}) == '{"tier": "gold"}'


def test_without_settings_there_are_the_tiers_normal_and_premium() -> None:
    settings = Settings.from_env({})
    assert dict(settings.tiers.weights) == {"normal": 1, "premium": 10}
    assert dict(settings.max_unfinished) == {"normal": 20, "premium": 200}
    assert not settings.tiers.helpers


def test_the_weight_of_a_tier_decides_its_order_and_its_default_limit() -> None:
    settings = Settings.from_env({"GAVEL_TIERS": "gold=20,normal=1,silver=5"})
    assert settings.tiers.by_weight == ("gold", "silver", "normal")
    assert dict(settings.max_unfinished) == {"gold": 400, "normal": 20, "silver": 100}
    given = {"GAVEL_TIERS": "gold=20,normal=1", "GAVEL_MAX_UNFINISHED": "gold=7"}
    assert dict(Settings.from_env(given).max_unfinished) == {"gold": 7, "normal": 20}
    everybody = {"GAVEL_TIERS": "gold=20,normal=1", "GAVEL_MAX_UNFINISHED": "3"}
    assert dict(Settings.from_env(everybody).max_unfinished) == {"gold": 3, "normal": 3}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "normal is missing"),
        ("premium=1", "normal is missing"),
        ("normal", "must be a tier and its weight"),
        ("normal=0", "weight from 1 to 1000"),
        ("normal=1001", "weight from 1 to 1000"),
        ("normal=1,gold=²", "weight from 1 to 1000"),
        ("normal=1,normal=2", "normal is named twice"),
        ("normal=1,admin=2", "admin is no name for a tier"),
        ("normal=1,Gold=2", "'Gold' is no name for a tier"),
        (",".join(["normal=1", *(f"tier{n}=1" for n in range(16))]), "at most 16"),
    ],
)
def test_each_process_refuses_an_invalid_setting_of_tiers(text: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason) as refused:
        Settings.from_env({"GAVEL_TIERS": text})
    assert "GAVEL_TIERS" in str(refused.value)
    if text:
        with pytest.raises(CannotStart, match=reason):
            tiers_of({"GAVEL_TIERS": text})
        with pytest.raises(WorkerSettingsError, match=reason):
            WorkerSettings.from_env({"GAVEL_TIERS": text, "GAVEL_REDIS_URL": "redis://x"}, "normal")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GAVEL_MAX_UNFINISHED", "silver=3"),
        ("GAVEL_SPILL_OVER", "gold=silver"),
        ("GAVEL_SPILL_OVER", "silver=gold"),
    ],
)
def test_a_setting_that_names_an_undefined_tier_is_refused(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} names the tier silver.*Choose from normal, gold"):
        Settings.from_env({"GAVEL_TIERS": "normal=1,gold=20", variable: value})


@pytest.mark.parametrize("text", ["gold", "gold=gold", "gold=", "=gold", "gold=a=b"])
def test_spill_over_that_does_not_name_two_tiers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"two tiers|no name for a tier"):
        parse_helpers(text)


def test_a_worker_cannot_be_started_for_an_undefined_tier() -> None:
    env = {"GAVEL_REDIS_URL": "redis://x", "GAVEL_TIERS": "normal=1,gold=20"}
    assert WorkerSettings.from_env(env, "gold").queue == GOLD
    with pytest.raises(WorkerSettingsError, match="use one of normal, gold"):
        WorkerSettings.from_env(env, "premium")


def test_gavel_up_starts_a_single_worker_for_each_tier_without_a_given_number() -> None:
    assert parse_workers("gold=3,normal=2", THREE) == {"normal": 2, "premium": 1, "gold": 3}
    with pytest.raises(
        InvalidWorkers, match=r"there is no tier 'silver'\. Choose from normal, premium, gold"
    ):
        parse_workers("silver=1", THREE)


def test_each_tier_gets_an_account_and_the_administrator_is_in_premium_or_the_heaviest_tier() -> None:
    assert [(each.use, each.tier) for each in first_accounts(THREE)] == [
        ("normal", "normal"), ("premium", "premium"), ("gold", "gold"), ("admin", "premium"),
    ]  # fmt: skip
    assert first_accounts(parse_tiers("normal=1,gold=3"))[-1].tier == GOLD


def test_an_undefined_tier_has_the_limits_and_the_workers_of_normal() -> None:
    quotas = Quotas.uniform({Tier.NORMAL: 20, GOLD: 400}, 1000)
    assert quotas.of(Tier("silver")) == quotas.of(Tier.NORMAL)
    assert (DEFAULT_TIERS.serving(GOLD), THREE.serving(GOLD)) == ("normal", "gold")
    with pytest.raises(Invalid, match="'gold' is no tier here: choose from normal, premium"):
        DEFAULT_TIERS.require(GOLD)


def test_the_tier_is_read_from_the_name_of_a_queue_even_if_the_tier_is_undefined() -> None:
    assert tier_of_queue("gold") == tier_of_queue("gold.jvm") == GOLD
    assert tier_of_queue("gold:intermediate") is None


def test_a_defined_tier_without_workers_has_a_queue_and_an_undefined_tier_has_no_queue() -> None:
    assert Routes(tiers=THREE).queues(GOLD, "python3") == ("gold",)
    assert Routes().queues(GOLD, "python3") == ()
    assert not Routes().leads_to_worker("gold", GOLD, "python3")


def _workers(*tiers: str) -> list[WorkerRecord]:
    return [a_worker(f"{tier}-{n}", "python3", queue=Tier(tier)) for tier in tiers for n in (1, 2)]


def _lenders(tier: str, *alive: str) -> list[str]:
    helped = replace(THREE, helpers=parse_helpers("gold=premium,gold=normal,normal=premium"))
    return [pool.queue for pool in Routes(_workers(*alive), helped).lenders(Tier(tier))]


def test_spill_over_follows_the_settings_and_the_weights() -> None:
    assert _lenders("normal", "normal", "premium", "gold") == ["premium"]
    assert _lenders("gold", "normal", "premium", "gold") == []
    assert _lenders("gold", "normal", "premium") == ["normal", "premium"]
    assert _lenders("premium", "normal", "gold") == []


def test_a_lending_tier_keeps_a_worker_free_unless_the_borrowing_tier_is_heavier() -> None:
    routes = Routes(tiers=THREE)
    assert routes.keeps_free(Tier.PREMIUM, Tier.NORMAL)
    assert not routes.keeps_free(Tier.PREMIUM, GOLD)
    assert Routes(tiers=parse_tiers("normal=1,gold=1")).keeps_free(GOLD, Tier.NORMAL)
