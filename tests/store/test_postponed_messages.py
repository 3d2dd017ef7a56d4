"""Messages that could not be sent wait for their pause, but not for a clock that was set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from judge_api.events.rules import EventRules, Joining, Visibility
from judge_api.events.windows import EventTimes
from judge_api.store.events import EventStore, StoredEvent
from judge_api.store.lti import LtiPlatform, LtiStore, NewPlacement
from judge_api.store.operator_webhooks import (
    AlertType,
    Announcement,
    MessageResult,
    OperatorMessageStore,
    OperatorWebhookStore,
)
from judge_api.store.tables import new_id
from judge_api.store.webhook_deliveries import PAUSES, DeliveryState
from tests.support.records import add_account

LEASE = timedelta(minutes=5)


class SetClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_message_to_operators_waits_for_each_of_its_pauses(engine: Engine) -> None:
    clock = SetClock()
    store = OperatorMessageStore(engine, clock)
    webhook, _ = OperatorWebhookStore(engine, clock).add("https://chat.example.org/hook")
    store.add(webhook.id, Announcement(AlertType.TEST, {}))
    for pause in PAUSES:
        (message,) = store.claim(8, 30.0)
        again = clock.now + timedelta(seconds=pause)
        store.record(MessageResult(message, DeliveryState.PENDING, None, "it is away", again))
        assert store.claim(8, 30.0) == [], f"the pause is {pause} s"
        clock.now = again
    clock.now -= timedelta(days=365)
    assert len(store.claim(8, 30.0)) == 1, "the clock was set back by a year"


def test_a_grade_is_sent_after_the_clock_was_set_back(engine: Engine) -> None:
    clock = SetClock()
    store, placement, account = _placement(engine, clock)
    store.add_learner(placement, account, "learner-1")
    (grade,) = store.grades(placement)
    store.want(grade, 0.5)
    for pause in PAUSES:
        (claimed,) = store.claim(20, LEASE)
        assert store.claim(20, LEASE) == []
        store.record_failed(claimed, "it is away", pause)
        assert store.claim(20, LEASE) == [], f"the pause is {pause} s"
        clock.now += timedelta(seconds=pause)
    assert len(store.claim(20, LEASE)) == 1
    clock.now -= timedelta(days=365)
    assert len(store.claim(20, LEASE)) == 1, "the claim was made before the clock was set back"


def _placement(engine: Engine, clock: SetClock) -> tuple[LtiStore, str, str]:
    """A place on a platform with an account of a learner."""
    account, store = add_account(engine), LtiStore(engine, clock)
    times = EventTimes(clock.now, clock.now + timedelta(hours=1))
    rules, public = EventRules(), Visibility.PUBLIC
    event = StoredEvent(new_id(), "course", "Course", "", times, rules, public, Joining.CLOSED, None, account)
    EventStore(engine, clock).add(event)
    school = "https://school.example.org"
    platform = LtiPlatform(
        id=new_id(),
        title="School",
        issuer=school,
        client_id="client",
        auth_url=f"{school}/auth",
        token_url=f"{school}/token",
        jwks_url=f"{school}/keys",
        deployments=("1",),
    )
    store.add_platform(platform)
    link = store.link(store.add_link(platform.id, event.id, None, account))
    assert link is not None
    place = store.place(link, NewPlacement("1", "place", None, f"{school}/item", None))
    return store, place, account
