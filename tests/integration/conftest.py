"""A house for each test that asks for one."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.integration.dispatching import House
from tests.support.redis_server import RedisServer


@pytest.fixture
def house(engine: Engine, redis_server: RedisServer) -> House:
    return House(engine, redis_server)
