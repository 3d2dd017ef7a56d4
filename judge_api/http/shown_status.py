"""Statuses as the account of the current request may see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from judge_api.container import services
from judge_api.events.feedback import SHOWN_LATER
from judge_api.http.auth import current_account
from judge_core.model.errors import Forbidden
from judge_core.model.submission import Status


def shown(status: Status) -> Status:
    """The status without the parts that its event hides until the end."""
    return services().running_events.shown(current_account(), status)


def shown_verdict(status: Status) -> Status:
    """The same as ``shown``, for an API that cannot express that a verdict is shown later.

    Raises ``Forbidden`` if the verdict is hidden.
    """
    found = shown(status)
    if found.reason == SHOWN_LATER:
        raise Forbidden(SHOWN_LATER)
    return found


def status_body(status: Status) -> dict[str, Any]:
    """The JSON object of a status in the native API, without the parts that its event hides."""
    return services().language_outages.status_json(shown(status))


def body_builder() -> Callable[[Status], dict[str, Any]]:
    """The same as :func:`status_body`, for a stream.

    A stream goes on after its request, so the account is looked up now.
    """
    account, running = current_account(), services().running_events
    outages = services().language_outages
    return lambda status: outages.status_json(running.shown(account, status))
