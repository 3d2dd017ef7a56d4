"""A pause stops the clock of an event. Submissions, windows, standings, freeze and the Contest API respect
it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from judge_api.events.windows import Pause
from judge_core.clock import utc_now
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event, moment


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _paused(event: EventClient, minutes: float) -> None:
    """Pause the event, as if this many minutes ago."""
    event.call("author", "PUT", "/pause", {"paused": True}, expect=200)
    stored = event.app.services.events.get(event.slug)
    assert stored is not None
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    event.app.services.events.change(stored, replace(stored, times=replace(stored.times, paused_at=since)))
    event.app.services.event_access.clear()
    event.app.services.running_events.clear()


def _penalty(event: EventClient, name: str = "ada") -> int:
    minutes = next(row for row in event.standings("author")["rows"] if row["name"] == name)
    return int(minutes["penalty_seconds"]) // 60


def _contest(event: EventClient, path: str = "") -> Any:
    return event.app.client.get(f"/api/contests/{event.slug}{path}").get_json()


def test_a_paused_event_refuses_submissions_and_shows_the_time_of_the_pause(app: AppFixture) -> None:
    event = make_event(app, "still")
    event.add("ada")
    event.submit()
    event.call("author", "PUT", "/pause", {"paused": True}, expect=200)
    refused = app.submit("ada", event="still")
    assert (refused.status_code, "is paused" in refused.get_json()["detail"]) == (403, True)
    state = event.state("ada")
    assert (state["phase"], state["may_submit"], len(state["problems"])) == ("running", False, 1)
    assert _at(state["paused_at"]) <= _at(state["now"])
    again = event.call("author", "PUT", "/pause", {"paused": True}, expect=409)
    assert "paused already" in again["detail"]
    event.call("author", "PUT", "/pause", {"paused": False}, expect=200)
    assert event.call("author", "PUT", "/pause", {"paused": False}, expect=409)["detail"] == (
        "the event is not paused"
    )
    assert event.state("ada")["paused_at"] is None
    assert app.submit("ada", event="still").status_code == 202


def test_a_pause_moves_the_end_and_does_not_count_in_penalties(app: AppFixture) -> None:
    event = make_event(app, "moved", -60, 60)
    member = event.add("ada")
    event.call("author", "PATCH", f"/members/{member}", {"extension_minutes": 5}, expect=200)
    before = event.state("ada")
    _paused(event, 20)
    event.call("author", "PUT", "/pause", {"paused": False}, expect=200)
    after = event.state("ada")
    moved = _at(after["ends_at"]) - _at(before["ends_at"])
    assert round(moved / timedelta(minutes=1)) == 20
    assert _at(after["member"]["window"]["end"]) - _at(after["ends_at"]) == timedelta(minutes=5)
    (pause,) = after["pauses"]
    assert _at(pause["ends_at"]) - _at(pause["starts_at"]) == pytest.approx(moved, abs=timedelta(seconds=1))
    event.submit()
    assert _penalty(event) == 40


def test_a_submission_during_a_pause_counts_from_the_start_of_the_pause(app: AppFixture) -> None:
    """After the submission the jury adds a pause for this time, and then removes the pause."""
    event = make_event(app, "afterwards", -60, 60)
    event.add("ada")
    event.submit()
    assert _penalty(event) == 60
    body = {"pauses": [{"starts_at": moment(-30), "ends_at": moment(-0.0001)}]}
    taken = event.call("author", "PUT", "/pauses", body, expect=200)
    assert _penalty(event) in (29, 30)
    assert len(taken["pauses"]) == 1
    put_back = event.call("author", "PUT", "/pauses", {"pauses": []}, expect=200)
    assert _penalty(event) == 60
    assert _at(taken["ends_at"]) - _at(put_back["ends_at"]) == pytest.approx(
        timedelta(minutes=30), abs=timedelta(seconds=1)
    )


@pytest.mark.parametrize(
    ("pauses", "fault"),
    [
        ([(-10, -20)], "must end after its start"),
        ([(-70, -50)], "must not begin before the event"),
        ([(-50, -30), (-40, -20)], "must not overlap"),
        ([(-10, 5)], "must have ended by now"),
    ],
)
def test_impossible_pauses_are_refused(
    app: AppFixture, pauses: list[tuple[float, float]], fault: str
) -> None:
    event = make_event(app, f"odd-{fault.replace(' ', '-')}")
    body = [{"starts_at": moment(start), "ends_at": moment(end)} for start, end in pauses]
    refused = event.call("author", "PUT", "/pauses", {"pauses": body}, expect=422)
    assert fault in refused["detail"]


@pytest.mark.parametrize(("slug", "starts", "ends"), [("too-early", 10, 60), ("too-late", -60, -1)])
def test_a_pause_before_or_after_the_event_is_refused(
    app: AppFixture, slug: str, starts: float, ends: float
) -> None:
    event = make_event(app, slug, starts, ends)
    refused = event.call("author", "PUT", "/pause", {"paused": True}, expect=409)
    assert "is not running" in refused["detail"]


def test_an_event_does_not_end_while_it_is_paused(own_app: AppFixture) -> None:
    app = own_app  # not the shared application, because an exam hides other events from its members
    event = make_event(app, "waits", -60, 60, {"exam": True})
    event.add("ada")
    event.call("author", "PUT", "/pause", {"paused": True}, expect=200)
    stored = app.services.events.get("waits")
    assert stored is not None
    long_ago = datetime.now(UTC) - timedelta(days=3)
    times = replace(
        stored.times, starts_at=long_ago, ends_at=long_ago + timedelta(hours=2), paused_at=long_ago
    )
    app.services.events.change(stored, replace(stored, times=times))
    app.services.event_access.clear()
    app.services.running_events.clear()
    assert event.state("ada")["phase"] == "running"
    assert _contest(event, "/state")["ended"] is None
    outside = app.submit("ada")
    assert (outside.status_code, "exam waits" in outside.get_json()["detail"]) == (403, True)
    event.call("author", "PUT", "/pause", {"paused": False}, expect=200)
    state = event.state("ada")
    assert state["phase"] == "running"
    assert _at(state["ends_at"]) - _at(state["now"]) > timedelta(minutes=119)
    assert app.submit("ada", event="waits").status_code == 202


def test_a_pause_moves_a_later_freeze_but_not_a_begun_freeze(app: AppFixture) -> None:
    event = make_event(app, "cold", -60, 40, {"freeze_minutes": 30})
    event.add("ada")
    _paused(event, 20)
    assert event.state("ada")["frozen"] is False
    event.call("author", "PUT", "/pause", {"paused": False}, expect=200)
    state = event.state("ada")
    assert _at(state["ends_at"]) - _at(state["freeze_at"]) == timedelta(minutes=30)
    event.call("author", "PATCH", "", {"ends_at": moment(10)}, expect=200)
    frozen_since = event.state("ada")["freeze_at"]
    event.submit()
    _paused(event, 5)
    event.call("author", "PUT", "/pause", {"paused": False}, expect=200)
    state = event.state("ada")
    assert (state["frozen"], state["freeze_at"]) == (True, frozen_since)
    assert event.standings()["rows"][0]["solved"] == 0


def test_a_pause_extends_the_window_of_a_member(app: AppFixture) -> None:
    event = make_event(app, "own-window", -60, 600, {"length_minutes": 30})
    event.add("ada")
    event.add("bob")
    event.call("ada", "POST", "/start", {}, expect=200)
    window = event.state("ada")["member"]["window"]
    event.call("author", "PUT", "/pause", {"paused": True}, expect=200)
    event.call("bob", "POST", "/start", {}, expect=409)
    event.call("author", "PUT", "/pause", {"paused": False}, expect=200)
    longer = event.state("ada")["member"]["window"]
    assert longer["start"] == window["start"]
    assert _at(longer["end"]) > _at(window["end"])


def test_times_of_the_contest_api_do_not_include_pauses(app: AppFixture) -> None:
    event = make_event(app, "clics-pause", -60, 60)
    event.add("ada")
    event.submit()
    body = {"pauses": [{"starts_at": moment(-30), "ends_at": moment(-0.0001)}]}
    event.call("author", "PUT", "/pauses", body, expect=200)
    app.services.scoreboards.forget()
    # The tolerance of a minute is for a busy host. With the pause the figures would be half an hour larger.
    assert _seconds(_contest(event)["duration"]) == pytest.approx(7200, abs=60)
    (submission,) = _contest(event, "/submissions")
    assert _seconds(submission["contest_time"]) == pytest.approx(1800, abs=60)
    (row,) = _contest(event, "/scoreboard")["rows"]
    assert row["problems"][0]["time"] in (29, 30, 31)


def _seconds(text: str) -> float:
    """The seconds of a ``RELTIME`` of the Contest API, such as 1:59:59.123."""
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def test_an_extension_keeps_a_pause_that_another_process_has_stored(app: AppFixture) -> None:
    event = make_event(app, "elsewhere", -30, 60)
    event.call("author", "GET", "")
    stored = app.services.events.get("elsewhere")
    assert stored is not None
    paused = replace(stored, times=replace(stored.times, paused_at=utc_now()))
    app.services.events.change(stored, paused)
    event.call("author", "POST", "/extension", {"minutes": 10})
    kept = app.services.events.get("elsewhere")
    assert kept is not None and kept.times.paused_at == paused.times.paused_at


def test_an_event_with_a_pause_of_days_counts_as_unfinished_after_its_planned_end(app: AppFixture) -> None:
    event, now = make_event(app, "overtime", -60, 60), utc_now()
    stored = app.services.events.get(event.slug)
    assert stored is not None
    end = now - timedelta(days=2)
    pause = Pause(end + timedelta(minutes=30), now - timedelta(minutes=5))
    times = replace(stored.times, starts_at=end - timedelta(hours=1), ends_at=end, pauses=(pause,))
    app.services.events.change(stored, replace(stored, times=times))
    assert event.slug in [each.slug for each in app.services.events.unfinished(now)]


def test_pauses_are_stored_with_microseconds(app: AppFixture) -> None:
    event = make_event(app, "exact", -60, 60)
    stored = app.services.events.get(event.slug)
    assert stored is not None
    start = stored.times.starts_at + timedelta(minutes=5, microseconds=1)
    times = stored.times.with_pauses([Pause(start, start + timedelta(minutes=7, microseconds=3))])
    app.services.events.change(stored, replace(stored, times=times))
    again = app.services.events.get(event.slug)
    assert again is not None
    assert again.times == times
    assert again.times.length == stored.times.length
