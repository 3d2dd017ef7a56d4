"""The server's answers as typed values. ``raw`` keeps fields that a newer server adds."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from gavel_client.errors import UnexpectedAnswer

FINAL_STATES = ("SUCCESS", "FAILURE")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a submission: the server has stored it and will judge it. ``replayed`` is true if an
    earlier call with the same idempotency key made the submission."""

    id: str
    queue: str
    status_url: str = ""
    events_url: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class TestRow:
    """One test of a finished submission. ``input``, ``output``, ``expected`` and ``stderr`` are ``None`` if
    the submitter may not see the test's data."""

    __test__ = False  # for pytest: this is not a test case

    name: str
    verdict: str
    cpu_ms: int = 0
    wall_ms: int = 0
    memory_kb: int = 0
    sample: bool = False
    score: float | None = None
    input: str | None = None
    output: str | None = None
    expected: str | None = None
    stderr: str | None = None
    message: str | None = None
    output_base64: str | None = None
    stderr_base64: str | None = None

    @property
    def output_bytes(self) -> bytes:
        """The output as the program wrote it, even if it is no text."""
        if self.output_base64 is not None:
            return base64.b64decode(self.output_base64)
        return (self.output or "").encode()


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a submission. It has a ``verdict`` when ``state`` is SUCCESS."""

    id: str
    state: str
    stage: str
    queue: str = ""
    problem: str | None = None
    language: str = ""
    verdict: str | None = None
    status_code: int | None = None
    status_msg: str | None = None
    tests_done: int = 0
    tests_total: int = 0
    attempt: int = 1
    cpu_ms: int | None = None
    memory_kb: int | None = None
    score: float | None = None
    compile_output: str | None = None
    reason: str | None = None
    submitted_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    no_worker: dict[str, str | None] | None = None
    tests: tuple[TestRow, ...] = ()
    sandbox: Mapping[str, Any] | None = None
    compile_cached: bool | None = None
    compiler: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def is_accepted(self) -> bool:
        return self.verdict == "AC"

    @property
    def progress(self) -> tuple[bool, int, str, int]:
        """The part that changes during judging. Equal values mean that nothing changed."""
        return (self.is_final, self.attempt, self.stage, self.tests_done)


def read_receipt(body: Mapping[str, Any]) -> Receipt:
    """The receipt in the JSON of an answer. Raises ``UnexpectedAnswer``."""
    return _from_json(Receipt, body)


def read_status(body: Mapping[str, Any]) -> Status:
    """The status in the JSON of an answer. Raises ``UnexpectedAnswer``."""
    rows = body.get("tests") if isinstance(body, Mapping) else None
    tests = tuple(_from_json(TestRow, row) for row in rows) if isinstance(rows, list) else ()
    return _from_json(Status, {**body, "tests": tests, "raw": body} if isinstance(body, Mapping) else body)


def _from_json(kind: type[T], body: Mapping[str, Any]) -> T:
    names = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**{name: value for name, value in body.items() if name in names})
    except (TypeError, AttributeError) as error:
        raise UnexpectedAnswer(
            f"the answer is no {kind.__name__.lower()} of Gavel: check that the URL is that of its API"
        ) from error
