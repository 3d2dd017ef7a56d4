"""Operators' commands over HTTP: a real server, store and Redis; what workers do is played by hand."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from typing import Any

from click.testing import CliRunner

from judge_api.__main__ import main
from judge_api.store.records import REJUDGE_PRIORITY
from judge_api.store.tables import submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.model.verdict import Verdict
from judge_core.redis.keys import job_id, lease_key, worker_command_key, worker_key
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from tests.support.records import finished
from tests.web.app_fixture import AppFixture
from tests.web.served import Served


def gavel(app: AppFixture, served: Served, *words: str, who: str = "admin") -> tuple[int, str]:
    options = ["--url", served.url, "--key", app.accounts[who].key]
    result = CliRunner().invoke(main, [*words, *options])
    return result.exit_code, result.output


def judged(app: AppFixture, verdict: Verdict = Verdict.AC) -> str:
    id: str = app.submit().get_json()["id"]
    assert VerdictStore(app.services.engine).record(finished(id, verdict=verdict)) is not None
    return id


def attempt_of(app: AppFixture, id: str) -> int:
    status = app.services.submissions.status(id)
    assert status is not None
    return status.attempt


def end_all(app: AppFixture) -> None:
    """Give a verdict to whatever is open, as workers would."""
    query = submissions.select().where(submissions.c.open)
    with app.services.engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    for row in rows:
        VerdictStore(app.services.engine).record(finished(row["id"], row["attempt"]))


def renew_tests(app: AppFixture) -> None:
    """A new version of the problem's package."""
    row = app.services.problems.get("aplusb")
    assert row is not None
    fresh = format(int(row.version, 16) ^ 1, "064x")
    app.services.problems.put(replace(row, version=fresh))


def test_queue_shows_depth_flight_outbox_and_failures(app: AppFixture, served: Served) -> None:
    app.submit()
    code, said = gavel(app, served, "queue", "--json")
    assert code == 0, said
    state: dict[str, Any] = json.loads(said)
    assert state["reachable"]
    normal = next(queue for queue in state["queues"] if queue["tier"] == "normal")
    assert normal["waiting"] >= 1
    assert {"oldest_ms", "running", "unsent", "failed"} <= set(normal)
    code, said = gavel(app, served, "queue")
    assert "in flight" in said
    assert "premium" in said


def test_queue_shows_what_was_set_aside(app: AppFixture, served: Served) -> None:
    UnreadableEntries(app.redis.client()).keep_copy(
        EntrySource.QUEUE, "rq:queue:normal", b"\xff\x1b[2J", "not the id of a job"
    )
    _, output = gavel(app, served, "queue")
    assert "1 entries of Redis could not be read and were set aside (1 in queue)" in output
    assert r"rq:queue:normal: not the id of a job: \xff\x1b[2J" in output
    _, output = gavel(app, served, "queue", "--json")
    assert json.loads(output)["set_aside"]["by_source"] == {"queue": 1}
    assert 'gavel_set_aside_total{source="queue"} 1.0' in app.client.get("/metrics").text


def test_requeue_takes_it_from_its_worker(app: AppFixture, served: Served) -> None:
    id: str = app.submit().get_json()["id"]
    redis = app.redis.client()
    redis.set(lease_key(id), "1:somebody", px=60_000)
    code, said = gavel(app, served, "requeue", id)
    assert code == 0, said
    assert attempt_of(app, id) == 2
    assert redis.get(lease_key(id)) == b"2:-"
    assert not redis.exists("rq:job:" + job_id(id, 1))


def test_queues_are_paused_and_resumed_by_name(app: AppFixture, served: Served) -> None:
    assert gavel(app, served, "pause", "normal", "premium")[0] == 0
    state = json.loads(gavel(app, served, "queue", "--json")[1])
    assert [queue["paused"] for queue in state["queues"]] == [True, True]
    assert gavel(app, served, "resume", "normal", "premium")[0] == 0
    state = json.loads(gavel(app, served, "queue", "--json")[1])
    assert [queue["paused"] for queue in state["queues"]] == [False, False]
    code, said = gavel(app, served, "pause", "gold")
    assert code == 1
    assert "there is no queue 'gold'" in said


