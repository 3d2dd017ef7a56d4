"""Starts a whole judge as an operator does, by `gavel up`. Tests submit and read verdicts over HTTP only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from gavel_client import Gavel, Receipt, Status
from judge_api.store.problems import ProblemStore
from judge_api.supervisor.data_folder import Credentials, DataFolder, read_credentials
from tests.support.databases import open_empty_database
from tests.support.sample_problem import offer_sum

PROBLEM = "aplusb"
START_SECONDS = 120.0


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


def clean_environment(**more: str) -> dict[str, str]:
    """The environment of the tests without Gavel's settings, except for the languages that workers offer."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GAVEL_") or name == "GAVEL_LANGUAGES"
    }
    return {**kept, **more}


def small_stack(data: Path, *options: str, **variables: str) -> RunningStack:
    """A stack that is not started yet. It has one problem and Python as its only language, so it starts
    faster."""
    folder = DataFolder(data)
    folder.prepare()
    engine = open_empty_database(data / "gavel.db")
    offer_sum(ProblemStore(engine), data / "packages")
    engine.dispose()
    environment = clean_environment(**{"GAVEL_LANGUAGES": "python3", **variables})
    return RunningStack(data, environment, "--bare", *options)


class RunningStack:
    """A data folder, and between :meth:`start` and :meth:`stop` the processes that use it."""

    def __init__(self, data: Path, environment: Mapping[str, str] | None = None, *options: str) -> None:
        self.data = data
        self._environment = dict(environment or clean_environment())
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._output = data.parent / f"{data.name}.out"

    def use_options(self, *options: str) -> None:
        """Set the options of the next start."""
        self._options = options

    @property
    def supervisor(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def printed(self) -> str:
        return self._output.read_text(errors="replace")

    @property
    def credentials(self) -> Credentials:
        known = read_credentials(self.data / "credentials.json")
        assert known is not None, self.printed
        return known

    def start(self, port: int = 0) -> None:
        """Start the stack, and wait until it has printed its address, which it does when it is ready."""
        argv = (sys.executable, "-m", "judge_api", "up", "--port", str(port), "--data", str(self.data))
        with self._output.open("wb") as out:
            self._process = subprocess.Popen(
                (*argv, *self._options),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        wait_until(lambda: "Gavel is up" in self.printed or self._has_ended(), "the start", START_SECONDS)
        assert "Gavel is up" in self.printed, self.printed

    def _has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def stop(self) -> int:
        """Stop the stack as Ctrl-C does. Returns the exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(60)

    def kill(self) -> None:
        """Kill the supervisor alone by SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def gavel(self, account: str = "normal") -> Gavel:
        return Gavel(self.credentials.url, self.credentials.accounts[account].key)

    def pid(self, name: str) -> int:
        return self.credentials.processes[name]

    def judge(self, language: str, source: str, account: str = "normal", problem: str = PROBLEM) -> Status:
        """Submit and wait for the final status."""
        with self.gavel(account) as gavel:
            return gavel.wait(gavel.submit(problem, language, source).id, 90)

    def submit(self, language: str, source: str, account: str = "normal") -> Receipt:
        with self.gavel(account) as gavel:
            return gavel.submit(PROBLEM, language, source)
