"""Each user of deploy/redis/users.acl has the rights for its work and no other rights, on a real Redis.

The tests try each line of the thief's table in docs/explanation/threat-model.md.
"""

from __future__ import annotations

import itertools
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from judge_api.dispatch.redis_key_check import RedisKeyCheck
from judge_api.services.live_programs import LivePrograms
from judge_core.messages import JudgeRequest, Report, ReportKind
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.routing import queue_name
from judge_core.model.submission import Stage
from judge_core.program_streams import InputKind, OutputKind, ProgramInput
from judge_core.redis.client import PersistentConnections
from judge_core.redis.keys import (
    REPORTS_STREAM,
    lease_key,
    live_status_key,
    program_output_key,
    worker_key,
    workers_set,
)
from judge_core.redis.signer import Signer
from judge_core.redis.status_channel import RedisStatusChannel, dump_status
from judge_core.redis.unreadable_entries import UnreadableEntries
from judge_core.redis.worker_registry import WorkerRegistry
from judge_core.redis.worker_scripts import WORKER_SCRIPTS
from judge_core.redis.worker_users import WorkerUsers
from tests.integration.redis_users_fixture import PASSWORD, WORKERS, SecureRedis, secure_redis
from tests.support.records import SIGNER, a_status, a_worker, outcome
from tests.support.redis_server import RedisServer
from tests.support.redis_users import render_users, thiefs_table
from workers.program_streams import ProgramStreams, RedisClientStreams
from workers.redis_link import NextJob, PoppedJob, RedisLink

ROOT = Path(__file__).parents[2]
TABLE = thiefs_table()
THIEF = "worker-thief"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureRedis]:
    with secure_redis(tmp_path_factory.mktemp("acl")) as server:
        yield server


def is_allowed(client: Redis, words: list[str]) -> bool:
    try:
        client.execute_command(*words)
    except NoPermissionError:
        return False
    except ResponseError as error:
        return "ACL failure" not in str(error)
    return True


def test_the_table_of_a_thief_s_commands_has_allowed_and_refused_commands() -> None:
    assert len(TABLE) > 50
    assert {redis for _, redis in TABLE} == {"allowed", "refused"}


@pytest.mark.parametrize(("command", "answer"), TABLE, ids=[command for command, _ in TABLE])
def test_redis_answers_the_thief_as_the_threat_model_says(
    redis: SecureRedis, command: str, answer: str
) -> None:
    client = redis.client(THIEF)
    assert ("allowed" if is_allowed(client, shlex.split(command)) else "refused") == answer


def test_redis_refuses_a_client_without_a_password(redis: SecureRedis) -> None:
    assert redis.client("health").ping()
    with pytest.raises(RedisError, match=r"(?i)auth"):
        Redis(port=redis.port).ping()


def test_the_user_of_health_checks_may_read_no_key(redis: SecureRedis) -> None:
    with pytest.raises(NoPermissionError):
        redis.client("health").get("gavel:x")


def test_the_main_server_can_list_the_redis_users_of_workers(redis: SecureRedis) -> None:
    assert WorkerUsers(redis.client("server")).names() == tuple(sorted(f"worker-{name}" for name in WORKERS))


def test_without_the_right_to_list_users_no_users_of_workers_are_found(redis: SecureRedis) -> None:
    assert WorkerUsers(redis.client(THIEF)).names() == ()


@pytest.mark.parametrize("words", ["FLUSHALL", "KEYS *", "CONFIG GET *", "SET foo 1", "SHUTDOWN", "ACL LIST"])
def test_the_main_server_s_redis_user_cannot_administer_redis(redis: SecureRedis, words: str) -> None:
    with pytest.raises(NoPermissionError):
        redis.client("server").execute_command(*words.split())


