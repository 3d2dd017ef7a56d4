"""The operator's chart has no more points than it can show, and no peak is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from judge_api.store.queue_samples import QueueSampleStore
from judge_core.model.account import Tier
from judge_core.model.queue_sample import QueueSample

START = datetime(2026, 1, 1, tzinfo=UTC)


def sample(second: int, tier: Tier = Tier.NORMAL, waiting: int = 0, p99: int | None = None) -> QueueSample:
    at = START + timedelta(seconds=second)
    return QueueSample(at, tier, waiting, 0, 0, second, 2, p99, p99)


def chart(engine: Engine, samples: list[QueueSample], seconds: int) -> list[QueueSample]:
    store = QueueSampleStore(engine)
    store.add(samples)
    return store.chart(START, seconds)


def test_each_interval_keeps_its_greatest_values_its_sum_and_its_last_number_of_workers(
    engine: Engine,
) -> None:
    samples = [sample(0, waiting=9, p99=50), sample(10), sample(20, waiting=3, p99=80), sample(60)]
    assert chart(engine, samples, 60) == [
        QueueSample(START + timedelta(seconds=20), Tier.NORMAL, 9, 0, 0, 20, 6, 80, 80),
        QueueSample(START + timedelta(seconds=60), Tier.NORMAL, 0, 0, 0, 60, 2, None, None),
    ]


def test_the_samples_of_two_tiers_are_not_added_up(engine: Engine) -> None:
    samples = [sample(0, waiting=5), sample(0, Tier.PREMIUM), sample(10, Tier.PREMIUM, waiting=1)]
    assert {each.tier: each.waiting for each in chart(engine, samples, 60)} == {
        Tier.NORMAL: 5,
        Tier.PREMIUM: 1,
    }


def test_samples_from_before_the_chart_are_left_out(engine: Engine) -> None:
    found = chart(engine, [sample(-10, waiting=7), sample(10, waiting=1)], 60)
    assert [each.waiting for each in found] == [1]


def test_a_day_has_no_more_points_than_a_chart_can_show(engine: Engine) -> None:
    day = [sample(second) for second in range(0, 86_400, 10)]
    found = chart(engine, day, 86_400 // 360)
    assert len(found) == 360
    assert sum(each.judged for each in found) == sum(each.judged for each in day)
    assert [each.at for each in found] == sorted(each.at for each in found)
