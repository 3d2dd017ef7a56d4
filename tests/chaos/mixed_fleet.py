"""`make test-mixed-fleet` kills and adds workers with different languages while clients submit.

`gavel up` runs with ``--workers normal=0,premium=1``. This test starts up to three normal workers beside it,
each in a numbered place. A worker has one or two of three languages, and is in a pool of its own, in the
automatic pool or in the default pool. Workers are killed (SIGKILL), drained (SIGTERM) and replaced by new
workers at random. At the end there is a worker for each language. Each submission that was answered with 202
must be DONE with AC.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gavel_client import Gavel, Status
from gavel_client.errors import ClientError
from tests.acceptance.app_fixture import RunningStack, clean_environment
from tests.acceptance.programs import RIGHT

LANGUAGES = ("python3", "c17", "javascript")
POOLS = ("default", "auto", "own")
PLACES = 3
PAUSE_SECONDS = 2.0
SETTLE_SECONDS = 300.0
"""The longest time in which no submission ends although submissions wait. It is long because a busy machine
has a long backlog."""


@dataclass
class Fleet:
    """The normal workers beside the stack, at most one in each place."""

    stack: RunningStack
    random: random.Random
    workers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    def start(self, place: int, languages: tuple[str, ...], pool: str) -> None:
        self.started += 1
        own = f"own-{'-'.join(languages)}"
        argv = (sys.executable, "-m", "judge_api", "worker", "--data", str(self.stack.data))
        options = ("--pool", own if pool == "own" else pool)
        name = f"place-{place}-{self.started}"
        environment = clean_environment(GAVEL_LANGUAGES=",".join(languages), GAVEL_WORKER_NAME=name)
        self.workers[place] = subprocess.Popen((*argv, *options), env=environment, stderr=subprocess.DEVNULL)

    def strike(self) -> None:
        """Choose a place. End the worker of the place, or start a worker if the place has no worker."""
        place = self.random.randrange(PLACES)
        worker = self.workers.pop(place, None)
        if worker is None:
            languages = tuple(self.random.sample(LANGUAGES, self.random.choice((1, 1, 2))))
            self.start(place, languages, self.random.choice(POOLS))
            return
        kind = self.random.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
        self.ended[kind.name] += 1
        worker.send_signal(kind)
        worker.wait(120)

    def complete(self) -> None:
        """Replace all workers by one worker for each language."""
        for worker in self.workers.values():
            worker.kill()
            worker.wait()
        for place, language in enumerate(LANGUAGES):
            self.start(place, (language,), "own")

    def end(self) -> None:
        for worker in self.workers.values():
            worker.terminate()
            worker.wait(60)


@dataclass
class Clients:
    """Posts submissions one by one. The languages take turns."""

    stack: RunningStack
    accepted: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def post(self) -> None:
        number = 0
        with self.stack.gavel() as gavel:
            while not self.over.wait(PAUSE_SECONDS):
                number += 1
                language = LANGUAGES[number % len(LANGUAGES)]
                mark = f"# {number}\n" if language == "python3" else f"// {number}\n"
                try:
                    self.accepted.append(gavel.submit("aplusb", language, RIGHT[language] + mark).id)
                # The quota, for example, may be full if a language has had no worker for a while.
                except ClientError as error:
                    self.refused[type(error).__name__] += 1


def run(stack: RunningStack, minutes: float, seed: int) -> list[Status]:
    fleet, clients = Fleet(stack, random.Random(seed)), Clients(stack)
    fleet.complete()
    poster = threading.Thread(target=clients.post)
    poster.start()
    ends = time.monotonic() + minutes * 60
    try:
        while time.monotonic() < ends:
            time.sleep(fleet.random.uniform(2.0, 6.0))
            fleet.strike()
    finally:
        clients.over.set()
        poster.join()
    fleet.complete()
    try:
        with stack.gavel() as gavel:
            settle(gavel, clients.accepted)
            found = [one for one in gavel.statuses(clients.accepted) if one is not None]
    finally:
        fleet.end()
    print(f"{len(clients.accepted)} accepted, refused: {dict(clients.refused)}; ", end="")
    print(f"{fleet.started} workers started, ended: {dict(fleet.ended)}")
    return found


def settle(gavel: Gavel, submissions: Sequence[str]) -> None:
    """Wait until all submissions have ended. Raises AssertionError if none ends for too long, and names those
    that are left."""
    left, since = len(submissions) + 1, time.monotonic()
    while unfinished := [one for one in gavel.statuses(submissions) if one is None or not one.is_final]:
        if len(unfinished) < left:
            left, since = len(unfinished), time.monotonic()
        stages = Counter("unknown" if one is None else one.stage for one in unfinished)
        assert time.monotonic() < since + SETTLE_SECONDS, (
            f"in {SETTLE_SECONDS:.0f} s no submission has ended. {left} of {len(submissions)} are left, "
            f"in the stages {dict(stages)}, such as {unfinished[:3]}"
        )
        time.sleep(0.5)


def describe_failures(found: Sequence[Status]) -> list[str]:
    """One line for each submission whose verdict is not AC, with what its status says about the cause."""
    return [
        f"{one.id} {one.language}: {one.verdict or one.stage}, attempt {one.attempt}, reason {one.reason}"
        for one in found
        if not one.is_accepted
    ]


def main() -> int:
    """Run once. The exit status is 0 if every submission has the verdict AC."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mixed_fleet")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gavel-mixed-") as folder:
        environment = clean_environment(GAVEL_LANGUAGES="python3", GAVEL_MAX_UNFINISHED="10000")
        stack = RunningStack(Path(folder) / "data", environment, "--workers", "normal=0,premium=1")
        stack.start()
        try:
            found = run(stack, options.minutes, options.seed)
        finally:
            stack.stop()
    verdicts = Counter(one.verdict or one.stage for one in found)
    attempts = Counter(one.attempt for one in found)
    print(f"verdicts: {dict(verdicts)}; attempts needed: {dict(sorted(attempts.items()))}")
    print(*describe_failures(found), sep="\n")
    return 0 if found and set(verdicts) == {"AC"} else 1


if __name__ == "__main__":
    raise SystemExit(main())
