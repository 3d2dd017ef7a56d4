"""Piston's WebSocket ``/connect`` works on a real server. The tests play the worker, by the streams that a
worker uses."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from typing import Any

import pytest
from simple_websocket import Client, ConnectionClosed
from simple_websocket import ConnectionError as Refused

from judge_api.store.records import SubmissionFilter
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.submission import Status
from judge_core.program_streams import InputKind, OutputKind, ProgramInput, ProgramStage, StageEnd
from judge_core.redis.client import create_redis_client
from judge_core.redis.signer import Signer
from tests.compat.workers import offer_languages
from tests.support.records import finished
from tests.web.app_fixture import AppFixture
from tests.web.served import Served
from workers.program_streams import ProgramStreams, RedisClientStreams

CODE = "print(input())"
INIT: dict[str, Any] = {"type": "init", "language": "python", "version": "3.x", "files": [{"content": CODE}]}
SECONDS = 60


@pytest.fixture(autouse=True)
def languages(app: AppFixture) -> None:
    offer_languages(app, python3="3.11.2", c17="12.2.0")


class Connection:
    """A client of /connect."""

    def __init__(self, served: Served, path: str = "/api/v2/connect", **headers: str) -> None:
        known = headers or {"Authorization": served.app.headers()["Authorization"]}
        self.socket = Client.connect(served.url.replace("http", "ws", 1) + path, headers=known)

    def send(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def start(self, **changes: Any) -> dict[str, Any]:
        self.socket.send(json.dumps({**INIT, **changes}))
        return self.next()

    def next(self) -> dict[str, Any]:
        text = self.socket.receive(timeout=SECONDS)
        assert text is not None, "no message arrived"
        found: dict[str, Any] = json.loads(text)
        return found

    def end(self) -> tuple[list[dict[str, Any]], int, str | None]:
        """Read until the server closes the connection. Returns the messages, the close code and the
        reason."""
        messages = []
        try:
            while True:
                messages.append(self.next())
        except ConnectionClosed as closed:
            return messages, int(closed.reason), closed.message

    def close(self) -> None:
        with suppress(ConnectionClosed):
            self.socket.close()


@pytest.fixture
def connection(served: Served) -> Iterator[Connection]:
    with closing(Connection(served)) as opened:
        yield opened


class Worker:
    """Plays the worker of the newest run."""

    def __init__(self, app: AppFixture, attempt: int = 1) -> None:
        self.app = app
        self.status = newest(app)
        signer = Signer(app.services.settings.secret_key)
        proof, secret = signer.proof(self.status.id, attempt), signer.submission_secret(self.status.id)
        request = JudgeRequest(
            self.status.id, attempt, Tier.NORMAL, "python3", CODE, proof=proof, submission_secret=secret
        )
        opened = ProgramStreams(create_redis_client(app.redis.url, 2.0)).open(request)
        assert opened is not None
        self.streams: RedisClientStreams = opened

    def receive(self) -> Sequence[ProgramInput] | None:
        """Wait for the next entries from the client, and return them. The entry that made the stream is left
        out."""
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            found = self.streams.receive()
            if found is None:
                return None
            if given := [each for each in found if each.kind is not InputKind.OPEN]:
                return given
        raise AssertionError("nothing came from the client")

    def say(self, text: str, kind: OutputKind = OutputKind.STDOUT) -> None:
        self.streams.send(kind, text.encode())

    def end(self, code: int | None = 0, signal: int | None = None, stage: str = "run") -> None:
        self.streams.send_end(StageEnd(ProgramStage(stage), code, signal))


def newest(app: AppFixture) -> Status:
    page = app.services.submissions.page(SubmissionFilter(account_id=app.accounts["ada"].account.id), None, 1)
    return page.items[0]


def test_a_client_exchanges_input_and_output_with_a_running_program(
    served: Served, connection: Connection
) -> None:
    assert connection.start() == {"type": "runtime", "language": "python", "version": "3.11.2"}
    worker = Worker(served.app)
    worker.say("run", OutputKind.STAGE)
    assert connection.next() == {"type": "stage", "stage": "run"}
    worker.say("name? é"[:-1])
    assert connection.next() == {"type": "data", "stream": "stdout", "data": "name? "}
    connection.send("data", stream="stdin", data="adé\n")
    assert worker.receive() == [ProgramInput(InputKind.STDIN, "adé\n".encode())]
    worker.say("warned", OutputKind.STDERR)
    assert connection.next() == {"type": "data", "stream": "stderr", "data": "warned"}
    worker.end(3)
    assert connection.end() == (
        [{"type": "exit", "stage": "run", "code": 3, "signal": None}],
        4999,
        "Job Completed",
    )


def test_a_character_that_arrives_in_two_pieces_is_sent_whole(served: Served, connection: Connection) -> None:
    connection.start()
    worker = Worker(served.app)
    worker.streams.send(OutputKind.STDOUT, "é".encode()[:1])
    worker.streams.send(OutputKind.STDERR, b"x")
    worker.streams.send(OutputKind.STDOUT, "é".encode()[1:] + b"\xff")
    worker.end()
    messages, code, _ = connection.end()
    assert "".join(each["data"] for each in messages if each.get("stream") == "stdout") == "é\ufffd"
    assert code == 4999


def test_long_output_and_long_input_arrive_complete(served: Served, connection: Connection) -> None:
    connection.start()
    worker = Worker(served.app)
    connection.send("data", stream="stdin", data="i" * 200_000)
    got = b""
    while len(got) < 200_000:
        got += b"".join(each.data for each in worker.receive() or ())
    worker.say("o" * 500_000)
    worker.end()
    messages, code, _ = connection.end()
    assert "".join(each.get("data", "") for each in messages) == "o" * 500_000
    assert code == 4999


def test_the_exit_message_of_a_compile_error_has_the_stage_compile(
    served: Served, connection: Connection
) -> None:
    connection.start(language="c", version="*")
    worker = Worker(served.app)
    worker.say("compile", OutputKind.STAGE)
    worker.say("error: x", OutputKind.STDERR)
    worker.end(1, stage="compile")
    messages, code, _ = connection.end()
    assert [each["type"] for each in messages] == ["stage", "data", "exit"]
    assert messages[-1] == {"type": "exit", "stage": "compile", "code": 1, "signal": None}
    assert code == 4999


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_signal_reaches_the_program(served: Served, connection: Connection, name: str) -> None:
    connection.start()
    worker = Worker(served.app)
    connection.send("signal", signal=name)
    (given,) = worker.receive() or ()
    assert given.kind is InputKind.SIGNAL
    worker.end(None, given.signal)
    messages, _, _ = connection.end()
    assert (messages[-1]["code"], messages[-1]["signal"]) == (None, name)


@pytest.mark.parametrize("name", ["SIGSTOP", "SIGCHLD", "SIGRTMIN+1"])
def test_signals_that_do_not_end_a_program_are_ignored(
    served: Served, connection: Connection, name: str
) -> None:
    connection.start()
    worker = Worker(served.app)
    connection.send("signal", signal=name)
    connection.send("data", stream="stdin", data="after")
    assert worker.receive() == [ProgramInput(InputKind.STDIN, b"after")]
    worker.end()
    assert connection.end()[1] == 4999


NOT_YET = (4003, "Not yet initialized")


@pytest.mark.parametrize(
    ("message", "closing"),
    [
        ({"type": "data", "stream": "stdin", "data": "x"}, NOT_YET),
        ({"type": "signal", "signal": "SIGKILL"}, NOT_YET),
        ({"type": "nonsense"}, (4001, "Initialization Timeout")),
        ([1], (4001, "Initialization Timeout")),
    ],
)
def test_a_wrong_first_message_ends_the_connection(
    connection: Connection, message: Any, closing: tuple[int, str]
) -> None:
    connection.socket.send(json.dumps(message))
    assert connection.end() == ([], *closing)


@pytest.mark.parametrize(
    ("message", "closing"),
    [
        (INIT, (4000, "Already Initialized")),
        ({"type": "data", "stream": "stdout", "data": "x"}, (4004, "Can only write to stdin")),
        ({"type": "signal", "signal": "SIGNOTAREALONE"}, (4005, "Invalid signal")),
    ],
)
def test_a_wrong_message_ends_the_program_and_the_connection(
    served: Served, connection: Connection, message: dict[str, Any], closing: tuple[int, str]
) -> None:
    connection.start()
    worker = Worker(served.app)
    connection.socket.send(json.dumps(message))
    assert connection.end()[1:] == closing
    assert worker.receive() == [ProgramInput(InputKind.CLOSE)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("this is not json", None),
        (json.dumps({**INIT, "language": None}), "language is required as a string"),
        (json.dumps({**INIT, "files": {}}), "files is required as an array"),
        (json.dumps({**INIT, "language": "klingon"}), "klingon-3.x runtime is unknown"),
        (
            json.dumps({**INIT, "run_timeout": 999_999}),
            "run_timeout cannot exceed the configured limit of 30000",
        ),
    ],
)
def test_an_error_in_the_first_message_is_sent_before_the_close(
    connection: Connection, text: str, message: str | None
) -> None:
    connection.socket.send(text)
    (error,), code, reason = connection.end()
    assert (error["type"], code, reason) == ("error", 4002, "Notified Error")
    assert error["message"]
    assert message in (None, error["message"])


def test_too_much_input_for_a_program_is_refused(served: Served, connection: Connection) -> None:
    connection.start()
    for _ in range(5):
        connection.send("data", stream="stdin", data="x" * 250_000)
    messages, code, _ = connection.end()
    assert (code, messages[-1]["message"]) == (
        4002,
        "a program takes at most 1048576 bytes of input from one connection",
    )


def test_a_run_is_cancelled_when_its_connection_closes(served: Served, connection: Connection) -> None:
    connection.start()
    worker = Worker(served.app)
    connection.close()
    assert worker.receive() == [ProgramInput(InputKind.CLOSE)]
    ends = time.monotonic() + SECONDS
    found = served.app.services.submissions.status(worker.status.id)
    while found is not None and not found.stage.is_final:
        assert time.monotonic() < ends
        found = served.app.services.submissions.status(worker.status.id)
    assert found is not None
    assert found.stage.value == "CANCELLED"


def test_output_without_the_proof_of_the_worker_is_not_shown(served: Served, connection: Connection) -> None:
    connection.start()
    worker = Worker(served.app)
    worker.streams._request = JudgeRequest(worker.status.id, 1, Tier.NORMAL, "python3", "", proof="forged")
    worker.say("forged")
    genuine = Worker(served.app)
    genuine.say("genuine")
    genuine.end()
    messages, _, _ = connection.end()
    assert [each["data"] for each in messages if each["type"] == "data"] == ["genuine"]


def test_a_second_attempt_ends_the_connection_with_an_error(served: Served, connection: Connection) -> None:
    connection.start()
    Worker(served.app).say("first")
    assert connection.next()["data"] == "first"
    Worker(served.app, attempt=2).say("again")
    (error,), code, _ = connection.end()
    assert (error["message"], code) == ("the worker of this program was lost", 4002)


def test_a_run_by_a_worker_without_streams_is_answered_with_its_outcome(
    served: Served, connection: Connection
) -> None:
    """A worker of release 0.2.0 has no streams. It runs the program without input."""
    connection.start()
    status = newest(served.app)
    VerdictStore(served.app.services.engine).record(finished(status.id))
    served.app.services.status_service.publish_change(status.id)
    messages, code, _ = connection.end()
    assert [each["type"] for each in messages] == ["stage", "exit"]
    assert code == 4999


def test_a_run_that_cannot_be_judged_ends_the_connection_with_an_error(
    served: Served, connection: Connection
) -> None:
    connection.start()
    status = newest(served.app)
    assert served.app.services.submissions.cancel(status.id, by="a test")
    served.app.services.status_service.publish_change(status.id)
    (error,), code, _ = connection.end()
    assert (error["type"], code) == ("error", 4002)
    assert status.id in error["message"]


def test_a_connection_without_a_valid_key_is_refused(served: Served) -> None:
    for wrong in ({"X-Nothing": "1"}, {"Authorization": "wrong"}):
        with pytest.raises(Refused):
            Connection(served, **wrong)


@pytest.mark.parametrize("path", ["/api/v2/connect", "/api/v2/piston/connect"])
def test_a_key_may_be_sent_without_a_scheme(served: Served, path: str) -> None:
    with closing(Connection(served, path, Authorization=served.app.accounts["ada"].key)) as opened:
        assert opened.start()["type"] == "runtime"


def test_a_client_that_does_not_read_does_not_delay_other_clients(served: Served) -> None:
    threads = threading.active_count()
    with closing(Connection(served)) as slow, closing(Connection(served)) as quick:
        slow.start()
        Worker(served.app).say("x" * 900_000)
        quick.start()
        worker = Worker(served.app)
        worker.end()
        assert quick.end()[1] == 4999
    assert threads <= threading.active_count()
