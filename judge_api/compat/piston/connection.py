"""Piston's WebSocket ``/connect``. One connection runs one program and sends it input while it runs."""

from __future__ import annotations

import codecs
import json
import signal
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from simple_websocket import ConnectionClosed

from judge_api.compat.piston.requests import BadRequest, read_execution
from judge_api.compat.piston.responses import execution_body, signal_name
from judge_api.compat.piston.runtimes import Runtime, runtimes
from judge_api.container import Services
from judge_api.http.auth import CredentialCheck
from judge_api.http.json import dump_json
from judge_api.http.whole_sends import WholeSends
from judge_api.services.live_programs import LiveProgram, ProgramLost
from judge_core.logging import get_logger
from judge_core.messages import UnreadableMessage
from judge_core.model.account import Account
from judge_core.model.errors import GavelError, StoreUnavailable
from judge_core.model.submission import Status
from judge_core.program_streams import InputKind, OutputKind, ProgramInput, ProgramOutput, ProgramStage

_logger = get_logger(__name__)
INIT_SECONDS = 1.0
WAIT_SECONDS = 120.0
"""The longest time to wait for output from a worker, in seconds. It includes the time in the queue."""
_SEND_SECONDS = 20
_LATER_MESSAGE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Closing:
    """One of Piston's close codes, with its reason."""

    code: int
    reason: str


ALREADY_INITIALIZED = Closing(4000, "Already Initialized")
INITIALIZATION_TIMEOUT = Closing(4001, "Initialization Timeout")
NOTIFIED_ERROR = Closing(4002, "Notified Error")
NOT_YET_INITIALIZED = Closing(4003, "Not yet initialized")
ONLY_STDIN = Closing(4004, "Can only write to stdin")
INVALID_SIGNAL = Closing(4005, "Invalid signal")
JOB_COMPLETED = Closing(4999, "Job Completed")

_KNOWN_SIGNALS = {each.name: each.value for each in signal.Signals}
_REAL_TIME = ("SIGRTMIN", "SIGRTMAX")
_ENDING_SIGNALS = {
    *(signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT),
    *(signal.SIGILL, signal.SIGABRT, signal.SIGFPE, signal.SIGSEGV, signal.SIGBUS),
}
"""The signals that end a program. At Piston they end its sandbox, and other signals have no effect."""


