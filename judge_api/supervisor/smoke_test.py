"""The end of the start-up: one sample submission per queue, judged like any other, then what to type."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from gavel_client import ClientError, Gavel, Receipt, Status
from judge_api.supervisor.console import Narrator
from judge_api.supervisor.credentials import Credentials
from judge_api.supervisor.data_folder import DataFolder

SAMPLE_PROBLEM = "aplusb"
SAMPLE_LANGUAGE = "python3"
SAMPLE_SOURCE = "a, b = map(int, input().split())\nprint(a + b)\n"
JUDGED_SECONDS = 90.0


class SampleFailed(Exception):
    """A sample submission was not accepted: the house is up, but something in it is not right."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """Speaks for a house whose processes are up."""

    credentials: Credentials
    folder: DataFolder
    narrator: Narrator

    def judge_samples(self, queues: Sequence[str]) -> None:
        """Raises SampleFailed with the reason; prints a line per queue."""
        for queue in queues:
            self._judge_sample(queue)

    def _judge_sample(self, queue: str) -> None:
        began = time.monotonic()
        try:
            with Gavel(self.credentials.url, self.credentials.accounts[queue].key) as gavel:
                receipt, what = _hand_in(gavel)
                status = gavel.wait(receipt.id, JUDGED_SECONDS)
        except ClientError as error:
            raise SampleFailed(f"the sample for the {queue} queue was not judged: {error}") from error
        self.narrator.tell(f"queue {queue}", _result(what, status, time.monotonic() - began))
        if not status.is_accepted:
            raise SampleFailed(f"the sample for the {queue} queue: {_why(status)}")

    def farewell(self) -> str:
        """Address, keys and commands that work when pasted."""
        accounts = self.credentials.accounts
        return _TEXT.format(
            url=self.credentials.url,
            credentials=self.folder.credentials,
            logs=self.folder.logs,
            normal=accounts["normal"].key,
            premium=accounts["premium"].key,
            admin=accounts["admin"].key,
            problem=SAMPLE_PROBLEM,
        )


def _hand_in(gavel: Gavel) -> tuple[Receipt, str]:
    """A solution of the sample problem; without the sample problems, a run that says what to expect."""
    if any(problem.get("slug") == SAMPLE_PROBLEM for problem in gavel.problems()):
        what = f"{SAMPLE_PROBLEM} in {SAMPLE_LANGUAGE}"
        return gavel.submit(SAMPLE_PROBLEM, SAMPLE_LANGUAGE, SAMPLE_SOURCE), what
    return gavel.run(SAMPLE_LANGUAGE, SAMPLE_SOURCE, "20 22\n", "42\n"), f"a run in {SAMPLE_LANGUAGE}"


def _result(what: str, status: Status, seconds: float) -> str:
    tests = f"{status.tests_done} of {status.tests_total} tests" if status.tests_total else "no tests"
    used = f"{status.cpu_ms} ms CPU, {status.memory_kb} KiB" if status.cpu_ms is not None else "no figures"
    mode = (status.sandbox or {}).get("mode", "unknown")
    words = status.status_msg or status.stage
    return f"{what}: {words} ({status.verdict}), {tests}, {used}, sandbox {mode}, {seconds:.2f} s"


def _why(status: Status) -> str:
    detail = status.reason or status.compile_output or _first_failure(status)
    return f"{status.status_msg or status.stage}{': ' + detail if detail else ''}"


def _first_failure(status: Status) -> str:
    failed = next((row for row in status.tests if row.verdict != "AC"), None)
    return f"test {failed.name}: {failed.verdict} {failed.stderr or failed.message or ''}" if failed else ""


_TEXT = """
Gavel is up: {url}
  API documentation  {url}/docs
  keys and processes {credentials}
  logs               {logs}

Submit (normal queue), then ask for the verdict:

  curl -s {url}/submissions -H 'Authorization: Bearer {normal}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"problem": "{problem}", "language": "python3", "source": "print(sum(map(int, input().split())))"}}'

  curl -s '{url}/status/ID?wait=10' -H 'Authorization: Bearer {normal}'

The same with the premium key goes to the premium queue:

  Authorization: Bearer {premium}

The admin's key, for {url}/admin/ and `gavel problems add`:

  Authorization: Bearer {admin}

Ctrl-C ends everything; the next start finds its data again.
"""
