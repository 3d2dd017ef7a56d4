"""If no live worker of a tier has a language, its submissions wait, and user and operator see why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from judge_core.model.account import Tier
from judge_core.model.submission import rfc3339
from judge_core.model.worker import LanguageOnWorker, WorkerRecord
from judge_core.redis.keys import UNSERVED_KEY, WORKERS_SET, worker_key
from tests.support.records import a_worker
from tests.web.app_fixture import AppFixture

SINCE = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3)
PYTHON = a_worker("python", "python3")
ADA = a_worker(
    "premium", queue=Tier.PREMIUM, languages={"ada": LanguageOnWorker("13"), "kotlin": LanguageOnWorker("2")}
)


def register(app: AppFixture, *workers: WorkerRecord) -> None:
    client = app.redis.client()
    client.delete(WORKERS_SET)
    for worker in workers:
        client.set(worker_key(worker.name), worker.dump())
        client.sadd(WORKERS_SET, worker.name)
    app.services.worker_cache.clear()


def lose(app: AppFixture, language: str, since: datetime = SINCE) -> None:
    """Note since when no worker has the language, as a dispatcher does."""
    app.redis.client().hset(UNSERVED_KEY, f"normal|{language}", rfc3339(since) or "")


def fetch(app: AppFixture, path: str, who: str = "ada") -> Any:
    return app.client.get(path, headers=app.headers(who))


def test_a_waiting_submission_shows_which_language_no_worker_has_and_since_when(own_app: AppFixture) -> None:
    lose(own_app, "kotlin")
    register(own_app, PYTHON)
    kotlin, python = (own_app.submit(language=each).get_json()["id"] for each in ("kotlin", "python3"))
    expected = {"language": "kotlin", "since": rfc3339(SINCE)}
    for _ in range(2):  # the second time, the fast path answers
        assert fetch(own_app, f"/status/{kotlin}").get_json()["no_worker"] == expected
        assert "no_worker" not in fetch(own_app, f"/status/{python}").get_json()
    assert fetch(own_app, f"/submissions/{kotlin}").get_json()["no_worker"] == expected
    place = fetch(own_app, f"/submissions/{kotlin}/place").get_json()
    assert (place["no_worker"], place["expected_seconds"]) == (expected, None)
    listed = fetch(own_app, "/admin/submissions?stage=QUEUED", "admin").get_json()["submissions"]
    assert [each["reason"] for each in listed if each["id"] == kotlin] == [
        f"no normal worker for kotlin since {SINCE:%Y-%m-%d %H:%M} UTC: the submission waits for one"
    ]
    assert own_app.redis.client().lrange("rq:queue:normal", 0, -1) == [f"{python}-1".encode()]


def test_the_etag_of_a_status_changes_when_a_worker_for_the_language_appears(own_app: AppFixture) -> None:
    register(own_app, PYTHON)
    id = own_app.submit(language="kotlin").get_json()["id"]
    tags: list[str] = []
    for workers in ((PYTHON,), (PYTHON, a_worker("k", "kotlin", pool="jvm"))):
        register(own_app, *workers)
        found = {fetch(own_app, f"/status/{id}").headers["ETag"] for _ in range(2)}
        assert len(found) == 1
        tags += found
    assert tags[0] != tags[1]
    headers = {**own_app.headers(), "If-None-Match": tags[1]}
    assert own_app.client.get(f"/status/{id}", headers=headers).status_code == 304


def test_the_dashboard_and_the_metrics_show_languages_without_a_worker(own_app: AppFixture) -> None:
    register(own_app, PYTHON)
    lose(own_app, "lua")
    own_app.submit(language="kotlin")
    body = fetch(own_app, "/admin/queues", "admin").get_json()
    unserved = {each["language"]: each for each in body["unserved"]}
    assert (unserved["lua"]["since"], unserved["lua"]["waiting"]) == (rfc3339(SINCE), 0)
    assert unserved["kotlin"]["waiting"] == 1
    assert body["pools"] == [
        {"tier": "normal", "pool": "default", "queue": "normal", "workers": 1, "languages": ["python3"]}
    ]
    metrics = own_app.client.get("/metrics").get_data(as_text=True)
    assert 'gavel_unserved_submissions{language="kotlin",queue="normal"} 1.0' in metrics


@pytest.mark.parametrize(
    ("lost", "status"), [(None, 422), (timedelta(minutes=3), 202), (timedelta(hours=2), 422)]
)
def test_a_language_is_accepted_for_an_hour_after_its_last_worker_was_lost(
    own_app: AppFixture, lost: timedelta | None, status: int
) -> None:
    if lost is not None:
        lose(own_app, "ada", datetime.now(UTC) - lost)
    register(own_app, PYTHON)
    answer = own_app.submit(language="ada")
    assert answer.status_code == status
    if status == 422:
        assert "Ada (GNAT) does not run here: choose another language" in answer.get_data(as_text=True)


def test_only_administrators_read_why_a_worker_lacks_a_language(own_app: AppFixture) -> None:
    """The text of a worker may name paths of its host."""
    reason = "gnatmake is not installed where programs are judged: /opt/gnat is outside /usr"
    lacks = {"ada": LanguageOnWorker(reason=reason)}
    tiers = (Tier.NORMAL, Tier.PREMIUM)
    register(own_app, *(a_worker(str(tier), queue=tier, languages=lacks) for tier in tiers))
    refused = own_app.submit(language="ada")
    assert (refused.status_code, "/opt" in refused.get_data(as_text=True)) == (422, False)
    for who, shown in (("ada", "no worker here can use it"), ("admin", reason)):
        listed = fetch(own_app, "/languages", who).get_json()["languages"]
        assert [each["reason"] for each in listed if each["id"] == "ada"] == [shown]


def test_a_language_is_offered_to_the_tiers_with_a_worker_for_the_language(own_app: AppFixture) -> None:
    register(own_app, PYTHON, ADA)

    def offered(**headers: Any) -> set[str]:
        languages = own_app.client.get("/languages", **headers).get_json()["languages"]
        return {each["id"] for each in languages if each["available"]}

    assert offered() == {"python3", "kotlin", "ada"}
    assert offered(headers=own_app.headers("ada")) == {"python3"}
    assert offered(headers=own_app.headers("grace")) == {"kotlin", "ada"}
    assert own_app.submit("grace", language="ada").status_code == 202
    assert own_app.submit("ada", language="ada").status_code == 422


def test_a_language_of_lending_workers_is_offered_to_the_tier_that_they_help(conserving: AppFixture) -> None:
    def offered() -> set[str]:
        return {
            each["id"]
            for each in fetch(conserving, "/languages").get_json()["languages"]
            if each["available"]
        }

    register(conserving, PYTHON, ADA, a_worker("premium-2", queue=Tier.PREMIUM))
    assert offered() == {"python3", "kotlin", "ada"}
    accepted = conserving.submit(language="ada")
    assert (accepted.status_code, accepted.get_json()["queue"]) == (202, "normal")
    assert "no_worker" not in fetch(conserving, f"/status/{accepted.get_json()['id']}").get_json()

    register(conserving, PYTHON, ADA)  # premium's only worker stays free for premium
    assert offered() == {"python3"}
    assert conserving.submit(language="ada").status_code == 422


def test_a_submission_that_only_the_last_premium_worker_could_judge_has_no_worker(
    conserving: AppFixture,
) -> None:
    register(conserving, PYTHON, ADA)
    lose(conserving, "kotlin")
    id = conserving.submit(language="kotlin").get_json()["id"]
    expected = {"language": "kotlin", "since": rfc3339(SINCE)}
    assert fetch(conserving, f"/status/{id}").get_json()["no_worker"] == expected
    why = fetch(conserving, f"/admin/submissions/{id}/why", "admin").get_json()
    assert why["reason"] == (
        f"no normal worker for kotlin since {SINCE:%Y-%m-%d %H:%M} UTC: the submission waits for one. "
        "The only premium worker stays free for premium: a second worker would judge the submission"
    )
    metrics = conserving.client.get("/metrics").get_data(as_text=True)
    assert 'gavel_unserved_submissions{language="kotlin",queue="normal"} 1.0' in metrics

    register(conserving, ADA)
    why = fetch(conserving, f"/admin/submissions/{id}/why", "admin").get_json()
    assert why["reason"].startswith("no live worker takes from the normal queue. The only premium worker")
    assert why["command"] == "gavel worker --queue normal"


def test_a_status_says_nothing_about_workers_while_redis_is_away(own_app: AppFixture) -> None:
    register(own_app, PYTHON)
    id = own_app.submit(language="kotlin").get_json()["id"]
    own_app.redis.stop()
    own_app.services.worker_cache.clear()
    assert "no_worker" not in fetch(own_app, f"/status/{id}").get_json()
    own_app.redis.start()
