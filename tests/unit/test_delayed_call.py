"""A call is made when its delay is over, unless it was cancelled or replaced. The test moves the clock."""

import threading

import pytest

from tests.support.held_clock import PATIENCE, HeldClock
from workers.progress_publisher import DelayedCall


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def call(clock: HeldClock) -> DelayedCall:
    return DelayedCall(0.3, clock.clock)


def test_only_the_last_scheduled_call_is_made(clock: HeldClock, call: DelayedCall) -> None:
    done: list[str] = []
    happened = threading.Event()
    call.schedule(lambda: done.append("replaced"))
    call.schedule(happened.set)
    clock.may_pass.set()
    assert happened.wait(PATIENCE)
    assert done == []


def test_a_cancelled_call_is_not_made(clock: HeldClock, call: DelayedCall) -> None:
    done: list[str] = []
    happened = threading.Event()
    call.schedule(lambda: done.append("cancelled"))
    call.cancel()
    call.schedule(happened.set)
    clock.may_pass.set()
    assert happened.wait(PATIENCE)
    assert done == []


def test_a_failed_call_does_not_stop_the_next_scheduled_call() -> None:
    happened, troubled = threading.Event(), threading.Event()
    call = DelayedCall(0.01)

    def break_down() -> None:
        troubled.set()
        raise RuntimeError("on purpose")

    call.schedule(break_down)
    assert troubled.wait(PATIENCE)
    call.schedule(happened.set)
    assert happened.wait(PATIENCE)
