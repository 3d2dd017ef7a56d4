"""A status as it travels: through Redis to whoever watches.

The text is JSON whose first member is ``order`` at a fixed place and width, so that Redis itself can
tell the later of two statuses without reading them. The second is the submission's ``id``.
"""

from __future__ import annotations

import json
from typing import Any

from judge_api.domain.account import Tier
from judge_api.domain.protocol import UnreadableMessage
from judge_api.domain.submission import Kind, Outcome, Stage, Status, from_rfc3339

ORDER_START = len('{"order":"')
ORDER_WIDTH = 16
_ORDER_END = ORDER_START + ORDER_WIDTH
_BEFORE_ID = b'","id":"'
_write = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def order_text(status: Status) -> str:
    """The status's order as text that sorts the same way."""
    final, attempt, rank, tests = status.order
    return f"{final:01d}{min(attempt, 999_999):06d}{rank:01d}{min(tests, 99_999_999):08d}"


def dump_status(status: Status) -> str:
    """Everything of it, the owner included; ``status`` is what clients are sent, ready-made."""
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


def told_of(text: bytes) -> str:
    """Whose status it is, unread: most of what is told is watched by nobody here. Empty if that is not to be
    seen."""
    if not text.startswith(_BEFORE_ID, _ORDER_END):
        return ""
    return text[_ORDER_END + len(_BEFORE_ID) : text.find(b'"', _ORDER_END + len(_BEFORE_ID))].decode()


def load_status(text: str | bytes) -> Status:
    """The inverse of :func:`dump_status`; raises ``UnreadableMessage``."""
    try:
        return _status_from(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableMessage(f"not a status of ours: {error!r}") from error


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
