"""Builds the answer of ``/execute`` from the final status of a run."""

from __future__ import annotations

import signal
from typing import Any

from judge_api.compat.piston.runtimes import Runtime
from judge_core.model.submission import Status, TestResult, Verdict

_KILLED = 9
_NO_ERROR: tuple[str | None, str | None] = (None, None)


def execution_body(runtime: Runtime, status: Status) -> dict[str, Any]:
    """Piston's answer for a run that has an outcome. After a compile error, ``run`` has the same values as
    ``compile``."""
    outcome = status.outcome
    assert outcome is not None
    head = {"language": runtime.name.language, "version": runtime.version}
    language = runtime.offered.language
    is_compiled = bool(language.compile) and not language.keep_sources
    printed = outcome.compile_output or ""
    if outcome.verdict is Verdict.CE:
        failed = _stage("", printed, code=1, message="Exited with error status 1", status="RE")
        return {"run": failed, **({"compile": failed} if is_compiled else {}), **head}
    run = _run_stage(outcome.tests[0]) if outcome.tests else _stage("", "")
    return {"run": run, **({"compile": _stage("", printed)} if is_compiled else {}), **head}


def _run_stage(test: TestResult) -> dict[str, Any]:
    code, number, (status, message) = test.exit_code, test.signal, _error(test)
    if status in ("TO", "OL") or test.verdict is Verdict.MLE:
        code, number = None, _KILLED
    return {
        **_stage(test.output or "", test.stderr or "", code=code if number is None else None),
        "signal": signal_name(number),
        "message": message,
        "status": status,
        "cpu_time": test.cpu_ms,
        "wall_time": test.wall_ms,
        "memory": test.memory_kb * 1024,
    }


def _error(test: TestResult) -> tuple[str | None, str | None]:
    """Piston's status and message of a run that failed."""
    if test.verdict is Verdict.TLE:
        by_wall = (test.detail or "").startswith("wall")
        return "TO", f"Time limit exceeded{' (wall clock)' if by_wall else ''}"
    if test.verdict is Verdict.OLE:
        return "OL", "stdout length exceeded"
    if test.verdict is Verdict.MLE:
        return "SG", f"Caught fatal signal {_KILLED}"
    if test.signal is not None:
        return "SG", f"Caught fatal signal {test.signal}"
    return ("RE", f"Exited with error status {test.exit_code}") if test.exit_code else _NO_ERROR


def signal_name(number: int | None) -> str | None:
    """Piston's name of a signal."""
    try:
        return None if number is None else signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def _stage(
    stdout: str, stderr: str, code: int | None = 0, message: str | None = None, status: str | None = None
) -> dict[str, Any]:
    return {
        "stdout": stdout,
        "stderr": stderr,
        "output": stdout + stderr,
        "code": code,
        "signal": None,
        "message": message,
        "status": status,
        "cpu_time": None,
        "wall_time": None,
        "memory": None,
    }
