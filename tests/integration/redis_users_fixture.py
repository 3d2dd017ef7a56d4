"""A real Redis with the users of deploy/redis/users.acl: workers of both tiers, and the shared worker
user."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from judge_core.model.account import Tier
from judge_core.redis.client import PersistentConnections
from judge_core.redis.worker_scripts import load_worker_scripts
from tests.support.ports import free_port
from tests.support.redis_server import redis_binary
from tests.support.redis_users import render_users

PASSWORD = "p" * 64
WORKERS = {"thief": Tier.PREMIUM, "premium-1": Tier.PREMIUM, "normal-1": Tier.NORMAL}


@dataclass(frozen=True, slots=True)
class SecureRedis:
    """The port of a Redis with users. All users except ``health`` have the same password."""

    port: int

    def url(self, user: str) -> str:
        password = "health" if user == "health" else PASSWORD
        return f"redis://{user}:{password}@127.0.0.1:{self.port}/0"

    def client(self, user: str) -> Redis:
        """A client that waits up to a minute for the server, which may start slowly on a busy machine."""
        return Redis.from_url(self.url(user), retry=Retry(ConstantBackoff(0.1), 600))


@contextmanager
def secure_redis(folder: Path) -> Iterator[SecureRedis]:
    (folder / "users.acl").write_text(render_users(PASSWORD, WORKERS, shared=True))
    port = free_port()
    argv = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([*argv, "--aclfile", str(folder / "users.acl")], stdout=subprocess.DEVNULL)
    try:
        redis = SecureRedis(port)
        load_worker_scripts(PersistentConnections(redis.client("server")))
        yield redis
    finally:
        server.terminate()
        server.wait(60)
