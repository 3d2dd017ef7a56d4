"""Judge0's columns show every way in which a run can end."""

from __future__ import annotations

from typing import Any

import pytest

from judge_api.compat.judge0.responses import NotText, ResponseFormat, arrange, result_columns
from judge_core.model.submission import Kind, Outcome, Stage, Status, TestResult, Verdict
from tests.support.records import a_status

TOKEN = "0b6f2c1e-0000-4000-8000-000000000001"


def _ended(verdict: Verdict, **test: Any) -> Status:
    result = TestResult("run/1", verdict, cpu_ms=1, wall_ms=2000, memory_kb=376, **test)
    return a_status(
        id=TOKEN, kind=Kind.RUN, problem=None, stage=Stage.DONE, outcome=Outcome(verdict, (result,))
    )


def test_an_accepted_run_equals_the_example_of_judge0() -> None:
    status = _ended(Verdict.AC, output="hello, Judge0\n", exit_code=0)
    assert arrange(result_columns(status), ResponseFormat()) == {
        "stdout": "hello, Judge0\n",
        "time": "0.001",
        "memory": 376,
        "stderr": None,
        "token": TOKEN,
        "compile_output": None,
        "message": None,
        "status": {"id": 3, "description": "Accepted"},
    }


@pytest.mark.parametrize(
    ("status", "id", "message"),
    [
        (a_status(kind=Kind.RUN), 1, None),
        (a_status(kind=Kind.RUN, stage=Stage.COMPILING), 2, None),
        (a_status(kind=Kind.RUN, stage=Stage.RUNNING), 2, None),
        (_ended(Verdict.AC, exit_code=0), 3, None),
        (_ended(Verdict.WA, exit_code=0), 4, None),
        (_ended(Verdict.TLE, detail="CPU time: more than 1 s"), 5, "Time limit exceeded"),
        (_ended(Verdict.TLE, detail="wall time: still running"), 5, "Time limit exceeded (wall clock)"),
        (_ended(Verdict.RTE, signal=11), 7, "Caught fatal signal 11"),
        (_ended(Verdict.OLE), 8, "Caught fatal signal 25"),
        (_ended(Verdict.RTE, signal=8), 9, "Caught fatal signal 8"),
        (_ended(Verdict.RTE, signal=6), 10, "Caught fatal signal 6"),
        (_ended(Verdict.RTE, exit_code=3), 11, "Exited with error status 3"),
        (_ended(Verdict.MLE, signal=9), 11, "Exited with error status 137"),
        (_ended(Verdict.RTE, signal=31), 12, "Caught fatal signal 31"),
        (a_status(kind=Kind.RUN, stage=Stage.FAILED, reason="box broke"), 13, "box broke"),
    ],
)
def test_each_ending_has_the_status_number_and_message_of_judge0(
    status: Status, id: int, message: str | None
) -> None:
    columns = result_columns(status)
    assert (columns["status"]["id"], columns["status_id"], columns["message"]) == (id, id, message)


def test_a_compile_error_has_no_output_time_or_memory() -> None:
    outcome = Outcome(Verdict.CE, compile_output="broken.c:1: error")
    columns = result_columns(a_status(kind=Kind.RUN, stage=Stage.DONE, outcome=outcome))
    assert columns["status"] == {"id": 6, "description": "Compilation Error"}
    assert columns["compile_output"] == "broken.c:1: error"
    assert [columns[name] for name in ("stdout", "time", "memory", "wall_time")] == [None] * 4


def test_text_in_base64_has_lines_of_sixty_characters() -> None:
    columns = result_columns(_ended(Verdict.RTE, output="x" * 50, exit_code=1))
    encoded = arrange(columns, ResponseFormat(base64_encoded=True))
    assert encoded["stdout"] == "eHh4" * 15 + "\n" + "eHh4eHg=\n"
    assert encoded["message"] == "RXhpdGVkIHdpdGggZXJyb3Igc3RhdHVzIDE=\n"
    assert arrange(columns, ResponseFormat(base64_encoded=True, plain_message=True))["message"].startswith(
        "Exited"
    )
    assert encoded["stderr"] is None


def test_output_that_is_not_text_is_shown_only_in_base64() -> None:
    columns = result_columns(_ended(Verdict.AC, output="\ufffd\ufffd", output_base64="/wDp", exit_code=0))
    assert arrange(columns, ResponseFormat(base64_encoded=True))["stdout"] == "/wDp\n"
    with pytest.raises(NotText):
        arrange(columns, ResponseFormat())


def test_output_with_nul_is_shown_without_base64() -> None:
    columns = result_columns(_ended(Verdict.AC, output="\ufffd", output_base64="YQBi", exit_code=0))
    assert arrange(columns, ResponseFormat())["stdout"] == "a\x00b"


@pytest.mark.parametrize(
    ("language", "verdict", "shown"),
    [
        ("php", Verdict.AC, None),
        ("ruby", Verdict.WA, None),
        ("perl", Verdict.RTE, None),
        ("perl", Verdict.CE, "Syntax OK"),
        ("cpp17", Verdict.AC, "Syntax OK"),
        ("typescript", Verdict.AC, "Syntax OK"),
    ],
)
def test_a_passed_syntax_check_of_an_interpreter_is_not_compile_output(
    language: str, verdict: Verdict, shown: str | None
) -> None:
    outcome = Outcome(verdict, compile_output="Syntax OK")
    status = a_status(kind=Kind.RUN, language=language, stage=Stage.DONE, outcome=outcome)
    assert result_columns(status)["compile_output"] == shown
