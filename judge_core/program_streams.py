"""The two streams between a running program and its client: the program's input and its output.

Both are Redis streams. The main server makes them, and they expire soon after its connection to the client
has ended. A worker reads the input and adds to the output. Neither side trusts the other. Entries are bounded
and parsed, and an entry of a worker counts only with the proof of its attempt.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from judge_core.messages import UnreadableMessage, read_json

MAX_CHUNK = 32 * 1024
"""The most bytes of one entry."""
MAX_INPUT = 1 << 20
"""The most bytes that a client sends to one program."""
MAX_OUTPUT_ENTRIES = 100_000
"""The most entries of one run that the main server reads."""
_PROOF_LENGTH = 32
_LONGEST_NUMBER = 7
RawFields = Mapping[bytes, bytes]


class InputKind(StrEnum):
    """The kinds of entries in the input: bytes, a signal by its number, or the end of the client's
    connection."""

    STDIN = "stdin"
    SIGNAL = "signal"
    CLOSE = "close"
    OPEN = "open"  # the first entry of each stream; adding it creates the key


@dataclass(frozen=True, slots=True)
class ProgramInput:
    """One entry of the input, which the main server writes."""

    kind: InputKind
    data: bytes = b""

    def fields(self) -> list[str | bytes]:
        """As the arguments of XADD."""
        return ["kind", self.kind.value, "data", self.data]

    @property
    def signal(self) -> int:
        """The signal's number; SIGKILL if the data is no valid number."""
        text = self.data.decode("ascii", "replace")
        return int(text) if text.isdecimal() and 0 < int(text[:3]) < signal.NSIG else signal.SIGKILL


def parse_program_input(fields: RawFields) -> ProgramInput:
    """The inverse of :meth:`ProgramInput.fields`. Raises ``UnreadableMessage``."""
    data = fields.get(b"data", b"")
    if len(data) > MAX_CHUNK:
        raise UnreadableMessage("an entry for a program is too long")
    try:
        return ProgramInput(InputKind(fields.get(b"kind", b"").decode("ascii", "replace")), data)
    except ValueError:
        raise UnreadableMessage("an entry for a program is of no known kind") from None


class OutputKind(StrEnum):
    """The kinds of entries in the output."""

    STAGE = "stage"
    STDOUT = "stdout"
    STDERR = "stderr"
    EXIT = "exit"


class ProgramStage(StrEnum):
    """The stages of a live run."""

    COMPILE = "compile"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class StageEnd:
    """How a stage ended: by an exit code or by a signal."""

    stage: ProgramStage
    code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class ProgramOutput:
    """One entry of the output, which a worker writes. Entries have a ``number``, from 1 on, so that none is
    read twice."""

    number: int
    kind: OutputKind
    data: bytes = b""

    def fields(self, attempt: int, proof: str | None) -> list[str | bytes | int]:
        """As the arguments of XADD."""
        head: list[str | bytes | int] = ["attempt", attempt, "proof", output_proof(proof or "")]
        return [*head, "number", self.number, "kind", self.kind.value, "data", self.data]

    @property
    def stage(self) -> ProgramStage:
        """The stage that begins. Raises ``UnreadableMessage``."""
        try:
            return ProgramStage(self.data.decode("ascii", "replace"))
        except ValueError:
            raise UnreadableMessage("the stage that begins is unknown") from None

    @property
    def stage_end(self) -> StageEnd:
        """How a stage ended. Raises ``UnreadableMessage``."""
        found = read_json(self.data.decode("utf-8", "replace"))
        if not isinstance(found, dict):
            raise UnreadableMessage("the end of a stage must be an object")
        try:
            stage = ProgramStage(found.get("stage", ""))
        except ValueError:
            raise UnreadableMessage("the stage that ended is unknown") from None
        return StageEnd(stage, _small(found.get("code")), _small(found.get("signal")))


def dump_stage_end(end: StageEnd) -> bytes:
    """The data of an ``EXIT`` entry."""
    return json.dumps(
        {"stage": end.stage.value, "code": end.code, "signal": end.signal}, allow_nan=False
    ).encode()


def parse_program_output(fields: RawFields) -> tuple[int, ProgramOutput]:
    """The attempt and the entry. Raises only ``UnreadableMessage``, whatever the fields are."""
    data = fields.get(b"data", b"")
    if len(data) > MAX_CHUNK:
        raise UnreadableMessage("an entry of a program is too long")
    try:
        kind = OutputKind(fields.get(b"kind", b"").decode("ascii", "replace"))
    except ValueError:
        raise UnreadableMessage("an entry of a program is of no known kind") from None
    return _number(fields, b"attempt"), ProgramOutput(_number(fields, b"number"), kind, data)


def has_output_proof(fields: RawFields, proof: str) -> bool:
    """Whether the sender of an entry was handed the attempt that this proof belongs to."""
    return hmac.compare_digest(fields.get(b"proof", b""), output_proof(proof).encode())


def output_proof(proof: str) -> str:
    """The proof in an entry of the output. The proof of reports cannot be computed from it."""
    return hashlib.sha256(b"output:" + proof.encode()).hexdigest()[:_PROOF_LENGTH]


def _number(fields: RawFields, name: bytes) -> int:
    text = fields.get(name, b"")
    if not text.isdigit() or len(text) > _LONGEST_NUMBER:
        raise UnreadableMessage(f"{name.decode()} is no number")
    return int(text)


def _small(value: Any) -> int | None:
    return value if value.__class__ is int and -1 < value < 1 << 16 else None
