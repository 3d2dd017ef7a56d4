"""A real worker finishes or returns its submission when it gets a signal, and a stack really starts from a
backup."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from gavel_client import Gavel
from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from judge_api.store.problems import ProblemStore
from tests.acceptance.app_fixture import RunningStack, clean_environment, small_stack, wait_until
from tests.acceptance.programs import RIGHT
from tests.support.sample_problem import offer_sum

BUSY_SECONDS = 2.0
BUSY = f"""import time
end = time.process_time() + {BUSY_SECONDS}
while time.process_time() < end: pass
print(3)"""


def start_long_run(stack: RunningStack) -> str:
    """Post a run, and wait until the normal worker is judging it. Returns its id."""
    credentials = stack.credentials
    headers = {"Authorization": f"Bearer {credentials.accounts['normal'].key}"}
    body = {"language": "python3", "source": BUSY, "stdin": "", "expected_output": "3\n"}
    answer = requests.post(f"{credentials.url}/runs", json=body, headers=headers, timeout=20)
    assert answer.status_code == 202, answer.text
    id = str(answer.json()["id"])
    with stack.gavel() as gavel:
        wait_until(lambda: gavel.status(id).state == "STARTED", "the run is being judged")
    return id


def wait_for_another(stack: RunningStack, pid: int) -> None:
    """Wait until a new normal worker has replaced the worker with this process id."""
    wait_until(lambda: stack.credentials.processes.get("worker:normal:1") not in (None, pid), "a worker")


def test_a_worker_finishes_its_submission_on_sigterm(enduring: RunningStack) -> None:
    id, pid = start_long_run(enduring), enduring.pid("worker:normal:1")
    os.kill(pid, signal.SIGTERM)
    with enduring.gavel() as gavel:
        status = gavel.wait(id, 90)
    assert (status.verdict, status.attempt) == ("AC", 1), status.raw
    wait_for_another(enduring, pid)


def test_a_submission_is_judged_by_a_second_attempt_after_a_second_sigterm(enduring: RunningStack) -> None:
    id, pid = start_long_run(enduring), enduring.pid("worker:normal:1")
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: signal_again(pid), "the worker's end")
    with enduring.gavel("admin") as gavel:
        status = gavel.wait(id, 90)
    assert (status.verdict, status.attempt) == ("AC", 2), status.raw
    wait_for_another(enduring, pid)


def signal_again(pid: int) -> bool:
    """Send another SIGTERM. Returns whether the process was gone.

    The test calls this repeatedly, because the kernel delivers two signals of the same moment as one.
    """
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.slow
def test_a_server_that_is_restored_from_a_backup_judges(enduring: RunningStack, tmp_path: Path) -> None:
    kept = tmp_path / "kept.zip"
    id = enduring.judge("python3", RIGHT["python3"]).id
    run_gavel("backup", kept, "--data", enduring.data)
    key = enduring.credentials.accounts["normal"].key
    run_gavel("restore", kept, "--data", tmp_path / "second")
    second = RunningStack(tmp_path / "second", clean_environment(GAVEL_LANGUAGES="python3"), "--bare")
    second.start()
    try:
        with Gavel(second.credentials.url, key) as gavel:  # the API key of the first stack
            assert gavel.status(id).verdict == "AC"
        assert second.judge("python3", RIGHT["python3"]).verdict == "AC"
    finally:
        second.stop()


@pytest.fixture
def two_databases(postgres_url: str) -> Iterator[tuple[str, str]]:
    """The URLs of two databases of PostgreSQL without tables."""
    names = "drill_source", "drill_target"
    engine = create_engine(open_engine(postgres_url).url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
        source, target = (
            make_url(postgres_url).set(database=name).render_as_string(hide_password=False) for name in names
        )
        yield source, target
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.mark.slow
def test_a_server_that_is_restored_into_another_postgresql_database_judges(
    two_databases: tuple[str, str], tmp_path: Path
) -> None:
    source, target = two_databases
    first = small_stack(tmp_path / "first", GAVEL_DATABASE_URL=source)
    engine = open_engine(source)
    migrate(engine)
    offer_sum(ProblemStore(engine), first.data / "packages")
    engine.dispose()
    first.start()
    try:
        id = first.judge("python3", RIGHT["python3"]).id
        key = first.credentials.accounts["normal"].key
        run_gavel("backup", tmp_path / "kept.zip", "--data", first.data, GAVEL_DATABASE_URL=source)
    finally:
        first.stop()
    second_data = tmp_path / "second"
    run_gavel("restore", tmp_path / "kept.zip", "--data", second_data, GAVEL_DATABASE_URL=target)
    environment = clean_environment(GAVEL_LANGUAGES="python3", GAVEL_DATABASE_URL=target)
    second = RunningStack(second_data, environment, "--bare")
    second.start()
    try:
        with Gavel(second.credentials.url, key) as gavel:  # the API key of the first stack
            assert gavel.status(id).verdict == "AC"
        judged = second.judge("python3", RIGHT["python3"])
        assert (judged.verdict, judged.id != id) == ("AC", True)
    finally:
        second.stop()


def run_gavel(*words: object, **variables: str) -> None:
    argv = [sys.executable, "-m", "judge_api", *map(str, words)]
    environment = clean_environment(**variables)
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
