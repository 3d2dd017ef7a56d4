"""A house for the tests of one file, or of one test where it gets broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.redis_server import RedisServer
from tests.web.app_fixture import House, build_house
from tests.web.served import Served, end, serve


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Shared by the tests of a file, which therefore leave it as it was or look only at their own."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    built = build_house(tmp_path_factory.mktemp("house"), server, GAVEL_MAX_UNFINISHED="100000")
    yield built
    built.services.status_subscriptions.end()
    built.services.engine.dispose()
    server.stop()


@pytest.fixture
def own_house(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[House]:
    """A house whose Redis the test may stop, hang and empty."""
    built = build_house(tmp_path_factory.mktemp("house"), redis_server)
    yield built
    built.services.status_subscriptions.end()
    built.services.engine.dispose()


@pytest.fixture(scope="module")
def served(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The house of this file behind a real server."""
    running = serve(house, tmp_path_factory.mktemp("log") / "api.log")
    yield running
    end(running)
