"""Keeps the address of the client of the current request, for the code below the views."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from judge_api.middleware.headers import StartResponse, WsgiApp
from judge_api.services.client_address import current_address


class ClientAddress:
    """WSGI middleware inside of the one that trusts proxies."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        current_address.set(environ.get("REMOTE_ADDR"))
        return self._app(environ, start_response)
