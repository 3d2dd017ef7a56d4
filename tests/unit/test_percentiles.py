"""The percentile of a runtime lies within its bounds, and a histogram counts every runtime once. A single
runtime has no percentile."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from judge_core.model.percentiles import histogram, percentile


def test_the_fastest_of_100_submissions_beats_99_5_percent_and_the_slowest_0_5_percent() -> None:
    times = [float(ms) for ms in range(10, 1010, 10)]
    fast, slow = percentile(10, times), percentile(1000, times)
    assert fast is not None and slow is not None
    assert (fast.beats, slow.beats) == (99.5, 0.5)


def test_a_submission_whose_time_equals_all_other_times_beats_half() -> None:
    found = percentile(5, [5.0] * 9)
    assert found is not None
    assert (found.beats, found.low, found.high) == (50, 0, 100)


def test_a_lone_submission_has_no_percentile() -> None:
    assert percentile(5, [5.0]) is None


@given(st.floats(0, 1e5), st.lists(st.floats(0, 1e5), min_size=2, max_size=30))
def test_the_share_of_beaten_submissions_lies_between_its_bounds(own: float, times: list[float]) -> None:
    found = percentile(own, sorted(times))
    assert found is not None
    assert 0 <= found.low <= found.beats <= found.high <= 100


def test_a_very_slow_submission_does_not_put_all_other_submissions_into_the_same_bin() -> None:
    times = [*range(10, 110), 5000]
    bins = histogram(times)
    assert sum(each.count for each in bins) == len(times)
    assert (bins[-1].count, bins[-1].to_ms) == (1, 5001)
    assert len([each for each in bins if each.count]) > 10
    assert all(one.to_ms == other.from_ms for one, other in pairwise(bins))


FAR_IN_THE_LAST_EVEN_BIN = [
    *(
        12,
        15,
        18,
        23,
        23,
        25,
        27,
        29,
        31,
        32,
        35,
        57,
        59,
        68,
        69,
        74,
        79,
        79,
        85,
        101,
        103,
        108,
        109,
        110,
        115,
    ),
    *(121, 127, 129, 131, 137, 144, 145, 156, 164, 168, 176, 181, 185, 193, 195, 196, 198, 553, 567),
]


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=60))
@example(FAR_IN_THE_LAST_EVEN_BIN)
def test_the_bins_of_a_histogram_count_every_runtime_once(times: list[int]) -> None:
    bins = histogram(sorted(times))
    assert all(each.from_ms < each.to_ms for each in bins)
    assert [each.count for each in bins] == [
        sum(each.from_ms <= time < each.to_ms for time in times) for each in bins
    ]
    assert sum(each.count for each in bins) == len(times)
    assert bins[0].from_ms == min(times) and bins[-1].to_ms > max(times)
