"""A client can talk to a program while it runs. Input may come late, and output is sent at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox import MIB, Cancelled, Command, Ending, Limits, Misuse, OutputStream, RunReport, Sandbox
from tests.contract.backends import ROOMY, count_descriptors

pytest_plugins = ("tests.contract.backends",)

ECHO = """
import sys
print("ready", flush=True)
for line in sys.stdin:
    print("got", line.strip(), flush=True)
print("end", file=sys.stderr)
"""


class Talk:
    """Talks to a program. ``acts`` are pairs in order: the output to wait for, and what to do then."""

    def __init__(self, *acts: tuple[bytes, Callable[[Talk], None]]) -> None:
        self._acts = list(acts)
        self.stdin = -1
        self.kill: Callable[[], None] = lambda: None
        self.said: dict[OutputStream, bytes] = dict.fromkeys(OutputStream, b"")

    def started(self, stdin: int, kill: Callable[[], None]) -> None:
        self.stdin, self.kill = stdin, kill

    def wrote(self, stream: OutputStream, data: bytes) -> None:
        self.said[stream] += data
        while self._acts and self.said[OutputStream.STDOUT].endswith(self._acts[0][0]):
            self._acts.pop(0)[1](self)

    def write(self, data: bytes) -> None:
        os.write(self.stdin, data)

    def close(self) -> None:
        os.close(self.stdin)
        self.stdin = -1


def converse(sandbox: Sandbox, talk: Talk, source: str = ECHO, limits: Limits = ROOMY) -> RunReport:
    command = Command(("/usr/bin/python3", "-c", source), limits, seccomp_profile="python", live=talk)
    try:
        return sandbox.run(command)
    finally:
        if talk.stdin >= 0:
            talk.close()


def test_a_running_program_gets_each_input_after_its_output_was_read(sandbox: Sandbox) -> None:
    talk = Talk(
        (b"ready\n", lambda it: it.write(b"one\n")),
        (b"got one\n", lambda it: it.write(b"two\n")),
        (b"got two\n", Talk.close),
    )
    report = converse(sandbox, talk)
    assert (report.ending, report.exit_code) == (Ending.EXITED, 0)
    assert report.stdout == talk.said[OutputStream.STDOUT] == b"ready\ngot one\ngot two\n"
    assert report.stderr == talk.said[OutputStream.STDERR] == b"end\n"


def test_a_client_may_kill_its_program(sandbox: Sandbox) -> None:
    report = converse(sandbox, Talk((b"ready\n", lambda it: it.kill())))
    assert (report.ending, report.signal) == (Ending.SIGNALLED, 9)


def test_a_program_that_waits_for_input_ends_by_its_wall_time(sandbox: Sandbox) -> None:
    report = converse(sandbox, Talk(), limits=replace(ROOMY, wall_seconds=0.5))
    assert report.ending is Ending.WALL


def test_a_client_gets_no_more_output_than_the_limit(sandbox: Sandbox) -> None:
    talk = Talk()
    source = "while True: print('x' * 4000)"
    report = converse(sandbox, talk, source, replace(ROOMY, output_bytes=100_000))
    assert report.ending is Ending.OUTPUT
    assert len(talk.said[OutputStream.STDOUT]) == 100_000


def test_a_live_program_may_open_its_input_by_name_and_cannot_write_to_the_input(sandbox: Sandbox) -> None:
    source = """
import os
print("ready", flush=True)
print(open("/dev/stdin").readline().strip())
try:
    print(os.open("/proc/self/fd/0", os.O_WRONLY))
except OSError as error:
    print(error.strerror)
"""
    talk = Talk((b"ready\n", lambda it: it.write(b"by name\n")))
    report = converse(sandbox, talk, source)
    words = report.stdout.splitlines()
    assert words[0] == b"ready"
    if os.geteuid() == 0:
        assert words[1:] == [b"by name", b"Permission denied"]


def test_a_kill_after_the_end_of_a_live_run_has_no_effect(sandbox: Sandbox) -> None:
    talk = Talk()
    assert converse(sandbox, talk, "print(1)").exit_code == 0
    talk.kill()
    assert converse(sandbox, Talk(), "print(2)").stdout == b"2\n"


def test_a_live_run_can_be_cancelled(sandbox: Sandbox) -> None:
    canceller = threading.Thread(target=sandbox.cancel)
    with pytest.raises(Cancelled):
        converse(sandbox, Talk((b"ready\n", lambda _: canceller.start())))
    canceller.join()


@pytest.mark.slow_on("bubblewrap")
def test_live_runs_leave_no_descriptor_open(sandbox: Sandbox) -> None:
    converse(sandbox, Talk(), "print(1)")
    before = count_descriptors()
    for _ in range(3):
        converse(sandbox, Talk(), "print(1)")
    assert count_descriptors() == before


@pytest.mark.parametrize("more", [{"stdin": b"1"}, {"stdout": "out"}])
def test_a_live_command_with_files_for_its_streams_is_refused(
    sandbox: Sandbox, more: dict[str, object]
) -> None:
    with pytest.raises(Misuse, match="live"):
        sandbox.run(Command(("/bin/true",), ROOMY, live=Talk(), **more))  # type: ignore[arg-type]


def test_a_live_command_in_a_pair_is_refused(sandbox: Sandbox) -> None:
    plain = Command(("/bin/true",), Limits(1, 1, 16 * MIB))
    with pytest.raises(Misuse, match="pair"):
        sandbox.run_pair(plain, replace(plain, live=Talk()))
