"""The class of service of an event decides the place of its submissions in the queue. A request cannot change
the class."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from judge_api.store.records import CONTEST_PRIORITY, LIVE_PRIORITY
from judge_api.store.tables import submissions
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event


def _stored(app: AppFixture, id: str) -> Any:
    query = select(submissions.c.tier, submissions.c.priority).where(submissions.c.id == id)
    with app.services.engine.connect() as connection:
        return tuple(connection.execute(query).one())


def _served(app: AppFixture, slug: str, **service: Any) -> EventClient:
    event = make_event(app, slug)
    event.add("ada")
    event.call("admin", "PATCH", "", service, expect=200)
    return event


def test_submissions_to_a_contest_have_priority_over_other_submissions_of_their_tier(app: AppFixture) -> None:
    event = _served(app, "finals", service_class="contest")
    assert _stored(app, event.submit(verdict=None)) == ("normal", CONTEST_PRIORITY)
    practice = app.submit("ada").get_json()["id"]
    assert _stored(app, practice) == ("normal", LIVE_PRIORITY)
    event.call("admin", "PATCH", "", {"service_class": "practice"}, expect=200)
    assert _stored(app, event.submit(verdict=None)) == ("normal", LIVE_PRIORITY)


def test_an_event_may_use_the_workers_of_a_chosen_tier(app: AppFixture) -> None:
    event = _served(app, "own-workers", service_tier="premium")
    assert event.state("author")["service_tier"] == "premium"
    assert _stored(app, event.submit(verdict=None)) == ("premium", LIVE_PRIORITY)
    outside = app.submit("ada").get_json()
    assert (outside["queue"], _stored(app, outside["id"])[0]) == ("normal", "normal")
    event.call("admin", "PATCH", "", {"service_tier": None}, expect=200)
    assert _stored(app, event.submit(verdict=None))[0] == "normal"


@pytest.mark.parametrize("change", [{"service_class": "contest"}, {"service_tier": "premium"}])
def test_only_administrators_set_the_class_of_service(app: AppFixture, change: dict[str, str]) -> None:
    event = make_event(app, f"plain-{next(iter(change)).replace('_', '-')}")
    refused = event.call("author", "PATCH", "", change, expect=403)
    assert "administrator" in refused["detail"]
    event.call("author", "PATCH", "", {"service_class": "practice", "service_tier": None}, expect=200)
    event.call("admin", "PATCH", "", change, expect=200)
    event.call("author", "PATCH", "", {"title": "Other", **change}, expect=200)


def test_a_tier_that_is_not_defined_is_refused(app: AppFixture) -> None:
    event = make_event(app, "no-such-tier")
    refused = event.call("admin", "PATCH", "", {"service_tier": "gold"}, expect=422)
    assert refused["errors"][0]["field"] == "service_tier"


@pytest.mark.parametrize("field", ["service_class", "service_tier", "priority", "queue", "tier"])
def test_a_request_cannot_choose_its_queue(app: AppFixture, field: str) -> None:
    event = _served(app, f"strict-{field.replace('_', '-')}")
    body = {"problem": "A", "language": "python3", "source": "print(1)", "event": event.slug}
    answer = app.client.post("/submissions", json={**body, field: "contest"}, headers=app.headers("ada"))
    if answer.status_code == 202:
        assert _stored(app, answer.get_json()["id"]) == ("normal", LIVE_PRIORITY)
    else:
        assert answer.status_code == 422
