"""Submissions and the display of results follow the rules of an event in each tested API."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from judge_api.services.running_events import RunningEvents
from judge_api.store.events import EventStore, StoredEvent
from judge_api.store.verdicts import VerdictStore
from judge_api.webhooks.delivery_worker import event_body
from judge_core.model.errors import StoreUnavailable
from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture
from tests.web.event_fixture import EventClient, make_event, moment

TESTS = (
    TestResult("sample/1", Verdict.AC, 1, 1, 900, sample=True, output="3"),
    TestResult("secret/1", Verdict.AC, 2, 2, 900),
    TestResult("secret/2", Verdict.WA, 77, 78, 900),
)
INSIDE, OUTSIDE = {"REMOTE_ADDR": "10.1.2.3"}, {"REMOTE_ADDR": "192.0.2.1"}


def _judged(event: EventClient, who: str = "ada", **posted: Any) -> str:
    """Submit, and record a verdict: the submission passes the sample and fails the second secret test.
    Returns its id."""
    answer = event.app.submit(who, **{"problem": "A", "event": event.slug, **posted})
    assert answer.status_code == 202, answer.get_json()
    id: str = answer.get_json()["id"]
    outcome = Outcome(Verdict.WA, TESTS, 3, cpu_ms=77, wall_ms=78, memory_kb=900)
    assert VerdictStore(event.app.services.engine).record(finished(id, outcome=outcome)) is not None
    event.app.services.status_service.publish_change(id)
    return id


def _ways(app: AppFixture, id: str) -> dict[str, Any]:
    """The submission as its owner sees it in Gavel's own API, in an export and in a webhook's message."""
    headers = app.headers("ada")

    def get(path: str) -> Any:
        return app.client.get(path, headers=headers).get_json()

    stream = app.client.get(f"/events/{id}", headers=headers).get_data(as_text=True)
    (data,) = [line[6:] for line in stream.splitlines() if line.startswith("data: ")]
    export = zipfile.ZipFile(io.BytesIO(app.client.get("/me/export", headers=headers).get_data()))
    exported = json.loads(export.read("submissions.json"))
    status = app.services.submissions.status(id)
    assert status is not None
    message: Any = event_body(RunningEvents(EventStore(app.services.engine)).shown_to_owner(status))
    return {
        "status": get(f"/status/{id}"),
        "statuses": get(f"/statuses?ids={id}")["statuses"][0],
        "submission": get(f"/submissions/{id}"),
        "list": next(each for each in get("/submissions")["submissions"] if each["id"] == id),
        "stream": json.loads(data),
        "export": next(each for each in exported if each["id"] == id),
        "webhook": message["data"],
    }


@pytest.mark.parametrize(
    ("feedback", "verdict", "tests", "cpu"),
    [
        ("all", "WA", ["sample/1", "secret/1", "secret/2"], 77),
        ("samples", "WA", ["sample/1"], None),
        ("verdict", "WA", [], None),
        ("after-end", None, [], None),
    ],
)
def test_members_see_only_what_the_feedback_rule_allows_until_the_end(
    own_app: AppFixture, feedback: str, verdict: str | None, tests: list[str], cpu: int | None
) -> None:
    event = make_event(own_app, "told", rules={"feedback": feedback, "scoring": "ioi"})
    event.add("ada")
    id = _judged(event)
    for way, body in _ways(own_app, id).items():
        assert (body["state"], body["verdict"], body["cpu_ms"]) == ("SUCCESS", verdict, cpu), way
        assert [each["name"] for each in body["tests"]] == tests, way
        if feedback != "all":
            assert body["tests_done"] == 0, way
    author = own_app.client.get(f"/submissions/{id}", headers=own_app.headers("author")).get_json()
    assert len(author["tests"]) == 3
    event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    own_app.services.running_events.clear()
    shown = own_app.client.get(f"/status/{id}", headers=own_app.headers("ada")).get_json()
    assert (shown["verdict"], len(shown["tests"])) == ("WA", 3)


def test_a_member_cannot_read_a_hidden_result_before_the_end_by_any_tested_api(own_app: AppFixture) -> None:
    event = make_event(own_app, "silent", rules={"feedback": "after-end", "scoring": "ioi"})
    event.add("ada")
    id = _judged(event)
    headers = own_app.headers("ada")

    def get(path: str) -> Any:
        return own_app.client.get(path, headers=headers)

    status = own_app.services.submissions.status(id)
    assert status is not None
    assert get("/submissions?verdict=WA").get_json()["submissions"] == []
    assert get("/problems").get_json()["problems"][0]["mark"] is None
    assert get(f"/submissions/detail/{status.serial}/check/").status_code == 403
    assert get(f"/kattis/submissions/{status.serial}").status_code == 403
    assert get("/api/problems/all/").get_json()["stat_status_pairs"][0]["status"] is None
    assert event.state("ada")["problems"][0]["own"] is None
    assert event.call("ada", "GET", "/tries")["submissions"][0]["verdict"] is None
    event.call("ada", "GET", "/standings", expect=403)
    assert get("/api/contests/silent/judgements").status_code == 403
    tag = get(f"/status/{id}").headers["ETag"]
    event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    later = own_app.client.get(f"/status/{id}", headers={**headers, "If-None-Match": tag})
    assert (later.status_code, later.get_json()["verdict"]) == (200, "WA")
    assert get("/submissions?verdict=WA").get_json()["submissions"][0]["id"] == id
    event.call("ada", "GET", "/standings", expect=200)


def _outside_of_the_event(app: AppFixture) -> dict[str, tuple[int, str]]:
    """Submit to the event's problem without naming the event, by each API that accepts submissions. Returns
    the answers."""
    headers, client = app.headers("ada"), app.client
    typed = {"lang": "python3", "typed_code": SUM, "question_id": "1"}
    kattis = {"language": "Python 3", "problem": "aplusb", "sub_file[]": (io.BytesIO(SUM.encode()), "a.py")}
    one = {"problem": "aplusb", "language": "python3", "source": SUM}
    batch = client.post("/submissions/batch", json={"submissions": [one]}, headers=headers).get_json()
    answers = {
        "native": app.submit("ada"),
        "leetcode": client.post("/problems/aplusb/submit/", json=typed, headers=headers),
        "kattis": client.post("/kattis/submit", data=kattis, headers=headers),
    }
    found = {name: (answer.status_code, answer.get_data(as_text=True)) for name, answer in answers.items()}
    return {**found, "batch": (403, json.dumps(batch))}


@pytest.mark.parametrize(
    "rules",
    [{"max_tries": 1}, {"languages": ["cpp17"]}, {"feedback": "verdict"}, {"networks": ["127.0.0.0/8"]}],
    ids=lambda rules: next(iter(rules)),
)
def test_a_rule_is_not_bypassed_by_a_submission_outside_of_the_event(
    own_app: AppFixture, rules: dict[str, Any]
) -> None:
    event = make_event(own_app, "strict", rules=rules)
    event.add("ada")
    for way, (status, text) in _outside_of_the_event(own_app).items():
        assert status == 403, way
        assert "is a problem of the event strict now" in text, way
    assert own_app.submit("bob").status_code == 202
    run = {"problem": "aplusb", "language": "python3", "source": SUM}
    assert own_app.client.post("/runs", json=run, headers=own_app.headers("ada")).status_code == 202
    event.call("author", "PATCH", "", {"ends_at": moment(-0.01)}, expect=200)
    assert own_app.submit("ada").status_code == 202


def test_a_submission_by_kattis_follows_the_rules_of_the_event(own_app: AppFixture) -> None:
    event = make_event(own_app, "cup", rules={"max_tries": 1})
    event.add("ada")

    def submit() -> str:
        file = (io.BytesIO(SUM.encode()), "a.py")
        form = {"language": "Python 3", "problem": "A", "contest": "cup", "sub_file[]": file}
        answer = own_app.client.post("/kattis/submit", data=form, headers=own_app.headers("ada"))
        return answer.get_data(as_text=True)

    assert "Submission received" in submit()
    assert "you have used your one submission for this problem" in submit()


def _submit_from(app: AppFixture, where: dict[str, str], slug: str, who: str = "ada") -> tuple[int, str]:
    body = {"problem": "A", "language": "python3", "source": SUM, "event": slug}
    answer = app.client.post("/submissions", json=body, headers=app.headers(who), environ_base=where)
    return answer.status_code, answer.get_json().get("detail", "")


def test_members_cannot_take_part_from_outside_the_networks_of_the_event(own_app: AppFixture) -> None:
    event = make_event(
        own_app, "lab", rules={"networks": ["10.1.0.0/16", "2001:db8::1"]}, visibility="members"
    )
    event.add("ada")

    def state(where: dict[str, str]) -> Any:
        found = own_app.client.get("/events/lab/state", headers=own_app.headers("ada"), environ_base=where)
        return found.get_json()

    assert (state(INSIDE)["may_submit"], len(state(INSIDE)["problems"])) == (True, 1)
    assert (state(OUTSIDE)["may_submit"], state(OUTSIDE)["problems"]) == (False, [])
    assert "192.0.2.1 is in none of them" in state(OUTSIDE)["address_fault"]
    assert _submit_from(own_app, INSIDE, "lab")[0] == 202
    assert _submit_from(own_app, {"REMOTE_ADDR": "::ffff:10.1.9.9"}, "lab")[0] == 202
    assert _submit_from(own_app, {"REMOTE_ADDR": "2001:db8::1"}, "lab")[0] == 202
    assert _submit_from(own_app, OUTSIDE, "lab") == (
        403,
        "members take part in lab from its networks only: 192.0.2.1 is in none of them",
    )


def test_an_account_is_bound_to_its_first_address_until_the_jury_releases_the_account(
    own_app: AppFixture,
) -> None:
    event = make_event(own_app, "seat", rules={"one_address": True, "exam": True})
    member = event.add("ada")
    status, _ = _submit_from(own_app, INSIDE, "seat")
    assert status == 202
    status, detail = _submit_from(own_app, OUTSIDE, "seat")
    assert status == 403
    assert "from another address: ask the jury" in detail

    def problem(where: dict[str, str]) -> int:
        return own_app.client.get(
            "/problems/aplusb", headers=own_app.headers("ada"), environ_base=where
        ).status_code

    assert (problem(INSIDE), problem(OUTSIDE)) == (200, 404)
    event.call("author", "PATCH", f"/members/{member}", {"release_addresses": True}, expect=200)
    assert _submit_from(own_app, OUTSIDE, "seat")[0] == 202
    assert _submit_from(own_app, INSIDE, "seat")[0] == 403


def test_a_wrong_network_is_refused_with_the_field(own_app: AppFixture) -> None:
    event = make_event(own_app, "nets", rules={"networks": ["10.1.2.3/16"]})
    assert event.state("author")["rules"]["networks"] == ["10.1.0.0/16"]
    refused = event.call("author", "PATCH", "", {"rules": {"networks": ["the lab"]}}, expect=422)
    assert refused["errors"][0]["field"] == "rules.networks"


def test_the_feedback_rule_applies_while_late_submissions_are_accepted(own_app: AppFixture) -> None:
    """The test reads three days after the end, within the week in which late submissions are accepted."""
    late = [{"minutes": 7 * 1440, "percent": 50}]
    rules = {"scoring": "ioi", "late": late, "feedback": "verdict"}
    event = make_event(own_app, "homework", -10 * 1440, -3 * 1440, rules)
    event.add("ada")
    id = _judged(event)
    shown = own_app.client.get(f"/status/{id}", headers=own_app.headers("ada")).get_json()
    assert (shown["verdict"], shown["tests"]) == ("WA", [])


class _ObservedEvents(EventStore):
    """Calls ``meanwhile`` while the running events are read."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def unfinished(self, now: datetime) -> list[StoredEvent]:
        self.meanwhile()
        return super().unfinished(now)


