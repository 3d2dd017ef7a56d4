"""One child process of the house: how it is started, seen to die, and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge_api.supervisor.precedence import set_precedence

LEASH = Path(__file__).with_name("exec_with_pdeathsig.py")
LOG_BYTES = 16 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
SETTLED_SECONDS = 30.0
"""A child that lived this long is no longer in a crash loop."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How to run one child.

    ``when_orphaned`` is the signal it gets from the kernel should the supervisor be killed;
    ``round`` orders the ending: all of round 0 are ended before round 1 is touched. ``nice`` below 0 lets it
    run before others where we may.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    when_orphaned: signal.Signals = signal.SIGKILL
    grace_seconds: float = 10.0
    round: int = 0
    nice: int = 0
    descriptors: tuple[int, ...] = field(default=())


class Child:
    """A child that is kept alive: the same spec, one process after another."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.deaths = 0
        self.refused = False
        self._not_before = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def is_due(self, now: float) -> bool:
        """It is down, its pause is over, and it did not say that starting it again cannot help."""
        return not self.is_running and not self.refused and now >= self._not_before

    def start(self) -> None:
        """Start it on its leash, in a session of its own: a Ctrl-C at the terminal reaches only us."""
        leash = (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(self.spec.when_orphaned)))
        with _open_log(self.spec.log) as log:
            self._process = subprocess.Popen(
                (*leash, *self.spec.argv),
                env=dict(self.spec.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.spec.descriptors,
            )
        set_precedence(self._process.pid, self.spec.nice)
        self._started = time.monotonic()

    def reap(self) -> int | None:
        """The exit status if it has just died (negative: by that signal), else ``None``."""
        if self._process is None or (status := self._process.poll()) is None:
            return None
        self._sweep(self._process.pid)
        self._process = None
        self.put_off()
        return status

    def put_off(self) -> None:
        """Count a death, or a start that failed, and wait the longer the more there were."""
        now = time.monotonic()
        if now - self._started > SETTLED_SECONDS:
            self.deaths = 0
        self.deaths += 1
        pause = 0.0 if self.deaths == 1 else min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        self._not_before = now + pause

    @staticmethod
    def _sweep(leader: int) -> None:
        """Kill what the dead child left in its session's first group (gunicorn's workers)."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)

    def tell(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self, deadline: float) -> bool:
        """True once it has ended; False if it still lives at ``deadline`` (monotonic)."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        self._sweep(self._process.pid)
        self._process = None
        return True

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, for a message about why it died."""
        with contextlib.suppress(OSError), self.spec.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 16384))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        return ""


@contextlib.contextmanager
def _open_log(path: Path) -> Iterator[int]:
    """Append to the log; one that has grown large is set aside first (one older file is kept)."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
