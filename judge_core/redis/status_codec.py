"""Writes and reads a status as the text that is published through Redis.

The text is JSON whose first member is ``order`` at a fixed place and width, so that a script in Redis can
find the later of two statuses without parsing them. The second member is the submission's ``id``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from judge_core.messages import MAX_REPORT_CHARACTERS, UnreadableMessage, read_json
from judge_core.model.account import Tier
from judge_core.model.json_records import (
    ATTEMPT,
    SUBMISSION_ID,
    InvalidField,
    integer,
    member,
    optional,
    parse_moment,
    record,
    shallow_dict,
    text,
    tier,
)
from judge_core.model.submission import MOST_TESTS, Kind, Outcome, Stage, Status, parse_outcome

ORDER_START = len('{"order":"')
ORDER_WIDTH = 16
_ORDER_END = ORDER_START + ORDER_WIDTH
_BEFORE_ID = b'","id":"'
_write = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode


def order_text(status: Status) -> str:
    """A status's order as text that sorts the same way."""
    final, attempt, rank, tests = status.order
    return f"{final:01d}{min(attempt, 999_999):06d}{rank:01d}{min(tests, 99_999_999):08d}"


def order_bytes(text: bytes) -> bytes:
    """The order in the text of a status, without parsing the rest; any bytes where it is none."""
    return text[ORDER_START:_ORDER_END]


def dump_status(status: Status) -> str:
    """All of a status, the owner included; its member ``status`` is the body that clients get."""
    body = {
        "order": order_text(status),
        "id": status.id,
        "owner": status.owner,
        "kind": status.kind.value,
        "outcome": status.outcome.to_json() if status.outcome else None,
        "reason": status.reason,
        "status": status.to_json(),
    }
    return _write(body)


def submission_id_of(text: bytes) -> str:
    """The submission's id, without parsing the rest: most published statuses have no listener in this
    process. Empty when the text does not begin as a status does."""
    if not text.startswith(_BEFORE_ID, _ORDER_END):
        return ""
    start = _ORDER_END + len(_BEFORE_ID)
    return text[start : text.find(b'"', start)].decode(errors="replace")


def load_status(text: str | bytes) -> Status:
    """The inverse of :func:`dump_status`. Raises ``UnreadableMessage``, whatever the text is: a thief of a
    worker's credentials can write any."""
    if len(text) > MAX_REPORT_CHARACTERS:
        raise UnreadableMessage("not a status: too long")
    try:
        status = _parse_envelope(read_json(text if isinstance(text, str) else text.decode())).to_status()
    except UnicodeDecodeError:
        raise UnreadableMessage("not a status: not UTF-8") from None
    except InvalidField as fault:
        raise UnreadableMessage(f"not a status: {fault}") from None
    if status.stage is Stage.DONE and status.outcome is None:
        raise UnreadableMessage("not a status: it is done without an outcome")
    return status


def load_status_of(submission: str, text: str | bytes) -> Status:
    """As :func:`load_status`; the status of another submission counts as unreadable."""
    status = load_status(text)
    if status.id != submission:
        raise UnreadableMessage("the status of another submission")
    return status


@dataclass(frozen=True, slots=True)
class _Body:
    """The members of a status' body that are read back; the others follow from them."""

    serial: int
    stage: Stage
    queue: Tier
    problem: str | None
    language: str
    attempt: int
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    tests_done: int
    tests_total: int


@dataclass(frozen=True, slots=True)
class _Envelope:
    """The text of a status as it is published."""

    id: str
    owner: str
    kind: Kind
    outcome: Outcome | None
    reason: str | None
    status: _Body

    def to_status(self) -> Status:
        return Status(
            id=self.id,
            owner=self.owner,
            kind=self.kind,
            outcome=self.outcome,
            reason=self.reason,
            **shallow_dict(self.status),
        )


_parse_envelope = record(
    _Envelope,
    {
        "id": SUBMISSION_ID,
        "owner": text(100),
        "kind": member(Kind),
        "outcome": optional(parse_outcome),
        "reason": optional(text()),
        "status": record(
            _Body,
            {
                "serial": integer(0, 2**63 - 1),
                "stage": member(Stage),
                "queue": tier,
                "problem": optional(text(255)),
                "language": text(100),
                "attempt": ATTEMPT,
                "submitted_at": parse_moment,
                "started_at": optional(parse_moment),
                "finished_at": optional(parse_moment),
                "tests_done": integer(0, MOST_TESTS),
                "tests_total": integer(0, MOST_TESTS),
            },
        ),
    },
)
