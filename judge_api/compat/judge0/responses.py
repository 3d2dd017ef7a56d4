"""Builds the columns of a Judge0 submission from the status of a run."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from judge_api.compat.judge0.additional_files import (
    COMPILE_FAILED,
    COMPILE_FAILED_CODE,
    MULTI_FILE,
    MULTI_FILE_NAME,
    as_archive,
)
from judge_api.compat.judge0.configuration import COMPILED
from judge_api.compat.judge0.language_ids import Edition
from judge_api.store.records import StoredSubmission
from judge_core.model.submission import Stage, Status, TestResult, Verdict, rfc3339

STATUSES = {
    1: "In Queue",
    2: "Processing",
    3: "Accepted",
    4: "Wrong Answer",
    5: "Time Limit Exceeded",
    6: "Compilation Error",
    7: "Runtime Error (SIGSEGV)",
    8: "Runtime Error (SIGXFSZ)",
    9: "Runtime Error (SIGFPE)",
    10: "Runtime Error (SIGABRT)",
    11: "Runtime Error (NZEC)",
    12: "Runtime Error (Other)",
    13: "Internal Error",
    14: "Exec Format Error",
}
DEFAULT_FIELDS = ("token", "time", "memory", "stdout", "stderr", "compile_output", "message", "status")
_FALSE = (
    "enable_per_process_and_thread_time_limit",
    "enable_per_process_and_thread_memory_limit",
    "enable_network",
)
_ENCODED = (
    "source_code",
    "stdin",
    "expected_output",
    "stdout",
    "stderr",
    "compile_output",
    "message",
)
_BY_STAGE = {Stage.QUEUED: 1, Stage.COMPILING: 2, Stage.RUNNING: 2, Stage.FAILED: 13, Stage.CANCELLED: 13}
_BY_VERDICT = {Verdict.AC: 3, Verdict.WA: 4, Verdict.TLE: 5, Verdict.CE: 6, Verdict.OLE: 8, Verdict.MLE: 11}
_BY_SIGNAL = {11: 7, 25: 8, 8: 9, 6: 10}
_COMPILE_ERROR = 6
_KILLED = 137
"""The exit status that Judge0's clients read as an exceeded memory limit."""
FIELDS = frozenset(
    (
        *DEFAULT_FIELDS,
        *_ENCODED,
        *_FALSE,
        *("language_id", "language", "status_id", "created_at", "finished_at", "number_of_runs"),
        *("cpu_time_limit", "cpu_extra_time", "wall_time_limit", "memory_limit", "stack_limit"),
        *("max_processes_and_or_threads", "max_file_size", "exit_code", "exit_signal", "wall_time"),
        *("compiler_options", "command_line_arguments", "redirect_stderr_to_stdout", "callback_url"),
        "additional_files",
    )
)


class NotText(Exception):
    """A requested column has bytes that are no UTF-8, and the client has not asked for base64."""


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """The columns that a client asks for, and whether it asks for texts as base64."""

    fields: Sequence[str] = DEFAULT_FIELDS
    base64_encoded: bool = False
    plain_message: bool = False


def status_id(status: Status) -> int:
    """Judge0's status id of a run."""
    if status.outcome is None:
        return _BY_STAGE.get(status.stage, 13)
    verdict = status.outcome.verdict
    return _BY_VERDICT[verdict] if verdict in _BY_VERDICT else _failure_id(_test(status))


def _failure_id(test: TestResult | None) -> int:
    if test is None:
        return 12
    if test.signal is not None:
        return _BY_SIGNAL.get(test.signal, 12)
    return 11 if test.exit_code else 12


def _test(status: Status) -> TestResult | None:
    tests = status.outcome.tests if status.outcome else ()
    return tests[0] if tests else None


def message(status: Status) -> str | None:
    """The text that Judge0's own sandbox writes. Clients compare it with known texts."""
    if status.outcome is None:
        return status.reason if status.stage.is_final else None
    verdict, test = status.outcome.verdict, _test(status)
    if verdict is Verdict.MLE:
        return f"Exited with error status {_KILLED}"
    if verdict is Verdict.TLE:
        on_the_wall = test is not None and (test.detail or "").startswith("wall")
        return "Time limit exceeded (wall clock)" if on_the_wall else "Time limit exceeded"
    if verdict is Verdict.OLE:
        return "Caught fatal signal 25"
    if verdict is Verdict.RTE and test is not None:
        return _exit_message(test)
    return None


def _exit_message(test: TestResult) -> str | None:
    if test.signal is not None:
        return f"Caught fatal signal {test.signal}"
    return f"Exited with error status {test.exit_code}" if test.exit_code else test.detail


