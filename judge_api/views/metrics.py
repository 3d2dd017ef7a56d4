"""Numbers for Prometheus: the state of the house, what all its processes have counted, and HTTP."""

from __future__ import annotations

import hmac

from apiflask import APIBlueprint
from flask import Response, current_app, request
from prometheus_client import CollectorRegistry, generate_latest

from judge_api.container import services
from judge_api.middleware import http_metrics
from judge_api.views.prometheus import StateCollector
from judge_core.model.errors import Unauthorized

blueprint = APIBlueprint("metrics", __name__, enable_openapi=False)
_NEAR = ("127.0.0.1", "::1", None)


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """For whoever holds the token of GAVEL_METRICS_TOKEN; without one, for this host only."""
    _let_in()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StateCollector(services()))
    text = generate_latest(registry) + current_app.extensions[http_metrics.KEY].tell()
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _let_in() -> None:
    token = services().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    allowed = hmac.compare_digest(given.encode(), token.encode()) if token else request.remote_addr in _NEAR
    if not allowed:
        raise Unauthorized("metrics are for the token of GAVEL_METRICS_TOKEN")
