"""Operators' commands work over HTTP with a real server, store and Redis. The tests do what workers would
do."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from judge_api.__main__ import main
from judge_api.services.installation_record import record_installation
from judge_api.store.attempts import RequeueReason
from judge_api.store.records import REJUDGE_PRIORITY
from judge_api.store.tables import submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Verdict
from judge_core.redis.keys import WORKERS_SET, job_id, lease_key, worker_command_key, worker_key
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from tests.network.waiting import until
from tests.support.records import a_worker, finished
from tests.web.app_fixture import AppFixture
from tests.web.served import Served, end, serve


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
    """Give every open submission a verdict, as workers would."""
    query = submissions.select().where(submissions.c.open)
    with app.services.engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    for row in rows:
        VerdictStore(app.services.engine).record(finished(row["id"], row["attempt"]))


def renew_tests(app: AppFixture) -> None:
    """Add a new version of the problem's package."""
    row = app.services.problems.get("aplusb")
    assert row is not None
    fresh = format(int(row.version, 16) ^ 1, "064x")
    app.services.problems.put(replace(row, version=fresh))


def test_gavel_queue_shows_waiting_running_unsent_and_failed_submissions(
    app: AppFixture, served: Served
) -> None:
    app.submit()
    code, said = gavel(app, served, "queue", "--json")
    assert code == 0, said
    state: dict[str, Any] = json.loads(said)
    assert state["reachable"]
    normal = next(queue for queue in state["queues"] if queue["tier"] == "normal")
    assert normal["waiting"] >= 1
    assert {"oldest_ms", "running", "unsent", "failed"} <= set(normal)
    code, said = gavel(app, served, "queue")
    assert "running" in said
    assert "premium" in said


def test_gavel_queue_lists_workers_and_counts_cancelled_submissions_separately(
    own_app: AppFixture, tmp_path: Path
) -> None:
    record, redis = a_worker("normal-4", "python3"), own_app.redis.client()
    redis.set(worker_key(record.name), record.dump())
    redis.sadd(WORKERS_SET, record.name)
    judged(own_app)
    cancelled = own_app.submit().get_json()["id"]
    served = serve(own_app, tmp_path / "api.log")
    try:
        assert gavel(own_app, served, "cancel", cancelled)[0] == 0
        # The server counts at most once a second.
        until(lambda: "Cancelled in the last hour: 1." in gavel(own_app, served, "queue")[1], "the figures")
        code, said = gavel(own_app, served, "queue")
    finally:
        end(served)
    assert code == 0, said
    assert "Last hour: 1 AC." in said
    assert "normal-4" in said
    (normal,) = (words for line in said.splitlines() if (words := line.split())[:1] == ["normal"])
    assert normal[:3] == ["normal", "0", "0"], f"nothing waits, so there is no oldest: {normal}"


def test_gavel_queue_shows_unreadable_entries(app: AppFixture, served: Served) -> None:
    UnreadableEntries(app.redis.client()).keep_copy(
        EntrySource.QUEUE, "rq:queue:normal", b"\xff\x1b[2J", "not the id of a job"
    )
    _, output = gavel(app, served, "queue")
    assert "1 entries of Redis or the database were set aside (1 in queue): they could not be read" in output
    assert r"rq:queue:normal: not the id of a job: \xff\x1b[2J" in output
    _, output = gavel(app, served, "queue", "--json")
    assert json.loads(output)["set_aside"]["by_source"] == {"queue": 1}
    assert 'gavel_set_aside_total{source="queue"} 1.0' in app.client.get("/metrics").text


def test_gavel_requeue_revokes_the_lease_of_the_worker(app: AppFixture, served: Served) -> None:
    id: str = app.submit().get_json()["id"]
    redis = app.redis.client()
    redis.set(lease_key(id), "1:somebody", px=60_000)
    code, said = gavel(app, served, "requeue", id)
    assert code == 0, said
    assert attempt_of(app, id) == 2
    assert redis.get(lease_key(id)) == b"2:-"
    assert not redis.exists("rq:job:" + job_id(id, 1))


def test_operators_pause_and_resume_queues_by_name(app: AppFixture, served: Served) -> None:
    assert gavel(app, served, "pause", "normal", "premium")[0] == 0
    state = json.loads(gavel(app, served, "queue", "--json")[1])
    assert [queue["paused"] for queue in state["queues"]] == [True, True]
    assert gavel(app, served, "resume", "normal", "premium")[0] == 0
    state = json.loads(gavel(app, served, "queue", "--json")[1])
    assert [queue["paused"] for queue in state["queues"]] == [False, False]
    code, said = gavel(app, served, "pause", "gold")
    assert code == 1
    assert "there is no queue 'gold'" in said


def test_gavel_cancel_names_cancelled_and_unknown_submissions(app: AppFixture, served: Served) -> None:
    first, other = (app.submit().get_json()["id"] for _ in range(2))
    code, said = gavel(app, served, "cancel", first, "unknown", other, who="ada")
    assert code == 1
    assert f"{first} is cancelled." in said
    assert "unknown is not cancelled" in said
    assert f"{other} is cancelled." in said
    end_all(app)


