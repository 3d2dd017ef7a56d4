"""Fixtures of the integration tests."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.integration.dispatch_fixture import DispatchFixture
from tests.support.redis_server import RedisServer


@pytest.fixture
def dispatch(engine: Engine, redis_server: RedisServer) -> DispatchFixture:
    return DispatchFixture(engine, redis_server)