def test_the_main_server_reads_all_streams_of_reports(redis: SecureRedis) -> None:
    server = redis.client("server")
    for number, stream in enumerate((REPORTS_STREAM, f"{REPORTS_STREAM}:{THIEF}")):
        server.xadd(stream, {"report": "{}"})
        server.xgroup_create(stream, f"tested-{number}", "0")
        assert server.xreadgroup(f"tested-{number}", "me", {stream: ">"})


def test_the_shared_user_may_run_the_commands_of_a_worker_of_the_previous_release(redis: SecureRedis) -> None:
    worker = redis.client("worker")
    assert worker.set(lease_key("s"), "1:w", px=1000)
    assert worker.set(worker_key("w"), "{}", ex=10)
    assert worker.sadd("gavel:workers", "w") == 1
    assert worker.eval("return redis.call('XADD', KEYS[1], '*', 'a', 'b')", 1, REPORTS_STREAM)
    assert worker.blmove("rq:queue:normal", "rq:queue:normal:intermediate", 1) is None


def test_without_a_password_there_is_no_shared_redis_user() -> None:
    users = [line.split()[1] for line in render_users(PASSWORD, {"a": "normal"}).splitlines()]
    assert users == ["default", "health", "server", "worker-a"]


@pytest.mark.parametrize("workers", [{"a b": "normal"}, {"a*": "normal"}, {"": "normal"}, {"a": "Gold"}])
def test_an_invalid_name_or_tier_of_a_redis_user_is_refused(workers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="GAVEL_REDIS_WORKERS"):
        render_users(PASSWORD, workers)


@pytest.mark.parametrize("user", ["worker-premium-1", "worker"])
def test_the_health_check_of_a_workers_container_needs_only_the_rights_of_its_user(
    redis: SecureRedis, user: str
) -> None:
    """deploy/healthcheck finds the worker by the host's name, and ends with 0 only while it has a record."""
    owner = None if user == "worker" else user
    name = f"{owner or 'worker'}@premium-{socket.gethostname()}-0-abc"

    def health() -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, "GAVEL_REDIS_URL": redis.url(user)}
        words = (sys.executable, ROOT / "deploy" / "healthcheck", "worker")
        return subprocess.run(words, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)

    client = redis.client(user)
    client.sadd(workers_set(owner), name)
    before = health()
    client.set(worker_key(name), "{}", ex=60)
    after = health()
    client.delete(worker_key(name))
    client.srem(workers_set(owner), name)
    assert (before.returncode, before.stderr) == (1, "")
    assert (after.returncode, after.stderr) == (0, "")


def test_workers_wait_until_the_main_server_has_loaded_their_scripts(redis: SecureRedis) -> None:
    request = JudgeRequest("0199-scripts", 1, Tier.PREMIUM, "python3", "print(1)")
    link = RedisLink(redis.client("worker-premium-1"), "worker-premium-1@x", 5.0)
    server = redis.client("server")
    server.hset("rq:job:0199-scripts-1", "data", "its call")
    server.script_flush()
    popped = PoppedJob.parse(b"0199-scripts-1", "gavel:popped:worker-premium-1")
    assert popped is not None
    with pytest.raises(QueueUnavailable, match="has not loaded the workers' scripts yet"):
        link.take(popped, 1_000)
    RedisKeyCheck(server).check_once()
    assert link.take(popped, 1_000) == b"its call"
    assert link.renew(request)


def test_a_worker_takes_the_next_job_with_a_report(redis: SecureRedis) -> None:
    request = JudgeRequest("0199-first", 1, Tier.PREMIUM, "python3", "print(1)")
    link = RedisLink(redis.client("worker-premium-1"), "worker-premium-1@x", 5.0, "premium")
    server, popped = redis.client("server"), "gavel:popped:worker-premium-1"
    RedisKeyCheck(server).check_once()
    server.delete("rq:queue:premium", popped)
    server.rpush(popped, "0199-first-1")
    server.hset("rq:job:0199-next-1", "data", "its call")
    server.rpush("rq:queue:premium", "0199-next-1")
    report = Report(ReportKind.RETURNED, "0199-first", 1, "worker-premium-1@x", "2026-01-01T00:00:00.000Z")
    assert link.finish(request, report, 1_000).next_job == NextJob(b"0199-next-1", b"its call")
    assert link.finish(request, report, 1_000).next_job == NextJob(b"0199-next-1", None)
    assert server.get(lease_key("0199-next")) == b"1:worker-premium-1@x"
    server.delete("rq:job:0199-next-1", lease_key("0199-next"), popped)