def test_gavel_languages_lists_ids_names_and_versions(app: AppFixture, served: Served) -> None:
    code, said = gavel(app, served, "languages", "--all", who="ada")
    assert code == 0
    assert "python3" in said
    listed = json.loads(gavel(app, served, "languages", "--all", "--json", who="ada")[1])
    assert {"id", "name", "version"} <= set(listed[0])


def test_gavel_drain_without_a_name_lists_the_workers(app: AppFixture, served: Served) -> None:
    code, said = gavel(app, served, "drain")
    assert code == 0, said
    assert said == gavel(app, served, "workers")[1]
    assert json.loads(gavel(app, served, "workers", "--json")[1]) == {"workers": []}


def test_gavel_drain_sends_the_command_to_the_worker(app: AppFixture, served: Served) -> None:
    app.redis.client().set(worker_key("normal-9"), "{}", ex=600)
    code, said = gavel(app, served, "drain", "normal-9")
    assert code == 0, said
    assert app.redis.client().get(worker_command_key("normal-9")) == b"drain"
    assert gavel(app, served, "drain", "nobody")[0] == 1


def test_gavel_drain_refuses_the_last_worker_of_a_queue_or_pool_without_force(
    own_app: AppFixture, tmp_path: Path
) -> None:
    redis = own_app.redis.client()
    for name, pool in (("normal-4", "default"), ("normal-5", "default"), ("jvm-1", "jvm")):
        redis.set(worker_key(name), a_worker(name, "python3", pool=pool).dump())
        redis.sadd(WORKERS_SET, name)
    served = serve(own_app, tmp_path / "api.log")
    try:
        assert gavel(own_app, served, "drain", "normal-4")[0] == 0
        # The drained worker has not read the command yet, so its record still says that it is idle.
        code, said = gavel(own_app, served, "drain", "normal-5")
        assert code == 1
        assert "normal-5 is the last worker of the normal queue. Start another worker first" in said
        assert redis.get(worker_command_key("normal-5")) is None
        assert gavel(own_app, served, "drain", "normal-5", "--force")[0] == 0
        said = gavel(own_app, served, "drain", "jvm-1")[1]
        assert "the last worker of the pool jvm of the normal queue" in said
        assert "`gavel worker --queue normal --pool jvm`" in said
    finally:
        end(served)
    assert redis.get(worker_command_key("normal-5")) == b"drain"


def test_repeated_commands_rejudge_a_problem_once(app: AppFixture, served: Served) -> None:
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


def test_a_second_command_does_not_begin_a_running_rejudging_again(app: AppFixture, served: Served) -> None:
    end_all(app)
    id = judged(app, Verdict.WA)
    for _ in range(2):
        code, said = gavel(app, served, "rejudge", "--submission", id, "--wait", "0")
        assert code == 0, said
    assert attempt_of(app, id) == 2


def test_gavel_rejudge_shows_the_verdict_before_and_after(app: AppFixture, served: Served) -> None:
    end_all(app)
    id = judged(app, Verdict.WA)

    def judge_again() -> None:
        while VerdictStore(app.services.engine).record(finished(id, 2)) is None:
            time.sleep(0.01)

    worker = threading.Thread(target=judge_again, daemon=True)
    worker.start()
    code, said = gavel(app, served, "rejudge", "--submission", id, "--wait", "90")
    worker.join(60)
    assert code == 0, said
    assert "WA → AC: 1" in said
    assert "changed" in said


def test_gavel_rejudge_shows_its_progress_on_a_terminal(app: AppFixture, served: Served) -> None:
    end_all(app)
    judged(app, Verdict.WA)
    judged(app)
    renew_tests(app)
    words = ["rejudge", "--problem", "aplusb", "--wait", "60"]
    words += ["--url", served.url, "--key", app.accounts["admin"].key]
    leader, terminal = pty.openpty()
    command = [sys.executable, "-m", "judge_api", *words]
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "150"}
    done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, env=env)
    os.close(terminal)
    shown = b""
    with suppress(OSError):  # Reading from a terminal that no process has open is an error.
        while part := os.read(leader, 65536):
            shown += part
            if b"judging" in shown:
                end_all(app)
    os.close(leader)
    table = done.communicate(timeout=60)[0].decode()
    assert done.returncode == 0, shown
    count = len(re.findall("^[0-9a-f]{8}-", table, re.MULTILINE))
    assert b"sending" in shown and b"judging" in shown
    assert count >= 2 and f"{count}/{count}".encode() in shown


def test_gavel_rejudge_fails_if_judging_lasts_longer_than_the_wait(app: AppFixture, served: Served) -> None:
    end_all(app)
    id = judged(app)
    code, said = gavel(app, served, "rejudge", "--submission", id, "--wait", "0.1")
    assert code == 3
    assert "still being judged" in said
    end_all(app)


