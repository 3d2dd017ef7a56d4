"""The background builder prepares headers and class archives in its own slot beside the judging."""

from __future__ import annotations

import threading
from typing import cast

import pytest

from sandbox import Sandbox, SandboxError
from workers.judging.toolchain_cache import BackgroundBuilder

PATIENCE_SECONDS = 60


class Slot:
    """A slot that records that it was closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def cancel(self) -> None:
        pass

    def close(self) -> None:
        self.closed.set()


class Host:
    """Opens a slot after some failures."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.tried = threading.Semaphore(0)
        self.slot = Slot()

    def open_slot(self) -> Sandbox:
        self.tried.release()
        if self._failures:
            raise self._failures.pop(0)
        return cast(Sandbox, self.slot)


@pytest.mark.parametrize(
    "failure", [SandboxError("slot 7 is in use"), OSError(28, "No space left on device")]
)
def test_a_task_is_done_after_two_failures_to_open_its_slot(failure: Exception) -> None:
    host, done = Host(failure, failure), threading.Event()
    BackgroundBuilder(host.open_slot, retry_seconds=0.01).build(lambda _sandbox: done.set())
    assert done.wait(PATIENCE_SECONDS)
    assert host.slot.closed.wait(PATIENCE_SECONDS)


def test_a_later_task_is_done_after_its_slot_could_not_be_opened_at_first() -> None:
    host, done = Host(SandboxError("slot 7 is in use")), threading.Event()
    builder = BackgroundBuilder(host.open_slot, retry_seconds=0.01)
    builder.build(lambda _sandbox: None)
    assert host.tried.acquire(timeout=PATIENCE_SECONDS)
    builder.build(lambda _sandbox: done.set())
    assert done.wait(PATIENCE_SECONDS)


def test_a_closed_builder_stops_trying_to_open_its_slot() -> None:
    host = Host(*[OSError()] * 1000)
    builder = BackgroundBuilder(host.open_slot, retry_seconds=3600.0)
    builder.build(lambda _sandbox: None)
    assert host.tried.acquire(timeout=PATIENCE_SECONDS)
    builder.close()
    assert not host.tried.acquire(blocking=False)
