"""The samples of a day are reduced to as many points as a chart can show, and no peak is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from judge_core.model.account import Tier
from judge_core.model.downsampling import QueueSample, downsample

START = datetime(2026, 1, 1, tzinfo=UTC)


def sample(second: int, tier: Tier = Tier.NORMAL, waiting: int = 0, p99: int | None = None) -> QueueSample:
    at = START + timedelta(seconds=second)
    return QueueSample(at, tier, waiting, 0, 0, 1, 2, p99, p99)


def test_each_interval_keeps_its_greatest_values_and_its_sum() -> None:
    found = downsample(
        [sample(0, waiting=9, p99=50), sample(10), sample(20, waiting=3, p99=80), sample(60)], 60
    )
    assert [(one.at, one.waiting, one.judged, one.wait_p99_ms) for one in found] == [
        (START + timedelta(seconds=20), 9, 6, 80),
        (START + timedelta(seconds=60), 0, 2, None),
    ]


def test_the_samples_of_two_tiers_are_not_added_up() -> None:
    found = downsample(
        [sample(0, waiting=5), sample(0, Tier.PREMIUM), sample(10, Tier.PREMIUM, waiting=1)], 60
    )
    assert {one.tier: one.waiting for one in found} == {Tier.NORMAL: 5, Tier.PREMIUM: 1}


def test_a_day_has_no_more_points_than_a_chart_can_show() -> None:
    day = [sample(second) for second in range(0, 86_400, 10)]
    found = downsample(day, 86_400 / 360)
    assert len(found) == 360
    assert sum(one.judged for one in found) == sum(one.judged for one in day)
