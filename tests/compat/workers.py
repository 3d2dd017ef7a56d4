"""Stands in for workers. Registers a worker that offers languages, and records an outcome for each new
run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select

from judge_api.store.tables import submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now_ms
from judge_core.model.account import Tier
from judge_core.model.submission import Outcome, rfc3339
from judge_core.model.worker import LanguageOnWorker, WorkerRecord, WorkerState
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import WORKERS_SET, worker_key
from tests.support.records import finished
from tests.web.app_fixture import AppFixture


def offer_languages(app: AppFixture, **versions: str) -> None:
    """Register a worker with these languages and versions. A language with an empty version is not
    installed."""
    now = rfc3339(utc_now_ms()) or ""
    languages = {
        name: LanguageOnWorker(version) if version else LanguageOnWorker(None, "it is not installed")
        for name, version in versions.items()
    }
    record = WorkerRecord("compat-1", Tier.NORMAL, "here", 1, WorkerState.IDLE, now, now, languages=languages)
    redis = create_redis_client(app.redis.url, 1.0)
    redis.set(worker_key(record.name), record.dump())
    redis.sadd(WORKERS_SET, record.name)
    redis.close()
    app.services.worker_cache.__init__(app.services.worker_registry)  # type: ignore[misc]


@contextmanager
def judged_as(app: AppFixture, outcome: Outcome | None) -> Iterator[None]:
    """Every submission that is posted during the block gets this outcome. With ``None`` the submission is
    cancelled."""
    ended = threading.Event()
    judge = threading.Thread(target=_judge, args=(app, outcome, ended), daemon=True)
    judge.start()
    try:
        yield
    finally:
        ended.set()
        judge.join(60)


def _judge(app: AppFixture, outcome: Outcome | None, ended: threading.Event) -> None:
    while not ended.wait(0.01):
        with app.services.engine.connect() as connection:
            waiting = connection.execute(select(submissions.c.id).where(submissions.c.open)).scalars().all()
        for id in waiting:
            if outcome is None:
                app.services.submissions.cancel(id, by="a test")
            else:
                VerdictStore(app.services.engine).record(replace(finished(id), outcome=outcome))
            app.services.status_service.publish_change(id)