def result_columns(status: Status) -> dict[str, Any]:
    """The columns of a result. Outputs and figures are null for a run that has not ended."""
    id, test = status_id(status), _test(status)
    if (printed := _compile_script_output(test)) is not None:
        return _refused_by_script(status, printed)
    return {
        "token": status.id,
        "status_id": id,
        "status": {"id": id, "description": STATUSES[id]},
        "stdout": _printed(test.output, test.output_base64) if test else None,
        "stderr": _printed(test.stderr, test.stderr_base64) if test else None,
        "compile_output": _compile_output(status),
        "message": message(status),
        "time": _seconds(test.cpu_ms) if test else None,
        "wall_time": _seconds(test.wall_ms) if test else None,
        "memory": test.memory_kb if test else None,
        "created_at": rfc3339(status.submitted_at),
        "finished_at": rfc3339(status.finished_at),
        **_exit(status, test),
    }


def _compile_script_output(test: TestResult | None) -> str | None:
    """The output of the script ``compile`` of language 89, if it failed."""
    if test is None or test.exit_code != COMPILE_FAILED_CODE or test.signal is not None:
        return None
    stderr = test.stderr or ""
    return stderr.removeprefix(COMPILE_FAILED) if stderr.startswith(COMPILE_FAILED) else None


def _refused_by_script(status: Status, printed: str) -> dict[str, Any]:
    ended = {"created_at": rfc3339(status.submitted_at), "finished_at": rfc3339(status.finished_at)}
    columns = ("stdout", "stderr", "message", "time", "wall_time", "memory", "exit_code", "exit_signal")
    error = {"status_id": _COMPILE_ERROR, "compile_output": printed or None}
    described = {"status": {"id": _COMPILE_ERROR, "description": STATUSES[_COMPILE_ERROR]}}
    return {"token": status.id, **dict.fromkeys(columns), **error, **described, **ended}


def _printed(text: str | None, encoded: str | None) -> str | bytes | None:
    """The program's output, as bytes if it is no text."""
    return base64.b64decode(encoded) if encoded is not None else text or None


def _compile_output(status: Status) -> str | None:
    """The compiler's output.

    Judge0 does not compile programs of interpreters, so the output of a syntax check is left out.
    """
    done = status.outcome
    if done is None or (status.language not in COMPILED and done.verdict is not Verdict.CE):
        return None
    return done.compile_output or None


def _exit(status: Status, test: TestResult | None) -> dict[str, int | None]:
    if test is None:
        return {"exit_code": None, "exit_signal": None}
    if status.outcome is not None and status.outcome.verdict is Verdict.MLE:
        return {"exit_code": _KILLED, "exit_signal": None}
    return {"exit_code": test.exit_code, "exit_signal": test.signal}


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:g}" if milliseconds % 1000 else f"{milliseconds // 1000}.0"


def request_columns(found: StoredSubmission, edition: Edition) -> dict[str, Any]:
    """The columns of the request, which ``fields=*`` returns."""
    run = found.run
    remembered = dict(run.remembered) if run else {}
    stdin, expected = next(run.case_bytes(), (None, None)) if run else (None, None)
    for name in ("cpu_time_limit", "cpu_extra_time", "wall_time_limit"):
        if name in remembered:
            remembered[name] = str(float(remembered[name]))
    language = remembered.pop("language_id", None) or edition.id_of(found.status.language)
    is_multi_file = language == MULTI_FILE
    known = edition.language(language, {found.status.language}) or found.status.language
    name = MULTI_FILE_NAME if is_multi_file else known
    return {
        "source_code": None if is_multi_file else found.source,
        "language_id": language,
        "language": {"id": language, "name": name},
        "stdin": stdin or None,
        "expected_output": expected,
        "redirect_stderr_to_stdout": run.merge_stderr if run else False,
        "callback_url": None,
        "additional_files": _lines(as_archive(found.files)) if found.files else None,
        **dict.fromkeys(_FALSE, False),
        **remembered,
    }


def callback_body(status: Status) -> dict[str, Any]:
    """The body that Judge0 sends to a ``callback_url``: the default columns, with texts as base64."""
    return arrange(result_columns(status), ResponseFormat(base64_encoded=True))


def needs_source(wanted: ResponseFormat) -> bool:
    """Whether a requested column is not in the status and must be read from the database."""
    return not set(wanted.fields) <= _RESULTS


_RESULTS = frozenset(
    (*DEFAULT_FIELDS, "status_id", "created_at", "finished_at", "wall_time", "exit_code", "exit_signal")
)


def arrange(columns: dict[str, Any], wanted: ResponseFormat) -> dict[str, Any]:
    """The requested columns, in the requested encoding."""
    chosen = columns if "*" in wanted.fields else {name: columns.get(name) for name in wanted.fields}
    if not wanted.base64_encoded:
        return {
            name: _as_text(value) if isinstance(value, bytes) else value for name, value in chosen.items()
        }
    plain = {"message"} if wanted.plain_message else set()
    return {
        name: _encode(value) if name in _ENCODED and name not in plain else value
        for name, value in chosen.items()
    }


def _as_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise NotText from error


def _encode(value: str | bytes | None) -> str | None:
    """Base64 in lines of sixty characters, as Ruby's ``Base64.encode64`` writes it."""
    return None if value is None else _lines(value.encode() if isinstance(value, str) else value)


def _lines(value: bytes) -> str:
    text = base64.b64encode(value).decode()
    return "".join(f"{text[at : at + 60]}\n" for at in range(0, len(text), 60))
