"""Waits for conditions, and runs processes during a block."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import requests
from redis.exceptions import RedisError

AWAY = (RedisError, requests.RequestException, OSError)


def until(
    check: Callable[[], bool], what: str, seconds: float = 60, state: Callable[[], str] | None = None
) -> None:
    """Wait until the check is true. The error of a server that does not answer counts as false.

    Raises ``TimeoutError`` with the last result of the check, and with the text that ``state`` returns.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            if check():
                return
            last = "the last check was false"
        except AWAY as error:
            last = f"the last check failed with {error!r}"
        if time.monotonic() > deadline:
            more = f"\n{state()}" if state else ""
            raise TimeoutError(f"{what}: not within {seconds:g} s; {last}{more}")
        time.sleep(0.05)


@contextlib.contextmanager
def running(log: Path, words: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Runs ``python -m WORDS`` during the block, and ends it by SIGTERM afterwards."""
    with log.open("wb") as out:
        argv = [sys.executable, "-m", *words]
        process = subprocess.Popen(argv, env=dict(environment), stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(40)
