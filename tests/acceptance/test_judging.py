"""A client that uses only HTTP gets the right verdicts, and a program reaches nothing outside its box."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from gavel_client import Gavel
from tests.acceptance.app_fixture import PROBLEM, RunningStack
from tests.acceptance.programs import (
    HOSTILE,
    LONG,
    LOOKS_AROUND,
    MEMORY_WITHOUT_CGROUP,
    OPENS_SOCKET,
    PRINTS_PASSWD,
    RIGHT,
    VERDICTS,
)

ANSWER_SECONDS = 20.0


def offered(gavel: Gavel, language: str) -> bool:
    return any(each["id"] == language and each["available"] for each in gavel.languages())


@pytest.mark.slow_on("java", "javascript")
@pytest.mark.parametrize("account", ["normal", "premium"])
@pytest.mark.parametrize("language", RIGHT)
def test_a_right_program_in_each_language_is_accepted_on_both_tiers(
    stack: RunningStack, language: str, account: str
) -> None:
    with stack.gavel(account) as gavel:
        assert offered(gavel, language), f"{language} is not offered on this machine"
        receipt = gavel.submit(PROBLEM, language, RIGHT[language])
        assert receipt.queue == account
        status = gavel.wait(receipt.id, 90)
    assert (status.state, status.verdict, status.queue) == ("SUCCESS", "AC", account), status.raw
    assert status.tests_done == status.tests_total > 0
    assert status.cpu_ms is not None and status.memory_kb is not None


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_program_gets_the_verdict_that_fits_its_behaviour(stack: RunningStack, verdict: str) -> None:
    language, source = VERDICTS[verdict]
    status = stack.judge(language, source)
    assert status.verdict == verdict, status.raw
    assert status.state == "SUCCESS"
    if verdict == "CE":
        assert status.compile_output


def test_a_status_goes_from_pending_over_started_to_success(stack: RunningStack) -> None:
    with stack.gavel() as gavel:
        first = gavel.submit(PROBLEM, "python3", LONG)
        second = gavel.submit(PROBLEM, "python3", LONG.replace("0.4", "0.2"))
        assert gavel.status(second.id).state == "PENDING"
        states = [status.state for status in gavel.watch(second.id, 90)]
        assert gavel.wait(first.id, 90).is_final
    assert states[-1] == "SUCCESS"
    assert "STARTED" in states
    assert states == sorted(states, key=["PENDING", "STARTED", "SUCCESS"].index)


@pytest.mark.slow_on("endless sleep", "fork bomb that sleeps")
@pytest.mark.parametrize("name", HOSTILE)
def test_statuses_stay_readable_while_a_hostile_program_is_judged(stack: RunningStack, name: str) -> None:
    language, source, expected = HOSTILE[name]
    with stack.gavel("premium") as other, stack.gavel() as gavel:
        known = other.wait(other.submit(PROBLEM, "python3", RIGHT["python3"]).id, 90)
        receipt = gavel.submit(PROBLEM, language, source)
        slowest = 0.0
        while not (status := gavel.status(receipt.id)).is_final:
            began = time.monotonic()
            assert other.status(known.id).verdict == "AC"
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.02)
    if expected == {"MLE"} and status.sandbox and status.sandbox["mode"] == "no-cgroup":
        expected = MEMORY_WITHOUT_CGROUP
    assert status.verdict in expected, status.raw
    assert slowest < ANSWER_SECONDS
    assert stack.judge("python3", RIGHT["python3"]).verdict == "AC"


def test_a_program_cannot_read_the_accounts_of_the_host(stack: RunningStack) -> None:
    printed = output_of(stack, PRINTS_PASSWD)
    assert "/bin/bash" not in printed and "daemon" not in printed


def test_a_program_finds_no_file_of_the_server(stack: RunningStack) -> None:
    printed = output_of(stack, LOOKS_AROUND)
    assert "FOUND" not in printed
    assert str(stack.data) not in printed


def test_a_program_cannot_connect_to_the_server_or_the_internet(stack: RunningStack) -> None:
    port = stack.credentials.url.rpartition(":")[2]
    printed = output_of(stack, OPENS_SOCKET.replace("PORT", port))
    assert "CONNECTED" not in printed


def output_of(stack: RunningStack, source: str) -> str:
    """Run a program as a custom run. Returns its output."""
    with stack.gavel() as gavel:
        status = gavel.wait(gavel.run("python3", source).id, 90)
    assert status.tests, status.raw
    return f"{status.tests[0].output}{status.tests[0].stderr}"


def test_gavel_run_passes_its_standard_input_to_the_program(stack: RunningStack, tmp_path: Path) -> None:
    program = tmp_path / "sum.py"
    program.write_text("print(sum(map(int, input().split())))\n")
    command = (sys.executable, "-m", "judge_api", "run", str(program), "--data", str(stack.data))
    ran = subprocess.run(command, input=b"20 22\n", capture_output=True, timeout=120)
    assert ran.stdout == b"42\n", ran.stderr.decode()