class PistonConnection:
    """One WebSocket.

    The request's thread reads the client's messages. Another thread sends the program's output.
    """

    def __init__(
        self, ws: Any, account: Account, services: Services, credentials: CredentialCheck | None
    ) -> None:
        self._ws = ws
        self._account = account
        self._services = services
        self._credentials = credentials
        self._sending = threading.Lock()
        self._initialized = threading.Event()
        self._closed = False
        self._completed = False
        self._program: LiveProgram | None = None
        self._runtime: Runtime | None = None
        self._status: Status | None = None
        self._decoders = {
            kind: codecs.getincrementaldecoder("utf-8")("replace")
            for kind in (OutputKind.STDOUT, OutputKind.STDERR)
        }

    def serve(self) -> None:
        """Serve the connection until it ends. The program ends with it."""
        self._ws.sock = WholeSends(self._ws.sock)
        self._ws.max_message_size = self._services.settings.body_bytes
        self._ws.sock.settimeout(_SEND_SECONDS)
        sender = threading.Thread(target=self._send_outputs, name="piston-output", daemon=True)
        sender.start()
        self._ws.event.set = self._handle_all
        try:
            self._ws.thread.run()
        except (ConnectionClosed, OSError):
            pass  # The client has closed the connection.
        finally:
            self._closed = True
            self._initialized.set()
            self._end_program()

    # Reading the client's messages.

    def _handle_all(self) -> None:
        while self._ws.input_buffer and not self._closed:
            text = self._ws.input_buffer.pop(0)
            try:
                self._handle(text)
            except (BadRequest, GavelError, ValueError, RecursionError) as error:
                self._notify(str(error) or type(error).__name__)

    def _handle(self, text: str | bytes) -> None:
        message = json.loads(text)
        if not isinstance(message, dict):
            return
        kind = message.get("type")
        if kind == "init":
            self._initialize(message)
        elif kind in ("data", "signal") and self._program is None:
            self._close(NOT_YET_INITIALIZED)
        elif kind == "data":
            self._take_data(message)
        elif kind == "signal":
            self._take_signal(message.get("signal"))

    def _initialize(self, message: dict[str, Any]) -> None:
        if self._program is not None:
            self._close(ALREADY_INITIALIZED)
            return
        services = self._services
        known = runtimes(services.language_availability.all())
        body = {**message, "stdin": ""}
        runtime, posted = read_execution(body, known, services.quotas.of(self._account.tier))
        assert posted.run is not None
        program = services.live_programs.reserve()
        self._program, self._runtime = program, runtime
        posted = replace(posted, run=replace(posted.run, live=True))
        self._status = services.submission_policy.admit(self._account, posted).status
        program.open(self._status.id)
        self._ws.max_message_size = _LATER_MESSAGE_BYTES
        self._send("runtime", language=runtime.name.language, version=runtime.version)
        self._initialized.set()

    def _take_data(self, message: dict[str, Any]) -> None:
        if message.get("stream") != "stdin":
            self._close(ONLY_STDIN)
            return
        data = message.get("data")
        if not isinstance(data, str):
            raise BadRequest("data must be a string")
        assert self._program is not None
        if data:
            self._program.send(ProgramInput(InputKind.STDIN, data.encode("utf-8", "replace")))

    def _take_signal(self, name: Any) -> None:
        if not isinstance(name, str) or not _is_signal(name):
            self._close(INVALID_SIGNAL)
            return
        number = _KNOWN_SIGNALS.get(name)
        assert self._program is not None
        if number in _ENDING_SIGNALS:
            self._program.send(ProgramInput(InputKind.SIGNAL, str(number).encode()))

    # Sending the program's output.

    def _send_outputs(self) -> None:
        try:
            if not self._initialized.wait(INIT_SECONDS) and self._program is None:
                self._close(INITIALIZATION_TIMEOUT)
                return
            self._initialized.wait(WAIT_SECONDS)
            self._forward()
        except (ConnectionClosed, OSError):
            self._disconnect()
        except GavelError as error:
            self._notify(str(error))
        except Exception:
            _logger.exception("A connection to a running program failed and is closed")
            self._disconnect()

    def _forward(self) -> None:
        ends = time.monotonic() + WAIT_SECONDS
        while not self._closed and self._program is not None and self._status is not None:
            outputs = self._program.read()
            for output in outputs:
                self._forward_one(output)
                if self._completed:
                    self._close(JOB_COMPLETED)
                    return
            if outputs:
                ends = time.monotonic() + WAIT_SECONDS
            elif self._is_over(self._status):
                return
            elif time.monotonic() > ends:
                raise ProgramLost(f"nothing came from a worker for {WAIT_SECONDS:.0f} s")

    def _is_over(self, status: Status) -> bool:
        """Whether the run has ended.

        If the worker did not send the end, the client gets it from the run's outcome. Raises ``ProgramLost``
        if the run has ended without an outcome, or if the key is no longer valid.
        """
        if self._credentials is not None and not self._credentials.holds():
            raise ProgramLost("the key of this connection is no longer valid")
        try:
            latest = self._services.status_service.current(status.id)
        except StoreUnavailable:
            return False
        if latest is None or not latest.stage.is_final:
            return False
        if latest.outcome is None:
            raise ProgramLost(f"{latest.reason or 'not judged'} (submission {status.id})")
        assert self._program is not None
        for output in self._program.read():
            self._forward_one(output)
        if not self._completed:
            self._send_outcome(latest)
        self._close(JOB_COMPLETED)
        return True

    def _send_outcome(self, status: Status) -> None:
        """Send the outcome as the messages of a live run.

        This is needed if a worker of release 0.2.0 judged the run, since it sends no output while the program
        runs.
        """
        assert self._runtime is not None
        body = execution_body(self._runtime, status)
        failed = "compile" in body and body["compile"]["code"] != 0
        for name in [name for name in ("compile", "run") if name in body and not (failed and name == "run")]:
            stage = body[name]
            self._send("stage", stage=name)
            for stream in ("stdout", "stderr"):
                if stage[stream]:
                    self._send("data", stream=stream, data=stage[stream])
            self._send("exit", stage=name, code=stage["code"], signal=stage["signal"])
        self._completed = True

    def _forward_one(self, output: ProgramOutput) -> None:
        try:
            if output.kind is OutputKind.STAGE:
                self._send("stage", stage=output.stage.value)
            elif output.kind is OutputKind.EXIT:
                self._forward_end(output)
            else:
                self._send_text(output.kind, self._decoders[output.kind].decode(output.data))
        except UnreadableMessage as fault:
            raise ProgramLost(f"the worker sent an unreadable message: {fault}") from fault

    def _forward_end(self, output: ProgramOutput) -> None:
        for kind, decoder in self._decoders.items():
            self._send_text(kind, decoder.decode(b"", final=True))
            decoder.reset()
        end = output.stage_end
        self._send("exit", stage=end.stage.value, code=end.code, signal=signal_name(end.signal))
        self._completed = end.stage is ProgramStage.RUN or end.code != 0

    def _send_text(self, kind: OutputKind, text: str) -> None:
        if text:
            self._send("data", stream=kind.value, data=text)

    # Writing to the socket.

    def _send(self, kind: str, **fields: Any) -> None:
        text = dump_json({"type": kind, **fields})
        with self._sending:
            if self._closed:
                return
            self._ws.send(text)

    def _notify(self, message: str) -> None:
        with suppress(ConnectionClosed, OSError):
            self._send("error", message=message)
        self._close(NOTIFIED_ERROR)

    def _close(self, closing: Closing) -> None:
        with self._sending:
            if self._closed:
                return
            self._closed = True
            with suppress(ConnectionClosed, OSError):
                self._ws.close(closing.code, closing.reason)
        self._initialized.set()

    def _disconnect(self) -> None:
        with suppress(OSError):
            self._ws.sock.shutdown(socket.SHUT_RDWR)

    def _end_program(self) -> None:
        """Delete the streams, and cancel the run if it has not ended."""
        program, status = self._program, self._status
        if program is not None:
            with suppress(GavelError):
                program.close()
        if status is None or self._completed:
            return
        with suppress(GavelError):
            if self._services.submission_service.cancel(status, by="the end of its connection"):
                self._services.status_service.publish_change(status.id)


def _is_signal(name: str) -> bool:
    return name in _KNOWN_SIGNALS or name.startswith(_REAL_TIME)
