"""Submits as a client does, and waits for the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from benchmarks.stack import Stack

SOURCES = {
    "cpp20": "#include <iostream>\n"
    "int main() { long long a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }\n",
    "python3": "a, b = map(int, input().split())\nprint(a + b)\n",
    "java": "import java.util.Scanner;\npublic class Main { public static void main(String[] x) {\n"
    "  Scanner s = new Scanner(System.in); System.out.println(s.nextLong() + s.nextLong()); } }\n",
}
WAIT_SECONDS = 30
THREADS = 8


@dataclass(frozen=True, slots=True)
class Run:
    """A custom run. It has one test, so a figure is that of one test."""

    language: str
    source: str
    stdin: str = "1 2\n"
    expected_output: str = "3\n"

    def body(self) -> dict[str, str]:
        return {
            "language": self.language,
            "source": self.source,
            "stdin": self.stdin,
            "expected_output": self.expected_output,
        }


def post(session: requests.Session, url: str, problem: str, language: str, source: str) -> str:
    """Post a submission, and return its id. Raises if the server refuses it."""
    body = {"problem": problem, "language": language, "source": source}
    answer = session.post(f"{url}/submissions", json=body)
    answer.raise_for_status()
    return str(answer.json()["id"])


def post_run(session: requests.Session, url: str, run: Run) -> str:
    """Post a custom run, and return its id. Raises if the server refuses it."""
    answer = session.post(f"{url}/runs", json=run.body())
    answer.raise_for_status()
    return str(answer.json()["id"])


def wait(session: requests.Session, url: str, submission: str) -> dict[str, Any]:
    """Wait for the final status by long polls, and return it."""
    while True:
        answer = session.get(f"{url}/status/{submission}", params={"wait": WAIT_SECONDS})
        answer.raise_for_status()
        status: dict[str, Any] = answer.json()
        if status["state"] in ("SUCCESS", "FAILURE"):
            return status


def post_many(
    stack: Stack, tier: str, count: int, problem: str = "aplusb", source: str = SOURCES["cpp20"]
) -> list[str]:
    """Post ``count`` submissions of the same cached C++ program over several connections. Returns their
    ids."""
    per_thread = [count // THREADS + (1 if i < count % THREADS else 0) for i in range(THREADS)]

    def flood(share: int) -> list[str]:
        session = stack.session(tier)
        return [post(session, stack.url, problem, "cpp20", source) for _ in range(share)]

    with ThreadPoolExecutor(THREADS) as pool:
        return [submission for shares in pool.map(flood, per_thread) for submission in shares]


def cancel_many(stack: Stack, tier: str, submissions: Sequence[str]) -> None:
    """Cancel those of the submissions that have not ended."""
    shares = [submissions[number::THREADS] for number in range(THREADS)]

    def cancel(share: Sequence[str]) -> None:
        session = stack.session(tier)
        for submission in share:
            session.delete(f"{stack.url}/submissions/{submission}").raise_for_status()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(cancel, shares))


def wait_for_all(stack: Stack, tier: str, submissions: Sequence[str]) -> list[dict[str, Any]]:
    session = stack.session(tier)
    return [wait(session, stack.url, submission) for submission in submissions]


def milliseconds_between(status: dict[str, Any], begin: str, end: str) -> float:
    """The milliseconds between two times that the server wrote into a status."""
    return (
        datetime.fromisoformat(status[end]) - datetime.fromisoformat(status[begin])
    ).total_seconds() * 1000
