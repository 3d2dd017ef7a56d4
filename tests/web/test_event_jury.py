"""The jury sees the effect of a rejudging before applying the rejudging, hands out balloons, and gives more
time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from judge_api.services.event_rejudging import MOST, EventRejudging, RejudgedSubmission
from judge_api.services.submission_service import SubmissionService
from judge_api.store.engine import current_budget
from judge_api.store.event_rejudgings import CLAIM, EventRejudgingStore
from judge_api.store.problems import problem_row
from judge_api.store.records import EventEntry, NewSubmission, SubmissionFilter
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now
from judge_core.messages import PackageRef
from judge_core.model.errors import Conflict, StoreUnavailable
from judge_core.model.submission import GroupScore, Outcome, Scoring, Stage, Status, Verdict
from tests.support.records import finished, new_submission
from tests.web.app_fixture import PROBLEMS, AppFixture
from tests.web.event_fixture import EventClient, make_event

MANY = 1100


def _contest(app: AppFixture, slug: str) -> tuple[EventClient, dict[str, str]]:
    """Make an event in which ada is accepted and bob is wrong. A rejudging with
    corrected tests will exchange these results."""
    event = make_event(app, slug, problems=[{"slug": "aplusb", "colour": "#FF0000"}])
    event.add("ada")
    event.add("bob", affiliation="There")
    return event, {"ada": event.submit("ada"), "bob": event.submit("bob", Verdict.WA)}


def _begin(event: EventClient, **chosen: Any) -> Any:
    return event.call("author", "POST", "/rejudgings", {"reason": "test 3 was wrong", **chosen}, expect=201)


def _runs(event: EventClient, rejudging: str) -> dict[str, str]:
    """For each submission, the id of its run in this rejudging."""
    found = event.app.services.event_rejudgings.runs(rejudging)
    return {submission: run for submission, run in found.items() if run is not None}


def _judge(event: EventClient, runs: dict[str, str], verdicts: dict[str, Verdict]) -> None:
    for submission, verdict in verdicts.items():
        report = finished(runs[submission], verdict=verdict)
        assert VerdictStore(event.app.services.engine).record(report) is not None


def _solved(event: EventClient) -> dict[str, int]:
    return {row["name"]: row["solved"] for row in event.standings()["rows"]}


def test_a_rejudging_shows_its_changes_before_the_jury_applies_them(own_app: AppFixture) -> None:
    event, ids = _contest(own_app, "fixed")
    begun = _begin(event, problem="A")
    assert (begun["state"], begun["done"], begun["total"], begun["changes"]) == ("preview", 0, 2, [])
    path = f"/rejudgings/{begun['id']}"
    event.call("author", "POST", f"{path}/application", expect=409)
    _judge(event, _runs(event, begun["id"]), {ids["ada"]: Verdict.WA, ids["bob"]: Verdict.AC})
    seen = event.call("author", "GET", path, expect=200)
    changes = [
        (each["member_name"], each["before"]["verdict"], each["after"]["verdict"]) for each in seen["changes"]
    ]
    assert changes == [("ada", "AC", "WA"), ("bob", "WA", "AC")]
    moves = [(each["name"], each["before"]["rank"], each["after"]["rank"]) for each in seen["standings"]]
    assert moves == [("bob", 2, 1), ("ada", 1, 2)]
    assert _solved(event) == {"ada": 1, "bob": 0}
    assert event.call("ada", "GET", "/tries")["submissions"][0]["verdict"] == "AC"
    done = event.call("author", "POST", f"{path}/application", expect=200)
    assert done == {"done": "2 submissions have another result"}
    assert _solved(event) == {"ada": 0, "bob": 1}
    status = own_app.client.get(f"/status/{ids['ada']}", headers=own_app.headers("ada")).get_json()
    assert (status["verdict"], status["attempt"]) == ("WA", 2)
    event.call("author", "POST", f"{path}/application", expect=409)
    assert event.call("author", "POST", "/recompute", {}, expect=200)["done"] == "0 results were different"


def test_an_interrupted_application_of_a_rejudging_can_be_continued(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, ids = _contest(own_app, "interrupted")
    begun = _begin(event)
    _judge(event, _runs(event, begun["id"]), {ids["ada"]: Verdict.WA, ids["bob"]: Verdict.AC})
    record = EventRejudging._record

    def fail_for_bob(self: EventRejudging, each: RejudgedSubmission) -> bool:
        if each.submission.id == ids["bob"]:
            raise StoreUnavailable("the database does not answer")
        return record(self, each)

    path = f"/rejudgings/{begun['id']}/application"
    with monkeypatch.context() as patched:
        patched.setattr(EventRejudging, "_record", fail_for_bob)
        event.call("author", "POST", path, expect=503)
    assert _solved(event) == {"ada": 0, "bob": 0}
    done = event.call("author", "POST", path, expect=200)
    assert done == {"done": "1 submissions have another result"}
    assert _solved(event) == {"ada": 0, "bob": 1}
    event.call("author", "POST", path, expect=409)


def test_each_part_of_a_rejudging_has_the_time_budget_of_a_request(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes longer to read thousands of runs with many tests than one request may take."""
    event, ids = _contest(own_app, "large")
    begun = _begin(event)
    _judge(event, _runs(event, begun["id"]), {ids["ada"]: Verdict.WA, ids["bob"]: Verdict.AC})
    read = SubmissionStore.statuses

    def spend_all(self: SubmissionStore, ids: Iterable[str]) -> dict[str, Status]:
        found, budget = read(self, ids), current_budget()
        assert budget is not None
        budget._left = 0.0
        return found

    monkeypatch.setattr(SubmissionStore, "statuses", spend_all)
    event.call("author", "POST", f"/rejudgings/{begun['id']}/application", expect=200)
    assert _solved(event) == {"ada": 0, "bob": 1}


