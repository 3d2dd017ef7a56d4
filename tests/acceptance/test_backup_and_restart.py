"""No submission is lost if Redis or a process of a stack ends, or if the stack is stopped and started
again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from judge_api.supervisor.orphans import start_time
from tests.acceptance.app_fixture import RunningStack, clean_environment, small_stack, wait_until
from tests.acceptance.programs import RIGHT
from tests.support.redis_server import RedisServer


def try_start(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "judge_api", "up", "--port", str(port), "--data", str(data)]
    return subprocess.run(
        argv, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )


def post_three(stack: RunningStack) -> list[str]:
    return [
        stack.submit("python3", RIGHT["python3"], account).id for account in ("normal", "premium", "normal")
    ]


def assert_judged_once(stack: RunningStack, ids: list[str]) -> None:
    with stack.gavel("admin") as gavel:
        for each in ids:
            status = gavel.wait(each, 90)
            assert (status.verdict, status.attempt) == ("AC", 1), status.raw


def test_submissions_that_are_posted_while_redis_is_stopped_are_judged_once(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    redis = RedisServer(tmp_path / "redis")
    redis.start()
    stack = small_stack(tmp_path / "data", GAVEL_REDIS_URL=redis.url)
    try:
        stack.start()
        redis.stop()
        ids = post_three(stack)
        with stack.gavel() as gavel:
            assert gavel.status(ids[0]).state == "PENDING"
        redis.start()
        assert_judged_once(stack, ids)
    finally:
        stack.stop()
        redis.stop()


def test_submissions_that_are_posted_while_redis_hangs_are_judged_once(enduring: RunningStack) -> None:
    os.kill(enduring.pid("redis"), signal.SIGSTOP)
    try:
        ids = post_three(enduring)
    finally:
        os.kill(enduring.pid("redis"), signal.SIGCONT)
    assert_judged_once(enduring, ids)


@pytest.mark.slow_on("worker:premium:1")
@pytest.mark.parametrize("name", ["api", "dispatcher", "worker:normal:1", "worker:premium:1", "redis"])
def test_the_supervisor_replaces_a_killed_process_under_the_same_name(
    enduring: RunningStack, name: str
) -> None:
    before = enduring.credentials.processes
    os.kill(before[name], signal.SIGKILL)
    alike = (None, before[name])
    wait_until(lambda: enduring.credentials.processes.get(name) not in alike, f"{name} comes back")
    assert set(enduring.credentials.processes) == set(before)
    assert enduring.judge("python3", RIGHT["python3"], "normal").verdict == "AC"
    assert enduring.judge("python3", RIGHT["python3"], "premium").verdict == "AC"


def test_ctrl_c_ends_all_processes_and_the_next_start_keeps_the_data(tmp_path: Path) -> None:
    stack = small_stack(tmp_path / "data")
    stack.start()
    first = stack.credentials
    status = stack.judge("python3", RIGHT["python3"])
    assert stack.stop() == 0
    assert stack.credentials.processes == {}
    assert all(start_time(pid) is None for pid in first.processes.values())
    stack.start()
    try:
        assert stack.credentials.accounts == first.accounts
        with stack.gavel() as gavel:
            assert gavel.status(status.id).raw == status.raw
    finally:
        stack.stop()


def test_no_process_outlives_a_killed_supervisor_and_the_next_start_judges(enduring: RunningStack) -> None:
    before = enduring.credentials.processes
    enduring.kill()
    wait_until(lambda: all(start_time(pid) is None for pid in before.values()), "the children end", 20)
    enduring.start()
    assert enduring.judge("python3", RIGHT["python3"]).verdict == "AC"


def test_a_start_with_a_port_or_data_folder_in_use_fails_with_the_reason(
    enduring: RunningStack, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = try_start(tmp_path / "another", port)
    assert refused.returncode != 0
    assert f"port {port} on 127.0.0.1 is taken" in refused.stderr
    second = try_start(enduring.data, 0)
    assert second.returncode != 0
    assert "another Gavel" in second.stderr and str(enduring.data) in second.stderr


def test_the_environment_of_a_worker_has_no_secret_of_the_server(enduring: RunningStack) -> None:
    for name in ("worker:normal:1", "worker:premium:1"):
        environment = Path(f"/proc/{enduring.pid(name)}/environ").read_bytes().decode()
        assert "GAVEL_WORKER_TOKEN" in environment
        for secret in ("DATABASE_URL", "SECRET_KEY", "gavel.db", enduring.credentials.accounts["admin"].key):
            assert secret not in environment