def test_a_worker_s_user_may_use_the_streams_of_a_live_run(redis: SecureRedis) -> None:
    server = LivePrograms(redis.url("server"), "secret")
    program = server.reserve()
    program.open("0199-live")
    request = handed(Signer("secret"), "0199-live")
    worker = ProgramStreams(redis.client("worker-premium-1")).open(request)
    assert worker is not None
    program.send(ProgramInput(InputKind.STDIN, b"in"))
    received = [*(worker.receive() or ()), *(worker.receive() or ())]
    assert ProgramInput(InputKind.STDIN, b"in") in received
    worker.send(OutputKind.STDOUT, b"out")
    worker.close()
    assert [output.data for output in program.read()] == [b"out"]
    program.close()
    assert worker.receive() == [ProgramInput(InputKind.CLOSE)]


def test_a_thief_cannot_forge_the_output_of_a_running_program(redis: SecureRedis) -> None:
    program = LivePrograms(redis.url("server"), "secret").reserve()
    program.open("0199-forged")
    request = replace(handed(Signer("secret"), "0199-forged"), proof="guessed")
    thief = ProgramStreams(redis.client(THIEF)).open(request)
    assert thief is not None
    thief.send(OutputKind.STDOUT, b"forged")
    thief.close()
    for fields in ("x y", "kind stdout data x", "attempt 1 number 1 kind stdout proof x", "proof x"):
        stream = program_output_key("0199-forged", request.submission_secret)
        redis.client(THIEF).execute_command("XADD", stream, "*", *fields.split())
    assert program.read() == []
    program.close()


def test_a_thief_who_knows_an_id_cannot_find_the_streams_of_the_program(redis: SecureRedis) -> None:
    program = LivePrograms(redis.url("server"), "secret").reserve()
    program.open("0199-known")
    program.send(ProgramInput(InputKind.STDIN, b"of another tier"))
    whole = handed(Signer("secret"), "0199-known")
    connections = PersistentConnections(redis.client(THIEF))
    assert RedisClientStreams(connections, whole).exists()
    assert not RedisClientStreams(connections, replace(whole, submission_secret=None)).exists()
    program.close()


def test_a_thief_who_knows_an_id_cannot_read_or_hold_up_the_live_status(redis: SecureRedis) -> None:
    channel, client = RedisStatusChannel(redis.url("server"), SIGNER), redis.client(THIEF)
    running = replace(a_status(), id="0199-shown", stage=Stage.RUNNING)
    ended = replace(running, stage=Stage.DONE, outcome=outcome(), finished_at=running.submitted_at)
    with channel.listen() as listener:
        channel.publish([running])
        assert listener.wait(30) == running
        latest = dump_status(replace(ended, attempt=999_999))
        assert client.set(live_status_key("0199-shown", None), latest, get=True) is None
        channel.publish([ended])
        assert listener.wait(30) == ended
    assert channel.latest("0199-shown") == ended


