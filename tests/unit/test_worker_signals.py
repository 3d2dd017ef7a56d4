"""A second signal stops a worker even if the first signal led to an error."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from workers.__main__ import handle_stop_signals

PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Put the handlers of this process back after the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_second_stop_signal_stops_the_worker_although_draining_failed() -> None:
    tried, stopped = threading.Event(), threading.Event()

    def drain() -> None:
        tried.set()
        raise ValueError("the answer of Redis cannot be read")

    handle_stop_signals(drain, stopped.set)
    signal.raise_signal(signal.SIGTERM)
    assert tried.wait(PATIENCE_SECONDS)
    signal.raise_signal(signal.SIGTERM)
    assert stopped.wait(PATIENCE_SECONDS)
