"""Two jurors who act at the same moment do not overwrite each other's work without an error."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine

from judge_api.events.rules import Visibility
from judge_api.store.event_results import EventResultStore, Expects
from judge_api.store.events import EventStore, NewAnswer, StoredEvent
from judge_core.model.errors import Conflict
from tests.store.test_event_results import add_event, submit
from tests.support.records import add_account
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event, moment

JURORS = ("author", "admin")


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run these acts at the same moment. Returns the sorted results: ``done``, or the text of a conflict."""
    together = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        together.wait(60)
        try:
            act()
        except Conflict as conflict:
            return str(conflict)
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


@pytest.fixture
def event(engine: Engine) -> StoredEvent:
    return add_event(engine, add_account(engine))[0]


def test_of_two_simultaneous_answers_to_a_question_the_second_is_a_conflict(
    engine: Engine, event: StoredEvent
) -> None:
    store = EventStore(engine)
    (member,) = [row.member.id for row in store.members(event.id)]
    for _ in range(5):
        asked = store.ask(event.id, member, None, "Is n > 0?").id
        ends = at_once(
            *(partial(store.answer, event.id, asked, NewAnswer(who, True, who)) for who in ("ada", "bob"))
        )
        kept = store.messages(event.id)[0].answer
        assert ends[0] == "done"
        assert ends[1].startswith(f"the message has the answer {kept!r} now: ")


def test_of_two_simultaneous_disqualifications_the_second_is_a_conflict(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    results = EventResultStore(engine)
    for _ in range(5):
        id = submit(engine, account, entry)
        ends = at_once(*(partial(results.disqualify, event.id, id, why) for why in ("copied", "late")))
        assert (ends[0], ends[1].partition(",")[0]) == ("done", "the submission does not count now")
        kept = results.page(event.id, None, 1)[0].disqualified
        assert results.disqualify(event.id, id, "another", Expects(kept))


CHANGES: dict[str, Callable[[StoredEvent], StoredEvent]] = {
    "title": lambda event: replace(event, title="Other"),
    "end": lambda event: replace(event, times=event.times.longer(timedelta(minutes=5))),
    "start": lambda event: replace(
        event, times=replace(event.times, starts_at=event.times.starts_at - timedelta(minutes=5))
    ),
    "visibility": lambda event: replace(event, visibility=Visibility.JURY),
}


@pytest.mark.parametrize(
    ("first", "second", "is_kept"),
    [("title", "end", True), ("title", "visibility", True), ("start", "end", False), ("end", "end", False)],
)
def test_two_changes_of_an_event_are_both_kept_or_the_second_is_a_conflict(
    engine: Engine, event: StoredEvent, first: str, second: str, is_kept: bool
) -> None:
    """Two changes are a conflict if they change values that are checked together, such as start and end."""
    store = EventStore(engine)
    wanted = CHANGES[second](CHANGES[first](event)) if is_kept else CHANGES[first](event)
    store.change(event, CHANGES[first](event))
    if is_kept:
        store.change(event, CHANGES[second](event))
    else:
        with pytest.raises(Conflict, match=r"another request has just changed .*: load it again"):
            store.change(event, CHANGES[second](event))
    stored = store.get(event.slug)
    assert stored is not None
    assert replace(stored, setup_revision=0) == replace(wanted, setup_revision=0)


def test_two_changes_of_a_member_are_both_kept_or_the_second_is_a_conflict(
    engine: Engine, event: StoredEvent
) -> None:
    store = EventStore(engine)
    (member,) = [row.member for row in store.members(event.id)]
    longer = replace(member, times=replace(member.times, extension=timedelta(minutes=10)))
    store.change_member(event.id, member, longer)
    store.change_member(event.id, member, replace(member, name="Ada L."))
    with pytest.raises(Conflict, match="extension_seconds"):
        shorter = replace(member, times=replace(member.times, extension=timedelta(minutes=5)))
        store.change_member(event.id, member, shorter)
    (row,) = store.members(event.id)
    assert (row.member.name, row.member.times.extension) == ("Ada L.", timedelta(minutes=10))


def test_the_conflict_of_two_changes_of_the_times_is_documented(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another juror moves the end of the event between the reading and the change of each request."""
    event = make_event(app, "moved-twice")
    change = EventStore.change

    def overtaken(store: EventStore, before: StoredEvent, after: StoredEvent) -> None:
        change(store, before, CHANGES["end"](before))
        change(store, before, after)

    monkeypatch.setattr(EventStore, "change", overtaken)
    pauses = [{"starts_at": moment(-20), "ends_at": moment(-10)}]
    spec = app.client.get("/openapi.json").get_json()
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/extension", {"minutes": 5}),
        ("PUT", "/pauses", {"pauses": pauses}),
    ]
    for method, path, body in calls:
        refused = event.call("author", method, path, body, expect=409)
        assert "another request has just changed" in refused["detail"]
        assert "409" in spec["paths"]["/events/{slug}" + path][method.lower()]["responses"]


def answer(event: EventClient, who: str, id: str, status: int, **body: Any) -> Any:
    return event.call(who, "PUT", f"/messages/{id}/answer", body, expect=status)


def test_a_juror_must_name_the_answer_of_another_juror_to_replace_the_answer(app: AppFixture) -> None:
    event = make_event(app, "answered-twice")
    event.add("ada")
    asked = event.call("ada", "POST", "/messages", {"question": "Is n > 0?"}, expect=201)["id"]
    answer(event, "author", asked, 200, answer="Yes.")
    answer(event, "author", asked, 200, answer="Yes, always.", to_all=True)
    refused = answer(event, "admin", asked, 409, answer="No.")
    assert refused["detail"].startswith("the message has the answer 'Yes, always.' now: read it again")
    answer(event, "admin", asked, 409, answer="No.", replaces="Yes.")
    answer(event, "admin", asked, 200, answer="No.", replaces="Yes, always.")
    answer(event, "author", asked, 409, answer="Yes.", replaces="Yes, always.")
    assert event.call("ada", "GET", "/messages")["messages"][0]["answer"] == "No."


def test_a_juror_must_name_the_old_reason_to_replace_a_disqualification(
    app: AppFixture,
) -> None:
    event = make_event(app, "disqualified-twice")
    event.add("ada")
    path = f"/submissions/{event.submit('ada')}/disqualification"
    event.call("author", "PUT", path, {"reason": "copied"}, expect=200)
    event.call("admin", "PUT", path, {"reason": "copied"}, expect=200)
    refused = event.call("admin", "PUT", path, {"reason": "late"}, expect=409)
    assert refused["detail"].startswith("the submission does not count now, because 'copied': read it again")
    event.call("admin", "PUT", path, {"reason": "late", "replaces": "copied"}, expect=200)
    event.call("author", "PUT", path, {"reason": "odd", "replaces": None}, expect=409)
    event.call("author", "PUT", path, {"reason": None, "replaces": "copied"}, expect=409)
    event.call("author", "PUT", path, {"reason": None}, expect=200)
    event.call("author", "PUT", path, {"reason": "odd", "replaces": None}, expect=200)
