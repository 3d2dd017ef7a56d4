"""Live runs work with the real judge and sandbox, and a client that answers the program."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from judge_core.messages import CustomRun, RunLimits
from judge_core.model.submission import Outcome, Verdict
from judge_core.program_streams import InputKind, OutputKind, ProgramInput, StageEnd, dump_stage_end
from tests.golden.conftest import JudgeFixture

Answers = dict[bytes, ProgramInput]
RUN = CustomRun(cases=(("", None),), live=True, limits=RunLimits(cpu_seconds=30, wall_seconds=60))
GREET = "print('name?', flush=True)\nname = input()\nprint('hello', name)\nraise SystemExit(3)"
WAIT = "import time\nprint('ready', flush=True)\ntime.sleep(50)"


class Client:
    """A client that waits for words of the program and sends the answer to them."""

    def __init__(self, answers: Answers) -> None:
        self._answers = dict(answers)
        self._ready: list[ProgramInput] = []
        self._changed = threading.Condition()
        self.sent: list[tuple[OutputKind, bytes]] = []
        self.closed = False

    def send(self, kind: OutputKind, data: bytes) -> None:
        with self._changed:
            self.sent.append((kind, data))
            written = self.text(OutputKind.STDOUT)
            for words in [words for words in self._answers if words in written]:
                self._ready.append(self._answers.pop(words))
            self._changed.notify()

    def send_end(self, end: StageEnd) -> None:
        self.send(OutputKind.EXIT, dump_stage_end(end))

    def receive(self) -> Sequence[ProgramInput] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._ready, 0.1)
            ready, self._ready = self._ready, []
            return ready

    def close(self) -> None:
        self.closed = True

    def text(self, kind: OutputKind) -> bytes:
        return b"".join(data for each, data in self.sent if each is kind)

    @property
    def steps(self) -> list[str]:
        """The stages and their ends, in order."""
        return [
            data.decode() if kind is OutputKind.STAGE else " ".join(map(str, json.loads(data).values()))
            for kind, data in self.sent
            if kind in (OutputKind.STAGE, OutputKind.EXIT)
        ]


@pytest.fixture
def talk(judging: JudgeFixture) -> Iterator[Callable[..., tuple[Outcome, Client]]]:
    @contextmanager
    def connected(client: Client) -> Iterator[None]:
        before, judging.judge.live_clients = judging.judge.live_clients, lambda _: client
        yield
        judging.judge.live_clients = before

    def run(source: str, answers: Answers, language: str = "python3") -> tuple[Outcome, Client]:
        client = Client(answers)
        with connected(client):
            outcome = judging.run(source, RUN, language)
        assert client.closed
        return outcome, client

    yield run


Talk = Callable[..., tuple[Outcome, Client]]


def stdin(text: bytes) -> ProgramInput:
    return ProgramInput(InputKind.STDIN, text)


def test_a_program_gets_its_client_s_answer_in_a_live_run(talk: Talk) -> None:
    outcome, client = talk(GREET, {b"name?": stdin(b"ada\n")})
    assert client.steps == ["run", "run 3 None"]
    assert client.text(OutputKind.STDOUT) == b"name?\nhello ada\n"
    test = outcome.tests[0]
    assert (outcome.verdict, test.exit_code, test.output) == (Verdict.RTE, 3, "name?\nhello ada\n")


def test_a_live_run_of_a_compiled_program_has_two_stages(talk: Talk) -> None:
    source = """
#include <cstdio>
int main() { int a, b; puts("?"); fflush(stdout); scanf("%d%d", &a, &b); printf("%d", a + b); }
"""
    for _ in range(2):  # the second time the program is in the compile cache
        outcome, client = talk(source, {b"?": stdin(b"20 22\n")}, "cpp17")
        assert client.steps == ["compile", "compile 0 None", "run", "run 0 None"]
        assert client.text(OutputKind.STDOUT) == b"?\n42"
        assert outcome.verdict is Verdict.AC


def test_a_compile_error_ends_a_live_run(talk: Talk) -> None:
    outcome, client = talk("int main() { return x; }", {}, "cpp17")
    assert client.steps == ["compile", "compile 1 None"]
    assert "x" in client.text(OutputKind.STDERR).decode()
    assert outcome.verdict is Verdict.CE


def test_a_client_gets_the_interpreter_s_own_syntax_error(talk: Talk) -> None:
    _, client = talk("print(", {})
    assert client.steps == ["run", "run 1 None"]
    assert b"SyntaxError" in client.text(OutputKind.STDERR)


@pytest.mark.parametrize("number", [9, 15, 2])
def test_a_signal_ends_a_live_run_and_is_named(talk: Talk, number: int) -> None:
    outcome, client = talk(WAIT, {b"ready": ProgramInput(InputKind.SIGNAL, str(number).encode())})
    assert client.steps == ["run", f"run None {number}"]
    assert outcome.verdict is Verdict.RTE


def test_a_live_program_is_stopped_when_its_client_has_gone(talk: Talk) -> None:
    outcome, _ = talk(WAIT, {b"ready": ProgramInput(InputKind.CLOSE)})
    assert outcome.tests[0].detail == "stopped: its client has gone"


@pytest.mark.parametrize("kind", [InputKind.SIGNAL, InputKind.CLOSE])
def test_input_that_is_not_read_does_not_delay_a_signal(talk: Talk, kind: InputKind) -> None:
    entries = stdin(b"x" * (1 << 20)), ProgramInput(kind, b"15" if kind is InputKind.SIGNAL else b"")
    outcome, client = talk(WAIT, {b"ready": entries[0], b"read": entries[1]})
    assert client.steps == ["run", "run None 15" if kind is InputKind.SIGNAL else "run None 9"]
    assert outcome.verdict is Verdict.RTE


def test_a_live_run_ends_although_its_program_reads_no_input(talk: Talk) -> None:
    source = "print('ready', flush=True)\nimport time\ntime.sleep(0.3)"
    outcome, _ = talk(source, {b"ready": stdin(b"x" * (1 << 20))})
    assert outcome.verdict is Verdict.AC


def test_a_live_run_without_a_client_uses_its_stored_input(judging: JudgeFixture) -> None:
    outcome = judging.run("import sys; print(repr(sys.stdin.read()))", RUN)
    assert outcome.tests[0].output == "''\n"
