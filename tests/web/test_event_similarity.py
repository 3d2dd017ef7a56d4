"""A jury compares the accepted programs of an event. Only juries see the report. The report changes no
verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from judge_api.services.dolos import Alike, CannotCompare, Compared, Comparison, Dolos
from judge_api.services.event_similarity import SimilarityJobs
from judge_api.store.event_similarity import CLAIM, MOST_REPORTS, MOST_TRIES, SimilarityStore
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event


class StandInDolos(Dolos):
    """Stands in for Dolos. It reports two programs of each group as similar, and records the comparisons."""

    def __init__(self, lacks: str | None = None) -> None:
        super().__init__(Path("/nowhere"))
        self._lacks = lacks
        self.asked: list[Comparison] = []
        self.during: Callable[[Callable[[], bool] | None], None] = lambda should_stop: None

    def missing(self) -> str | None:
        return self._lacks

    def compare(self, asked: Comparison, should_stop: Callable[[], bool] | None = None) -> Compared:
        self.asked.append(asked)
        self.during(should_stop)
        pair = Alike(0, 1, 0.9, 4, 8, ((0, 0, 0, 5, 1, 0, 1, 6),))
        return Compared((pair,) if len(asked.programs) > 1 else (), ("1 left out: nested too deeply",))


def _submit(event: EventClient, who: str, source: str, verdict: Verdict = Verdict.AC, **changes: Any) -> str:
    answer = event.app.submit(who, problem="A", event=event.slug, source=source, **changes)
    id: str = answer.get_json()["id"]
    assert VerdictStore(event.app.services.engine).record(finished(id, verdict=verdict)) is not None
    return id


def _class(app: AppFixture, slug: str) -> EventClient:
    event = make_event(app, slug)
    event.add("ada")
    event.add("bob")
    return event


def _jobs(app: AppFixture, dolos: Dolos) -> SimilarityJobs:
    services = app.services
    return SimilarityJobs(services.similarity, services.events, services.problems, services.languages, dolos)


def _begin(event: EventClient, who: str = "author", **body: Any) -> str:
    return str(event.call(who, "POST", "/similarity", body, expect=201)["id"])


def test_a_report_lists_similar_pairs_and_shows_both_programs(own_app: AppFixture) -> None:
    event = _class(own_app, "twins")
    first, second = _submit(event, "ada", "print(3)\n"), _submit(event, "bob", "# mine\nprint(3)\n")
    _submit(event, "bob", "print(4)", Verdict.WA)
    id = _begin(event, least_percent=40)
    assert event.call("author", "GET", f"/similarity/{id}")["state"] == "queued"
    dolos = StandInDolos()
    assert _jobs(own_app, dolos).run_once("one")
    (asked,) = dolos.asked
    assert (asked.language, asked.least, len(asked.programs)) == ("python", 0.4, 2)
    report = event.call("author", "GET", f"/similarity/{id}", expect=200)
    assert (report["state"], report["total"], report["done"], report["programs"]) == ("done", 1, 1, 2)
    assert report["notes"] == ["aplusb, python: 1 left out: nested too deeply"]
    (pair,) = report["pairs"]
    assert (pair["problem"], pair["similarity"]) == ("A", 0.9)
    assert (pair["left"]["submission"], pair["right"]["submission"]) == (first, second)
    shown = event.call("author", "GET", f"/similarity/{id}/pairs/{pair['number']}", expect=200)
    assert (shown["left"]["source"], shown["right"]["source"]) == ("print(3)\n", "# mine\nprint(3)\n")
    assert shown["passages"] == [
        {
            "left": {"start_line": 0, "start_column": 0, "end_line": 0, "end_column": 5},
            "right": {"start_line": 1, "start_column": 0, "end_line": 1, "end_column": 6},
        }
    ]
    for number in (99, 2**40):
        event.call("author", "GET", f"/similarity/{id}/pairs/{number}", expect=404)
    assert not _jobs(own_app, dolos).run_once("one")


def test_a_contestant_cannot_read_a_similarity_report(own_app: AppFixture) -> None:
    event = _class(own_app, "hidden")
    _submit(event, "ada", "print(3)")
    _submit(event, "bob", "print( 3)")
    id = _begin(event)
    _jobs(own_app, StandInDolos()).run_once("one")
    for path in ("", f"/{id}", f"/{id}/pairs/1"):
        event.call("ada", "GET", f"/similarity{path}", expect=403)
        event.call("anonymous", "GET", f"/similarity{path}", expect=401)


def test_programs_are_compared_with_those_of_earlier_events(own_app: AppFixture) -> None:
    last_year = _class(own_app, "last-year")
    last_year.add("grace")
    old = _submit(last_year, "grace", "print(1+2)")
    _submit(last_year, "ada", "print(2+1)")
    event = _class(own_app, "this-year")
    _submit(event, "ada", "print(1 + 2)")
    id = _begin(event, earlier=["last-year", "this-year"])
    dolos = StandInDolos()
    _jobs(own_app, dolos).run_once("one")
    (asked,) = dolos.asked
    owners = {each.text: (each.owner, each.is_earlier) for each in asked.programs}
    assert [is_earlier for _, is_earlier in owners.values()] == [True, True, False]
    assert owners["print(2+1)"][0] == owners["print(1 + 2)"][0] != owners["print(1+2)"][0]
    (pair,) = event.call("author", "GET", f"/similarity/{id}")["pairs"]
    assert (pair["left"]["submission"], pair["left"]["event"]) == (old, "last-year")
    listed = event.call("author", "GET", "/similarity")
    assert "last-year" in [each["slug"] for each in listed["earlier"]]


def test_an_author_cannot_compare_programs_with_an_event_of_another_jury(own_app: AppFixture) -> None:
    event = _class(own_app, "mine")
    body = {**_event_body("theirs"), "visibility": "public"}
    assert own_app.client.post("/events", json=body, headers=own_app.headers("admin")).status_code == 201
    refused = event.call("author", "POST", "/similarity", {"earlier": ["theirs"]}, expect=422)
    assert "earlier.0" in str(refused)
    assert _begin(event, "admin", earlier=["theirs"])


def test_a_jury_sees_no_program_of_an_event_of_another_jury(own_app: AppFixture) -> None:
    """An administrator may compare the programs with those of all events. The author of this event sees no
    program of the other events."""
    app = own_app
    app.client.post("/events", json=_event_body("others"), headers=app.headers("admin"))
    body = {"members": [{"accounts": ["grace"]}]}
    assert (
        app.client.post("/events/others/members", json=body, headers=app.headers("admin")).status_code == 200
    )
    _submit(EventClient(app, "others"), "grace", "print(1)")
    event = _class(app, "ours")
    _submit(event, "ada", "print( 1)")
    id = _begin(event, "admin", earlier=["others"])
    _jobs(app, StandInDolos()).run_once("one")
    assert len(event.call("admin", "GET", f"/similarity/{id}")["pairs"]) == 1
    assert event.call("author", "GET", f"/similarity/{id}")["pairs"] == []
    event.call("author", "GET", f"/similarity/{id}/pairs/1", expect=404)
    event.call("admin", "GET", f"/similarity/{id}/pairs/1", expect=200)


def _event_body(slug: str) -> dict[str, Any]:
    now = utc_now()
    return {
        "slug": slug,
        "title": slug,
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "problems": [{"slug": "aplusb"}],
        "visibility": "members",
    }


def test_starter_code_of_the_problem_is_ignored_in_the_comparison(own_app: AppFixture) -> None:
    row = own_app.services.problems.get("aplusb")
    assert row is not None
    starters = {"python3": "a = input()\n", "java": "class Main {}\n"}
    own_app.services.problems.put(replace(row, spec={**row.spec, "starters": starters}))
    event = _class(own_app, "started")
    _submit(event, "ada", "a = input()\nprint(1)")
    _submit(event, "bob", "a = input()\nprint(2)")
    _begin(event)
    dolos = StandInDolos()
    _jobs(own_app, dolos).run_once("one")
    assert "a = input()\n" in dolos.asked[0].ignored
    assert "class Main {}\n" not in dolos.asked[0].ignored


def test_dialects_of_a_language_are_compared_together_and_unknown_languages_by_characters(
    own_app: AppFixture,
) -> None:
    event = _class(own_app, "dialects")
    _submit(event, "ada", "int main() {}", language="cpp17")
    _submit(event, "bob", "int main() { }", language="cpp20")
    _submit(event, "ada", "fun main() {}", language="kotlin")
    _submit(event, "bob", "fun main() { }", language="kotlin")
    id = _begin(event)
    dolos = StandInDolos()
    _jobs(own_app, dolos).run_once("one")
    assert sorted(each.language for each in dolos.asked) == ["char", "cpp"]
    notes = event.call("author", "GET", f"/similarity/{id}")["notes"]
    assert any("kotlin: compared by characters" in note for note in notes)


def test_a_report_fails_with_a_reason_if_dolos_is_not_installed(own_app: AppFixture) -> None:
    event = _class(own_app, "bare")
    assert "npm install" in event.call("author", "GET", "/similarity")["missing"]
    id = _begin(event)
    _jobs(own_app, StandInDolos("Dolos is not installed: run npm")).run_once("one")
    report = event.call("author", "GET", f"/similarity/{id}")
    assert (report["state"], report["failure"]) == ("failed", "Dolos is not installed: run npm")
    assert _begin(event)


def test_a_group_that_cannot_be_compared_does_not_stop_other_groups(own_app: AppFixture) -> None:
    event = _class(own_app, "partly")
    for who in ("ada", "bob"):
        _submit(event, who, f"print('{who}')")
        _submit(event, who, f"int main() {{ int {who}; }}", language="cpp17")
    id = _begin(event)
    dolos = StandInDolos()

    def fail_first(_: object) -> None:
        if len(dolos.asked) == 1:
            raise CannotCompare("it takes more than 240 s")

    dolos.during = fail_first
    _jobs(own_app, dolos).run_once("one")
    report = event.call("author", "GET", f"/similarity/{id}")
    assert (report["state"], report["done"], len(report["pairs"])) == ("done", 2, 1)
    assert any("not compared: it takes more than 240 s" in note for note in report["notes"])


def test_a_cancelled_report_stops_and_a_second_report_of_an_event_is_refused(own_app: AppFixture) -> None:
    event = _class(own_app, "stopped")
    _submit(event, "ada", "print(1)")
    _submit(event, "bob", "print(2)")
    id = _begin(event)
    event.call("author", "POST", "/similarity", {}, expect=409)
    dolos = StandInDolos()
    stops: list[bool] = []

    def cancel(should_stop: Callable[[], bool] | None) -> None:
        event.call("author", "DELETE", f"/similarity/{id}", expect=204)
        assert should_stop is not None
        stops.append(should_stop())

    dolos.during = cancel
    _jobs(own_app, dolos).run_once("one")
    assert stops == [True]
    report = event.call("author", "GET", f"/similarity/{id}")
    assert (report["state"], report["pairs"]) == ("cancelled", [])
    event.call("author", "DELETE", f"/similarity/{id}", expect=204)
    event.call("author", "GET", f"/similarity/{id}", expect=404)


def _store_at(app: AppFixture, at: datetime) -> SimilarityStore:
    return SimilarityStore(app.services.engine, lambda: at)


def test_a_report_whose_dispatcher_died_is_begun_again_up_to_three_times(own_app: AppFixture) -> None:
    event = _class(own_app, "orphaned")
    id = _begin(event)
    now = utc_now()
    for number in range(MOST_TRIES):
        later = _store_at(own_app, now + number * 2 * CLAIM)
        claimed = later.claim(f"dispatcher {number}")
        assert claimed is not None
        assert claimed.tries == number + 1
        assert later.claim("another") is None
    last = _store_at(own_app, now + 10 * CLAIM)
    services = own_app.services
    jobs = SimilarityJobs(last, services.events, services.problems, services.languages, StandInDolos())
    assert jobs.run_once("last")
    report = event.call("author", "GET", f"/similarity/{id}")
    assert report["state"] == "failed"
    assert "3 times" in report["failure"]


def test_a_stop_of_the_dispatcher_does_not_count_as_a_try_of_a_report(own_app: AppFixture) -> None:
    event = _class(own_app, "restarted")
    for who in ("ada", "bob"):
        _submit(event, who, "print(sum(map(int, input().split())))")
    id = _begin(event)
    jobs = _jobs(own_app, StandInDolos())
    for number in range(MOST_TRIES + 2):
        assert jobs.run_once(f"dispatcher {number}", is_stopping=lambda: True)
        report = event.call("author", "GET", f"/similarity/{id}")
        assert (report["state"], report["done"]) == ("queued", 0)
    assert jobs.run_once("the last one")
    report = event.call("author", "GET", f"/similarity/{id}")
    assert (report["state"], report["done"]) == ("done", 1)


@pytest.mark.slow
def test_the_oldest_reports_of_an_event_are_deleted_beyond_the_limit(own_app: AppFixture) -> None:
    event = _class(own_app, "many")
    jobs = _jobs(own_app, StandInDolos())
    ids = []
    for _ in range(MOST_REPORTS + 2):
        ids.append(_begin(event))
        jobs.run_once("one")
    listed = [each["id"] for each in event.call("author", "GET", "/similarity")["reports"]]
    assert listed == ids[:1:-1]


def test_wrong_fields_of_a_report_request_are_refused_by_name(own_app: AppFixture) -> None:
    event = make_event(own_app, "wrong")
    bodies: list[dict[str, Any]] = [
        {"least_percent": 0},
        {"least_percent": 101},
        {"earlier": ["A B"]},
        {"x": 1},
    ]
    for body in bodies:
        refused = event.call("author", "POST", "/similarity", body, expect=422)
        assert next(iter(body)) in str(refused)
