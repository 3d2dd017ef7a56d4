"""Many submissions in one call: splits them into calls that are small enough, and reads the results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gavel_client.errors import RefusedByServer, TooManyRequests
from gavel_client.results import Receipt, read_receipt

Result = Receipt | RefusedByServer
MOST_ITEMS = 100
_MOST_BYTES = 3 << 20
"""The largest size of the items of one call, in bytes. It is below the server's limit for a body, since
escapes in JSON take space."""


def chunks(items: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The items in order, in pieces that fit into one call."""
    piece: list[Mapping[str, Any]] = []
    size = 0
    for item in items:
        length = len(json.dumps(item))
        if piece and (len(piece) == MOST_ITEMS or size + length > _MOST_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(item)
        size += length
    if piece:
        yield piece


def read_results(body: Mapping[str, Any]) -> list[Result]:
    """The result of each item: its receipt if it was accepted, else the error."""
    return [_result(one) for one in body["results"]]


def _result(one: Mapping[str, Any]) -> Result:
    if one["accepted"] is not None:
        return read_receipt(one["accepted"])
    status, problem = int(one["status"]), one["error"] or {}
    if status == 429:
        return TooManyRequests(status, problem, float(problem.get("retry_after") or 1))
    return RefusedByServer(status, problem)