def test_a_rejudging_that_is_being_applied_cannot_be_applied_again_or_cancelled(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that has waited too long may ask again while its first request is still running."""
    event, ids = _contest(own_app, "impatient")
    begun = _begin(event)
    _judge(event, _runs(event, begun["id"]), {ids["ada"]: Verdict.WA, ids["bob"]: Verdict.AC})
    services, record = own_app.services, EventRejudging._record
    stored = services.events.get("impatient")
    assert stored is not None
    (listed,) = services.event_rejudgings.of(stored.id)
    refusals: list[str] = []

    def ask_in_between(self: EventRejudging, each: RejudgedSubmission) -> bool:
        for act in (self.apply, self.cancel):
            with monkeypatch.context() as patched:
                patched.setattr(EventRejudging, "_record", record)
                try:
                    act(stored, listed)
                except Conflict as error:
                    refusals.append(str(error))
        return record(self, each)

    monkeypatch.setattr(EventRejudging, "_record", ask_in_between)
    done = event.call("author", "POST", f"/rejudgings/{begun['id']}/application", expect=200)
    assert done == {"done": "2 submissions have another result"}
    assert len(refusals) == 4
    assert {each.partition(":")[0] for each in refusals} == {"this rejudging is being applied"}
    attempts = [own_app.services.submissions.status(id) for id in ids.values()]
    assert [each.attempt if each else None for each in attempts] == [2, 2]
    (line,) = event.call("author", "GET", "/rejudgings")["rejudgings"]
    assert line["state"] == "applied"


def test_an_interrupted_application_of_a_rejudging_cannot_be_cancelled(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of the results may be recorded already, but a cancelled rejudging must have changed nothing."""
    event, ids = _contest(own_app, "midway")
    begun = _begin(event)
    _judge(event, _runs(event, begun["id"]), {ids["ada"]: Verdict.WA, ids["bob"]: Verdict.AC})

    def fail(self: EventRejudging, each: RejudgedSubmission) -> bool:
        raise StoreUnavailable("the database does not answer")

    path = f"/rejudgings/{begun['id']}"
    with monkeypatch.context() as patched:
        patched.setattr(EventRejudging, "_record", fail)
        event.call("author", "POST", f"{path}/application", expect=503)
    refused = event.call("author", "DELETE", path, expect=409)
    assert "apply it again" in refused["detail"]
    event.call("author", "POST", f"{path}/application", expect=200)
    assert _solved(event) == {"ada": 0, "bob": 1}


def test_a_claim_of_a_rejudging_expires_after_a_minute(own_app: AppFixture) -> None:
    event, _ = _contest(own_app, "lease")
    begun, now = _begin(event), utc_now()
    store = EventRejudgingStore(own_app.services.engine, lambda: now)
    assert store.claim(begun["id"], "the process that ends")
    now += CLAIM - timedelta(seconds=1)
    assert not store.claim(begun["id"], "another")
    now += timedelta(seconds=1)
    assert store.claim(begun["id"], "another")
    assert not store.renew(begun["id"], "the process that ends")
    assert not store.finish(begun["id"], "the process that ends")
    assert store.finish(begun["id"], "another")


def test_an_interrupted_cancellation_of_a_rejudging_can_be_continued(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise workers would judge the remaining runs without need."""
    event, _ = _contest(own_app, "stopped")
    begun = _begin(event)
    path, cancel = f"/rejudgings/{begun['id']}", SubmissionService.cancel
    cancelled: list[str] = []

    def fail_once(self: SubmissionService, status: Status, by: str = "") -> bool:
        if len(cancelled) == 1:
            raise StoreUnavailable("the database does not answer")
        cancelled.append(status.id)
        return cancel(self, status, by)

    with monkeypatch.context() as patched:
        patched.setattr(SubmissionService, "cancel", fail_once)
        event.call("author", "DELETE", path, expect=503)
    event.call("author", "DELETE", path, expect=204)
    runs = own_app.services.submissions.statuses(_runs(event, begun["id"]).values())
    assert {each.stage for each in runs.values()} == {Stage.CANCELLED}
    event.call("author", "DELETE", path, expect=409)


def test_a_cancelled_rejudging_changes_no_result(own_app: AppFixture) -> None:
    event, ids = _contest(own_app, "dropped")
    begun = _begin(event, submissions=[ids["ada"]])
    assert begun["total"] == 1
    event.call("author", "DELETE", f"/rejudgings/{begun['id']}", expect=204)
    (line,) = event.call("author", "GET", "/rejudgings")["rejudgings"]
    assert line["state"] == "cancelled"
    (run,) = _runs(event, begun["id"]).values()
    status = own_app.services.submissions.status(run)
    assert status is not None
    assert status.stage.value == "CANCELLED"
    assert _solved(event) == {"ada": 1, "bob": 0}


def test_the_runs_of_a_rejudging_that_cannot_be_stored_are_cancelled(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, _ = _contest(own_app, "unstored")

    def fail(*_: object) -> str:
        raise StoreUnavailable("the database does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(EventRejudgingStore, "complete", fail)
        event.call("author", "POST", "/rejudgings", {"reason": "x"}, expect=503)
    author = own_app.accounts["author"].account
    runs = own_app.services.submissions.page(SubmissionFilter(account_id=author.id)).items
    assert [each.stage for each in runs] == [Stage.CANCELLED] * 2
    assert event.call("author", "GET", "/rejudgings")["rejudgings"] == []
    assert _begin(event)["total"] == 2


def test_while_a_rejudging_is_begun_a_repeated_request_makes_no_second_runs(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy gives up a long request, and the jury asks again while the first request still runs."""
    event, _ = _contest(own_app, "twice")
    submit = SubmissionService.submit_batch
    refusals: list[Any] = []

    def ask_in_between(self: SubmissionService, batch: Sequence[NewSubmission]) -> object:
        with monkeypatch.context() as patched:
            patched.setattr(SubmissionService, "submit_batch", submit)
            refusals.append(event.call("author", "POST", "/rejudgings", {"reason": "again"}, expect=409))
            assert event.call("author", "GET", "/rejudgings")["rejudgings"] == []
        return submit(self, batch)

    with monkeypatch.context() as patched:
        patched.setattr(SubmissionService, "submit_batch", ask_in_between)
        begun = _begin(event)
    assert "is being prepared" in refusals[0]["detail"]
    author = own_app.accounts["author"].account
    assert own_app.services.submissions.count(SubmissionFilter(account_id=author.id)) == 2
    (line,) = event.call("author", "GET", "/rejudgings")["rejudgings"]
    assert (line["id"], line["total"]) == (begun["id"], 2)


def test_a_process_that_ends_while_it_begins_a_rejudging_leaves_no_rejudging(own_app: AppFixture) -> None:
    event, ids = _contest(own_app, "ended")
    now, jury = utc_now(), own_app.accounts["author"].account.id
    store = EventRejudgingStore(own_app.services.engine, lambda: now)
    left = store.begin(_event_id(event), "x", jury, "the process that ends")
    assert store.get(_event_id(event), left) is None
    now += CLAIM - timedelta(seconds=1)
    with pytest.raises(Conflict, match="is being prepared"):
        store.begin(_event_id(event), "x", jury, "another")
    now += timedelta(seconds=1)
    id = store.begin(_event_id(event), "x", jury, "another")
    assert not store.complete(left, "the process that ends", {ids["ada"]: None})
    assert store.complete(id, "another", {ids["ada"]: None})
    assert [each.id for each in store.of(_event_id(event))] == [id]
    assert store.claim(id, "a request that applies it")


def test_a_rejudging_of_more_submissions_than_the_limit_is_refused(own_app: AppFixture) -> None:
    event, ids = _contest(own_app, "named")
    unknown = [f"no-{number}" for number in range(MOST - 1)]
    assert _begin(event, submissions=[ids["ada"], *unknown])["total"] == 1
    body = {"reason": "x", "submissions": [*ids.values(), *unknown]}
    event.call("author", "POST", "/rejudgings", body, expect=422)


def test_a_rejudging_without_a_matching_submission_is_refused(own_app: AppFixture) -> None:
    event, _ = _contest(own_app, "nothing")
    body = {"reason": "x", "verdict": "TLE"}
    refused = event.call("author", "POST", "/rejudgings", body, expect=422)
    assert "no judged submission" in refused["detail"]


def test_a_member_sees_no_rejudging_and_no_runs_of_a_rejudging(own_app: AppFixture) -> None:
    event, ids = _contest(own_app, "quiet")
    begun = _begin(event)
    _judge(event, _runs(event, begun["id"]), {ids["ada"]: Verdict.WA})
    event.call("ada", "GET", f"/rejudgings/{begun['id']}", expect=403)
    listed = own_app.client.get("/submissions", headers=own_app.headers("ada")).get_json()["submissions"]
    assert [each["id"] for each in listed] == [ids["ada"]]


def test_the_jury_lists_balloons_and_marks_them_as_delivered(own_app: AppFixture) -> None:
    event, _ = _contest(own_app, "balloons")
    (balloon,) = event.call("author", "GET", "/balloons", expect=200)["balloons"]
    assert (balloon["member_name"], balloon["problem"], balloon["colour"]) == ("ada", "A", "#FF0000")
    assert (balloon["first"], balloon["delivered_at"]) == (True, None)
    path = f"/balloons/{balloon['member']}/A"
    event.call("author", "PUT", path, {"delivered": True}, expect=200)
    event.submit("bob")
    event.app.services.scoreboards.forget()
    names = [each["member_name"] for each in event.call("author", "GET", "/balloons")["balloons"]]
    assert names == ["bob", "ada"]
    event.call("author", "PUT", path, {"delivered": False}, expect=200)
    assert all(each["delivered_at"] is None for each in event.call("author", "GET", "/balloons")["balloons"])


def test_an_extension_moves_the_end_of_the_event(own_app: AppFixture) -> None:
    event, _ = _contest(own_app, "slower")
    before = event.state("author")["ends_at"]
    after = event.call("author", "POST", "/extension", {"minutes": 15}, expect=200)["ends_at"]
    assert before < after


def _scored(verdict: Verdict, **groups: float) -> Outcome:
    """An outcome with scores of test groups, as a worker reports it."""
    parts = tuple(GroupScore(name, score, 50.0) for name, score in groups.items())
    scored = Outcome(verdict, score=sum(groups.values()), groups=groups)
    return scored.with_scoring(Scoring(100.0, parts))


def test_a_rejudging_with_points_by_test_group_applies_the_shown_changes(own_app: AppFixture) -> None:
    """The best score of each test group counts, over both submissions. The rejudging gives the second
    submission's points to the other group."""
    stored = own_app.services.package_store.add_folder(PROBLEMS / "lighthouse")
    row = problem_row(stored, None)
    own_app.services.problems.put(replace(row, spec={**row.spec, "max_score": 100.0}))
    rules = {"scoring": "ioi", "ioi": {"mode": "groups"}}
    event = make_event(own_app, "grouped", rules=rules, problems=[{"slug": "lighthouse", "weight": 100}])
    event.add("ada")
    first, second = event.submit("ada", None), event.submit("ada", None)
    store = VerdictStore(own_app.services.engine)
    for id, groups in ((first, {"a": 50.0, "b": 0.0}), (second, {"a": 0.0, "b": 50.0})):
        assert store.record(finished(id, outcome=_scored(Verdict.WA, **groups))) is not None
    (before,) = event.standings()["rows"]
    assert before["points"] == 100
    begun = _begin(event)
    runs = _runs(event, begun["id"])
    for id, groups in ((first, {"a": 50.0, "b": 0.0}), (second, {"a": 50.0, "b": 0.0})):
        assert store.record(finished(runs[id], outcome=_scored(Verdict.WA, **groups))) is not None
    seen = event.call("author", "GET", f"/rejudgings/{begun['id']}", expect=200)
    assert [each["submission"] for each in seen["changes"]] == [second]
    (move,) = seen["standings"]
    assert (move["before"]["points"], move["after"]["points"]) == (100, 50)
    event.call("author", "POST", f"/rejudgings/{begun['id']}/application", expect=200)
    assert event.standings()["rows"][0]["points"] == 50
    assert event.call("author", "POST", "/recompute", {}, expect=200)["done"] == "0 results were different"


@pytest.mark.slow
def test_a_single_rejudging_may_have_more_than_a_thousand_submissions(own_app: AppFixture) -> None:
    event = make_event(own_app, "many")
    event.add("ada")
    services, ada = own_app.services, own_app.accounts["ada"].account
    stored, row = services.events.get("many"), services.problems.get("aplusb")
    assert stored is not None
    assert row is not None
    member = services.events.member_of(stored.id, ada.id)
    assert member is not None
    new = new_submission(
        ada.id, event=EventEntry(stored.id, member.id), package=PackageRef("aplusb", row.version)
    )
    ids = [services.submissions.accept(new, send_now=False).status.id for _ in range(MANY)]
    verdicts = VerdictStore(services.engine)
    verdicts.record_all([finished(id) for id in ids])
    begun = _begin(event)
    assert begun["total"] == MANY
    runs = _runs(event, begun["id"])
    assert set(runs) == set(ids)
    verdicts.record_all([finished(run, verdict=Verdict.WA) for run in runs.values()])
    seen = event.call("author", "GET", f"/rejudgings/{begun['id']}", expect=200)
    assert (seen["done"], len(seen["changes"])) == (MANY, MANY)
    done = event.call("author", "POST", f"/rejudgings/{begun['id']}/application", expect=200)
    assert done == {"done": f"{MANY} submissions have another result"}
    assert _solved(event) == {"ada": 0}


def test_a_rejudging_is_found_after_a_hundred_later_rejudgings(own_app: AppFixture) -> None:
    event, ids = _contest(own_app, "often")
    first = _begin(event)["id"]
    jury = own_app.accounts["author"].account.id
    for _ in range(100):
        store = own_app.services.event_rejudgings
        id = store.begin(_event_id(event), "again", jury, "a request")
        assert store.complete(id, "a request", {ids["ada"]: None})
    assert event.call("author", "GET", f"/rejudgings/{first}", expect=200)["state"] == "preview"
    listed = event.call("author", "GET", "/rejudgings", expect=200)["rejudgings"]
    assert (len(listed), listed[-1]["id"]) == (101, first)
    event.call("author", "DELETE", f"/rejudgings/{first}", expect=204)
    refused = event.call("author", "POST", f"/rejudgings/{first}/application", expect=409)
    assert "applied or cancelled already" in refused["detail"]


def _event_id(event: EventClient) -> str:
    found = event.app.services.events.get(event.slug)
    assert found is not None
    return found.id
