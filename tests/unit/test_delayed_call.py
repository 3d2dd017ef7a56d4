import threading

from workers.delayed_call import DelayedCall


def test_the_last_that_is_put_off_is_done_once() -> None:
    done: list[str] = []
    happened = threading.Event()
    postponed = DelayedCall(0.3)
    postponed.put_off(lambda: done.append("replaced"))
    postponed.put_off(happened.set)
    assert happened.wait(10)
    assert done == []


def test_what_is_called_off_is_not_done() -> None:
    done: list[str] = []
    happened = threading.Event()
    postponed = DelayedCall(0.3)
    postponed.put_off(lambda: done.append("called off"))
    postponed.call_off()
    postponed.put_off(happened.set)
    assert happened.wait(10)
    assert done == []


def test_trouble_with_one_leaves_the_next() -> None:
    happened, troubled = threading.Event(), threading.Event()
    postponed = DelayedCall(0.01)

    def break_down() -> None:
        troubled.set()
        raise RuntimeError("on purpose")

    postponed.put_off(break_down)
    assert troubled.wait(10)
    postponed.put_off(happened.set)
    assert happened.wait(10)
