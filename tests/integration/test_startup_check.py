"""A worker that is refused at its start gets the reason. A worker that starts before the server is not
refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge_core import messages
from judge_core.messages import JudgeRequest, PackageRef, ReportKind
from judge_core.model.account import Tier
from tests.integration.test_workers import WorkerFixture, eventually
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import WORKER_TOKEN, build_app
from tests.web.served import Served, end, serve
from workers.package_cache import PackageCache
from workers.server_client import TimeLimitClient
from workers.settings import WorkerSettings
from workers.startup_check import INCOMPATIBLE_RELEASE, REJECTED_CREDENTIALS, StartupRefused, check_startup


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    redis.start()
    app = build_app(tmp_path_factory.mktemp("data"), redis)
    running = serve(app, tmp_path_factory.mktemp("log") / "api.log")
    yield running
    end(running)
    app.services.status_subscriptions.close()
    app.services.engine.dispose()
    redis.discard()


def settings(served: Served, **variables: str) -> WorkerSettings:
    env = {"GAVEL_REDIS_URL": served.app.redis.url, "GAVEL_SERVER_URL": served.url, **variables}
    return WorkerSettings.from_env({"GAVEL_WORKER_TOKEN": WORKER_TOKEN, **env}, "normal")


def test_a_worker_with_a_wrong_token_or_release_is_refused_at_its_start_with_the_reason(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_startup(settings(served))
    with pytest.raises(StartupRefused, match="refuses GAVEL_WORKER_TOKEN") as wrong_token:
        check_startup(settings(served, GAVEL_WORKER_TOKEN="another"))
    assert wrong_token.value.exit_status == REJECTED_CREDENTIALS
    check_startup(settings(served, GAVEL_SERVER_URL="http://127.0.0.1:9"))
    for version, words in (
        (0, "older than 1.*update the worker"),
        (2, "newer than 1.*update the main server"),
    ):
        monkeypatch.setattr(messages, "VERSION", version)
        with pytest.raises(StartupRefused, match=words) as stale:
            check_startup(settings(served))
        assert stale.value.exit_status == INCOMPATIBLE_RELEASE


def test_a_netrc_does_not_replace_the_token(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    check_startup(settings(served))
    problem = served.app.services.problems.get("aplusb")
    assert problem is not None
    version = problem.version
    cache = PackageCache(tmp_path / "cache", served.url, WORKER_TOKEN)
    assert cache.fetch(PackageRef("aplusb", version)).folder.is_dir()
    assert TimeLimitClient(served.url, WORKER_TOKEN).known_time_limit(version) is None


def test_a_worker_with_a_wrong_redis_password_is_refused_at_its_start(served: Served) -> None:
    client = served.app.redis.client()
    client.acl_setuser("worker", enabled=True, passwords=["+right"], commands=["+ping"], keys=["*"])
    socket = served.app.redis.url.removeprefix("unix://")
    check_startup(settings(served, GAVEL_REDIS_URL=f"unix://worker:right@{socket}"))
    with pytest.raises(StartupRefused, match="Redis refuses") as refusal:
        check_startup(settings(served, GAVEL_REDIS_URL=f"unix://worker:wrong@{socket}"))
    assert refusal.value.exit_status == REJECTED_CREDENTIALS
    check_startup(settings(served, GAVEL_REDIS_URL=f"unix://{socket}.away"))


def test_a_worker_returns_a_request_of_a_later_release_and_drains(redis_server: RedisServer) -> None:
    fixture = WorkerFixture(redis_server)
    with fixture.worker() as (worker, judging):
        late = JudgeRequest("0199", 1, Tier.NORMAL, "python3", "ok")
        fixture.gateway.send(Tier.NORMAL, [dataclasses.replace(late, version=messages.FILES_VERSION + 1)])
        (report,) = fixture.reports(1, ReportKind.TRANSIENT_ERROR)
        eventually(lambda: worker.draining)
    assert (report.submission, report.attempt, judging.judged) == ("0199", 1, [])
    assert fixture.client.keys("rq:queue:normal*") == []
    assert "update this process" in (worker.worker_heartbeat._record.reason or "")
