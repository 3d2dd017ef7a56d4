"""A worker knows how fast its host is. A worker outside the allowed band is named, refused or put into
another pool."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import accumulate, chain, repeat

import pytest

from judge_api.services.speed_warnings import speed_warnings
from judge_core.model.account import Tier
from judge_core.model.routing import Routes
from judge_core.model.worker import WorkerRecord
from tests.support.records import a_worker
from workers import startup_check
from workers.factory import _with_speed
from workers.settings import WorkerSettings, WorkerSettingsError
from workers.speed import _REFERENCE_SECONDS, _ROUNDS, OutsideBand, SpeedRule, measure_speed
from workers.startup_check import SPEED_OUTSIDE_BAND, StartupRefused, check_speed

NORMAL = Tier.NORMAL
SLOW, RIGHT, FAST = 0.3, 1.2, 3.0


def _clock(*rounds: float) -> Iterator[float]:
    """A CPU clock that shows these seconds for the rounds."""
    return accumulate(chain.from_iterable(zip(repeat(0.0), rounds, strict=False)))


def test_the_speed_is_computed_from_the_median_round() -> None:
    once, twice = ([0.02] * 9, [0.01] * 9)
    assert measure_speed(_clock(*twice).__next__) == pytest.approx(
        2 * measure_speed(_clock(*once).__next__), 0.01
    )
    disturbed = [0.02, 9.0, 0.02, 0.02, 0.02, 0.001, 0.02, 0.02, 7.0]
    assert measure_speed(_clock(*disturbed).__next__) == measure_speed(_clock(*once).__next__)


def test_a_measurement_of_this_host_agrees_with_the_cpu_time_that_it_took() -> None:
    """The allowed difference is large, because single rounds may take much longer than the median round."""
    began = time.thread_time()
    speed = measure_speed()
    mean = (time.thread_time() - began) / (_ROUNDS + 1)
    assert 0.5 < mean / (_REFERENCE_SECONDS / speed) < 10


def _settings(**variables: str) -> WorkerSettings:
    named = {f"GAVEL_SPEED_{name.upper()}": value for name, value in variables.items()}
    return WorkerSettings.from_env({"GAVEL_REDIS_URL": "redis://x", **named}, "normal")


def test_without_a_reference_speed_every_host_is_allowed() -> None:
    rule = _settings().speed_rule
    assert [rule.fault(speed) for speed in (SLOW, RIGHT, FAST)] == [None] * 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("band", "0.5"), ("band", "2-0.5"), ("band", "0-2"), ("band", "1.5-2"), ("band", "0.5-inf"),
        ("outside", "ignore"), ("reference", "fast"), ("reference", "-1"), ("reference", "nan"),
    ],
)  # fmt: skip
def test_a_wrong_setting_of_speed_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(WorkerSettingsError, match=f"GAVEL_SPEED_{name.upper()}"):
        _settings(**{name: value})


@pytest.mark.parametrize("outside", OutsideBand)
@pytest.mark.parametrize("speed", [SLOW, RIGHT, FAST])
def test_only_a_host_outside_the_band_is_refused(
    monkeypatch: pytest.MonkeyPatch, outside: OutsideBand, speed: float
) -> None:
    monkeypatch.setattr(startup_check, "measure_speed", lambda: speed)
    rule = SpeedRule(reference=1.0, outside=outside)
    if outside is OutsideBand.REFUSE and speed != RIGHT:
        with pytest.raises(
            StartupRefused, match=r"from 0\.5 to 2 is allowed: change GAVEL_SPEED_REFERENCE"
        ) as refused:
            check_speed(rule)
        assert refused.value.exit_status == SPEED_OUTSIDE_BAND
    else:
        assert check_speed(rule) == speed


@pytest.mark.parametrize(
    ("pool", "speed", "found"),
    [
        ("default", SLOW, "slow"), ("default", FAST, "fast"), ("default", RIGHT, "default"),
        ("jvm", SLOW, "jvm-slow"), ("a" * 32, FAST, "a" * 26 + "-fast"),
    ],
)  # fmt: skip
def test_a_host_whose_speed_is_outside_the_band_gets_its_own_pool(
    pool: str, speed: float, found: str
) -> None:
    rule = SpeedRule(reference=1.0, outside=OutsideBand.POOL)
    record = _with_speed(a_worker("w", "python3", pool=pool), rule, speed)
    assert (record.pool, record.speed, record.outside_band is None) == (found, speed, speed == RIGHT)
    assert WorkerRecord.load(record.dump()) == record


def test_a_pool_outside_the_band_gets_only_languages_that_no_other_worker_of_the_tier_has() -> None:
    rule = SpeedRule(reference=1.0, outside=OutsideBand.POOL)
    slow = _with_speed(a_worker("s", "python3", "kotlin"), rule, SLOW)
    routes = Routes([a_worker("n", "python3"), slow])
    assert routes.queues(NORMAL, "python3") == ("normal",)
    assert routes.queues(NORMAL, "kotlin") == ("normal.slow",)
    assert Routes([slow]).queues(NORMAL, "python3") == ("normal.slow",)


def test_there_is_a_warning_about_a_worker_whose_speed_is_far_from_the_median() -> None:
    fleet = [a_worker(f"w{n}", "python3", speed=1.0 + n / 10) for n in range(3)]
    old = a_worker("old", "python3")
    assert list(speed_warnings([*fleet, old])) == []
    (warning,) = speed_warnings([*fleet, old, a_worker("s", "python3", speed=0.4)])
    assert "the worker s has the speed 0.40, the median is 1.05" in warning
    assert list(speed_warnings([])) == []