@pytest.mark.parametrize(
    ("queue", "pool", "counts"),
    [(Tier.PREMIUM, "default", True), (Tier.NORMAL, "default", False), (Tier.PREMIUM, "made-up", False)],
)
def test_a_worker_is_listed_only_in_a_queue_that_its_redis_user_may_serve(
    redis: SecureRedis, queue: Tier, pool: str, counts: bool
) -> None:
    """If a worker counted in a queue without the right to serve the queue, jobs would be sent to the queue
    and would wait forever."""
    name, thief = f"{THIEF}@registered", redis.client(THIEF)
    record = replace(a_worker(name, "python3", queue=queue), pool=pool)
    thief.set(worker_key(name), record.dump(), px=60_000)
    thief.sadd(workers_set(THIEF), name)
    server = redis.client("server")
    registry = WorkerRegistry(redis.url("server"), unreadable_entries=UnreadableEntries(server))
    assert (name in {worker.name for worker in registry.workers()}) == counts
    odd = {each.reason for each in UnreadableEntries(server).summary().latest if name in each.key}
    wrong = f"its Redis user has no right to the queue {queue_name(queue, pool)}"
    assert (wrong in odd) != counts
    thief.srem(workers_set(THIEF), name)


def test_a_worker_may_serve_its_queue_if_the_server_cannot_read_its_rights(redis: SecureRedis) -> None:
    users = WorkerUsers(redis.client(THIEF))
    assert users.may_serve(THIEF, "normal")
    assert users.may_serve(None, "normal")


@pytest.mark.parametrize(
    ("keys", "serves"),
    [
        (["~*"], True),
        (["~rq:*", "~gavel:*"], True),
        (["~rq:queue:normal"], True),
        (["%RW~rq:queue:normal"], True),
        (["~rq:queue:premium", "~gavel:*"], False),
        (["%R~rq:queue:normal", "~gavel:*"], False),
    ],
    ids=str,
)
def test_an_operator_s_rules_for_a_worker_may_name_more_keys_than_the_queue(
    redis_server: RedisServer, keys: list[str], serves: bool
) -> None:
    client = redis_server.client()
    client.execute_command("ACL", "SETUSER", "worker-own", "reset", "on", "nopass", *keys, "+@all")
    try:
        assert WorkerUsers(client).may_serve("worker-own", "normal") == serves
    finally:
        client.execute_command("ACL", "DELUSER", "worker-own")


@pytest.mark.parametrize("answer", [None, {"keys": ["*"]}, {"keys": ["rq:*", "gavel:*"]}])
def test_a_worker_may_serve_its_queue_if_redis_returns_no_rules(answer: object) -> None:
    """Redis before 7.0 returns only patterns of keys. About a deleted user every Redis returns nothing."""
    asked = SimpleNamespace(acl_getuser=lambda _user: answer)
    assert WorkerUsers(cast("Redis", asked)).may_serve("worker-own", "normal")


def test_the_rights_of_workers_can_be_read_by_several_threads() -> None:
    """The dispatcher's threads share one registry. In this test, the names of the users are read during each
    lookup of the rights, as another thread may do."""

    class Watched(str):
        __slots__ = ()

        def __hash__(self) -> int:
            users.names()
            return super().__hash__()

    ticks = itertools.count(0.0, 60.0)
    client = SimpleNamespace(acl_getuser=lambda _user: {"keys": ["~rq:queue:normal"]}, acl_users=list)
    users = WorkerUsers(cast("Redis", client), lambda: next(ticks))
    assert users.may_serve(Watched("worker-own"), "normal")


def handed(signer: Signer, submission: str) -> JudgeRequest:
    """A request as the dispatcher sends it to a worker."""
    return JudgeRequest(
        submission,
        1,
        Tier.PREMIUM,
        "python3",
        "",
        proof=signer.proof(submission, 1),
        job_secret=signer.job_secret(submission, 1),
        submission_secret=signer.submission_secret(submission),
    )


def test_no_script_that_a_thief_may_run_has_a_loop(redis: SecureRedis) -> None:
    """The scripts that a thief may run have no loop, so each of them ends."""
    for script in WORKER_SCRIPTS:
        assert not re.search(r"\b(while|for|repeat|goto)\b", re.sub("--.*", "", script.text))
