"""Builds the bodies of ``/check`` and of the history from a status. Their fields depend on the verdict."""

from __future__ import annotations

from typing import Any

from judge_api.compat.leetcode.ids import displayed_id, question_id, their_language
from judge_api.store.statistics import Percentiles
from judge_core.model.submission import (
    CANCELLED,
    INTERNAL_ERROR,
    MOST_TESTS,
    Kind,
    Stage,
    Status,
    TestResult,
    Verdict,
)

_NA = "N/A"
_JUDGE, _RUN = "judger.judgetask.Judge", "judger.runcodetask.RunCode"
_RAN_WELL = (Verdict.AC, Verdict.WA)


def check_body(status: Status, standing: Percentiles, expected: bool = False) -> dict[str, Any]:
    """The body of ``/check``.

    It has only ``state`` until the submission or run has ended. Then ``state`` is always SUCCESS, because
    clients poll for ever at any other state. With ``expected``, a run's outputs are replaced by the right
    answers. Some clients make two requests, one with it and one without.
    """
    if not status.stage.is_final:
        return {"state": status.stage.state}
    body = {**_common(status), **_figures(status, standing)}
    if status.outcome is None:
        return {**body, **_internal_error(status)}
    verdict = status.outcome.verdict
    if verdict is Verdict.CE:
        return _compile_error(body, status.outcome.compile_output or "")
    if verdict is Verdict.RTE:
        body |= _runtime_error(_failed_test(status))
    if status.kind is Kind.RUN:
        return {**body, **_run(status, expected)}
    return {**body, **_wrong_answer(status)} if verdict is Verdict.WA else body


def _common(status: Status) -> dict[str, Any]:
    lang, pretty = their_language(status.language)
    code, words = _code(status)
    ended = status.finished_at or status.submitted_at
    return {
        "status_code": code,
        "lang": lang,
        "run_success": status.outcome is not None and status.outcome.verdict in _RAN_WELL,
        "question_id": str(question_id(status.problem)),
        "task_finish_time": round(ended.timestamp() * 1000),
        "task_name": _RUN if status.kind is Kind.RUN else _JUDGE,
        "finished": True,
        "pretty_lang": pretty,
        "submission_id": displayed_id(status),
        "status_msg": words,
        "state": "SUCCESS",
    }


def _code(status: Status) -> tuple[int, str]:
    if status.outcome is not None:
        if _run_without_failure(status):
            # At LeetCode a run has no verdict. The answer only says that it ran.
            return Verdict.AC.status_code, Verdict.AC.status_msg
        return status.outcome.verdict.status_code, status.outcome.verdict.status_msg
    return CANCELLED if status.stage is Stage.CANCELLED else INTERNAL_ERROR


def _run_without_failure(status: Status) -> bool:
    return status.kind is Kind.RUN and status.outcome is not None and status.outcome.verdict in _RAN_WELL


def _figures(status: Status, standing: Percentiles) -> dict[str, Any]:
    done = status.outcome
    accepted = _is_accepted(status) or _run_without_failure(status)
    memory = 1024 * (done.memory_kb or 0) if done else 0
    runtime = f"{done.cpu_ms or 0} ms" if accepted and done else _NA
    test = _failed_test(status)
    ranked = accepted and status.kind is Kind.SUBMISSION
    return {
        "status_runtime": runtime,
        "memory": memory,
        "status_memory": f"{memory / 1e6:.1f} MB" if accepted else _NA,
        "runtime_percentile": standing.runtime if ranked else None,
        "memory_percentile": standing.memory if ranked else None,
        "elapsed_time": sum(each.wall_ms for each in done.tests) if done else 0,
        "compare_result": _flags(status),
        "code_output": (test.output or "") if test and done and done.verdict is Verdict.WA else "",
        "std_output": (test.output or "") if test else "",
        "last_testcase": (test.input or "") if test else "",
        "expected_output": (test.expected or "") if test else "",
        "total_correct": _total_correct(status),
        "total_testcases": status.tests_total,
    }


def _is_accepted(status: Status) -> bool:
    """Whether the verdict is AC. Some tests may have failed, such as samples that do not count.

    At LeetCode an accepted submission has passed all tests. Some clients show a submission that passed fewer
    as wrong, so an accepted submission is reported as having passed all tests.
    """
    return status.outcome is not None and status.outcome.verdict is Verdict.AC


