"""Waits for the verdict of a submission, for APIs that answer a POST with the result."""

from __future__ import annotations

import time

from judge_api.container import services
from judge_api.http.stream_limits import try_open_stream
from judge_core.model.submission import Status


def wait_for_verdict(status: Status, seconds: float) -> Status:
    """The final status.

    If the time is up, or too many requests wait already, it is the latest status.
    """
    stream = try_open_stream()
    if stream is None:
        return status
    with stream:
        return _latest_within(status, time.monotonic() + seconds)


def _latest_within(status: Status, ends: float) -> Status:
    latest = status
    for change in services().status_service.changes(status.id, "", heartbeat=1.0):
        latest = change or latest
        if latest.stage.is_final or time.monotonic() > ends:
            break
    return latest
