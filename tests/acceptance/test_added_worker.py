"""A worker that is added to a running `gavel up` needs only the data folder. A drained worker makes a tier
smaller."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gavel_client.admin import AdminClient
from judge_api.supervisor.orphans import start_time
from tests.acceptance.app_fixture import RunningStack, clean_environment, small_stack, wait_until
from tests.acceptance.programs import RIGHT


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    made = small_stack(tmp_path_factory.mktemp("added") / "data")
    made.start()
    yield made
    made.stop()


def start_worker(stack: RunningStack, *options: str, **variables: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "judge_api", "worker", "--data", str(stack.data), *options]
    environment = clean_environment(**{"GAVEL_LANGUAGES": "python3", **variables})
    return subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE, text=True)


def worker_names(stack: RunningStack) -> list[str]:
    with stack.gavel("admin") as gavel:
        return [each["name"] for each in gavel.fetch("/admin/workers")["workers"] if each["state"] != "lost"]


def end(worker: subprocess.Popen[str]) -> None:
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    assert worker.stderr is not None
    worker.stderr.close()


@pytest.mark.slow
def test_a_worker_that_is_started_with_only_the_data_folder_judges(stack: RunningStack) -> None:
    # The stack's own worker is stopped, so only the added worker can judge.
    os.kill(stack.pid("worker:premium:1"), signal.SIGSTOP)
    worker = start_worker(stack, "--queue", "premium", GAVEL_WORKER_NAME="added")
    try:
        wait_until(
            lambda: any(name.startswith("added") for name in worker_names(stack)), "the worker is registered"
        )
        status = stack.judge("python3", RIGHT["python3"], "premium")
        # Redis may still give the job to the stopped worker, because it waited first. Then the lease runs
        # out, and the added worker judges the second attempt.
        assert (status.verdict, status.attempt) in (("AC", 1), ("AC", 2))
    finally:
        end(worker)
        os.kill(stack.pid("worker:premium:1"), signal.SIGCONT)


@pytest.mark.slow
def test_a_worker_refuses_to_start_with_the_slot_of_a_running_worker(stack: RunningStack) -> None:
    worker = start_worker(stack, GAVEL_SLOT="0")
    try:
        _, printed = worker.communicate(timeout=60)
    finally:
        worker.kill()
    assert worker.returncode == 64
    assert "GAVEL_SLOT=0 is in use by another worker" in printed


def test_a_worker_that_cannot_reach_the_server_takes_no_job(stack: RunningStack, tmp_path: Path) -> None:
    worker = start_worker(stack, GAVEL_SERVER_URL="http://127.0.0.1:9", GAVEL_WORKER_NAME="unreached")
    assert worker.stderr is not None
    lines = iter(worker.stderr.readline, "")
    try:
        waits = [
            line for _, line in zip(range(3), (li for li in lines if "waits for it" in li), strict=False)
        ]
        assert len(waits) == 3
        assert not any(name.startswith("unreached") for name in worker_names(stack))
        statuses = [stack.judge("python3", RIGHT["python3"]) for _ in range(6)]
        assert [(status.verdict, status.attempt) for status in statuses] == [("AC", 1)] * 6
    finally:
        end(worker)


def test_the_supervisor_does_not_restart_a_drained_worker(stack: RunningStack) -> None:
    pid = stack.pid("worker:normal:1")
    [name] = [name for name in worker_names(stack) if name.startswith("normal-1")]
    with stack.gavel("admin") as gavel:
        AdminClient(gavel).drain(name)
    wait_until(
        lambda: "worker:normal:1" not in stack.credentials.processes, "the worker is gone from the list"
    )
    assert start_time(pid) is None
    assert "was drained" in stack.printed
    worker = start_worker(stack)
    try:
        assert stack.judge("python3", RIGHT["python3"]).verdict == "AC"
    finally:
        end(worker)