def test_the_commands_of_operators_are_refused_to_other_accounts(app: AppFixture, served: Served) -> None:
    for words in (["queue"], ["requeue", "x"], ["drain", "x"], ["rejudge", "--problem", "aplusb"]):
        assert gavel(app, served, *words, who="ada")[0] == 1


def test_gavel_rejudge_without_an_option_is_refused(app: AppFixture, served: Served) -> None:
    assert gavel(app, served, "rejudge")[0] == 2


def test_the_charts_mark_starts_changes_of_settings_and_pauses(own_app: AppFixture) -> None:
    record_installation(own_app.services.audit, {"GAVEL_MAX_ATTEMPTS": "4"})
    record_installation(own_app.services.audit, {"GAVEL_MAX_ATTEMPTS": "4"})
    record_installation(own_app.services.audit, {"GAVEL_MAX_ATTEMPTS": "4"})
    own_app.client.patch("/admin/queues/normal", json={"paused": True}, headers=own_app.headers("admin"))
    own_app.client.patch("/admin/queues/normal", json={"paused": False}, headers=own_app.headers("admin"))
    found = own_app.client.get("/admin/queues?hours=1", headers=own_app.headers("admin")).get_json()[
        "markers"
    ]
    assert [each["act"] for each in found] == [
        "installation.change",
        "installation.start",
        "queue.pause",
        "queue.resume",
    ]
    assert found[2] | {"at": ""} == {
        "at": "",
        "act": "queue.pause",
        "subject": "normal",
        "by": "admin",
        "release": None,
        "before": None,
    }
    later = own_app.client.get("/admin/queues?hours=0", headers=own_app.headers("admin")).get_json()
    assert later["markers"] == []


def ask_admin(app: AppFixture, method: str, path: str, body: Any = None) -> Any:
    return app.client.open(f"/admin/{path}", method=method, json=body, headers=app.headers("admin"))


def test_an_ignored_failure_is_not_counted_until_a_rejudging(own_app: AppFixture) -> None:
    id = own_app.submit().get_json()["id"]
    assert ask_admin(own_app, "PUT", f"submissions/{id}/ignored", {"ignored": True}).status_code == 409
    attempts = own_app.services.attempts
    for attempt in range(1, 4):
        attempts.requeue_or_fail(id, attempt, RequeueReason("the disk is full"))
    failed = "submissions?stage=FAILED&total=true"
    before = ask_admin(own_app, "GET", f"{failed}&ignored=false").get_json()["total"]
    assert ask_admin(own_app, "PUT", f"submissions/{id}/ignored", {"ignored": True}).status_code == 200
    assert ask_admin(own_app, "PUT", f"submissions/{id}/ignored", {"ignored": True}).status_code == 200
    assert ask_admin(own_app, "GET", f"{failed}&ignored=false").get_json()["total"] == before - 1
    (ignored,) = ask_admin(own_app, "GET", f"{failed}&ignored=true").get_json()["submissions"]
    assert (ignored["id"], ignored["ignored_by"]) == (id, "admin")
    own_app.services.queue_stats.clear()
    queues = ask_admin(own_app, "GET", "queues").get_json()["queues"]
    assert sum(queue["failed"] for queue in queues) == before - 1
    assert ask_admin(own_app, "PUT", f"submissions/{id}/ignored", {"ignored": False}).status_code == 200
    assert ask_admin(own_app, "GET", f"{failed}&ignored=false").get_json()["total"] == before
    ask_admin(own_app, "PUT", f"submissions/{id}/ignored", {"ignored": True})
    ask_admin(own_app, "POST", f"submissions/{id}/rejudge")
    assert own_app.services.ignored_failures.by([id]) == {}


def test_waiting_submissions_are_listed_oldest_first_with_pages_and_total(own_app: AppFixture) -> None:
    ids = [own_app.submit("bob").get_json()["id"] for _ in range(3)]
    path = "submissions?account=bob&unfinished=true&order=oldest&limit=2&total=true"
    first = ask_admin(own_app, "GET", path).get_json()
    assert ([each["id"] for each in first["submissions"]], first["total"]) == (ids[:2], 3)
    second = ask_admin(own_app, "GET", f"{path}&cursor={first['cursor']}").get_json()
    assert ([each["id"] for each in second["submissions"]], second["cursor"]) == (ids[2:], None)
    assert ask_admin(own_app, "GET", "submissions").get_json()["total"] is None


def test_gavel_submit_names_submissions_that_were_accepted_before_a_refusal(
    app: AppFixture, served: Served, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("first.py", "second.py", "third.py")]
    for file in files:
        file.write_text("print(1)\n")
    files[1].write_text("#" * (app.services.settings.source_bytes + 1))
    for watching in ((), ("--watch",)):
        code, said = gavel(app, served, "submit", "-p", "aplusb", *watching, *map(str, files), who="bob")
        assert code == 1
        (line,) = [line for line in said.splitlines() if line.startswith("first.py  submission ")]
        assert app.services.submissions.status(line.split()[2]) is not None
        assert "second.py" in said
        assert "third.py" not in said