def test_a_result_stays_hidden_while_a_new_process_reads_running_events(own_app: AppFixture) -> None:
    event = make_event(own_app, "starting", rules={"feedback": "after-end"})
    event.add("ada")
    status = own_app.services.submissions.status(_judged(event))
    account = own_app.services.accounts.by_name("ada")
    assert status is not None and account is not None
    store = _ObservedEvents(own_app.services.engine)
    running = RunningEvents(store)
    answers: list[tuple[bool, str | None]] = []

    def ask() -> None:
        store.meanwhile = lambda: None
        shown = running.shown(account, status)
        answers.append((running.answers_at_once(account, status), shown.to_json()["verdict"]))

    store.meanwhile = ask
    assert running.exam_of(account.id) is None
    assert answers == [(False, None)]


def test_a_result_stays_hidden_while_a_new_process_cannot_read_running_events(
    own_app: AppFixture,
) -> None:
    event = make_event(own_app, "away", rules={"feedback": "after-end"})
    event.add("ada")
    status = own_app.services.submissions.status(_judged(event))
    account = own_app.services.accounts.by_name("ada")
    assert status is not None and account is not None
    store = _ObservedEvents(own_app.services.engine)
    running = RunningEvents(store)

    def fail() -> None:
        raise StoreUnavailable("the database does not answer")

    store.meanwhile = fail
    for _ in range(2):
        assert not running.answers_at_once(account, status)
        with pytest.raises(StoreUnavailable):
            running.shown(account, status)
    store.meanwhile = lambda: None
    assert running.shown(account, status).to_json()["verdict"] is None


def test_the_feedback_rule_applies_to_a_member_with_days_of_additional_time(
    own_app: AppFixture,
) -> None:
    event = make_event(own_app, "homework", starts=-4320, ends=-2880, rules={"feedback": "after-end"})
    member = event.add("ada")
    event.call("author", "PATCH", f"/members/{member}", {"extension_minutes": 4 * 1440}, expect=200)
    running = own_app.services.running_events
    id = event.submit("ada", Verdict.WA)
    assert running.grants(own_app.accounts["ada"].account, "aplusb")
    assert own_app.client.get(f"/status/{id}", headers=own_app.headers()).get_json()["verdict"] is None
