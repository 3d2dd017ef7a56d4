"""Two connected programs work in every sandbox: their pipes, their ends, and which of them ended first."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from sandbox import Command, Ending, Misuse, RunReport, Said, Sandbox
from tests.contract.backends import ROOMY, count_descriptors

pytest_plugins = ("tests.contract.backends",)


def _often(sandbox: Sandbox) -> int:
    """How often a test runs a pair, because a race does not show each time. In bubblewrap a pair takes 0.1 s,
    so it runs less often."""
    return 20 if sandbox.isolation.backend == "launcher" else 8


class TestPairs:
    def run_pair(
        self, sandbox: Sandbox, first: str, second: str, seconds: float = 60
    ) -> tuple[RunReport, RunReport, int]:
        limits = replace(ROOMY, wall_seconds=seconds)
        commands = [
            Command(("/usr/bin/python3", "-c", code), limits, seccomp_profile="python")
            for code in (first, second)
        ]
        pair = sandbox.run_pair(*commands)
        return pair.first, pair.second, pair.ended_first

    # Each init records when its program ended, and a busy host may wake an init late. So if an unordered pair
    # is asked for its first end, the program that ends second sleeps before its end.

    def test_two_programs_exchange_lines(self, sandbox: Sandbox) -> None:
        questioner = "import os\nfor i in range(200):\n print(i, flush=True)\n assert int(input()) == i + 1\n"
        questioner += "os._exit(0)"
        answerer = "import sys, time\nfor line in sys.stdin: print(int(line) + 1, flush=True)\ntime.sleep(.3)"
        first, second, ended_first = self.run_pair(sandbox, questioner, answerer)
        assert (first.exit_code, second.exit_code, ended_first) == (0, 0, 0), (first.stderr, second.stderr)

    def test_a_pair_reports_which_program_failed_first(self, sandbox: Sandbox) -> None:
        crash = "import os; input(); os.abort()"
        waiter = "import sys, time; print(1, flush=True); gone = not sys.stdin.read(1)\n"
        waiter += "time.sleep(.3); sys.exit(gone)"
        first, second, ended_first = self.run_pair(sandbox, waiter, crash)
        assert (second.signal, ended_first) == (6, 1)
        assert first.exit_code == 1  # the program has read the end of the file

    @pytest.mark.slow_on("bubblewrap")
    @pytest.mark.parametrize("dies", [0, 1], ids=["first", "second"])
    def test_an_ordered_pair_reports_the_program_that_caused_the_end_as_the_first_end(
        self, sandbox: Sandbox, dies: int
    ) -> None:
        sides = [Command(("/bin/sh", "-c", "read x; exit 43"), ROOMY, seccomp_profile="script")] * 2
        sides[dies] = Command(("/bin/sh", "-c", "exit 5"), ROOMY, seccomp_profile="script")
        pairs = [sandbox.run_pair(*sides, ordered=True) for _ in range(_often(sandbox))]
        assert {pair.ended_first for pair in pairs} == {dies}
        assert all(pair.first.exit_code and pair.second.exit_code for pair in pairs)

    def test_an_ordered_pair_reports_the_sigpipe_of_a_writer_whose_reader_has_ended(
        self, sandbox: Sandbox
    ) -> None:
        pours = Command(("/bin/sh", "-c", "exec cat /dev/zero"), ROOMY, seccomp_profile="script")
        leaves = Command(("/bin/sh", "-c", "exit 42"), ROOMY, seccomp_profile="script")
        pair = sandbox.run_pair(pours, leaves, ordered=True)
        assert (pair.first.signal, pair.second.exit_code, pair.ended_first) == (13, 42, 1)

    @pytest.mark.slow_on("bubblewrap")
    @pytest.mark.parametrize(
        ("first", "second", "ended_first", "was_seen"),
        [
            (
                "echo 1; exit 5",
                "read x; i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; exit 43",
                0,
                False,
            ),
            ("echo 1; exit 5", "read x; read y; exit 43", 0, True),
            ("exit 5", "read x; exit 43", 0, True),
            ("read x; i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; exit 5", "echo 1; exit 42", 1, False),
            ("read x; read y; exit 5", "echo 1; exit 42", 1, True),
            ("exec cat /dev/zero", "exit 42", 1, True),
        ],
        ids=["thinks", "asks-for-more", "has-nothing", "goes-on", "reads-on", "writes-on"],
    )
    def test_an_ordered_pair_reports_whether_the_second_program_to_end_saw_the_first_end(
        self, sandbox: Sandbox, first: str, second: str, ended_first: int, was_seen: bool
    ) -> None:
        sides = [
            Command(("/bin/sh", "-c", text), ROOMY, seccomp_profile="script") for text in (first, second)
        ]
        pairs = [sandbox.run_pair(*sides, ordered=True) for _ in range(_often(sandbox) // 4)]
        assert {(pair.ended_first, pair.was_seen) for pair in pairs} == {(ended_first, was_seen)}

    def test_a_program_of_an_ordered_pair_may_give_its_threads_any_names(self, sandbox: Sandbox) -> None:
        rename = "import ctypes; ctypes.CDLL(None).prctl(15, bytes.fromhex('ff292052'), 0, 0, 0); input(); "
        names = Command(("/usr/bin/python3", "-c", rename + "input()"), ROOMY, seccomp_profile="python")
        leaves = Command(("/bin/sh", "-c", "echo; exit 42"), ROOMY, seccomp_profile="script")
        pair = sandbox.run_pair(names, leaves, ordered=True)
        assert (pair.first.exit_code, pair.second.exit_code, pair.ended_first) == (1, 42, 1)

    @pytest.mark.slow_on("bubblewrap")
    def test_ordered_pairs_leave_no_descriptor_open(self, sandbox: Sandbox) -> None:
        self.run_pair(sandbox, "pass", "pass")
        before = count_descriptors()
        fine = Command(("/bin/true",), ROOMY)
        for _ in range(3):
            with pytest.raises(Misuse):
                sandbox.run_pair(fine, Command(("/nothing",), ROOMY), ordered=True)
            sandbox.run_pair(fine, fine, ordered=True)
        assert count_descriptors() == before

    def test_a_recorded_pair_returns_the_conversation(self, sandbox: Sandbox) -> None:
        asks = Command(
            ("/bin/sh", "-c", "read n; echo got $n; read m; echo bye"), ROOMY, seccomp_profile="script"
        )
        answers = Command(
            ("/bin/sh", "-c", "echo 7; read x; echo 8; cat >/dev/null"), ROOMY, seccomp_profile="script"
        )
        pair = sandbox.run_pair(asks, answers, record_bytes=1000)
        assert pair.said == (Said(1, b"7\n"), Said(0, b"got 7\n"), Said(1, b"8\n"), Said(0, b"bye\n"))
        assert (pair.first.exit_code, pair.second.exit_code, pair.said_more) == (0, 0, False)

    def test_a_pair_s_transcript_is_cut_at_its_limit_and_the_pair_goes_on(self, sandbox: Sandbox) -> None:
        pours = Command(("/bin/sh", "-c", "head -c 3000000 /dev/zero"), ROOMY, seccomp_profile="script")
        counts = Command(("/bin/sh", "-c", "test $(wc -c) = 3000000"), ROOMY, seccomp_profile="script")
        pair = sandbox.run_pair(pours, counts, record_bytes=500)
        assert (pair.first.exit_code, pair.second.exit_code) == (0, 0)
        assert (sum(len(said.data) for said in pair.said), pair.said_more) == (500, True)

    @pytest.mark.parametrize(
        ("first", "second", "signals"),
        [("exec cat /dev/zero", "exit 42", (13, None)), ("exit 42", "echo 1; echo 2; cat", (None, None))],
        ids=["first-writes-on", "second-writes-on"],
    )
    def test_a_program_of_a_recorded_pair_may_end_while_its_partner_writes(
        self, sandbox: Sandbox, first: str, second: str, signals: tuple[int | None, int | None]
    ) -> None:
        sides = [
            Command(("/bin/sh", "-c", text), ROOMY, seccomp_profile="script") for text in (first, second)
        ]
        pair = sandbox.run_pair(*sides, record_bytes=100)
        assert (pair.first.signal, pair.second.signal) == signals

    @pytest.mark.slow_on("bubblewrap")
    def test_recorded_pairs_leave_no_descriptor_open(self, sandbox: Sandbox) -> None:
        self.run_pair(sandbox, "pass", "pass")
        before = count_descriptors()
        fine = Command(("/bin/true",), ROOMY)
        for _ in range(3):
            with pytest.raises(Misuse):
                sandbox.run_pair(fine, Command(("/nothing",), ROOMY), record_bytes=100)
            with pytest.raises(Misuse):
                sandbox.run_pair(fine, fine, ordered=True, record_bytes=100)
            sandbox.run_pair(fine, fine, record_bytes=100)
        assert count_descriptors() == before

    def test_a_program_of_a_pair_can_open_only_its_own_ends_of_the_pipes_by_name(
        self, sandbox: Sandbox
    ) -> None:
        wrong = "import os\nfor name, way in ('/dev/stdin', os.O_WRONLY), ('/dev/stdout', os.O_RDONLY):\n"
        wrong += " try: print('opened', name, file=sys.stderr)if os.open(name, way) else 0\n"
        wrong += " except OSError as error: print(error.strerror, file=sys.stderr)\n"
        questioner = "import sys\nprint(20, file=open('/dev/stdout', 'w'), flush=True)\n"
        questioner += "print(int(open('/dev/stdin').readline()), file=sys.stderr)\n" + wrong
        answerer = "import sys\nn = int(open('/dev/stdin').readline())\n"
        answerer += "print(n + 1, file=open('/dev/stdout', 'w'), flush=True)\n" + wrong
        first, second, _ = self.run_pair(sandbox, questioner, answerer)
        # Without root all boxes run as this user, who owns the pipes and may open them in both ways.
        refused = (
            b"Permission denied\n" * 2 if os.geteuid() == 0 else b"opened /dev/stdin\nopened /dev/stdout\n"
        )
        assert (first.stderr, second.stderr) == (b"21\n" + refused, refused)

    def test_two_programs_that_wait_for_each_other_end_by_their_wall_limit(self, sandbox: Sandbox) -> None:
        first, second, _ = self.run_pair(sandbox, "input()", "input()", seconds=0.4)
        assert Ending.WALL in (first.ending, second.ending)

    def test_the_second_program_of_a_pair_goes_on_after_the_first_has_ended(self, sandbox: Sandbox) -> None:
        talker = "import sys, time\nrest = sys.stdin.read()\ntime.sleep(0.3)\n"
        talker += "for _ in range(100): print('x' * 100, flush=True)\nprint(rest, file=sys.stderr)"
        first, second, ended_first = self.run_pair(sandbox, "print(1)", talker)
        assert (first.exit_code, second.exit_code, ended_first) == (0, 0, 0), second.stderr
        assert second.stderr == b"1\n\n"

    def test_a_program_that_writes_to_an_ended_partner_does_not_hang(self, sandbox: Sandbox) -> None:
        talker = (
            "import os, time\ntry:\n while 1: print('x' * 1000)\nexcept OSError: time.sleep(.3); os._exit(1)"
        )
        first, second, ended_first = self.run_pair(sandbox, talker, "pass")
        assert first.ending in (Ending.EXITED, Ending.SIGNALLED)
        assert (second.exit_code, ended_first) == (0, 1)
