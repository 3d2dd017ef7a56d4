"""If the status in Redis contradicts the record in the store, every reader gets the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import cast

import pytest

from judge_api.services.status_service import ACCEPTED_SECONDS, REDIS_PAUSE_SECONDS, StatusService
from judge_api.services.status_subscriptions import StatusSubscriptions
from judge_api.store.submissions import SubmissionStore
from judge_core.clock import Clock
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status
from tests.support.records import a_status, outcome
from tests.support.status_channel import MemoryStatusChannel


class Record:
    """A store that knows one submission."""

    def __init__(self, status: Status | None) -> None:
        self.kept = status

    def status(self, submission: str) -> Status | None:
        return self.kept


QUEUED = a_status()
RUNNING = replace(QUEUED, stage=Stage.RUNNING, tests_total=3, tests_done=1)
DONE = replace(QUEUED, stage=Stage.DONE, outcome=outcome())
SECOND_RUNNING = replace(RUNNING, attempt=2)
SECOND_QUEUED = replace(QUEUED, attempt=2)
SECOND_DONE = replace(DONE, attempt=2)


def _just_after() -> datetime:
    """The time on the clock of the readers. It is always the time at which the submission was posted."""
    return QUEUED.submitted_at


@pytest.fixture
def channel() -> MemoryStatusChannel:
    return MemoryStatusChannel()


def service(channel: MemoryStatusChannel, stored: Status | None) -> Iterator[StatusService]:
    subscriptions = StatusSubscriptions(channel)
    store = cast(SubmissionStore, Record(stored))
    ticks = count(0, 10)  # so much time passes between two reads that each compares the status
    clock = Clock(_just_after, monotonic=lambda: float(next(ticks)), sleep=lambda _seconds: None)
    yield StatusService(channel, store, subscriptions, clock)
    subscriptions.close()


@pytest.mark.parametrize(
    ("live", "stored", "shown"),
    [
        (SECOND_RUNNING, DONE, DONE),  # the first attempt counts and has ended, the second attempt runs
        (SECOND_RUNNING, QUEUED, QUEUED),  # the record does not have this attempt
        (SECOND_QUEUED, RUNNING, RUNNING),
        (RUNNING, QUEUED, RUNNING),  # this is progress, which only Redis has
        (RUNNING, SECOND_QUEUED, SECOND_QUEUED),
        (QUEUED, DONE, DONE),
        (RUNNING, SECOND_DONE, SECOND_DONE),
        (RUNNING, None, None),  # the submission was never accepted
    ],
)
def test_a_status_in_redis_that_contradicts_the_record_is_replaced_by_the_record(
    channel: MemoryStatusChannel, live: Status, stored: Status | None, shown: Status | None
) -> None:
    channel.publish([live])
    for one in service(channel, stored):
        one.needs_recheck(live)
        assert [one.current(live.id), one.current(live.id)] == [shown, shown]
    if shown is not None:
        assert channel.latest(live.id) == shown


@pytest.mark.parametrize("age", [3, 24, 90])
def test_the_progress_of_an_ended_attempt_is_not_shown(channel: MemoryStatusChannel, age: int) -> None:
    """Redis may have dropped the verdict or was emptied, and then the slower worker of the same attempt
    publishes its progress."""
    running = replace(RUNNING, submitted_at=RUNNING.submitted_at - timedelta(seconds=age))
    done = replace(DONE, id=running.id, submitted_at=running.submitted_at)
    subscriptions = StatusSubscriptions(channel)
    clock = Clock(_just_after, monotonic=lambda: 0.0, sleep=lambda _seconds: None)
    channel.publish([running])
    one = StatusService(channel, cast(SubmissionStore, Record(done)), subscriptions, clock)
    assert one.current(running.id) == done
    assert channel.latest(running.id) == done, "the channel must have the record, for other readers"
    subscriptions.close()


def test_after_a_verdict_the_progress_of_a_slower_worker_is_not_shown(channel: MemoryStatusChannel) -> None:
    """In this test Redis is emptied less than two seconds after the last comparison with the store."""
    running = replace(RUNNING, submitted_at=RUNNING.submitted_at - timedelta(seconds=3))
    done = replace(DONE, id=running.id, submitted_at=running.submitted_at)
    subscriptions, record = StatusSubscriptions(channel), Record(running)
    clock = Clock(_just_after, monotonic=lambda: 0.0, sleep=lambda _seconds: None)
    one = StatusService(channel, cast(SubmissionStore, record), subscriptions, clock)
    channel.publish([running])
    assert one.current(running.id) == running
    record.kept = done
    channel.publish([done])
    assert one.current(running.id) == done
    channel.forget(running.id)
    channel.publish([running])
    assert one.current(running.id) == done
    subscriptions.close()


def test_a_just_accepted_submission_is_shown_although_the_store_does_not_return_its_status(
    channel: MemoryStatusChannel,
) -> None:
    store = cast(SubmissionStore, Record(None))
    subscriptions, now = StatusSubscriptions(channel), [0.0]
    clock = Clock(_just_after, monotonic=lambda: now[0], sleep=lambda _seconds: None)
    one = StatusService(channel, store, subscriptions, clock)
    one.accepted(QUEUED)
    assert one.current(QUEUED.id) == QUEUED
    channel.publish([RUNNING])
    assert one.current(QUEUED.id) == RUNNING, (
        "a worker's status is later than the accepted status and must be shown"
    )
    channel.forget(QUEUED.id)
    now[0] = ACCEPTED_SECONDS
    assert one.current(QUEUED.id) is None, "after ACCEPTED_SECONDS the kept status is not returned any more"
    subscriptions.close()


def test_after_a_verdict_that_redis_has_lost_the_accepted_status_is_not_shown_again(
    channel: MemoryStatusChannel,
) -> None:
    subscriptions = StatusSubscriptions(channel)
    clock = Clock(_just_after, monotonic=lambda: 0.0, sleep=lambda _seconds: None)
    one = StatusService(channel, cast(SubmissionStore, Record(DONE)), subscriptions, clock)
    one.accepted(QUEUED)
    channel.publish([DONE])
    assert one.current(QUEUED.id) == DONE
    channel.forget(QUEUED.id)
    assert one.current(QUEUED.id) == DONE, "the accepted status must not return after the verdict was shown"
    subscriptions.close()


def test_after_a_change_by_this_process_the_accepted_status_is_not_shown_again(
    channel: MemoryStatusChannel,
) -> None:
    for one in service(channel, replace(QUEUED, stage=Stage.CANCELLED)):
        one.accepted(QUEUED)
        one.publish_change(QUEUED.id)
        channel.forget(QUEUED.id)
        shown = one.current(QUEUED.id)
        assert shown is not None
        assert shown.stage is Stage.CANCELLED


def test_a_follower_gets_the_verdict_although_redis_has_a_later_attempt(channel: MemoryStatusChannel) -> None:
    channel.publish([SECOND_RUNNING])
    for one in service(channel, DONE):
        shown = [each for each in one.changes(DONE.id, "", 0.05) if each is not None]
        assert shown[-1] == DONE


class ChannelThatIsAway(MemoryStatusChannel):
    """A channel that can be unreachable. Then reading and publishing raise the error of an unreachable
    Redis."""

    is_away = False

    def publish(self, statuses: Sequence[Status]) -> None:
        self._require_there()
        super().publish(statuses)

    def latest_text(self, submission: str) -> bytes | None:
        self._require_there()
        return super().latest_text(submission)

    def _require_there(self) -> None:
        if self.is_away:
            raise QueueUnavailable("away")


@pytest.mark.parametrize("later", [DONE, replace(QUEUED, stage=Stage.CANCELLED)])
def test_after_an_outage_of_redis_its_earlier_status_is_not_shown(later: Status) -> None:
    """Redis could not be reached when the end was published, so Redis still has the earlier progress."""
    channel = ChannelThatIsAway()
    channel.publish([RUNNING])
    now = [0.0]
    subscriptions = StatusSubscriptions(channel)
    clock = Clock(_just_after, monotonic=lambda: now[0], sleep=lambda _seconds: None)
    one = StatusService(channel, cast(SubmissionStore, Record(later)), subscriptions, clock)
    one.needs_recheck(RUNNING)
    channel.is_away = True
    assert one.current(RUNNING.id) == later
    channel.is_away = False
    now[0] += REDIS_PAUSE_SECONDS
    assert one.current(RUNNING.id) == later
    assert channel.latest(RUNNING.id) == later, "the channel must have the record, for other readers"
    subscriptions.close()
