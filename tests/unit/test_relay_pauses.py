"""The outbox relay waits longer between its rounds while it has no work."""

from __future__ import annotations

from judge_api.dispatch.outbox_relay import RelayPauses, RelayResult

_NO_WORK = RelayResult(0, blocked=False)
_SENT = RelayResult(3, blocked=False)
_FULL = RelayResult(0, blocked=True)


def test_a_relay_that_has_sent_rows_looks_for_further_rows_at_once() -> None:
    assert RelayPauses().after(_SENT) == 0.0


def test_a_relay_waits_at_most_20_ms_for_a_full_queue() -> None:
    assert RelayPauses().after(_FULL) <= 0.02


def test_a_relay_without_work_polls_less_often_after_a_second() -> None:
    pauses = RelayPauses()
    waited = [pauses.after(_NO_WORK) for _ in range(40)]
    assert waited == sorted(waited)
    assert waited[0] == 0.05
    assert waited[-1] == 0.2
    assert sum(each for each in waited if each < 0.2) <= 1.0


def test_a_relay_polls_often_again_after_a_poll_that_found_work() -> None:
    for result in (_SENT, _FULL):
        pauses = RelayPauses()
        while pauses.after(_NO_WORK) < 0.2:
            pass
        pauses.after(result)
        assert pauses.after(_NO_WORK) == 0.05
