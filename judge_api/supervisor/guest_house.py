"""A whole house for a while: its own folder and port, gone when the caller is done with it."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from judge_api.client import Gavel
from judge_api.supervisor.credentials import Credentials, read_credentials
from judge_api.supervisor.errors import CannotStart

START_SECONDS = 120.0
END_SECONDS = 60.0


@contextmanager
def guest_house(environment: Mapping[str, str], *options: str) -> Iterator[Credentials]:
    """`gavel up` on a free port with a temporary data folder; yields its credentials once it is ready."""
    with tempfile.TemporaryDirectory(prefix="gavel-guest-") as place:
        data = Path(place)
        argv = (sys.executable, "-m", "judge_api", "up", "--port", "0", "--data", place, "--bare")
        with (data / "up.log").open("wb") as log:
            process = subprocess.Popen(
                (*argv, *options), env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            yield _wait(process, data)
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], data: Path) -> Credentials:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        known = read_credentials(data / "credentials.json")
        if known is not None and _is_ready(known):
            return known
        time.sleep(0.1)
    raise CannotStart(f"a temporary house did not come up:\n{(data / 'up.log').read_text(errors='replace')}")


def _is_ready(known: Credentials) -> bool:
    with Gavel(known.url) as gavel:
        return gavel.answers("/readyz")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
