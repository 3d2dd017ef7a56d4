"""Live runs, in which a client sends input while its program runs, and gets the output at once."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from judge_core.messages import CustomRun, JudgeRequest
from judge_core.model.language import Language
from judge_core.model.submission import Outcome, TestResult, Verdict
from judge_core.program_streams import InputKind, OutputKind, ProgramInput, ProgramStage, StageEnd
from sandbox import Command, Ending, OutputStream, RunReport, Sandbox
from workers.judging.compiler import CompiledProgram, CompileError, Compiler
from workers.judging.custom_run import (
    compile_request,
    custom_run_limits,
    data_files,
    describe_run,
    run_command,
)
from workers.judging.progress import ProgressListener
from workers.judging.results import outcome_of
from workers.judging.settings import JudgingSettings
from workers.judging.sources import SourceBundle
from workers.judging.verdict import Allowance, TestVerdict, verdict_from_report

_MAX_STDERR = 1 << 20
"""The most bytes of stderr that are sent to the client. A longer stderr does not end the run."""
_STEP_SECONDS = 0.2


class LiveClient(Protocol):
    """The client of a live run, as its worker sees it."""

    def send(self, kind: OutputKind, data: bytes) -> None:
        """Send data, in the order of the calls. It does not wait."""
        ...

    def send_end(self, end: StageEnd) -> None:
        """Send the end of a stage. It does not wait."""
        ...

    def receive(self) -> Sequence[ProgramInput] | None:
        """The entries that the client has sent since the last call. It waits a short time for them. ``None``
        if the client has gone."""
        ...

    def close(self) -> None:
        """Wait a short time until everything is sent."""
        ...


LiveClients = Callable[[JudgeRequest], LiveClient | None]
"""Opens the streams to a request's client. ``None`` if the client has gone."""


@dataclass(frozen=True, slots=True)
class LiveRunner:
    """Compiles a program and runs it with its client. The outcome has one test, like that of a custom run
    with one case."""

    sandbox: Sandbox
    compiler: Compiler
    settings: JudgingSettings
    client: LiveClient

    def run(
        self, run: CustomRun, language: Language, bundle: SourceBundle, progress: ProgressListener
    ) -> Outcome:
        """Compile the program and run it. There is no syntax check, since the client gets the interpreter's
        own messages."""
        limits = custom_run_limits(run.limits, language, self.settings)
        program = self._compile(run, language, bundle, progress)
        if isinstance(program, CompileError):
            refused = Outcome(Verdict.CE, compile_output=program.output)
            return refused.with_compile_cached(program.from_cache)
        progress.running(1)
        command = run_command(program, run, limits, data_files(bundle))
        environment = {**command.environment, "PYTHONUNBUFFERED": "1"}
        self.client.send(OutputKind.STAGE, ProgramStage.RUN.value.encode())
        test = self._run(replace(command, environment=environment), program)
        progress.tested(1, 1)
        outcome = replace(outcome_of(test.verdict, [test], 1), compile_output=program.output or None)
        return outcome.with_compile_cached(program.from_cache)

    def _compile(
        self, run: CustomRun, language: Language, bundle: SourceBundle, progress: ProgressListener
    ) -> CompiledProgram | CompileError:
        """Compile the program. If the language is compiled, the client gets the compile stage even on a cache
        hit."""
        limits = custom_run_limits(run.limits, language, self.settings)
        is_compiled = bool(language.compile) and not language.keep_sources
        if is_compiled:
            self.client.send(OutputKind.STAGE, ProgramStage.COMPILE.value.encode())
        program = self.compiler.compile(compile_request(run, language, bundle, limits), progress.compiling)
        failed = isinstance(program, CompileError)
        if is_compiled or failed:
            if program.output:
                self.client.send(OutputKind.STDERR, program.output.encode())
            self.client.send_end(StageEnd(ProgramStage.COMPILE, int(failed), None))
        return program

    def _run(self, command: Command, program: CompiledProgram) -> TestResult:
        streams = ClientStreams(self.client)
        try:
            report = self.sandbox.run(replace(command, live=streams, stdin=None))
        finally:
            streams.end()
        limits = command.limits
        allowed = Allowance(limits.cpu_seconds, limits.wall_seconds, limits.memory_bytes)
        decision = verdict_from_report(report, allowed, program.language) or TestVerdict(Verdict.AC, "")
        if streams.is_client_gone and report.signal == signal.SIGKILL:
            decision = replace(decision, detail="stopped: its client has gone")
        code, number = _ending(report, streams.signal)
        self.client.send_end(StageEnd(ProgramStage.RUN, code, number))
        return describe_run("run/1", (b"", None), [report], decision, limits)


def _ending(report: RunReport, sent: int | None) -> tuple[int | None, int | None]:
    """The exit code of the run, or the signal that ended it. If the client sent a signal, that replaces the
    SIGKILL that ended the run. A limit counts as SIGKILL."""
    if report.ending is Ending.EXITED:
        return report.exit_code, None
    if report.ending is Ending.SIGNALLED:
        return None, sent if sent is not None and report.signal == signal.SIGKILL else report.signal
    return None, signal.SIGKILL


class ClientStreams:
    """Connects a running program with its client: see ``sandbox.LiveStreams``.

    One thread reads from the client, and another thread writes the input. So a program that does not read its
    input cannot delay a signal from its client. Both threads end shortly after the run.
    """

    def __init__(self, client: LiveClient) -> None:
        self._client = client
        self._changed = threading.Condition()
        self._input: deque[bytes] = deque()
        """The bytes that are not written yet. The main server bounds what a client sends."""
        self._ended = False
        self._stderr_left = _MAX_STDERR
        self.signal: int | None = None
        self.is_client_gone = False

    def started(self, stdin: int, kill: Callable[[], None]) -> None:
        threading.Thread(target=self._feed, args=(stdin,), name="live-input", daemon=True).start()
        threading.Thread(target=self._listen, args=(kill,), name="live-client", daemon=True).start()

    def wrote(self, stream: OutputStream, data: bytes) -> None:
        if stream is OutputStream.STDERR:
            data = data[: self._stderr_left]
            self._stderr_left -= len(data)
        if data:
            self._client.send(OutputKind(stream.value), data)

    def end(self) -> None:
        """Stop reading from the client, since the run has ended."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def _listen(self, kill: Callable[[], None]) -> None:
        while not self._ended:
            received = self._client.receive()
            for each in (ProgramInput(InputKind.CLOSE),) if received is None else received:
                self._take(each, kill)

    def _take(self, given: ProgramInput, kill: Callable[[], None]) -> None:
        if given.kind is InputKind.STDIN:
            with self._changed:
                self._input.append(given.data)
                self._changed.notify()
        elif given.kind is InputKind.SIGNAL:
            self.signal = given.signal
            kill()
        elif given.kind is InputKind.CLOSE:
            self.is_client_gone = True
            self.end()
            kill()

    def _feed(self, stdin: int) -> None:
        try:
            while (data := self._next_input()) is not None:
                self._write(stdin, data)
        finally:
            os.close(stdin)

    def _next_input(self) -> bytes | None:
        """Wait for the next bytes to write, and return them. ``None`` at the end of the run."""
        with self._changed:
            self._changed.wait_for(lambda: self._input or self._ended)
            return None if self._ended else self._input.popleft()

    def _write(self, stdin: int, data: bytes) -> None:
        """Write the data while the program reads it. When the program has ended, the rest is dropped."""
        left = memoryview(data)
        while left and not self._ended:
            if not select.select([], [stdin], [], _STEP_SECONDS)[1]:
                continue
            try:
                left = left[os.write(stdin, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                return
