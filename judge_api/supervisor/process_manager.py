"""Starts the processes of `gavel up`, keeps them running, and stops them in order.

One thread does this in one loop. There are no signal handlers: signals are blocked, and the loop waits for
them. So a process's death and the operator's Ctrl-C are handled one after the other.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge_api.supervisor import CannotStart, Interrupted
from judge_api.supervisor.console import Console
from judge_core.logging import rotated_log

EXEC_SCRIPT = Path(__file__).with_name("exec_with_pdeathsig.py")
MAX_LOG_BYTES = 16 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
STOPPED_SECONDS = 20.0
"""A process that is stopped (SIGSTOP) for this many seconds is killed and started again."""
STABLE_SECONDS = 30.0
"""A process that ran for this many seconds is no longer in a crash loop."""
CRASH_LOOP_DEATHS = 4
"""This number of deaths in a row is a crash loop. Then the end of the process's log is printed."""
EXIT_RETIRED = 79
"""The exit status of a worker that an operator has drained. It starts again only with the next `gavel up`."""
EXIT_CONFIG = 78
"""The exit status of a process that would end in the same way after a restart (EX_CONFIG)."""
TICK_SECONDS = 1.0
KILL_SECONDS = 5.0
"""The longest wait for the end of a process that was killed."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """How to run one process.

    ``parent_death_signal`` is the signal that the kernel sends to the process if the supervisor is killed.
    Processes with a lower ``stop_order`` are stopped first. A ``nice`` value below 0 lets the process run
    before other processes, if this user may set it. ``repair`` gets the end of the log of a process that has
    ended by itself. It returns what it has repaired, or ``None`` if it cannot repair anything.
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
        """Whether the process does not run, its pause is over, and a restart can help."""
        given_up = self.is_misconfigured or self.is_retired
        return not self.is_running and not given_up and now >= self._not_before

    def start(self) -> None:
        """Start the process with its parent-death signal. It gets its own session, so that Ctrl-C reaches
        only the supervisor."""
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
        """The exit status of the process if it has just died, else ``None``. It is negative if a signal ended
        the process."""
        if self._process is None or (status := self._process.poll()) is None:
            return None
        _kill_group(self._process.pid)
        self._process = None
        self.back_off()
        return status

    def back_off(self) -> None:
        """Count a death or a failed start. The pause before the next start grows with their number in a
        row."""
        now = time.monotonic()
        if now - self._started > STABLE_SECONDS:
            self.deaths = 0
        self.deaths += 1
        pause = 0.0 if self.deaths == 1 else min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        self._not_before = now + pause

    def kill_if_stopped(self, now: float) -> bool:
        """Kill the process if it has been stopped (SIGSTOP) for longer than an operator would stop it on
        purpose. True if it was killed; then the next check restarts it."""
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
        """Forget the process's deaths, so that it is started again at once. Call it if the cause is
        repaired."""
        self.deaths = 0
        self._not_before = 0.0

    def send_signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self, deadline: float) -> bool:
        """Wait for the process to end. False if it still runs at ``deadline`` (monotonic)."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        _kill_group(self._process.pid)
        self._process = None
        return True

    def rotate_log(self) -> None:
        """Move the content of a large log to ``.old.log``. The process goes on to write into the emptied
        file."""
        with contextlib.suppress(OSError):
            if self.is_running and self.spec.log.stat().st_size > MAX_LOG_BYTES:
                _move_content(self.spec.log, rotated_log(self.spec.log))

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of the process's log."""
        with contextlib.suppress(OSError), self.spec.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 16384))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        return ""


