"""With random input to the launcher's protocol, a report is parsed or refused, and a request keeps its
strings."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import BoxFault, Misuse
from sandbox.launcher import protocol

REPORT = struct.Struct("=IIQ" + "i" * 6 + "q" * 10)
HEAD = struct.Struct("=IIQ" + "Q" * 12 + "II" + "IIII")
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
numbers = st.integers(-(2**31), 2**31 - 1)


@given(st.binary(max_size=400))
def test_a_random_report_of_the_launcher_raises_a_box_fault(message: bytes) -> None:
    with pytest.raises(BoxFault):
        protocol.parse_report(message)


@given(st.integers(0, 2**32 - 1), st.lists(numbers, min_size=6, max_size=6))
def test_a_report_is_parsed_or_refused_with_a_box_fault(kind: int, words: list[int]) -> None:
    message = REPORT.pack(protocol.MAGIC, kind, 7, *words, *range(10))
    try:
        report = protocol.parse_report(message)
    except BoxFault:
        assert kind not in (1, 2, 3) or not 0 <= words[2] <= protocol.LAST_KILL_REASON
    else:
        assert (report.serial, report.stage, report.sampled_peak_kb) == (7, words[0], 7)
        assert report.describe_failure()


@given(st.lists(texts, min_size=1, max_size=6), st.lists(texts, max_size=6), st.lists(texts, max_size=4))
def test_a_request_to_the_launcher_contains_every_string(
    argv: list[str], variables: list[str], names: list[str]
) -> None:
    files = tuple((name, 1, 0o644) for name in names)
    limits = protocol.KernelLimits(1, 2, 3, 4, 5, 6)
    message = protocol.LauncherRequest(9, limits, "native", tuple(argv), tuple(variables), files).pack()
    strings = message[HEAD.size + 16 * len(files) :].split(b"\0")
    assert strings == [text.encode() for text in ("native", *argv, *variables, *names)] + [b""]


@given(texts, texts)
def test_a_string_with_a_nul_byte_is_refused_in_a_request(before: str, after: str) -> None:
    with pytest.raises(Misuse):
        protocol.LauncherRequest(
            1, protocol.KernelLimits(1, 1, 1, 1, 1, 1), "native", (f"{before}\0{after}",)
        ).pack()
