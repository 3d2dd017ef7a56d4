"""Builds the status that Kattis' clients poll, with the table row that they parse."""

from __future__ import annotations

from html import escape
from typing import Any

from judge_api.compat.kattis.languages import their_language
from judge_core.model.submission import Stage, Status, TestResult, Verdict

NAMES = {
    1: "New",
    3: "Compiling",
    5: "Running",
    6: "Judge Error",
    8: "Compile Error",
    9: "Run Time Error",
    10: "Memory Limit Exceeded",
    11: "Output Limit Exceeded",
    12: "Time Limit Exceeded",
    14: "Wrong Answer",
    16: "Accepted",
}
_BY_VERDICT = {
    Verdict.AC: 16,
    Verdict.WA: 14,
    Verdict.TLE: 12,
    Verdict.MLE: 10,
    Verdict.OLE: 11,
    Verdict.RTE: 9,
    Verdict.CE: 8,
}
_BY_STAGE = {Stage.QUEUED: 1, Stage.COMPILING: 3, Stage.RUNNING: 5, Stage.FAILED: 6, Stage.CANCELLED: 6}


def status_body(status: Status) -> dict[str, Any]:
    """The JSON of a submission.

    ``testcase_index`` is the number of the test that is running. At the end it is the number of the first
    test that was not accepted, where clients print an "x". If all tests were accepted, it is the number of
    the last test.
    """
    id = status_id(status)
    return {
        "status_id": id,
        "testcase_index": _test_index(status),
        "row_html": _row(status, id),
        "feedback_html": _feedback(status),
        "submission_id": status.serial,
        "judge_feedback_html": "",
    }


def status_id(status: Status) -> int:
    """Kattis' number of the state or verdict."""
    return _BY_VERDICT[status.outcome.verdict] if status.outcome else _BY_STAGE.get(status.stage, 6)


def _test_index(status: Status) -> int:
    if status.stage is Stage.RUNNING:
        return min(status.tests_done + 1, status.tests_total)
    tests = status.outcome.tests if status.outcome else ()
    wrong = (number for number, test in enumerate(tests, 1) if test.verdict is not Verdict.AC)
    return next(wrong, status.tests_done)


def _row(status: Status, id: int) -> str:
    """One row of the table of submissions, and below the row an icon for each test.

    Clients count the icons: one for the submission, and one for each test.
    """
    done, name = status.outcome, NAMES[id]
    seconds = "" if done is None or done.cpu_ms is None else f"{done.cpu_ms / 1000:.2f} s"
    total = status.tests_total
    cells = (
        ("problem", escape(status.problem or "")),
        ("status", f'<div class="status"><i class="status-icon"></i><span>{name}</span></div>'),
        ("cpu", seconds),
        ("lang", escape(their_language(status.language))),
        ("testcases", f"{status.tests_done}/{total}"),
    )
    row = "".join(f'<td data-type="{kind}">{content}</td>' for kind, content in cells)
    icons = "".join(_icon(status, number) for number in range(total))
    return (
        f'<table><tr data-submission-id="{status.serial}">{row}</tr>'
        f'<tr><td colspan="{len(cells)}">{icons}</td></tr></table>'
    )


def _icon(status: Status, place: int) -> str:
    tests = status.outcome.tests if status.outcome else ()
    state = _test_name(tests[place]) if place < len(tests) else _unknown(status, place)
    return f'<i class="testcase" title="Test case {place + 1}/{status.tests_total}: {state}"></i>'


def _test_name(test: TestResult) -> str:
    return NAMES[_BY_VERDICT[test.verdict]]


def _unknown(status: Status, place: int) -> str:
    """The state of a test without a result. While a submission is judged, only the number of judged tests is
    known."""
    return "checked" if status.stage is Stage.RUNNING and place < status.tests_done else "not checked"


def _feedback(status: Status) -> str:
    done = status.outcome
    if done is not None and done.verdict is Verdict.CE:
        return f"<h3>Compiler output</h3><pre>{escape(done.compile_output or '')}</pre>"
    return f"<pre>{escape(status.reason)}</pre>" if status.stage is Stage.FAILED and status.reason else ""
