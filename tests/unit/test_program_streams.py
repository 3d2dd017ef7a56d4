"""No data from Redis is trusted in the streams between a program and its client."""

from __future__ import annotations

import contextlib
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge_core.messages import UnreadableMessage
from judge_core.program_streams import (
    MAX_CHUNK,
    InputKind,
    OutputKind,
    ProgramInput,
    ProgramOutput,
    ProgramStage,
    StageEnd,
    dump_stage_end,
    has_output_proof,
    parse_program_input,
    parse_program_output,
)


def raw(fields: list[str | bytes] | list[str | bytes | int]) -> dict[bytes, bytes]:
    """The fields as Redis returns them."""
    flat = [each if isinstance(each, bytes) else str(each).encode() for each in fields]
    return dict(zip(flat[::2], flat[1::2], strict=True))


@pytest.mark.parametrize("kind", InputKind)
def test_a_program_s_input_survives_the_stream_unchanged(kind: InputKind) -> None:
    sent = ProgramInput(kind, b"\x00\xff 15")
    assert parse_program_input(raw(sent.fields())) == sent


@pytest.mark.parametrize("kind", OutputKind)
def test_a_program_s_output_survives_the_stream_unchanged(kind: OutputKind) -> None:
    sent = ProgramOutput(7, kind, b"\x00\xff")
    assert parse_program_output(raw(sent.fields(3, "proof"))) == (3, sent)


def test_an_output_without_the_proof_of_its_attempt_is_refused() -> None:
    fields = raw(ProgramOutput(1, OutputKind.STDOUT, b"x").fields(1, "proof"))
    assert has_output_proof(fields, "proof")
    assert not has_output_proof(fields, "another")
    assert not has_output_proof({**fields, b"proof": b"proof"}, "proof")
    assert not has_output_proof({}, "proof")


@pytest.mark.parametrize(
    "end", [StageEnd(ProgramStage.RUN, 3, None), StageEnd(ProgramStage.COMPILE, None, 9)]
)
def test_the_end_of_a_stage_survives_the_stream_unchanged(end: StageEnd) -> None:
    assert ProgramOutput(1, OutputKind.EXIT, dump_stage_end(end)).stage_end == end


@pytest.mark.parametrize(
    ("data", "number"), [(b"15", 15), (b"", 9), (b"-1", 9), (b"9999999999", 9), (b"\xff", 9), (b"0", 9)]
)
def test_an_invalid_signal_number_counts_as_sigkill(data: bytes, number: int) -> None:
    assert ProgramInput(InputKind.SIGNAL, data).signal == signal.Signals(number)


def test_stream_entries_that_are_too_long_or_of_an_unknown_kind_are_refused() -> None:
    for fields in ({b"kind": b"stdin", b"data": b"x" * (MAX_CHUNK + 1)}, {b"kind": b"nonsense"}, {}):
        with pytest.raises(UnreadableMessage):
            parse_program_input(fields)
        with pytest.raises(UnreadableMessage):
            parse_program_output(fields)


FIELDS = st.dictionaries(
    st.sampled_from([b"kind", b"data", b"attempt", b"number", b"proof"]),
    st.one_of(st.binary(max_size=40), st.sampled_from([b"stdout", b"exit", b"stage", b"1", b"{}", b"[1]"])),
)


@given(FIELDS)
def test_random_output_entries_of_a_worker_are_read_or_refused(fields: dict[bytes, bytes]) -> None:
    try:
        _, output = parse_program_output(fields)
        assert output.stage if output.kind is OutputKind.STAGE else output.stage_end
    except UnreadableMessage:
        pass


@given(FIELDS)
def test_random_input_entries_of_a_server_are_read_or_refused(fields: dict[bytes, bytes]) -> None:
    with contextlib.suppress(UnreadableMessage):
        assert 0 < parse_program_input(fields).signal < signal.NSIG
