"""Keeping the children alive until we are told to end, then ending them in order.

One thread, one loop, no signal handlers: the signals are blocked and waited for. A child's death and
the operator's Ctrl-C come through the same door, one after the other.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping

from judge_api.supervisor.console import Narrator
from judge_api.supervisor.errors import CannotStart, Interrupted
from judge_api.supervisor.process import Child, ChildSpec

LOOP_DEATHS = 4
"""So many deaths in a row are a crash loop, and worth the log's last lines."""
REFUSES = 78
"""A child's way to say that starting it again cannot help (EX_CONFIG)."""
TICK_SECONDS = 1.0


class Tending:
    """The children of one house. ``announce`` is called with names and pids whenever they change."""

    def __init__(self, narrator: Narrator, announce: Callable[[Mapping[str, int]], None]) -> None:
        self._narrator = narrator
        self._announce = announce
        self._children: dict[str, Child] = {}
        self._is_told = True
        self._endings = _ending_signals()
        self._awaited = (*self._endings, signal.SIGCHLD)
        signal.pthread_sigmask(signal.SIG_BLOCK, self._awaited)

    def start(self, *specs: ChildSpec) -> None:
        for spec in specs:
            child = self._children[spec.name] = Child(spec)
            child.start()
        self._tell_processes()

    def check(self) -> None:
        """During the start-up: raises when a child dies again and again, or the operator wants to end."""
        number = signal.sigtimedwait(self._awaited, 0)
        if number is not None and number.si_signo in self._endings:
            raise Interrupted
        self.tend()
        for child in self._children.values():
            if child.deaths >= LOOP_DEATHS or (child.refused and not child.is_running):
                raise CannotStart(_obituary(child))

    def tend(self) -> None:
        """Take note of every death and start again what is due."""
        changed = False
        for child in self._children.values():
            status = child.reap()
            if status is not None:
                changed = True
                self._mourn(child, status)
            if child.is_due(time.monotonic()):
                self._revive(child)
                changed = True
        if changed or not self._is_told:
            self._tell_processes()

    def until_told_to_end(self) -> None:
        """Return when a signal asks us to end."""
        while True:
            number = signal.sigtimedwait(self._awaited, TICK_SECONDS)
            if number is not None and number.si_signo in self._endings:
                return
            self.tend()

    def end(self) -> None:
        """End all, round by round: workers and the API first, Redis last. A second signal kills."""
        for number in sorted({child.spec.round for child in self._children.values()}):
            self._end_round([c for c in self._children.values() if c.spec.round == number and c.is_running])

    def _end_round(self, children: list[Child]) -> None:
        for child in children:
            child.tell(signal.SIGTERM)
        began = time.monotonic()
        while left := [child for child in children if not child.wait(time.monotonic())]:
            hurried = signal.sigtimedwait(self._awaited, 0.1)
            is_asked = hurried is not None and hurried.si_signo in self._endings
            for child in left:
                if is_asked or time.monotonic() - began > child.spec.grace_seconds:
                    self._narrator.tell(child.spec.name, "does not end by itself: killed")
                    child.tell(signal.SIGKILL)
                    child.wait(time.monotonic() + 5.0)

    def _mourn(self, child: Child, status: int) -> None:
        self._narrator.tell(child.spec.name, f"died ({_how(status)}); its log: {child.spec.log}")
        if status == REFUSES:
            child.refused = True
            self._narrator.show(_obituary(child))
        elif child.deaths == LOOP_DEATHS:
            self._narrator.show(_obituary(child))
            self._narrator.tell(child.spec.name, "is tried again, with pauses of up to 30 s")

    def _revive(self, child: Child) -> None:
        try:
            child.start()
        except OSError as error:
            child.put_off()
            self._narrator.tell(child.spec.name, f"cannot be started now, tried again soon: {error}")
        else:
            self._narrator.tell(child.spec.name, f"started again as process {child.pid}")

    def _tell_processes(self) -> None:
        """A list that cannot be written now (a full disk) ends no house: it is written once it can be."""
        try:
            self._announce({name: c.pid for name, c in self._children.items() if c.pid is not None})
        except OSError as error:
            if self._is_told:
                self._narrator.tell("gavel", f"cannot note who runs, tries again each second: {error}")
            self._is_told = False
        else:
            self._is_told = True


def _ending_signals() -> tuple[signal.Signals, ...]:
    """A hang-up counts too, unless whoever started us (nohup) wants it ignored."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT) if ignored else (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _how(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


def _obituary(child: Child) -> str:
    words = "\n".join(f"    {line}" for line in child.last_words().splitlines())
    return f"{child.spec.name} does not stay up. The end of {child.spec.log}:\n{words}"
