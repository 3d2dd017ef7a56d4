"""Builds Jobe's result from the status of a run."""

from __future__ import annotations

import base64
from enum import IntEnum
from typing import Any

from judge_api.compat.jobe.languages import REFUSES_WARNINGS
from judge_core.model.submission import Status, TestResult, Verdict

_SIGSYS = 31
_LAST_ASCII = 0x7E
_KEPT = "\n\r\t"


class Result(IntEnum):
    """Jobe's numbers of results, which are those of ideone."""

    COMPILATION_ERROR = 11
    RUNTIME_ERROR = 12
    TIME_LIMIT = 13
    SUCCESS = 15
    MEMORY_LIMIT = 17
    ILLEGAL_SYSCALL = 19
    INTERNAL_ERROR = 20
    SERVER_OVERLOAD = 21


def result_body(status: Status) -> dict[str, Any]:
    """The result of a run that has ended. A run that could not be judged is an internal error."""
    outcome = status.outcome
    if outcome is None:
        return body_of(status.id, Result.INTERNAL_ERROR, stderr=status.reason or "not judged")
    printed = outcome.compile_output or ""
    if outcome.verdict is Verdict.CE or (printed and status.language in REFUSES_WARNINGS):
        return body_of(status.id, Result.COMPILATION_ERROR, cmpinfo=printed)
    if not outcome.tests:
        return body_of(status.id, Result.INTERNAL_ERROR, stderr="no test was run")
    test = outcome.tests[0]
    stdout, stderr = _printed(test.output, test.output_base64), _printed(test.stderr, test.stderr_base64)
    result = _result(test, stderr)
    if result is Result.TIME_LIMIT:
        stderr = ""
    elif test.verdict is Verdict.OLE:
        stderr = stderr or "output limit exceeded"
    return body_of(status.id, result, stdout=stdout, stderr=stderr)


def body_of(
    id: str | None, result: Result, cmpinfo: str = "", stdout: str = "", stderr: str = ""
) -> dict[str, Any]:
    return {"run_id": id, "outcome": result.value, "cmpinfo": cmpinfo, "stdout": stdout, "stderr": stderr}


def _result(test: TestResult, stderr: str) -> Result:
    """Jobe's number of a test's result.

    A signal is an error, and so is any output on stderr. An exit code alone is no error.
    """
    if test.verdict is Verdict.TLE:
        return Result.TIME_LIMIT
    if test.verdict is Verdict.MLE:
        return Result.MEMORY_LIMIT
    if test.signal == _SIGSYS:
        return Result.ILLEGAL_SYSCALL
    failed = test.signal is not None or test.verdict is Verdict.OLE or bool(stderr)
    return Result.RUNTIME_ERROR if failed else Result.SUCCESS


def _printed(text: str | None, encoded: str | None) -> str:
    """The program's output. In output that is no text, each byte beyond ASCII is written as ``\\x`` and two
    digits."""
    if encoded is None:
        return text or ""
    content = base64.b64decode(encoded)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return "".join(_shown(byte) for byte in content)


def _shown(byte: int) -> str:
    character = chr(byte)
    is_plain = character in _KEPT or " " <= character <= chr(_LAST_ASCII)
    return character if is_plain else f"\\x{byte:02x}"
