import threading

from workers.progress_publisher import DelayedCall


def test_only_the_last_scheduled_call_is_made() -> None:
    done: list[str] = []
    happened = threading.Event()
    call = DelayedCall(0.3)
    call.schedule(lambda: done.append("replaced"))
    call.schedule(happened.set)
    assert happened.wait(10)
    assert done == []


def test_a_cancelled_call_is_not_made() -> None:
    done: list[str] = []
    happened = threading.Event()
    call = DelayedCall(0.3)
    call.schedule(lambda: done.append("cancelled"))
    call.cancel()
    call.schedule(happened.set)
    assert happened.wait(10)
    assert done == []


def test_a_failed_call_does_not_stop_the_next() -> None:
    happened, troubled = threading.Event(), threading.Event()
    call = DelayedCall(0.01)

    def break_down() -> None:
        troubled.set()
        raise RuntimeError("on purpose")

    call.schedule(break_down)
    assert troubled.wait(10)
    call.schedule(happened.set)
    assert happened.wait(10)