def _total_correct(status: Status) -> int:
    if _is_accepted(status):
        return status.tests_total
    return sum(test.verdict is Verdict.AC for test in status.outcome.tests) if status.outcome else 0


def _flags(status: Status) -> str:
    """One digit for each test. A test that was not run counts as failed."""
    tests = status.outcome.tests if status.outcome else ()
    total = min(status.tests_total, MOST_TESTS)  # A damaged record may have any number.
    if _is_accepted(status):
        return "1" * total
    return "".join("1" if test.verdict is Verdict.AC else "0" for test in tests).ljust(total, "0")


def _failed_test(status: Status) -> TestResult | None:
    """The first failed test; ``None`` if the submission is accepted. It has no texts if the submitter may not
    see the test's data."""
    tests = status.outcome.tests if status.outcome and not _is_accepted(status) else ()
    return next((test for test in tests if test.verdict is not Verdict.AC), None)


def _wrong_answer(status: Status) -> dict[str, Any]:
    test = _failed_test(status)
    given = (test.input or "") if test else ""
    return {"input": given, "input_formatted": ", ".join(given.splitlines())}


def _runtime_error(test: TestResult | None) -> dict[str, Any]:
    trace = (test.stderr or test.detail or "") if test else ""
    lines = trace.strip().splitlines()
    return {
        "runtime_error": lines[-1] if lines else "Runtime Error",
        "full_runtime_error": trace or "Runtime Error",
    }


def _compile_error(body: dict[str, Any], output: str) -> dict[str, Any]:
    absent = (
        "elapsed_time",
        "compare_result",
        "code_output",
        "std_output",
        "last_testcase",
        "expected_output",
    )
    kept = {name: value for name, value in body.items() if name not in absent}
    lines = output.strip().splitlines()
    return {
        **kept,
        "compile_error": lines[0] if lines else "Compile Error",
        "full_compile_error": output or "Compile Error",
        "memory": 0,
        "total_correct": None,
        "total_testcases": None,
    }


def _internal_error(status: Status) -> dict[str, Any]:
    why = status.reason or "the judge failed"
    return {"runtime_error": why, "full_runtime_error": why}


def _run(status: Status, expected: bool) -> dict[str, Any]:
    tests = status.outcome.tests if status.outcome else ()
    answers = [(test.output or "").splitlines() for test in tests]
    wanted = [(test.expected or "").splitlines() for test in tests]
    own, right = _joined(answers), _joined(wanted)
    lang = their_language(status.language)[0]
    return {
        "code_answer": right if expected else own,
        "code_output": [],
        "std_output_list": [test.output or "" for test in tests],
        "correct_answer": bool(tests) and all(test.verdict is Verdict.AC for test in tests),
        "expected_status_code": 10,
        "expected_lang": lang,
        "expected_run_success": True,
        "expected_status_runtime": "0",
        "expected_memory": 0,
        "expected_code_answer": right,
        "expected_code_output": [],
        "expected_std_output_list": [],
        "expected_elapsed_time": 0,
        "expected_task_finish_time": round((status.finished_at or status.submitted_at).timestamp() * 1000),
        "expected_task_name": "judger.interprettask.Interpret",
    }


def _joined(answers: list[list[str]]) -> list[str]:
    return [" ".join(lines) for lines in answers]


def history_item(status: Status, source: str, title: str) -> dict[str, Any]:
    """One submission in the history."""
    lang, pretty = their_language(status.language)
    code, words = _code(status) if status.stage.is_final else (0, "Pending")
    figures = _figures(status, Percentiles(0.0, 0.0))
    return {
        "id": status.serial,
        "status_display": words,
        "status": code,
        "lang": lang,
        "lang_name": pretty,
        "question_id": question_id(status.problem),
        "title_slug": status.problem or "",
        "title": title,
        "code": source,
        "url": f"/submissions/detail/{status.serial}/",
        "time": status.submitted_at.strftime("%Y-%m-%d %H:%M"),
        "timestamp": int(status.submitted_at.timestamp()),
        "runtime": figures["status_runtime"],
        "memory": figures["status_memory"],
        "is_pending": "Not Pending" if status.stage.is_final else "Pending",
        "compare_result": figures["compare_result"],
        "has_notes": False,
        "flag_type": 1,
    }
