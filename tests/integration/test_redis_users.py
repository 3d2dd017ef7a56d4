"""The users of deploy/redis/users.acl on a real Redis: each may do its work and nothing beside it."""

from __future__ import annotations

import hashlib
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import NoPermissionError, RedisError, ResponseError
from redis.retry import Retry

from judge_core.redis.keys import REPORTS_STREAM, lease_key, worker_key
from tests.support.redis_server import redis_binary

USERS = Path(__file__).parents[2] / "deploy" / "redis" / "users.acl"
PASSWORD = "p" * 64
Open = Callable[[str], Redis]


@pytest.fixture(scope="module")
def open_as(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    folder = tmp_path_factory.mktemp("acl")
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    lines = USERS.read_text().replace("@SERVER@", digest).replace("@WORKER@", digest).splitlines()
    (folder / "users.acl").write_text("\n".join(line for line in lines if line.startswith("user ")) + "\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([*argv, "--aclfile", str(folder / "users.acl")], stdout=subprocess.DEVNULL)

    def open_client(user: str) -> Redis:
        password = "health" if user == "health" else PASSWORD
        patient = Retry(ConstantBackoff(0.1), 50)
        return Redis(port=port, username=user, password=password, retry=patient)

    yield open_client
    server.terminate()
    server.wait(10)


def test_redis_refuses_a_client_without_a_password(open_as: Open) -> None:
    client = open_as("health")
    assert client.ping()
    port = client.connection_pool.connection_kwargs["port"]
    with pytest.raises(RedisError, match=r"(?i)auth"):
        Redis(port=port).ping()


def test_health_may_ping_and_no_more(open_as: Open) -> None:
    with pytest.raises(NoPermissionError):
        open_as("health").get("gavel:x")


def test_a_worker_leases_reports_and_registers(open_as: Open) -> None:
    worker = open_as("worker")
    assert worker.set(lease_key("s"), "1:w", px=1000)
    assert worker.set(worker_key("w"), "{}", ex=10)
    assert worker.sadd("gavel:workers", "w") == 1
    assert worker.xadd(REPORTS_STREAM, {"report": "{}"})
    assert worker.eval("return redis.call('XADD', KEYS[1], '*', 'a', 'b')", 1, REPORTS_STREAM)
    assert worker.blmove("rq:queue:normal", "rq:queue:normal:intermediate", 0.01) is None
    assert worker.publish("gavel:status-changed", "{}") == 0


FOREIGN = (
    "FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG GET *", "ACL LIST", "SHUTDOWN", "SET foo 1", "GET session:1",
    "MONITOR", f"XRANGE {REPORTS_STREAM} - +", f"XTRIM {REPORTS_STREAM} MAXLEN 0",
    f"DEL {REPORTS_STREAM}", f"RENAME {REPORTS_STREAM} x", "MODULE LIST", "REPLICAOF a 1", "SUBSCRIBE other",
    "PUBLISH rq:pubsub:other x", "CLIENT KILL TYPE normal", "FUNCTION LIST", "SAVE", "SWAPDB 0 1", "SCAN 0",
)  # fmt: skip


@pytest.mark.parametrize("words", FOREIGN)
def test_a_worker_has_no_other_words(open_as: Open, words: str) -> None:
    with pytest.raises(NoPermissionError):
        open_as("worker").execute_command(*words.split())


def test_a_workers_script_may_do_no_more_than_the_worker(open_as: Open) -> None:
    with pytest.raises(ResponseError, match="ACL failure"):
        open_as("worker").eval("return redis.call('XTRIM', KEYS[1], 'MAXLEN', 0)", 1, REPORTS_STREAM)


@pytest.mark.parametrize("words", ["FLUSHALL", "KEYS *", "CONFIG GET *", "SET foo 1", "SHUTDOWN", "ACL LIST"])
def test_even_the_main_server_does_not_administer(open_as: Open, words: str) -> None:
    with pytest.raises(NoPermissionError):
        open_as("server").execute_command(*words.split())


def test_the_main_server_reads_the_reports(open_as: Open) -> None:
    server = open_as("server")
    server.xadd(REPORTS_STREAM, {"report": "{}"})
    server.xgroup_create(REPORTS_STREAM, "tested", "0")
    assert server.xreadgroup("tested", "me", {REPORTS_STREAM: ">"})
