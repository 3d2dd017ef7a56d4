"""Keeps processes running, and stops them in order.

One thread, one loop, no signal handlers: signals are blocked and waited for. A process's death and the
operator's Ctrl-C therefore arrive one after the other.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping

from judge_api.supervisor import CannotStart, Interrupted
from judge_api.supervisor.console import Console
from judge_api.supervisor.process import Process, ProcessSpec

CRASH_LOOP_DEATHS = 4
"""So many deaths in a row are a crash loop; the end of the log is then printed."""
EXIT_RETIRED = 79
"""The exit status of a worker that an operator has drained: its tier is smaller from then on."""
EXIT_CONFIG = 78
"""The exit status of a process that a restart cannot help (EX_CONFIG)."""
TICK_SECONDS = 1.0


class ProcessManager:
    """The processes of one run. ``on_change`` is called with names and pids whenever they change."""

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

        Raises CannotStart when one dies again and again, Interrupted when the operator wants to end.
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
        """Keep the processes running; return when a signal asks to end."""
        while True:
            received = signal.sigtimedwait(self._awaited, TICK_SECONDS)
            if received is not None and received.si_signo in self._end_signals:
                return
            self.restart_dead()

    def stop(self) -> None:
        """Stop all by their stop order: workers and API first, Redis last. A second signal kills at once."""
        for order in sorted({process.spec.stop_order for process in self._processes.values()}):
            running = [p for p in self._processes.values() if p.spec.stop_order == order and p.is_running]
            self._stop_all(running)

    def _stop_all(self, processes: list[Process]) -> None:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        while running := [process for process in processes if not process.wait(time.monotonic())]:
            received = signal.sigtimedwait(self._awaited, 0.1)
            is_hurried = received is not None and received.si_signo in self._end_signals
            for process in running:
                if is_hurried or time.monotonic() - started > process.spec.grace_seconds:
                    self._console.progress(process.spec.name, "does not end by itself: killed")
                    process.send_signal(signal.SIGKILL)
                    process.wait(time.monotonic() + 5.0)

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
        """Whether its spec could repair what has ended it."""
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
        """Pass on the list of processes. When it cannot be written (a full disk), retry every second."""
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
    """A hang-up ends too, unless the parent (nohup) has set it to be ignored."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT) if ignored else (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _describe(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


def _crash_message(process: Process) -> str:
    lines = "\n".join(f"    {line}" for line in process.log_tail().splitlines())
    return f"{process.spec.name} does not stay up. The end of {process.spec.log}:\n{lines}"
