"""Submissions wait for a worker with their language, while workers of several pools are added, killed and
replaced."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from gavel_client import Receipt, Status
from tests.acceptance.app_fixture import RunningStack, clean_environment, small_stack, wait_until
from tests.acceptance.programs import RIGHT


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    made = small_stack(tmp_path_factory.mktemp("routing") / "data")
    made.start()
    yield made
    made.stop()


@contextmanager
def worker(stack: RunningStack, languages: str, pool: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs one more normal worker during the block. It has registered when the block begins."""
    name = f"{pool}-{languages.replace(',', '-')}"
    argv = (sys.executable, "-m", "judge_api", "worker", "--data", str(stack.data), "--pool", pool)
    environment = clean_environment(GAVEL_LANGUAGES=languages, GAVEL_WORKER_NAME=name)
    process = subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: any(each.startswith(name) for each in live_workers(stack)), f"{name} is there")
        yield process
    finally:
        process.kill()
        process.wait()


def live_workers(stack: RunningStack) -> list[str]:
    with stack.gavel("admin") as gavel:
        return [each["name"] for each in gavel.fetch("/admin/workers")["workers"] if each["state"] != "lost"]


def verdict(stack: RunningStack, receipt: Receipt) -> Status:
    with stack.gavel() as gavel:
        return gavel.wait(receipt.id, 90)


def waits_for(stack: RunningStack, receipt: Receipt) -> str | None:
    """The language without a worker that the submission's status names."""
    with stack.gavel() as gavel:
        missing = gavel.status(receipt.id).no_worker
    return missing["language"] if missing else None


@pytest.mark.slow  # tests/integration/test_language_routing.py tests each step separately
def test_a_submission_waits_for_a_worker_with_its_language_and_loses_no_attempt(stack: RunningStack) -> None:
    with worker(stack, "c17", "native"):
        first = stack.judge("c17", RIGHT["c17"])
        assert (first.verdict, first.attempt) == ("AC", 1)
        waiting = [stack.submit("c17", RIGHT["c17"]) for _ in range(2)]
    late = stack.submit("c17", RIGHT["c17"])
    wait_until(lambda: waits_for(stack, late) == "c17", "the status names the language")
    assert stack.judge("python3", RIGHT["python3"]).verdict == "AC"
    with ExitStack() as workers:
        workers.enter_context(worker(stack, "python3,c17", "auto"))
        workers.enter_context(worker(stack, "c17", "auto"))
        found = [verdict(stack, each) for each in (*waiting, late)]
        assert [each.verdict for each in found] == ["AC"] * 3
        assert found[-1].attempt == 1
