"""Writes and reads a status as the text that is published through Redis.

The text is JSON whose first member is ``order`` at a fixed place and width, so that a script in Redis can
find the later of two statuses without parsing them. The second member is the submission's ``id``.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from judge_core.messages import UnreadableMessage
from judge_core.model.account import Tier
from judge_core.model.submission import Kind, Outcome, Stage, Status, from_rfc3339

ORDER_START = len('{"order":"')
ORDER_WIDTH = 16
_ORDER_END = ORDER_START + ORDER_WIDTH
_BEFORE_ID = b'","id":"'
_LOGGED_LENGTH = 200
_write = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode


def order_text(status: Status) -> str:
    """A status's order as text that sorts the same way."""
    final, attempt, rank, tests = status.order
    return f"{final:01d}{min(attempt, 999_999):06d}{rank:01d}{min(tests, 99_999_999):08d}"


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
    """The submission's id, without parsing the rest: most published statuses have no listener here. Empty
    when the text does not begin as a status does."""
    if not text.startswith(_BEFORE_ID, _ORDER_END):
        return ""
    start = _ORDER_END + len(_BEFORE_ID)
    return text[start : text.find(b'"', start)].decode(errors="replace")


def load_status(text: str | bytes) -> Status:
    """The inverse of :func:`dump_status`. Raises ``UnreadableMessage``, whatever the text is: a stolen
    worker's credentials can write any."""
    try:
        status = _status_from(_read(text if isinstance(text, str) else text.decode()))
        fault = _fault_of(status)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableMessage(f"not a status: {repr(error)[:_LOGGED_LENGTH]}") from error
    if fault:
        raise UnreadableMessage(f"not a status: {fault}")
    return status


def load_status_of(submission: str, text: str | bytes) -> Status:
    """As :func:`load_status`; the status of another submission counts as unreadable."""
    status = load_status(text)
    if status.id != submission:
        raise UnreadableMessage("the status of another submission")
    return status


def _fault_of(status: Status) -> str:
    """What is wrong with the types of a status: statuses are compared, and shown as they are."""
    if set(map(type, (status.serial, status.attempt, status.tests_done, status.tests_total))) != {int}:
        return "a number is none"
    if set(map(type, (status.id, status.owner, status.language))) != {str}:
        return "a text is none"
    if set(map(type, (status.problem, status.reason))) - {str, type(None)}:
        return "problem or reason is no text"
    if not all(map(_is_moment, (status.submitted_at, status.started_at, status.finished_at))):
        return "a moment is none"
    if status.stage is Stage.DONE and status.outcome is None:
        return "it is done without an outcome"
    return ""


def _is_moment(moment: datetime | None) -> bool:
    return moment is None or (moment.tzinfo is not None and 1970 <= moment.year < 9999)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_read = json.JSONDecoder(parse_constant=_refuse_constant).decode


def _status_from(data: dict[str, Any]) -> Status:
    wire = data["status"]
    submitted_at = from_rfc3339(wire["submitted_at"])
    if submitted_at is None:
        raise ValueError("submitted_at is missing")
    return Status(
        id=data["id"],
        serial=wire["serial"],
        owner=data["owner"],
        kind=Kind(data["kind"]),
        stage=Stage(wire["stage"]),
        queue=Tier(wire["queue"]),
        problem=wire["problem"],
        language=wire["language"],
        attempt=wire["attempt"],
        submitted_at=submitted_at,
        started_at=from_rfc3339(wire["started_at"]),
        finished_at=from_rfc3339(wire["finished_at"]),
        tests_done=wire["tests_done"],
        tests_total=wire["tests_total"],
        outcome=Outcome.from_json(data["outcome"]) if data["outcome"] else None,
        reason=data["reason"],
    )
