"""Lines of the log can be JSON with all fields, and no text can forge a line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from judge_core.logging import configure_logging, get_logger, log_context


@pytest.fixture(autouse=True)
def _root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def test_a_log_line_in_json_has_the_sentence_and_all_fields() -> None:
    stream = io.StringIO()
    configure_logging("json", "api", stream=stream)
    with log_context(request="r-1"):
        get_logger("test").info("Verdict recorded", submission="s-1", attempt=2)
    line = json.loads(stream.getvalue())
    assert line["sentence"] == "Verdict recorded"
    assert (line["request"], line["submission"], line["attempt"], line["process"]) == ("r-1", "s-1", 2, "api")


def test_a_line_break_in_a_field_cannot_forge_a_second_log_line() -> None:
    stream = io.StringIO()
    configure_logging("text", "api", stream=stream)
    get_logger("test").warning("Refused", name="x\n2026 INFO api  Verdict recorded")
    assert stream.getvalue().count("\n") == 1


def test_a_logged_exception_has_its_traceback() -> None:
    stream = io.StringIO()
    configure_logging("json", "api", stream=stream)
    try:
        raise KeyError("lost")
    except KeyError:
        get_logger("test").exception("Broke")
    assert "KeyError" in json.loads(stream.getvalue())["trace"]


def test_after_a_log_context_has_ended_its_fields_are_not_logged() -> None:
    stream = io.StringIO()
    configure_logging("text", "api", stream=stream)
    with log_context(request="r-1"):
        pass
    get_logger("test").info("Outside")
    assert "r-1" not in stream.getvalue()
