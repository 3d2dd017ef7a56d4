"""For every verdict, the body of /check has the keys and types that clients expect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from judge_api.compat.leetcode.ids import interpret_id, question_id, serial_in
from judge_api.compat.leetcode.responses import check_body
from judge_api.store.statistics import Percentiles
from judge_core.model.submission import Kind, Outcome, Stage, Status, TestResult, Verdict
from tests.support.records import a_status

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)
STANDING = Percentiles(95.3595, 48.132)
PASSED = TestResult(
    "sample/1", Verdict.AC, 3, 4, 9000, sample=True, input="1 2\n", output="3\n", expected="3\n"
)
FAILURE: dict[str, Any] = {
    "cpu_ms": 5,
    "wall_ms": 6,
    "memory_kb": 9000,
    "sample": True,
    "input": "2\n2\n",
    "expected": "4\n",
}
ACCEPTED = {
    "status_code": 10,
    "lang": "python3",
    "run_success": True,
    "status_runtime": "55 ms",
    "memory": 9216000,
    "question_id": str(question_id("aplusb")),
    "elapsed_time": 4,
    "compare_result": "1",
    "code_output": "",
    "std_output": "",
    "last_testcase": "",
    "expected_output": "",
    "task_finish_time": 1769860800000,
    "task_name": "judger.judgetask.Judge",
    "finished": True,
    "total_correct": 1,
    "total_testcases": 1,
    "runtime_percentile": 95.3595,
    "status_memory": "9.2 MB",
    "memory_percentile": 48.132,
    "pretty_lang": "Python3",
    "submission_id": "1001",
    "status_msg": "Accepted",
    "state": "SUCCESS",
}
FAILED = {
    **ACCEPTED,
    "run_success": False,
    "status_runtime": "N/A",
    "status_memory": "N/A",
    "runtime_percentile": None,
    "memory_percentile": None,
    "elapsed_time": 10,
    "compare_result": "100",
    "last_testcase": "2\n2\n",
    "expected_output": "4\n",
    "total_testcases": 3,
}
ABSENT = {"elapsed_time", "compare_result", "code_output", "std_output", "last_testcase", "expected_output"}


def _ended(verdict: Verdict, *tests: TestResult, **changes: Any) -> Status:
    done = Outcome(verdict, tests, len(tests), cpu_ms=55, memory_kb=9000, compile_output="a.py:1\nbad")
    values = {"serial": 1001, "stage": Stage.DONE, "finished_at": MOMENT, "outcome": done, "tests_total": 3}
    return a_status(**values | changes)


def _failed(verdict: Verdict, **facts: Any) -> Status:
    return _ended(verdict, PASSED, TestResult("sample/2", verdict, **{**FAILURE, **facts}))


def test_an_accepted_submission_has_the_body_of_leetcode() -> None:
    assert check_body(_ended(Verdict.AC, PASSED, tests_total=1), STANDING) == ACCEPTED


def test_a_wrong_answer_shows_the_failed_test() -> None:
    assert check_body(_failed(Verdict.WA, output="5\n"), STANDING) == {
        **FAILED,
        "status_code": 11,
        "status_msg": "Wrong Answer",
        "run_success": True,
        "code_output": "5\n",
        "std_output": "5\n",
        "input": "2\n2\n",
        "input_formatted": "2, 2",
    }


@pytest.mark.parametrize(
    ("verdict", "code", "words"),
    [
        (Verdict.MLE, 12, "Memory Limit Exceeded"),
        (Verdict.OLE, 13, "Output Limit Exceeded"),
        (Verdict.TLE, 14, "Time Limit Exceeded"),
    ],
)
def test_an_exceeded_limit_has_the_status_number_and_message_of_leetcode(
    verdict: Verdict, code: int, words: str
) -> None:
    assert check_body(_failed(verdict), STANDING) == {**FAILED, "status_code": code, "status_msg": words}


def test_a_runtime_error_shows_its_traceback() -> None:
    trace = "Traceback\nValueError: broken"
    assert check_body(_failed(Verdict.RTE, stderr=trace), STANDING) == {
        **FAILED,
        "status_code": 15,
        "status_msg": "Runtime Error",
        "runtime_error": "ValueError: broken",
        "full_runtime_error": trace,
    }


def test_a_compile_error_has_no_test_results() -> None:
    expected = {name: value for name, value in FAILED.items() if name not in ABSENT}
    assert check_body(_ended(Verdict.CE), STANDING) == {
        **expected,
        "status_code": 20,
        "status_msg": "Compile Error",
        "compile_error": "a.py:1",
        "full_compile_error": "a.py:1\nbad",
        "memory": 0,
        "total_correct": None,
        "total_testcases": None,
    }


@pytest.mark.parametrize(("stage", "state"), [(Stage.QUEUED, "PENDING"), (Stage.RUNNING, "STARTED")])
def test_an_unfinished_submission_has_only_a_state(stage: Stage, state: str) -> None:
    assert check_body(a_status(stage=stage), STANDING) == {"state": state}


@pytest.mark.parametrize(("stage", "code"), [(Stage.FAILED, 16), (Stage.CANCELLED, 21)])
def test_a_failed_or_cancelled_submission_is_final_for_the_client(stage: Stage, code: int) -> None:
    body = check_body(a_status(stage=stage, reason="box broke"), STANDING)
    assert (body["state"], body["status_code"], body["run_success"]) == ("SUCCESS", code, False)
    assert body["full_runtime_error"] == "box broke"


def test_the_body_of_a_run_has_actual_and_expected_answers_as_arrays() -> None:
    run = _ended(Verdict.AC, PASSED, kind=Kind.RUN)
    body = check_body(run, STANDING)
    assert (body["code_answer"], body["expected_code_answer"]) == (["3"], ["3"])
    assert (body["std_output_list"], body["correct_answer"]) == (["3\n"], True)
    assert body["submission_id"] == interpret_id(run)
    assert serial_in(body["submission_id"]) == 1001
    assert body["runtime_percentile"] is None
    wrong = check_body(_wrong_run(), STANDING)
    assert (wrong["status_code"], wrong["correct_answer"]) == (10, False)


def _wrong_run() -> Status:
    return _ended(Verdict.WA, TestResult("run/1", Verdict.WA, **FAILURE), kind=Kind.RUN)


def test_an_accepted_submission_has_passed_all_tests_even_if_a_sample_does_not_count() -> None:
    ignored = TestResult("sample/2", Verdict.WA, **FAILURE)
    body = check_body(_ended(Verdict.AC, PASSED, ignored), STANDING)
    assert (body["status_code"], body["compare_result"]) == (10, "111")
    assert (body["total_correct"], body["total_testcases"]) == (3, 3)
    assert (body["last_testcase"], body["expected_output"]) == ("", "")
