"""Applications for tests. The tests of a file share one. A test that breaks its application gets its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.packages_in_process import packages_in_process
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app
from tests.web.served import Served, end, serve


@pytest.fixture(scope="module", autouse=True)
def packages_are_read_here() -> Iterator[None]:
    with packages_in_process():
        yield


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application that the tests of a file share. A test must leave it as it was, or look only at data of
    its own."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    built = build_app(tmp_path_factory.mktemp("data"), server, GAVEL_MAX_UNFINISHED="100000")
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    server.discard()


@pytest.fixture
def own_app(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[AppFixture]:
    """An application whose Redis the test may stop, hang and empty."""
    built = build_app(tmp_path_factory.mktemp("data"), redis_server)
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


@pytest.fixture
def hasty_app(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[AppFixture]:
    """An application that waits for Redis only as long as an installation with default settings."""
    built = build_app(tmp_path_factory.mktemp("data"), redis_server, GAVEL_ENQUEUE_BUDGET_MS="150")
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


@pytest.fixture
def conserving(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[AppFixture]:
    """An application in which idle workers may judge for the other tier."""
    built = build_app(tmp_path_factory.mktemp("data"), redis_server, GAVEL_WORK_CONSERVING="yes")
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


@pytest.fixture(scope="module")
def served(app: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application of this file behind a real server."""
    running = serve(app, tmp_path_factory.mktemp("log") / "api.log")
    yield running
    end(running)
