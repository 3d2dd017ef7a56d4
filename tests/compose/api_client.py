"""A client that submits over HTTP and counts the responses."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

FINISHED = ("SUCCESS", "FAILURE")


@dataclass
class ApiClient:
    """A client with one account. ``accepted`` has the ids that were answered with 202, so each must get a
    verdict."""

    url: str
    key: str
    accepted: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def _call(self, how: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}"}
        return requests.request(how, self.url + path, headers=headers, timeout=20, **more)

    def get(self, path: str) -> Any:
        answer = self._call("GET", path)
        answer.raise_for_status()
        return answer.json()

    def submit(self, language: str, source: str, problem: str = "aplusb") -> str | None:
        """Submit a program. Returns the id, or None if it was refused, which is counted."""
        return self._post("/submissions", {"problem": problem, "language": language, "source": source})

    def run(self, language: str, source: str, stdin: str, expected: str) -> str | None:
        """Send a custom run. Returns the same as :meth:`submit`."""
        body = {"language": language, "source": source, "stdin": stdin, "expected_output": expected}
        return self._post("/runs", body)

    def _post(self, path: str, body: dict[str, str]) -> str | None:
        try:
            answer = self._call("POST", path, json=body)
        except requests.RequestException as error:
            self.refused[type(error).__name__] += 1
            return None
        if answer.status_code != 202:
            self.refused[f"{answer.status_code} {answer.json().get('title', '')}"] += 1
            return None
        submission = str(answer.json()["id"])
        self.accepted.append(submission)
        return submission

    def status(self, submission: str) -> dict[str, Any]:
        status: dict[str, Any] = self.get(f"/status/{submission}")
        return status

    def wait(self, submission: str, timeout_seconds: float = 120) -> dict[str, Any]:
        """Wait for the final status, and return it. Raises TimeoutError with the last status."""
        status: dict[str, Any] = {}
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            try:
                status = self.get(f"/status/{submission}?wait=5")
            except requests.RequestException:
                time.sleep(0.5)  # try again, because the test may be killing a process at this moment
                continue
            if status["state"] in FINISHED:
                return status
        raise TimeoutError(f"{submission} is still {status}")

    def verdicts(self, timeout_seconds: float = 240) -> Counter[str]:
        """Wait for the verdicts of all accepted submissions, and count them."""
        last = [self.wait(submission, timeout_seconds) for submission in self.accepted]
        return Counter(str(status["verdict"] or status["state"]) for status in last)


def until(condition: Callable[[], bool], what: str, timeout_seconds: float = 60) -> None:
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.2)
    raise TimeoutError(f"not within {timeout_seconds:.0f} s: {what}")
