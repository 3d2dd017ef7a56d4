"""Judges one sample submission per queue at the end of the start-up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from gavel_client import ClientError, Gavel, Receipt, Status
from judge_api.supervisor.console import Console
from judge_api.supervisor.data_folder import Credentials

SAMPLE_PROBLEM = "aplusb"
SAMPLE_LANGUAGE = "python3"
SAMPLE_SOURCE = "a, b = map(int, input().split())\nprint(a + b)\n"
VERDICT_SECONDS = 90.0


class SmokeTestFailed(Exception):
    """A sample submission was not accepted. The processes run, but something does not work."""


@dataclass(frozen=True, slots=True)
class SmokeTest:
    """Submits to a running server as the accounts in ``credentials``."""

    credentials: Credentials
    console: Console

    def run(self, queues: Sequence[str]) -> None:
        """Print one line per queue. Raises SmokeTestFailed with the reason."""
        for queue in queues:
            self._judge_sample(queue)

    def _judge_sample(self, queue: str) -> None:
        started = time.monotonic()
        try:
            with Gavel(self.credentials.url, self.credentials.accounts[queue].key) as gavel:
                receipt, what = _submit_sample(gavel)
                status = gavel.wait(receipt.id, VERDICT_SECONDS)
        except ClientError as error:
            raise SmokeTestFailed(f"the sample for the {queue} queue was not judged: {error}") from error
        self.console.progress(f"queue {queue}", _format_result(what, status, time.monotonic() - started))
        if not status.is_accepted:
            raise SmokeTestFailed(f"the sample for the {queue} queue: {_failure(status)}")


def has_sample_problem(gavel: Gavel) -> bool:
    """Whether the sample problem exists. After `gavel up --bare` on a new data folder it does not."""
    return any(problem.get("slug") == SAMPLE_PROBLEM for problem in gavel.problems())


def _submit_sample(gavel: Gavel) -> tuple[Receipt, str]:
    """Submit a solution of the sample problem, or a run with an expected output if there is no sample
    problem."""
    if has_sample_problem(gavel):
        what = f"{SAMPLE_PROBLEM} in {SAMPLE_LANGUAGE}"
        return gavel.submit(SAMPLE_PROBLEM, SAMPLE_LANGUAGE, SAMPLE_SOURCE), what
    return gavel.run(SAMPLE_LANGUAGE, SAMPLE_SOURCE, "20 22\n", "42\n"), f"a run in {SAMPLE_LANGUAGE}"


def _format_result(what: str, status: Status, seconds: float) -> str:
    tests = f"{status.tests_done} of {status.tests_total} tests" if status.tests_total else "no tests"
    used = f"{status.cpu_ms} ms CPU, {status.memory_kb} KiB" if status.cpu_ms is not None else "no figures"
    mode = (status.sandbox or {}).get("mode", "unknown")
    words = status.status_msg or status.stage
    return f"{what}: {words} ({status.verdict}), {tests}, {used}, sandbox {mode}, {seconds:.2f} s"


def _failure(status: Status) -> str:
    detail = status.reason or status.compile_output or _first_failed_test(status)
    return f"{status.status_msg or status.stage}{': ' + detail if detail else ''}"


def _first_failed_test(status: Status) -> str:
    failed = next((row for row in status.tests if row.verdict != "AC"), None)
    return f"test {failed.name}: {failed.verdict} {failed.stderr or failed.message or ''}" if failed else ""