class ProcessManager:
    """Manages the processes of one run. ``on_change`` is called with their names and pids when these
    change."""

    def __init__(self, console: Console, on_change: Callable[[Mapping[str, int]], None]) -> None:
        self._console = console
        self._on_change = on_change
        self._processes: dict[str, Process] = {}
        self._is_published = True
        self._end_signals = _end_signals()
        self._awaited = (*self._end_signals, signal.SIGCHLD)
        signal.pthread_sigmask(signal.SIG_BLOCK, self._awaited)

    def start(self, *specs: ProcessSpec) -> None:
        for spec in specs:
            process = self._processes[spec.name] = Process(spec)
            process.start()
        self._publish()

    def check(self) -> None:
        """Restart dead processes during the start-up.

        Raises CannotStart if a process dies again and again, and Interrupted if the operator wants to end.
        """
        received = signal.sigtimedwait(self._awaited, 0)
        if received is not None and received.si_signo in self._end_signals:
            raise Interrupted
        self.restart_dead()
        for process in self._processes.values():
            is_given_up = process.is_misconfigured and not process.is_running
            if process.deaths >= CRASH_LOOP_DEATHS or is_given_up:
                raise CannotStart(_crash_message(process))

    def restart_dead(self) -> None:
        """Report every death, and restart the processes whose pause is over."""
        changed = False
        for process in self._processes.values():
            if process.kill_if_stopped(time.monotonic()):
                self._console.progress(process.spec.name, "was stopped for too long: killed")
            process.rotate_log()
            status = process.reap()
            if status is not None:
                changed = True
                self._report_death(process, status)
            if process.is_restart_due(time.monotonic()):
                self._restart(process)
                changed = True
        if changed or not self._is_published:
            self._publish()

    def run_until_signal(self) -> None:
        """Keep the processes running until a signal asks to end."""
        while True:
            received = signal.sigtimedwait(self._awaited, TICK_SECONDS)
            if received is not None and received.si_signo in self._end_signals:
                return
            self.restart_dead()

    def stop(self) -> None:
        """Stop all by their stop order: workers and API first, Redis last.

        After a second signal all processes that still run are killed.
        """
        is_hurried = False
        for order in sorted({process.spec.stop_order for process in self._processes.values()}):
            running = [p for p in self._processes.values() if p.spec.stop_order == order and p.is_running]
            is_hurried = self._stop_all(running, is_hurried)

    def _stop_all(self, processes: list[Process], is_hurried: bool) -> bool:
        """Stop these processes. Returns whether the processes that end after them are to be killed at once:
        if ``is_hurried`` is true, or if a signal has come meanwhile."""
        for process in processes:
            process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        while running := [process for process in processes if not process.wait(time.monotonic())]:
            received = signal.sigtimedwait(self._awaited, 0.1)
            is_hurried |= received is not None and received.si_signo in self._end_signals
            for process in running:
                if is_hurried or time.monotonic() - started > process.spec.grace_seconds:
                    self._console.progress(process.spec.name, "does not end by itself: killed")
                    process.send_signal(signal.SIGKILL)
                    process.wait(time.monotonic() + KILL_SECONDS)
        return is_hurried

    def _report_death(self, process: Process, status: int) -> None:
        name = process.spec.name
        if status == EXIT_RETIRED:
            process.is_retired = True
            self._console.progress(name, "was drained; the next `gavel up` starts it again")
            return
        self._console.progress(name, f"died ({_describe(status)}); its log: {process.spec.log}")
        if status > 0 and self._repair(process):
            return
        if status == EXIT_CONFIG:
            process.is_misconfigured = True
            self._console.print(_crash_message(process))
        elif process.deaths == CRASH_LOOP_DEATHS:
            self._console.print(_crash_message(process))
            self._console.progress(name, "is tried again, with pauses of up to 30 s")

    def _repair(self, process: Process) -> bool:
        """Try to repair what ended the process, as its spec says. Returns whether that worked."""
        if process.spec.repair is None:
            return False
        try:
            repaired = process.spec.repair(process.log_tail())
        except OSError as error:
            self._console.progress(process.spec.name, f"cannot be repaired: {error}")
            return False
        if repaired is None:
            return False
        self._console.progress(process.spec.name, repaired)
        process.forget_deaths()
        return True

    def _restart(self, process: Process) -> None:
        try:
            process.start()
        except OSError as error:
            process.back_off()
            self._console.progress(process.spec.name, f"cannot be started now, is tried again soon: {error}")
        else:
            self._console.progress(process.spec.name, f"started again as process {process.pid}")

    def _publish(self) -> None:
        """Call ``on_change`` with the list of processes. If the list cannot be written (a full disk), this is
        tried again every second."""
        try:
            self._on_change({name: p.pid for name, p in self._processes.items() if p.pid is not None})
        except OSError as error:
            if self._is_published:
                self._console.progress(
                    "gavel", f"cannot write the list of processes, is tried again each second: {error}"
                )
            self._is_published = False
        else:
            self._is_published = True


def _end_signals() -> tuple[signal.Signals, ...]:
    """The signals that end the run. SIGHUP is one of them, unless the parent (nohup) lets it be ignored."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT) if ignored else (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _describe(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    known = {int(each): each.name for each in signal.Signals}  # Most real-time signals have no name.
    return f"signal {known.get(-status, -status)}"


def _crash_message(process: Process) -> str:
    lines = "\n".join(f"    {line}" for line in process.log_tail().splitlines())
    return f"{process.spec.name} does not stay up. The end of {process.spec.log}:\n{lines}"


def set_nice(pid: int, nice: int) -> None:
    """Set the nice value of a process and its session. Nothing changes if this user may not set it.

    If the kernel groups processes by session (autogroup), a process's nice value only counts within its
    session, and the session's value counts among all sessions. Only root may set values below 0.
    """
    if nice == 0:
        return
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))


def _is_stopped(pid: int) -> bool:
    """Whether a process is stopped by a signal. A process that a debugger has stopped (``t``) does not
    count."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")  # A name may be any bytes.
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "T"


def _kill_group(leader: int) -> None:
    """Kill the processes that a dead process has left in its process group, such as gunicorn's workers."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


@contextlib.contextmanager
def _open_log(path: Path) -> Iterator[int]:
    """Open the log to append to it. A large log is first renamed to ``.old.log``, which replaces the previous
    one."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > MAX_LOG_BYTES:
            path.replace(rotated_log(path))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _move_content(log: Path, old: Path) -> None:
    """Copy a file that another process appends to, and empty it. A line that is written between the two steps
    may be lost. The file itself cannot be renamed, since the process has it open."""
    draft = old.with_suffix(".draft")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out, log.open("rb") as content:
            shutil.copyfileobj(content, out)
            out.flush()
            shutil.copyfileobj(content, out)
            os.truncate(log, 0)
        draft.replace(old)
    finally:
        draft.unlink(missing_ok=True)
