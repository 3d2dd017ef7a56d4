"""Messages that could not be sent wait for their pause, but not for a clock that was set back. Claims do not
wait for such a clock either."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from judge_api.events.rules import EventRules, Joining, Visibility
from judge_api.events.windows import EventTimes
from judge_api.store.event_rejudgings import EventRejudgingStore
from judge_api.store.event_similarity import ReportOptions, SimilarityStore
from judge_api.store.events import EventStore, StoredEvent
from judge_api.store.lti import LtiPlatform, LtiStore, NewPlacement
from judge_api.store.operator_webhooks import (
    AlertType,
    Announcement,
    MessageResult,
    OperatorMessageStore,
    OperatorWebhookStore,
)
from judge_api.store.shadows import Shadow, ShadowState, ShadowStore
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
        assert store.claim(8, 30.0) == [], f"the message was claimed before its pause of {pause} s"
        clock.now = again
    clock.now -= timedelta(days=365)
    assert len(store.claim(8, 30.0)) == 1, "a clock that was set back by a year must not delay the message"


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
        assert store.claim(20, LEASE) == [], f"the grade was claimed before its pause of {pause} s"
        clock.now += timedelta(seconds=pause)
    assert len(store.claim(20, LEASE)) == 1
    clock.now -= timedelta(days=365)
    assert len(store.claim(20, LEASE)) == 1, "a clock that was set back by a year must not extend the claim"


def test_the_claims_of_an_event_s_tasks_end_even_if_the_clock_is_set_back(engine: Engine) -> None:
    clock, account = SetClock(), add_account(engine)
    event = _event(engine, clock, account)
    rejudgings, reports = EventRejudgingStore(engine, clock), SimilarityStore(engine, clock)
    shadows = ShadowStore(engine, clock)
    rejudging = rejudgings.begin(event.id, "new tests", account, "a request")
    assert rejudgings.complete(rejudging, "a request", {new_id(): None})
    reports.add(event.id, ReportOptions((), 50), account)
    url = "https://contest.example.org/api/contests/c"
    following = ShadowState.FOLLOWING
    shadows.follow(
        Shadow(event.id, event.slug, url, None, None, {}, account, following, None, None, clock.now, None)
    )

    def claimed(by: str) -> tuple[bool, bool, bool]:
        taken = rejudgings.claim(rejudging, by), reports.claim(by), shadows.claim(by)
        return taken[0], taken[1] is not None, taken[2] is not None

    assert claimed("one") == (True, True, True)
    clock.now -= timedelta(seconds=30)
    assert claimed("two") == (False, False, False), (
        "a difference of 30 s between the clocks of two hosts must not end a claim"
    )
    clock.now -= timedelta(days=365)
    assert claimed("two") == (True, True, True)
    assert claimed("three") == (False, False, False)


def _event(engine: Engine, clock: SetClock, account: str) -> StoredEvent:
    times = EventTimes(clock.now, clock.now + timedelta(hours=1))
    rules, public = EventRules(), Visibility.PUBLIC
    event = StoredEvent(new_id(), "course", "Course", "", times, rules, public, Joining.CLOSED, None, account)
    EventStore(engine, clock).add(event)
    return event


def _placement(engine: Engine, clock: SetClock) -> tuple[LtiStore, str, str]:
    """A placement on a learning platform, and the account of a learner."""
    account, store = add_account(engine), LtiStore(engine, clock)
    event = _event(engine, clock, account)
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
