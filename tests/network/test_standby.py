"""No submission is lost when PostgreSQL's primary is killed and its standby promoted while submissions come
in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.network.standby import primary_and_standby
from tests.network.waiting import until
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import build_app


@pytest.mark.standby
@pytest.mark.timeout(180)
def test_no_accepted_submission_is_lost_when_the_standby_of_postgresql_takes_over(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    with primary_and_standby(tmp_path) as database:
        app = build_app(
            tmp_path / "data", redis_server, GAVEL_DATABASE_URL=database.url, GAVEL_MAX_UNFINISHED="1000"
        )
        accepted = [app.submit().get_json()["id"] for _ in range(20)]
        database.kill_primary()
        refused = app.submit()
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
        database.promote()

        def is_taken() -> bool:
            answer = app.submit()
            if answer.status_code == 202:
                accepted.append(answer.get_json()["id"])
            return bool(answer.status_code == 202)

        until(is_taken, "the promoted server takes submissions", 60)
        assert app.services.submissions.statuses(accepted).keys() == set(accepted)
        app.services.status_subscriptions.close()
        app.services.engine.dispose()
