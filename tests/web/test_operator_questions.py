"""An operator learns why a submission is not judged, which worker is slow, and what was changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from judge_api.services.installation_record import ACT, record_installation
from judge_api.services.pending_reason import PendingReasons
from judge_api.services.worker_speeds import compare_workers
from judge_api.store.recent_attempts import JudgedAttempt
from judge_api.store.tables import attempts
from judge_core.model.account import Tier
from judge_core.model.maintenance import Maintenance, MaintenanceMode
from judge_core.model.submission import Verdict
from tests.web.app_fixture import AppFixture
from tests.web.served import Served
from tests.web.test_language_outages import PYTHON, register
from tests.web.test_operating import gavel, judged


def why(app: AppFixture, id: str) -> tuple[str, str]:
    found = app.client.get(f"/admin/submissions/{id}/why", headers=app.headers("admin")).get_json()
    return found["reason"], found["command"]


def pause(app: AppFixture) -> None:
    app.services.worker_registry.pause(Tier.NORMAL, True)


def hold(app: AppFixture) -> None:
    app.services.maintenance.change(Maintenance(MaintenanceMode.HOLD, "new compilers"))


CAUSES: dict[str, tuple[Callable[[AppFixture], object], str, str]] = {
    "the queue is paused": (pause, "the normal queue is paused", "gavel resume normal"),
    "maintenance holds it": (hold, "submissions are held for maintenance", "gavel maintenance open"),
    "no worker lives": (
        lambda app: register(app),
        "no live worker takes from",
        "gavel worker --queue normal",
    ),
}


@pytest.mark.parametrize(("cause", "reason", "command"), CAUSES.values(), ids=CAUSES)
def test_gavel_why_names_the_cause_and_the_command_that_helps(
    own_app: AppFixture, cause: Callable[[AppFixture], object], reason: str, command: str
) -> None:
    try:
        cause(own_app)
        id: str = own_app.submit().get_json()["id"]
        said = why(own_app, id)
        assert said[0].startswith(reason)
        assert said[1] == command
    finally:
        own_app.services.worker_registry.pause(Tier.NORMAL, False)


def test_the_pending_reason_names_a_missing_dispatcher(own_app: AppFixture) -> None:
    status = own_app.services.submissions.status(own_app.submit().get_json()["id"])
    assert status is not None
    reasons = PendingReasons([PYTHON], [Tier.NORMAL], [], {status.id}, {}, {}, has_dispatcher=False)
    cause = reasons.cause(status)
    assert cause is not None and cause.text.startswith("no dispatcher sent a heartbeat lately")
    assert cause.command == "gavel dispatcher"


def test_gavel_why_shows_the_worker_and_reason_of_each_attempt(app: AppFixture, served: Served) -> None:
    id: str = app.submit().get_json()["id"]
    row = {"submission_id": id, "number": 1, "worker": "normal-3", "ending": "fault", "reason": "disk full"}
    with app.services.engine.begin() as connection:
        connection.execute(insert(attempts).values(row))
    code, said = gavel(app, served, "why", id)
    assert code == 0, said
    assert "aplusb, python3, queue normal, of ada" in said
    assert "normal-3" in said and "disk full" in said
    found = json.loads(gavel(app, served, "why", id, "--json")[1])
    assert [one["reason"] for one in found["attempts"]] == ["disk full"]


def test_gavel_why_shows_the_verdict_of_a_judged_submission(app: AppFixture, served: Served) -> None:
    assert "The submission is judged: WA." in gavel(app, served, "why", judged(app, Verdict.WA))[1]
    code, said = gavel(app, served, "why", "no-such-id")
    assert code == 1
    assert "there is no submission 'no-such-id'" in said


def attempt(worker: str, milliseconds: float, problem: str = "aplusb") -> JudgedAttempt:
    return JudgedAttempt(worker, "normal", (problem, "python3"), milliseconds)


def test_a_slow_worker_is_found_by_comparing_workers_on_the_same_problem() -> None:
    quick = [attempt("a", 100), attempt("a", 104), attempt("b", 98)]
    long_problem = [attempt("a", 4000, "long"), attempt("b", 4100, "long")]
    slow = [attempt("c", 210), attempt("c", 190)]
    alone = [attempt("d", 9000, "nobody-else")]
    speeds = {one.worker: one for one in compare_workers([*quick, *long_problem, *slow, *alone])}
    assert next(iter(speeds)) == "c" and list(speeds)[-1] == "d"
    assert 1.8 < (speeds["c"].ratio or 0) < 2.2
    assert 0.9 < (speeds["a"].ratio or 0) < 1.1
    assert speeds["d"].ratio is None
    assert compare_workers([]) == []


def test_workers_are_listed_by_the_speed_of_their_recent_attempts(app: AppFixture, served: Served) -> None:
    for worker, milliseconds in (("quick-1", 50.0), ("quick-2", 52.0), ("slow-1", 200.0)):
        id: str = app.submit().get_json()["id"]
        with app.services.engine.begin() as connection:
            timings = {"judged_ms": milliseconds}
            row = {
                "submission_id": id,
                "number": 1,
                "worker": worker,
                "ending": "finished",
                "timings": timings,
            }
            connection.execute(insert(attempts).values(row))
    code, said = gavel(app, served, "workers", "--slow", "--hours", "2")
    assert code == 0, said
    listed = [line.split()[0] for line in said.splitlines() if "normal" in line]
    assert listed.index("slow-1") < listed.index("quick-1")
    found = json.loads(gavel(app, served, "workers", "--slow", "--json")[1])["workers"]
    assert next(one["ratio"] for one in found if one["worker"] == "slow-1") > 3


def test_gavel_changes_hides_acts_of_accounts_on_themselves_without_the_option_all(
    app: AppFixture, served: Served
) -> None:
    record_installation(app.services.audit, {"GAVEL_LEASE_SECONDS": "30"})
    record_installation(
        app.services.audit, {"GAVEL_LEASE_SECONDS": "60", "GAVEL_SECRET_KEY": "not-to-be-shown"}
    )
    app.services.audit.record("ada", "key.issue", "some-key")
    gavel(app, served, "pause", "premium")
    gavel(app, served, "resume", "premium")
    code, said = gavel(app, served, "changes", "--since", "1h")
    assert code == 0, said
    assert "GAVEL_LEASE_SECONDS: 30.0 → 60.0" in said
    assert "not-to-be-shown" not in said
    assert "queue.pause" in said
    assert "some-key" not in said
    assert "some-key" in gavel(app, served, "changes", "--since", "1h", "--all")[1]


def test_a_start_with_the_same_release_and_settings_is_not_listed_as_a_change(own_app: AppFixture) -> None:
    for _ in range(3):
        record_installation(own_app.services.audit, {"GAVEL_MAX_ATTEMPTS": "4"})
    acts = [entry for entry in own_app.services.audit.page() if entry.act == ACT]
    assert len(acts) == 1
    assert acts[0].at <= datetime.now(UTC)