def test_cancel_ends_each_submission_and_names_those_that_it_cannot(app: AppFixture, served: Served) -> None:
    first, other = (app.submit().get_json()["id"] for _ in range(2))
    code, said = gavel(app, served, "cancel", first, "unknown", other, who="ada")
    assert code == 1
    assert f"{first} is cancelled." in said
    assert "unknown is not cancelled" in said
    assert f"{other} is cancelled." in said
    end_all(app)


def test_languages_are_listed_by_the_names_that_submit_takes(app: AppFixture, served: Served) -> None:
    code, said = gavel(app, served, "languages", "--all", who="ada")
    assert code == 0
    assert "python3" in said
    listed = json.loads(gavel(app, served, "languages", "--all", "--json", who="ada")[1])
    assert {"id", "name", "version"} <= set(listed[0])


def test_drain_without_a_name_lists_the_workers(app: AppFixture, served: Served) -> None:
    code, said = gavel(app, served, "drain")
    assert code == 0, said
    assert said == gavel(app, served, "workers")[1]
    assert json.loads(gavel(app, served, "workers", "--json")[1]) == {"workers": []}


def test_drain_asks_the_worker_to_end(app: AppFixture, served: Served) -> None:
    app.redis.client().set(worker_key("normal-9"), "{}", ex=600)
    code, said = gavel(app, served, "drain", "normal-9")
    assert code == 0, said
    assert app.redis.client().get(worker_command_key("normal-9")) == b"drain"
    assert gavel(app, served, "drain", "nobody")[0] == 1


def test_a_problem_is_rejudged_once_however_often_it_is_asked(app: AppFixture, served: Served) -> None:
    end_all(app)
    first, second = judged(app, Verdict.WA), judged(app)
    renew_tests(app)
    code, said = gavel(app, served, "rejudge", "--problem", "aplusb", "--wait", "0", "--json")
    assert code == 0, said
    begun = {one["id"]: one["before"] for one in json.loads(said)}
    assert (begun[first], begun[second]) == ("WA", "AC")
    with app.services.engine.connect() as connection:
        query = submissions.select().where(submissions.c.id == first)
        assert connection.execute(query).mappings().one()["priority"] == REJUDGE_PRIORITY
    assert "Nothing to do" in gavel(app, served, "rejudge", "--problem", "aplusb")[1]
    end_all(app)
    assert "Nothing to do" in gavel(app, served, "rejudge", "--problem", "aplusb")[1]
    assert attempt_of(app, first) == 2


def test_a_rejudging_under_way_is_not_begun_again(app: AppFixture, served: Served) -> None:
    end_all(app)
    id = judged(app, Verdict.WA)
    for _ in range(2):
        code, said = gavel(app, served, "rejudge", "--submission", id, "--wait", "0")
        assert code == 0, said
    assert attempt_of(app, id) == 2


def test_the_table_shows_the_verdict_before_and_after(app: AppFixture, served: Served) -> None:
    end_all(app)
    id = judged(app, Verdict.WA)

    def judge_again() -> None:
        while VerdictStore(app.services.engine).record(finished(id, 2)) is None:
            time.sleep(0.01)

    worker = threading.Thread(target=judge_again, daemon=True)
    worker.start()
    code, said = gavel(app, served, "rejudge", "--submission", id, "--wait", "30")
    worker.join(10)
    assert code == 0, said
    assert "WA → AC: 1" in said
    assert "changed" in said


def test_not_judged_in_time_is_said_and_is_no_success(app: AppFixture, served: Served) -> None:
    end_all(app)
    id = judged(app)
    code, said = gavel(app, served, "rejudge", "--submission", id, "--wait", "0.1")
    assert code == 3
    assert "still being judged" in said
    end_all(app)


def test_only_administrators_operate(app: AppFixture, served: Served) -> None:
    for words in (["queue"], ["requeue", "x"], ["drain", "x"], ["rejudge", "--problem", "aplusb"]):
        assert gavel(app, served, *words, who="ada")[0] == 1


def test_rejudge_wants_one_of_its_two_options(app: AppFixture, served: Served) -> None:
    assert gavel(app, served, "rejudge")[0] == 2
