"""Messages of another release can be read. Unknown fields are ignored, and missing fields have their
defaults."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge_core.messages import (
    FILES_VERSION,
    OLDEST_VERSION,
    VERSION,
    CustomRun,
    JudgeRequest,
    PackageRef,
    Report,
    ReportKind,
    RunLimits,
    StatusFields,
    UnreadableMessage,
    WrongVersion,
    version_fault,
)
from judge_core.model.account import Tier
from judge_core.model.problem import ProblemLimits, ProblemSpec, ProblemType, Sample, Statement
from judge_core.model.program_files import ProgramFile, ProgramFiles
from judge_core.model.submission import Kind, Outcome, TestResult, Verdict
from judge_core.model.worker import LanguageOnWorker, WorkerRecord, WorkerState


def _containers(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values) | st.dictionaries(st.text(), values)


REQUEST = JudgeRequest(
    "0199",
    2,
    Tier.PREMIUM,
    "cpp20",
    "int main(){}",
    package=PackageRef("aplusb", "a" * 64),
    run=CustomRun((("1 2", "3"), ("", None)), RunLimits(cpu_seconds=1.5), arguments=("-x",)),
    status_fields=StatusFields(7, "ada", Kind.RUN, "2026-01-01T00:00:00.000Z"),
)
OUTCOME = Outcome(Verdict.WA, (TestResult("1", Verdict.WA, 1, 2, 3, sample=True),), tests_total=4)
REPORT = Report(ReportKind.FINISHED, "0199", 2, "w", "2026-01-01T00:00:00.000Z", outcome=OUTCOME)
RECORD = WorkerRecord(
    "w", Tier.NORMAL, "h", 1, WorkerState.BUSY, "s", "h", languages={"c17": LanguageOnWorker("12")}
)


@given(st.lists(st.tuples(st.binary(), st.none() | st.binary()), max_size=4))
def test_the_input_and_expected_output_of_a_run_reach_the_worker_byte_for_byte(
    cases: list[tuple[bytes, bytes | None]],
) -> None:
    run = CustomRun(cases=()).with_cases(cases)
    sent = JudgeRequest.load(JudgeRequest("0199", 1, Tier.NORMAL, "c17", "", run=run).dump()).run
    assert sent is not None
    assert list(sent.case_bytes()) == cases


def test_a_worker_of_the_previous_release_gets_text_for_input_that_is_not_text() -> None:
    run = CustomRun(cases=()).with_cases([(b"a\xffb", b"c\x00"), (b"text", None)])
    assert run.cases == (("a\ufffdb", "c\ufffd"), ("text", None))
    assert run.encoded_cases == (("Yf9i", "YwA="), (None, None))


def test_the_text_of_a_run_that_is_hashed_with_an_idempotency_key_is_as_in_release_0_2() -> None:
    """A client may send the same run again after an upgrade. So the text must not contain what a later
    release has added."""
    limits = (
        "cpu_seconds=None, wall_seconds=None, memory_kb=None, output_kb=None, processes=None, stack_kb=None"
    )
    assert repr(CustomRun((("1", None),))) == (
        f"CustomRun(cases=(('1', None),), limits=RunLimits({limits}), arguments=(), compiler_arguments=(), "
        "repeat=1, merge_stderr=False, remembered={})"
    )


def test_a_run_whose_input_is_text_is_written_as_in_the_previous_release() -> None:
    run = CustomRun(cases=()).with_cases([(b"1 2", b"3"), ("ä\r\n".encode(), None)])
    assert run == CustomRun((("1 2", "3"), ("ä\r\n", None)))
    assert "encoded_cases" not in repr(run)


@pytest.mark.parametrize("encoded", [[["?", None]], [[1, None]], [["YQ"]], "YQ==", [["YQ", None]]])
def test_a_request_with_invalid_base64_is_refused(encoded: object) -> None:
    data = json.loads(REQUEST.dump())
    data["run"]["encoded_cases"] = encoded
    with pytest.raises(UnreadableMessage, match="encoded_cases"):
        JudgeRequest.load(json.dumps(data))


def grown(value: Any) -> Any:
    """The same message as a later release might write it, with one more field in every object."""
    if isinstance(value, dict):
        return {"of_a_later_release": {"x": 1}, **{key: grown(one) for key, one in value.items()}}
    return [grown(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("message", [REQUEST, REPORT, RECORD], ids=["request", "report", "record"])
def test_fields_of_a_later_release_are_ignored(message: JudgeRequest | Report | WorkerRecord) -> None:
    data = grown(json.loads(message.dump()))
    if isinstance(message, WorkerRecord):
        data["languages"].pop("of_a_later_release")
        data["sandbox"], data["versions"] = {}, {}
    if isinstance(message, JudgeRequest):
        data["run"]["remembered"] = {}
    if isinstance(message, Report):
        data["timings"] = {}
    assert type(message).load(json.dumps(data)) == message


def test_a_request_of_an_earlier_release_gets_the_defaults() -> None:
    data = {
        "submission": "0199",
        "attempt": 1,
        "queue": "normal",
        "language": "c17",
        "source": "",
        "version": 1,
    }
    assert JudgeRequest.load(json.dumps(data)) == JudgeRequest("0199", 1, Tier.NORMAL, "c17", "")
    data["run"] = {"cases": [["", None]]}
    assert JudgeRequest.load(json.dumps(data)).run == CustomRun((("", None),))


def test_a_report_of_an_earlier_release_gets_the_defaults() -> None:
    data: dict[str, Any] = {"kind": "finished", "submission": "0199", "attempt": 1, "version": 1}
    data |= {"worker": "w", "at": "2026-01-01T00:00:00Z", "outcome": {"verdict": "AC"}}
    assert Report.load(json.dumps(data)).outcome == Outcome(Verdict.AC)


def test_a_worker_in_an_unknown_state_counts_as_lost() -> None:
    data = {**json.loads(RECORD.dump()), "state": "resting"}
    assert WorkerRecord.load(json.dumps(data)).state is WorkerState.LOST


@pytest.mark.parametrize(("version", "words"), [(FILES_VERSION + 1, "newer"), (OLDEST_VERSION - 1, "older")])
def test_a_message_of_an_unsupported_version_is_refused_with_the_advice_to_update(
    version: int, words: str
) -> None:
    for message in (REQUEST, REPORT):
        data = {**json.loads(message.dump()), "version": version}
        with pytest.raises(WrongVersion, match=f"{words}.*update"):
            type(message).load(json.dumps(data))


def test_a_problem_that_an_earlier_or_later_release_stored_can_be_read() -> None:
    spec = ProblemSpec(
        "aplusb",
        "a" * 64,
        "A+B",
        ProblemType(interactive=True),
        ProblemLimits(time=1.0),
        tests_total=2,
        samples=(Sample("1", "1 2", "3"),),
        statements=(Statement("en", "A+B", "<p>"),),
    )
    by_id = ("names", "starters", "extras")
    known = {key: grown(value) for key, value in spec.to_json().items() if key not in by_id}
    extras = {"time_factors": {}, "memory_extras": {}, "of_a_later_release": 1}
    stored = {**known, "names": {}, "starters": {}, "extras": extras, "of_a_later_release": 1}
    stored["type"].append("of-a-later-release")
    assert ProblemSpec.from_json(json.loads(json.dumps(stored))) == spec
    without = {key: value for key, value in spec.to_json().items() if value is not None}
    assert ProblemSpec.from_json(without) == spec


def test_messages_of_all_supported_versions_are_accepted() -> None:
    assert [version_fault(version) for version in range(OLDEST_VERSION, VERSION + 1)] == [None]


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "x"},
        {"outcome": {"verdict": "AC", "tests": 5}},
        {"outcome": {"verdict": "AC", "tests": [1]}},
        {"outcome": {"verdict": "AC", "compile_output": 7}},
        {"outcome": {"verdict": "AC", "cpu_ms": "1"}},
        {"kind": "boasting"},
        {"attempt": "1"},
        {"at": 5},
        {"started_at": []},
        {"timings": [1]},
    ],
    ids=str,
)
def test_a_report_with_a_field_of_a_wrong_type_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableMessage):
        Report.load(json.dumps({**json.loads(REPORT.dump()), **changes}))


@pytest.mark.parametrize("text", ["", "[]", "nonsense", "[" * 100_000, '{"version": 1}', '{"version": "1"}'])
def test_a_text_that_is_not_a_message_is_refused(text: str) -> None:
    for kind in (JudgeRequest, Report):
        with pytest.raises(UnreadableMessage):
            kind.load(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), _containers, max_leaves=8))
def test_any_value_in_a_field_of_a_report_is_read_or_refused(value: Any) -> None:
    whole = json.loads(REPORT.dump())
    for name in whole:
        with suppress(UnreadableMessage):
            Report.load(json.dumps({**whole, name: value}))
    for name in whole["outcome"]:
        with suppress(UnreadableMessage):
            Report.load(json.dumps({**whole, "outcome": {**whole["outcome"], name: value}}))


def test_a_request_with_several_files_has_a_version_that_the_previous_release_refuses() -> None:
    files = ProgramFiles((ProgramFile.of("a.py", b"x"), ProgramFile.of("b.bin", b"\xff\x00")), "a.py")
    sent = JudgeRequest("0199", 1, Tier.NORMAL, "python3", "x", files=files)
    assert JudgeRequest.load(sent.dump()) == sent
    assert json.loads(sent.dump())["version"] > VERSION
    assert json.loads(REQUEST.dump())["version"] == VERSION
