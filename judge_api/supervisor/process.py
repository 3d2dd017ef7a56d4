"""One process of `gavel up`: start, nice value, restart with pauses, stop."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

EXEC_SCRIPT = Path(__file__).with_name("exec_with_pdeathsig.py")
MAX_LOG_BYTES = 16 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
STOPPED_SECONDS = 20.0
"""A process that was stopped for so long is killed and started again."""
STABLE_SECONDS = 30.0
"""A process that lived this long is no longer in a crash loop."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """How to run one process.

    ``parent_death_signal`` is the signal that the kernel sends it when the supervisor is killed.
    ``stop_order``: all processes of order 0 are stopped before those of order 1. A ``nice`` value below 0
    lets it run before others, where this user may set it. ``repair`` gets the end of the log of a process
    that ended by itself; it returns what it repaired, and ``None`` when it can do nothing.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    parent_death_signal: signal.Signals = signal.SIGKILL
    grace_seconds: float = 10.0
    stop_order: int = 0
    nice: int = 0
    descriptors: tuple[int, ...] = field(default=())
    repair: Callable[[str], str | None] | None = None


class Process:
    """A process that can be started again and again from the same spec."""

    def __init__(self, spec: ProcessSpec) -> None:
        self.spec = spec
        self.deaths = 0
        self.is_misconfigured = False
        self.is_retired = False
        self._not_before = 0.0
        self._stopped_since: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def is_restart_due(self, now: float) -> bool:
        """It is not running, its pause is over, and a restart can help."""
        given_up = self.is_misconfigured or self.is_retired
        return not self.is_running and not given_up and now >= self._not_before

    def start(self) -> None:
        """Start it with its parent-death signal, in its own session: Ctrl-C reaches only the supervisor."""
        death_signal = int(self.spec.parent_death_signal)
        wrapper = (sys.executable, "-I", "-S", str(EXEC_SCRIPT), str(os.getpid()), str(death_signal))
        with _open_log(self.spec.log) as log:
            self._process = subprocess.Popen(
                (*wrapper, *self.spec.argv),
                env=dict(self.spec.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.spec.descriptors,
            )
        set_nice(self._process.pid, self.spec.nice)
        self._started = time.monotonic()

    def reap(self) -> int | None:
        """The exit status if it has just died (negative: by that signal), else ``None``."""
        if self._process is None or (status := self._process.poll()) is None:
            return None
        _kill_group(self._process.pid)
        self._process = None
        self.back_off()
        return status

    def back_off(self) -> None:
        """Count a death or a failed start. The more in a row, the longer the pause before the next start."""
        now = time.monotonic()
        if now - self._started > STABLE_SECONDS:
            self.deaths = 0
        self.deaths += 1
        pause = 0.0 if self.deaths == 1 else min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        self._not_before = now + pause

    def kill_if_stopped(self, now: float) -> bool:
        """Kill it when it has been stopped (SIGSTOP) for longer than a short pause on purpose.
        True when it was killed; the next check restarts it."""
        if self._process is None or not _is_stopped(self._process.pid):
            self._stopped_since = None
            return False
        if self._stopped_since is None:
            self._stopped_since = now
        if now - self._stopped_since < STOPPED_SECONDS:
            return False
        self._stopped_since = None
        _kill_group(self._process.pid)
        return True

    def forget_deaths(self) -> None:
        """Start it again at once: the cause of its deaths is repaired."""
        self.deaths = 0
        self._not_before = 0.0

    def send_signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self, deadline: float) -> bool:
        """True once it has ended; False if it still runs at ``deadline`` (monotonic)."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        _kill_group(self._process.pid)
        self._process = None
        return True

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of its log."""
        with contextlib.suppress(OSError), self.spec.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 16384))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        return ""


def set_nice(pid: int, nice: int) -> None:
    """Set the nice value of a process and its session. Where this user may not, nothing changes.

    Where the kernel groups processes by session (autogroup), a process's nice value counts within its session
    only, and the session's counts among all. Only root may go below 0.
    """
    if nice == 0:
        return
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))


def _is_stopped(pid: int) -> bool:
    """Whether it is stopped by a signal; one that a debugger has stopped (``t``) is not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "T"


def _kill_group(leader: int) -> None:
    """Kill what a dead process left in its process group (gunicorn's workers)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


@contextlib.contextmanager
def _open_log(path: Path) -> Iterator[int]:
    """Append to the log. A large log is first renamed to ``.old.log``; one older file is kept."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > MAX_LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
