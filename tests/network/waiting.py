"""Wait for a condition; run a process for the length of a block."""

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
    """Wait for the check; an error of a server that is away counts as not yet.

    Raises ``TimeoutError`` with the last answer of the check, and with what ``state`` says then.
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
    """``python -m`` these words, ended in order when the block ends."""
    with log.open("wb") as out:
        argv = [sys.executable, "-m", *words]
        process = subprocess.Popen(argv, env=dict(environment), stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(40)
